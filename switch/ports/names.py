"""Names as sound: of an establishment, or of a person in prison, for the calls that the switch places itself."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from switch.core.ids import StaffId


class Whose(StrEnum):
    ESTABLISHMENT = "establishment"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class SpokenName:
    """One name; `of` is the establishment's code or the prison number, `id` what a switch plays it by. `text` where it was
    written."""

    id: str
    whose: Whose
    of: str
    text: str
    seconds: float
    made_at: datetime
    made_by: StaffId


class NameChanges(Protocol):
    def spoken_names(self) -> Sequence[SpokenName]:
        """Establishments first, then people, each by its code."""

    def put_spoken_name(self, name: SpokenName, alaw: bytes) -> None:
        """In place of the one before."""

    def drop_spoken_name(self, whose: Whose, of: str) -> bool:
        """False where there is none."""
