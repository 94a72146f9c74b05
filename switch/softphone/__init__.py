"""Soft phones: SIP and RTP endpoints of our own that ring through a switch, speak, press keys, and know what they hear.

Lives here: the phone, its sound, its ears, and the call that is rung to prove that a privileged one leaves nothing. May not live
here: what a switch needs to carry a call, or knowledge of how it decides.
"""
