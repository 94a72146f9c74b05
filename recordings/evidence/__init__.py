"""Evidence packs: one recording with everything by which somebody outside can tell that it is what was recorded.

Lives here: what goes into a pack (`gather`), the pack as a file (`pack`), conversations as vCon (`vcon`), and `verify`, which is
put into every pack and so imports nothing of ours.
"""
