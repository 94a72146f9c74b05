"""How a member of staff enters the console: cookies, headers, origins, who is behind a request and what they may.

Lives here: everything that a page must not have to think of. May not live here: a page, or a rule about who may do what (roles
are data, `switch.desk.accounts`).
"""
