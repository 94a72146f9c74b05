"""What pages show as it happens: the board of live calls fanned out to browsers, and sound on its way to an ear.

Lives here: what one console process knows of the live board, and what each browser has been sent of it. May not live here: a page
or its guard (`admin/pages`), a rule about who may hear what (`switch.desk`), or anything that must not be lost.
"""
