"""The JSON API of our own: one operation for each use case of the desk, made from its signature.

Lives here: the table of what is offered, and how a signature becomes a description and a request becomes a call. May not live
here: a use case, or a field of one written out by hand.
"""
