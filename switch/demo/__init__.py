"""A round of real calls on the example site: telephones in cells and families outside, in SIP and RTP, with speech.

Lives here: soft phones, the scenarios and their expectations, the board in the terminal. May not live here: anything that the
switch itself needs, or knowledge of how it decides.
"""
