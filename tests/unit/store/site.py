"""A small site for the store's tests: one prison, two telephones, three people, fictional numbers, a clock that stands."""
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialplans.model import Announcement, Decision, Finding, Limit, Rate, Recording, Service
from switch.call.commands import Ending
from switch.core.facts import ContactKind, ContactState
from switch.core.grants import Privacy
from switch.core.ids import CallId, PersonId, PhoneId, RecordingId
from switch.core.money import Millipence
from switch.core.numbers import E164, Dialled, Number, ShortCode
from switch.core.reasons import EndedBy, EndReason, Why
from switch.ports.media import MediaReport, SealedRecording
from switch.ports.records import CallRequest, ClosedCall
from switch.store.database import Store
from switch.store.journal import Journal
from switch.store.pins import PinCost, PinHasher
from switch.store.records import Records
from switch.store.seeding import AddContact, AddCredit, AddEstablishment, AddPerson, AddPhone
from tests.ready import make_tables
from tests.unit.store.keys import MASTER

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MUM = E164("447700900123")
SOLICITOR = E164("441632960001")
SAMARITANS = ShortCode("GB", "116123")
ANN, BEN, CY = PersonId("A1234BC"), PersonId("A5678DE"), PersonId("A9012FG")
CELL_1, CELL_2 = PhoneId("cell-1"), PhoneId("cell-2")
RATE = Rate("social", Millipence(6000))
CHEAP = PinCost(memory_kib=64, passes=1)


@dataclass
class StandingClock:
    """The time is what the test says."""

    at: datetime = AT
    seconds: float = 0.0

    def wall(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class Site:
    folder: Path
    url: str = ""
    """An SQLite file in the folder when left out."""
    clock: StandingClock = field(default_factory=StandingClock)
    store: Store = field(init=False)
    journal: Journal = field(init=False)
    pins: PinHasher = field(init=False)
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        self.url = self.url or f"sqlite:///{self.folder}/site.db"

    async def open(self, patience: float = 6.0, busy_ms: int = 5000, reading: float = 3.0) -> "Site":
        self.store = Store(self.url, patience=patience, busy_ms=busy_ms, reading=reading, keys=MASTER)
        self.journal = Journal(self.folder / "journal", monotonic=self.clock.monotonic)
        self.pins = PinHasher(CHEAP)
        self.records = Records(self.store, self.journal, self.clock, self.pins)
        return self

    async def seed(self) -> None:
        add = self.store.write
        await add(AddEstablishment("HMP", "HMP Example", "Europe/London", "test", AT))
        for phone, cell in ((CELL_1, "A1-01"), (CELL_2, "B1-01")):
            await add(AddPhone(phone, "secret", "wingline", "old", cell, cell[0], "HMP", True, "test", AT))
        for person, name, phone, pin in ((ANN, "Ann Example", CELL_1, "2468"), (BEN, "Ben Example", CELL_2, "1357"),
                                         (CY, "Cy Example", CELL_2, "8642")):
            await add(AddPerson(person, name, "HMP", phone, self.pins.hash(pin), "test", AT))
            await add(AddCredit(person, Millipence(500_000), f"seed:{person}", "test", AT))
            await add(AddContact(person, MUM, "Mum", ContactKind.SOCIAL, ContactState.APPROVED, "test", AT))
        await add(AddContact(ANN, SOLICITOR, "Solicitor", ContactKind.PRIVILEGED, ContactState.APPROVED, "test", AT))

    async def close(self) -> None:
        await self.records.stop()
        await self.journal.close()
        await self.store.close()
        self.pins.close()


async def make_site(folder: Path, url: str = "", **how: float) -> Site:
    """A fresh database with the people above, opened. A PostgreSQL must have the tables."""
    site = Site(folder, url)
    make_tables(site.url)
    await site.open(**how)  # type: ignore[arg-type]  # patience and busy_ms by name
    await site.seed()
    return site


def request(call: str, number: Number = MUM, phone: PhoneId = CELL_1, at: datetime = AT) -> CallRequest:
    return CallRequest(CallId(call), phone, Dialled(number), at)


def decision(call: str, number: Number = MUM, service: Service = Service.CONTACT, rate: Rate | None = RATE,
             privacy: Privacy = Privacy.MONITORED, limit: float | None = 600.0) -> Decision:
    return Decision(
        call=CallId(call), service=service, number=number, dial=str(number),
        findings=(Finding("contact", True, "An approved contact."), Finding("hours", True, "Inside the hours.")),
        privacy=privacy, recording=Recording.REQUIRED if privacy is Privacy.MONITORED else Recording.NEVER,
        announcement=Announcement(("call-from-prison",), offers_stop=True),
        limit=Limit(limit, Why.LENGTH) if limit is not None else None, rate=rate, plan="example 1",
    )


def ended(
    asked: CallRequest, decided: Decision | None, person: PersonId | None = ANN, talked: float = 60.0,
    reason: EndReason | None = None, recording: str | None = None,
) -> ClosedCall:
    sealed = SealedRecording(RecordingId(recording), f"{recording}.wav", talked, "ab" * 32) if recording else None
    return ClosedCall(asked, Ending(reason or EndReason(EndedBy.PERSON, Why.HUNG_UP), decided, person, 4.0, talked),
                      asked.at + timedelta(seconds=10 + talked), MediaReport(recording=sealed))
