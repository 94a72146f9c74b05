"""Privileged numbers as staff's work needs them: the signed list, and what is found out later."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialplans.privileged import Accepted
from switch.core.ids import CallId

PLAY_ACTIONS = frozenset({"recording-opened", "recording-played", "recording-exported", "listening-began"})
"""Audit actions, with the subject `call`, of whatever lets somebody hear a call. One that was played was opened before."""


@dataclass(frozen=True, slots=True)
class MonitoredCall:
    """A call that could be heard. `runs`: it goes on, and is being recorded."""

    call: CallId
    started_at: datetime
    runs: bool


@dataclass(frozen=True, slots=True)
class Play:
    """Somebody heard a recording, by the audit."""

    call: CallId
    who: str
    at: datetime
    action: str


class PrivilegedChanges(Protocol):
    def accepted_list(self) -> Accepted | None:
        """What is remembered of the newest list accepted here."""

    def listed_name(self, number: str) -> str | None:
        """Whose privileged number it is by that list (`+E.164` or a short code); None where it is not on it."""

    def monitored_calls(self, number: str, since: datetime) -> list[MonitoredCall]:
        """Calls to a number from a moment on that were recorded or still run, none privileged or in quarantine; oldest first."""

    def quarantine(self, id: str, number: str, since: datetime, agreed_by: str, calls: Sequence[CallId]) -> None:
        """The number is privileged from now on, and these calls may be heard by nobody; their files follow the commit."""

    def findings(self, number: str) -> list[str]:
        """Ids of what was found about a number and stands."""

    def release(self, findings: Sequence[str], agreed_by: str) -> list[CallId]:
        """These findings were wrong: the number is what it was before; the calls that are in quarantine no longer."""

    def plays(self, calls: Sequence[CallId]) -> list[Play]:
        """Who heard recordings of these calls, oldest first."""
