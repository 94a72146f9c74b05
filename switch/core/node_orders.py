"""An order of staff given to a node itself, while the database cannot take it: what it names, and whom it reaches."""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from switch.core.facts import PhoneFacts
from switch.core.ids import CallId, PersonId, StaffId


class NodeReach(StrEnum):
    """As the scope of a row of `orders` has it."""

    CALL = "call"
    """One call is cut; nothing is said of the next."""
    SITE = "site"
    WING = "wing"
    CELL = "cell"
    PERSON = "person"


class Kept(StrEnum):
    """Where an order stands that a node took."""

    DATABASE = "database"
    JOURNAL = "journal"
    """The database has it, with its audit row, once it is back."""
    MEMORY = "memory"
    """Nothing could be written: it is obeyed, and lost with the process."""


@dataclass(frozen=True, slots=True)
class NodeOrder:
    """A cut or a kill, bound to a name and a reason like any other. It stops no helpline but by a cut of that very call."""

    id: str
    reach: NodeReach
    target: str
    staff: StaffId
    reason: str
    at: datetime
    cut: bool = True
    """End the calls that run."""
    establishment: str | None = None
    """Whose wing or cell it is."""
    start: datetime | None = None
    """At once where there is none."""
    until: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """From its start on, up to its end."""
        return (self.start is None or self.start <= at) and (self.until is None or at < self.until)


def reaches(order: NodeOrder, phone: PhoneFacts, person: PersonId | None) -> bool:
    """Whether calls of a person from a telephone are meant; never by a cut, which names one call."""
    if order.establishment not in (None, phone.establishment):
        return False
    return order.target == {
        NodeReach.CALL: None, NodeReach.SITE: phone.establishment, NodeReach.WING: phone.wing, NodeReach.CELL: phone.cell,
        NodeReach.PERSON: person,
    }[order.reach]


def ends(order: NodeOrder, call: CallId, contact: bool, phone: PhoneFacts, person: PersonId | None, at: datetime) -> bool:
    """Whether a call that runs is to end; `contact` says that it is one to a contact, for all but a cut."""
    if order.reach is NodeReach.CALL:
        return order.target == call
    return contact and order.cut and order.in_force(at) and reaches(order, phone, person)
