"""The use cases that staff and families may ask for, one file a group; each writes its audit row in its own transaction.

May not live here: tables (they are `switch.store`'s), pages, or a rule that a plan should hold.
"""
