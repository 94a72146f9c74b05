"""Where an order to stop contact comes from, which decides who may undo it."""
from enum import StrEnum


class StopSource(StrEnum):
    CALL = "call"
    """Key 9 on an answered call: the number itself."""
    REQUEST = "request"
    """A text or a web form, confirmed to the number itself."""
    STAFF = "staff"
