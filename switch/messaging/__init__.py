"""Texts, voicemail and the tether that joins a text device to its telephone, as decisions in the shape of `switch.call`.

Empty until messaging is built. May not live here: a gateway, a store, a clock.
"""
