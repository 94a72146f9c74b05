"""The console role: the JSON API on the desk; staff pages, supplier API and webhooks have their place here.

Lives here: routes and permissions that ask `switch.desk`. May not live here: a table, a socket that carries a call.
"""
