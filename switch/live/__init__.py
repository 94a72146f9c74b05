"""The live board over Redis or Valkey, and the Valkey of our own: what may be lost, and what nobody waits for.

Lives here: everything that speaks to Redis. May not live here: anything a call needs to be placed, heard, recorded, charged
or cut.
"""
