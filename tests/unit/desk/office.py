"""A desk on a fresh database: two prisons, a few cells with telephones, PINs that cost little, ids that count up."""
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, tee
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId, StaffId
from switch.core.money import Millipence
from switch.core.numbers import Number
from switch.desk import people, places
from switch.desk.asking import Desk, Refused
from switch.ports.desk import Flags, Person, Pins
from switch.store.audit import verify_audit
from switch.store.beside import read_words
from switch.store.pins import PinHasher
from switch.store.seeding import AddContact, AddCredit
from switch.store.tables import audit, audit_notes
from switch.store.tables import people as people_table
from switch.store.unit_of_work import SqlUnitOfWork
from tests.ready import make_tables
from tests.unit.dialplans.world import PLAN
from tests.unit.store.site import AT, CHEAP, MUM, Site

T = TypeVar("T")
PLAIN = Flags()
OFFICER, GOVERNOR = StaffId("officer"), StaffId("governor")
MOOR, FEN = "moor", "fen"
ANN, BEN = "A1234BC", "A5678DE"
"""Two who are received in tests; `HMP` of the store's tests is not here."""


@dataclass
class CountingMint:
    """Ids and secrets in a row, each another."""

    hasher: PinHasher = field(default_factory=lambda: PinHasher(CHEAP))
    pins: "Sequence[str] | None" = None
    _ids: "count[int]" = field(default_factory=lambda: count(1))
    _pins: "Iterator[int]" = field(default_factory=lambda: count(1357))
    _next: int = 0

    def id(self) -> str:
        return f"id-{next(self._ids)}"

    def pin(self, digits: int) -> str:
        if self.pins is not None:
            self._next += 1
            return self.pins[self._next - 1]
        return f"{next(self._pins):0{digits}d}"

    def peek(self) -> str:
        """The code of six digits that comes next."""
        self._pins, ahead = tee(self._pins)
        return f"{next(ahead):06d}"

    def password(self) -> str:
        return f"password-{next(self._ids)}"

    async def hashes(self, pins: Sequence[str]) -> list[str]:
        return [self.hasher.hash(pin) for pin in pins]

    async def hash_of_password(self, password: str) -> str:
        return self.hasher.hash_password(password)

    async def fits(self, hashed: str | None, pin: str) -> bool:
        return await self.hasher.fits(hashed, pin)


@dataclass
class Office:
    site: Site
    mint: CountingMint
    desk: Desk

    async def audit(self, after: int = 0) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        """(action, subject, detail) of every row after one."""
        rows = await self.site.store.read(lambda conn: conn.execute(
            select(audit).where(audit.c.seq > after).order_by(audit.c.seq)).all())
        return [(row.action, json.loads(row.subject), json.loads(row.detail)) for row in rows]

    async def audited(self) -> int:
        return len(await self.audit())

    async def beside(self, after: int = 0) -> list[dict[str, str]]:
        """The words beside each row after one that has any."""
        def read(conn: Connection) -> list[dict[str, str]]:
            seqs = conn.execute(select(audit_notes.c.seq).where(audit_notes.c.seq > after).order_by(audit_notes.c.seq))
            return [words or {} for words in read_words(conn, seqs.scalars().all()).values()]

        return await self.site.store.read(read)

    async def notes(self) -> list[str]:
        """Staff's reasons."""
        return [words["reason"] for words in await self.beside() if "reason" in words]

    async def whole(self) -> bool:
        return await self.site.store.read(verify_audit) == []

    async def person(self, number: str) -> Person:
        found = await self.desk.work.look(OFFICER, AT, lambda changes: changes.person(PersonId(number)))
        assert found is not None
        return found

    async def active(self, number: str) -> bool:
        return bool(await self.site.store.read(lambda conn: conn.execute(
            select(people_table.c.active).where(people_table.c.id == number)).scalar()))

    async def pins(self, number: str) -> Pins:
        return await self.desk.work.look(OFFICER, AT, lambda changes: changes.pins(PersonId(number)))

    async def states(self, number: str) -> dict[str, str]:
        found = await self.desk.work.look(OFFICER, AT, lambda changes: changes.contacts(PersonId(number)))
        return {one.number: one.state.value for one in found}

    async def receive(self, number: str = ANN, cell: str | None = "M1", establishment: str = MOOR, flags: Flags = PLAIN,
                      name: str = "Ann Example") -> people.Arrived:
        return good(await people.receive(self.desk, OFFICER, AT, people.Newcomer(number, name, establishment, cell,
                                                                                  flags=flags)))

    async def contact(self, number: str, to: Number = MUM, state: ContactState = ContactState.APPROVED) -> None:
        await self.site.store.write(AddContact(PersonId(number), to, "Mum", ContactKind.SOCIAL, state, "test", AT))

    async def credit(self, number: str, pence: int, reference: str = "1") -> None:
        paid = AddCredit(PersonId(number), Millipence(pence * 1000), f"top-up:{number}:{reference}", "test", AT)
        await self.site.store.write(paid)


def good(answer: T | Refused) -> T:
    """The answer, which is no refusal."""
    assert not isinstance(answer, Refused), str(answer)
    return answer


def why(answer: object) -> list[str]:
    """The codes of a refusal."""
    assert isinstance(answer, Refused), answer
    return [problem.code for problem in answer.problems]


async def make_office(folder: Path, url: str = "") -> Office:
    """`moor` with cells M1 and M2 on wing M (telephones m1, m2) and M3 (none), `fen` with cell F1 (telephone f1). In an SQLite
    file in the folder where no URL is given."""
    site = Site(folder, url)
    make_tables(site.url)
    await site.open(patience=30, reading=30)  # the tests of other modules ask how long an answer may take
    mint = CountingMint()
    work = SqlUnitOfWork(site.store, {"old": "wingline", "new": "wingline"})
    desk = Desk(work, mint, 4, frozenset({"old", "new"}), contact=PLAN.contact, listening=PLAN.listening)
    for code, wing, cells in ((MOOR, "M", ("M1", "M2", "M3")), (FEN, "F", ("F1",))):
        good(await places.add_establishment(desk, GOVERNOR, AT, code, f"HMP {code.title()}"))
        good(await places.add_wing(desk, GOVERNOR, AT, code, wing))
        for cell in cells:
            good(await places.add_cell(desk, GOVERNOR, AT, code, wing, cell, 2))
            if cell != "M3":
                good(await places.add_phone(desk, GOVERNOR, AT, cell.lower(), code, cell, "old"))
    return Office(site, mint, desk)
