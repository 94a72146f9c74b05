"""Whole calls through a whole site: `wingline up` in processes of its own, and phones at both ends, some of them foreign."""
