"""Policy as data and pure decisions: who may ring whom, when, for how long, at what price, and in what words.

Lives here: plan files and their checks, the number table, the rules, tariffs, prompts. May not live here: I/O beyond reading
the package's own files, clocks, stores, or anything that knows how a call is carried.
"""
