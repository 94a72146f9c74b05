"""Words that every other package speaks: ids, numbers, money, reasons, facts and grants.

Lives here: small frozen data types and the readings that make them. May not live here: decisions, I/O, clocks, or anything
that imports another package of the project.
"""
