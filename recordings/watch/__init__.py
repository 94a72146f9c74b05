"""Watch words: what staff listen out for in transcripts, and what else of a call is worth a look.

Lives here: the matcher and its rules of spelling, English, Welsh and spoken numbers; how feedback lowers a word's rank. All of it
is pure: transcripts come in, hits come out. May not live here: a decision about a call. A hit is a lead for a person to look at,
never evidence and never a refusal.
"""
