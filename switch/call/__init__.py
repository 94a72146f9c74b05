"""One call, as decisions: `flow.step(call, event, now) -> (call, commands)`.

Lives here: the events a call can be told, the commands it may give, and every change of its state. May not live here:
anything that waits, sends, reads a clock, or knows what a socket is.
"""
