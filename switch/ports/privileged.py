"""The signed list of privileged numbers as staff's work needs it."""
from typing import Protocol

from dialplans.privileged import Accepted


class PrivilegedChanges(Protocol):
    def accepted_list(self) -> Accepted | None:
        """What is remembered of the newest list accepted here."""

    def listed_name(self, number: str) -> str | None:
        """Whose privileged number it is by that list (`+E.164` or a short code); None where it is not on it."""
