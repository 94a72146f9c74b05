"""Money as append-only double entry: postings, the transactions that they make up, and the checks on them.

Lives here: pure values and sums. May not live here: prices (`dialplans.tariff`), tables (`switch.store`), clocks, I/O.
"""
