"""Media engines: whatever carries the sound of calls, each behind `ports.media.MediaEngine`.

Lives here: engines, G.711 tables and prompt audio. May not live here: call logic, SIP, a store.
"""
