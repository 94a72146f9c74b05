"""The truth in SQL, and the node's journal beside it: people, contacts, calls, money, orders, audit, outbox.

Lives here: tables, migrations, units of work, the reads that decisions need, the journal that outlives a crash. May not live
here: rules (dialplans), what a call does next (switch.call), sockets, or SQL that any other package would have to know.
"""
