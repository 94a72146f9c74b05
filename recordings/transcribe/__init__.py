"""Speech to text: engines, the models they load, the jobs that use them, and what a machine can do in a day.

Lives here: `engine` (what an engine is), `sound` and `speech` (G.711 to what engines take), `vosk_engine` and `whisper_engine`,
`models` (folders, hashes, loading). May not live here: which calls come first (`dialplans.transcribing`), or a download of
anything. The engines' libraries are the extra `transcribe`, and are imported where an engine is opened and nowhere else.
"""
