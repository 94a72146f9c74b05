"""The one frozen settings tree: what `wingline.toml` and the environment say, checked whole before anything starts.

Lives here: the tree with its help, the reader that returns every problem, the page that describes it, and the example site as
text. May not live here: a read of the process's own environment (the caller hands it in), or a decision about a call.
"""
