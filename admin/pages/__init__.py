"""The pages of the console, one module a subject; `listed.SUBJECTS` names them, `admin/templates/` has their words.

Lives here: what a page asks of the desk and how it answers a form. May not live here: a table, a rule about who may do what (a
page declares its guard, `page.Pages`), or anything that the JSON API would have to repeat.
"""
