"""Recordings: taken in while a call goes on, sealed, kept, searched and let go by rule.

Lives here: `intake`, the spool that taps write to, and everything that happens to a recording after its call. May not live
here: a socket of a call, or a decision about what may be recorded (a `RecordingWarrant` is that decision).
"""
