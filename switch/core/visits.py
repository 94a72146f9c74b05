"""A visit to the page for families: from the number that somebody says is theirs to the code that proves it, as data.

The machine is in what is kept: ASKED until the number itself had a code spoken to it (SPOKEN), ENTERED once that code came back,
OVER by its times, by wrong codes, or because it was left. Only the switch makes it SPOKEN and only the code makes it ENTERED.
"""
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CODE_DIGITS = 6
ASK_WITHIN = timedelta(minutes=10)
"""How long after it was asked for a number may be rung, and the code be given back."""
CODE_WITHIN = timedelta(minutes=5)
"""How long a code is good from when it was spoken; never beyond `ASK_WITHIN`."""
STAY = timedelta(minutes=15)
"""How long somebody who gave the code may go on."""
TRIES = 5
REST = timedelta(days=30)
"""How long a number is not rung about a code where key 2 said that it was somebody else."""


class Stage(StrEnum):
    ASKED = "asked"
    SPOKEN = "spoken"
    ENTERED = "entered"
    OVER = "over"


class Denied(StrEnum):
    """What the number said to being rung about a code."""

    FOR_NOW = "no"
    """It was somebody else: not for `REST`."""
    EVER = "never"


@dataclass(frozen=True, slots=True)
class Visit:
    """`number` as `+E.164`; `code` is the hash of what was spoken, kept until it was used."""

    id: str
    number: str
    asked_at: datetime
    until: datetime
    tries: int = 0
    code: str | None = None
    code_until: datetime | None = None
    entered_until: datetime | None = None
    denied: Denied | None = None
    left: bool = False

    def stage(self, at: datetime) -> Stage:
        if self.left or self.denied is not None:
            return Stage.OVER
        if self.entered_until is not None:
            return Stage.ENTERED if at < self.entered_until else Stage.OVER
        if at >= self.until or self.tries >= TRIES:
            return Stage.OVER
        return Stage.SPOKEN if self.code is not None and self.code_until is not None and at < self.code_until else Stage.ASKED

    def may_try(self, at: datetime) -> bool:
        """Whether a code is looked at at all. It does not say whether one was spoken."""
        return self.stage(at) in (Stage.ASKED, Stage.SPOKEN)


def code_until(visit: Visit, at: datetime) -> datetime:
    return min(at + CODE_WITHIN, visit.until)
