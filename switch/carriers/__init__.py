"""Carriers: how allowed numbers are reached outside. One module each, none knows another.

May not live here: rules about who may be rung, or anything of a call's state.
"""
