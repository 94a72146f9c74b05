"""A call in every state, and what it leans on taken away: the database restarted, killed or locked; Valkey killed or emptied.

`stage` is the site with a telephone for each state; `harms` is what is done to it; `scenes` and `placed` play one call a state.
"""
