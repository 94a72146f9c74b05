"""Wiring: the only package that names concrete classes, reads the settings, the environment and the machine's clock.

One module a role, and one for what they share. May not live here: a decision, or anything that a test would want to know about
beyond that the parts fit.
"""
