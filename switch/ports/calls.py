"""Calls as staff look at them: one record each, while it runs and ever after."""
from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Parties:
    """Whom a call on the board is between, as the board itself says: ids and what was dialled."""

    call: str
    phone: str
    person: str | None
    number: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What the books know of the two sides of a call on the board. It is where its telephone is, else where the person lives;
    `establishment` None: of neither is anything known. `authority` is the kind of an authorisation in force that covers it."""

    call: str
    person: str | None
    number: str
    name: str = ""
    establishment: str | None = None
    wing: str | None = None
    cell: str | None = None
    contact: str = ""
    contact_kind: str = ""
    at_risk: bool = False
    authority: str = ""


class CallReads(Protocol):
    def calls(self, live: bool, person: PersonId | None, since: datetime | None, until: datetime | None, most: int
              ) -> list[CallRow]:
        """The newest `most` calls that began in [since, until), oldest first; only those that run when `live`, those that the
        switch places itself among them."""

    def call(self, call: str) -> CallRow | None: ...

    def briefs(self, asked: Sequence[Parties]) -> list[Brief]:
        """One for each, in their order; `authority` is left empty."""

    def parties_of(self, call: str) -> Parties | None:
        """Of one call, running or past, those that the switch places itself among them."""
