"""What kind of number a number is: one dated longest-prefix table per country, and its reader.

Lives here: `<country>.toml` with a source beside each range, and `table`. May not live here: whether a class may be rung (that is
the plan's) or how a number is spelt (that is `switch.core.numbers`).
"""
