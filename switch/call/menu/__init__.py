"""The telephone's own menu, as decisions: what its keys do, and what it says.

Lives here: its screens, `steps.while_menu`, which `flow` asks while a call is in MENU, and the words of each screen. A number
that is chosen goes to `flow`'s ordinary way: the plan is asked, and nothing here lets a call through.
"""
