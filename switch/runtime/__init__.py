"""The thin shell that waits: sockets, timers, one task a call, draining.

Lives here: what carries decisions out. May not live here: a decision.
"""
