"""`MenuRecords` (switch.ports.menu) on SQL: what the menu tells one person, and the speed dial that they set."""
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select, update

from switch.core.contacts import together
from switch.core.facts import ContactFacts, ContactKind, ContactState
from switch.core.ids import CallId, PersonId
from switch.core.menu_facts import (
    LAST_CALLS,
    LAST_NEWS,
    Account,
    LastCall,
    MenuData,
    Messages,
    News,
    OwnContact,
    OwnContacts,
    Section,
)
from switch.core.money import Millipence
from switch.core.numbers import Number, Unreadable, read_number
from switch.core.reasons import Why
from switch.ports.menu import Sounds, SpeedDial
from switch.store.audit import append_audit
from switch.store.database import Store
from switch.store.desk_menu import put_speed_dial
from switch.store.seeding import read_balance
from switch.store.stamps import stamp, unstamp
from switch.store.tables import bulletins, cdrs, cells, contacts, establishments, people, speed_dials


@dataclass(frozen=True, slots=True)
class KeepSpeedDial:
    """Unit: a person put a number on a key of their own menu, on a call."""

    call: CallId
    dial: SpeedDial
    at: datetime

    def __call__(self, conn: Connection) -> None:
        put_speed_dial(conn, self.dial, self.at)
        append_audit(conn, self.at, f"call:{self.call}", "speed-dial-set", {"person": self.dial.person}, {"slot": self.dial.slot})


@dataclass(frozen=True, slots=True)
class KeepLanguage:
    """Unit: a person chose, on a call, the language that they are spoken to in."""

    call: CallId
    person: PersonId
    language: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        conn.execute(update(people).where(people.c.id == self.person).values(language=self.language))
        append_audit(conn, self.at, f"call:{self.call}", "language-set", {"person": self.person}, {"language": self.language})


class SqlMenu:
    """`sounds` is where this switch plays bulletins from: each is brought there once, before it is named."""

    def __init__(self, store: Store, sounds: Sounds) -> None:
        self._store, self._sounds = store, sounds

    async def read(self, section: Section, person: PersonId, at: datetime) -> MenuData:
        if section is Section.NEWS:
            return await self._news(person, at)
        return await self._store.read(lambda conn: read_section(conn, section, person, at))

    async def _news(self, person: PersonId, at: datetime) -> News:
        ids = await self._store.read(lambda conn: read_news(conn, person, at))
        if missing := [id for id in ids if not self._sounds.keeps(id)]:
            asked = select(bulletins.c.id, bulletins.c.sound).where(bulletins.c.id.in_(missing))
            for row in await self._store.read(lambda conn: conn.execute(asked).all()):
                self._sounds.keep(row.id, bytes(row.sound))
        return News(tuple(id for id in ids if self._sounds.keeps(id)))

    async def slot(self, person: PersonId, slot: int) -> Number | None:
        asked = select(speed_dials.c.number).where(speed_dials.c.person == person, speed_dials.c.slot == slot)
        text = await self._store.read(lambda conn: conn.execute(asked).scalar())
        return None if text is None else _number(text)

    async def keep_slot(self, call: CallId, person: PersonId, slot: int, number: Number, at: datetime) -> None:
        await self._store.write(KeepSpeedDial(call, SpeedDial(person, slot, str(number)), at))


    async def keep_language(self, call: CallId, person: PersonId, language: str, at: datetime) -> None:
        await self._store.write(KeepLanguage(call, person, language, at))


def read_section(conn: Connection, section: Section, person: PersonId, at: datetime) -> MenuData:
    match section:
        case Section.CREDIT:
            return read_account(conn, person, at)
        case Section.CONTACTS:
            return read_own_contacts(conn, person)
        case _:
            return Messages()


def read_news(conn: Connection, person: PersonId, at: datetime) -> list[str]:
    """Bulletins in force where this person lives, newest first."""
    where = conn.execute(select(people.c.establishment, cells.c.wing).join(
        cells, (cells.c.establishment == people.c.establishment) & (cells.c.id == people.c.cell), isouter=True,
    ).where(people.c.id == person)).one()
    now = stamp(at)
    asked = select(bulletins.c.id).where(
        bulletins.c.establishment == where.establishment, or_(bulletins.c.wing.is_(None), bulletins.c.wing == where.wing),
        bulletins.c.withdrawn_at.is_(None), bulletins.c.from_at <= now, bulletins.c.until_at > now)
    return list(conn.execute(asked.order_by(bulletins.c.from_at.desc(), bulletins.c.id.desc()).limit(LAST_NEWS)).scalars())


def read_account(conn: Connection, person: PersonId, at: datetime) -> Account:
    """Balance and last calls; the menu's own sessions are no calls, and helplines are nobody's business."""
    zone = ZoneInfo(conn.execute(
        select(establishments.c.zone).join(people, people.c.establishment == establishments.c.id).where(people.c.id == person)
    ).scalar_one())
    rows = conn.execute(
        select(cdrs.c.dialled, cdrs.c.started_at, cdrs.c.talk_ms, cdrs.c.charged, cdrs.c.end_why)
        .where(cdrs.c.person == person, cdrs.c.service == "contact", cdrs.c.closed_at.is_not(None))
        .order_by(cdrs.c.started_at.desc()).limit(LAST_CALLS))
    calls = tuple(
        LastCall(number, unstamp(row.started_at).astimezone(zone), row.talk_ms / 1000, Millipence(row.charged),
                 Why(row.end_why) if row.end_why in list(Why) else None)
        for row in rows if (number := _number(row.dialled)) is not None
    )
    return Account(read_balance(conn, person), at.astimezone(zone).date(), calls)


def read_own_contacts(conn: Connection, person: PersonId) -> OwnContacts:
    """Every number on the list once, those that can be rung first; a key that holds it is told with it. What several parties at a
    number are to this person is judged as when it is rung."""
    slots = {row.number: row.slot for row in conn.execute(
        select(speed_dials).where(speed_dials.c.person == person).order_by(speed_dials.c.slot.desc()))}
    held: dict[str, list[ContactFacts]] = {}
    for row in conn.execute(select(contacts).where(contacts.c.person == person).order_by(contacts.c.number, contacts.c.party)):
        held.setdefault(row.number, []).append(
            ContactFacts("", ContactKind(row.kind), ContactState(row.state), call_allowed=row.call_allowed))
    told = []
    for text, approvals in held.items():
        number, one = _number(text), together(approvals)
        if number is not None and one is not None:
            told.append(OwnContact(number, one.kind, one.state, slots.get(text)))
    return OwnContacts(tuple(sorted(told, key=lambda one: one.state is not ContactState.APPROVED)))


def _number(text: str) -> Number | None:
    number = read_number(text)
    return None if isinstance(number, Unreadable) else number
