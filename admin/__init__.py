"""The console role: staff pages, JSON API, supplier API and webhooks. Its place is kept; the pages come with the console.

Lives here: routes, templates and permissions that ask `switch.desk`. May not live here: a table, a socket that carries a call.
"""
