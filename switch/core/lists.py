"""Number lists: what staff said of one number, for everybody, for one establishment, or for one person."""
from dataclasses import dataclass
from enum import StrEnum


class ListLevel(StrEnum):
    """For whom an entry of the number lists holds."""

    ESTATE = "estate"
    ESTABLISHMENT = "establishment"
    PERSON = "person"


class ListKind(StrEnum):
    ALLOW = "allow"
    """The number may be rung although its class may not; it lifts nothing else."""
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """An entry in force for this number, this establishment and this person. A `victim`'s is always a bar."""

    id: str
    kind: ListKind
    level: ListLevel
    reason: str
    victim: bool = False
