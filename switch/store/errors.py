"""What can go wrong between a call and the store, each told in bounded time."""


class StoreError(Exception):
    """The store did not do what it was asked; the text says why, for the log."""


class StoreUnavailable(StoreError):
    """SQL cannot be reached, is locked by somebody else, or did not answer in time. Nothing is known to be written."""


class StoreGone(StoreUnavailable):
    """The database file was removed or replaced under the running node."""


class StoreBusy(StoreUnavailable):
    """The queue of units of work is full, or the rows were changed by somebody else: the same again may well succeed."""


class JournalFailed(StoreError):
    """The node's journal could not be written: disk full, read-only or gone."""
