"""Watch words: what staff listen out for in transcripts, and what else of a call is worth a look.

Lives here: the matcher and its rules of spelling, English, Welsh and spoken numbers; how feedback lowers a word's rank;
what is beyond words in the sound. All of it is pure: transcripts and sound come in, hits and findings come out. May not live
here: a decision about a call. A hit is a lead for a person to look at, never evidence and never a refusal.
"""
