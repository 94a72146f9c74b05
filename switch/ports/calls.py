"""Calls as staff look at them: one record each, while it runs and ever after."""
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from switch.core.ids import PersonId


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. Seconds; pence; `outcome`, `end_by` and `end_why` are None while it runs; findings as the decision gave them."""

    id: str
    started_at: str
    person: str | None
    phone: str
    to: str
    privileged: bool
    outcome: str | None
    end_by: str | None
    end_why: str | None
    ring_seconds: float
    talk_seconds: float
    charged_pence: int | float
    recording: str | None
    findings: tuple[dict[str, Any], ...]
    quarantined: bool = False
    """Nobody may hear it any more; its recording is not named."""
    kind: str = "call"
    """`call`, or of one that the switch places itself, `placed-consent` or `placed-verify`."""


class CallReads(Protocol):
    def calls(self, live: bool, person: PersonId | None, since: datetime | None, until: datetime | None, most: int
              ) -> list[CallRow]:
        """The newest `most` calls that began in [since, until), oldest first; only those that run when `live`, those that the
        switch places itself among them."""

    def call(self, call: str) -> CallRow | None: ...
