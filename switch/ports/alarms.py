"""Alarms as staff look at them: what needs somebody, until somebody says that they have it."""
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alarm:
    """`text` is what happened, in words; the last two are None until somebody has taken it on."""

    id: str
    at: datetime
    kind: str
    text: str
    call: str | None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None


class AlarmChanges(Protocol):
    def alarms(self, all: bool, kind: str, most: int) -> list[Alarm]:
        """The newest `most`, oldest first: those that nobody has taken on, or `all`; of one kind, or any."""

    def alarm(self, id: str) -> Alarm | None: ...

    def acknowledge_alarm(self, id: str) -> None:
        """This member of staff has taken it on, at the moment of the transaction."""
