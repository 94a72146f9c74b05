"""The protocols between decisions and the world, one file each, and the plain data that crosses them.

Lives here: `Protocol` classes and frozen data. May not live here: an implementation, or a name of one.
"""
