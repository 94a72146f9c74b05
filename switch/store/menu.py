"""`MenuRecords` (switch.ports.menu) on SQL: what the menu tells one person, and the speed dial that they set."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, or_, select, update

from switch.core.ids import CallId, PersonId
from switch.core.menu_facts import (
    LAST_CALLS,
    LAST_NEWS,
    Account,
    LastCall,
    MenuData,
    Messages,
    News,
    OwnContacts,
    Section,
)
from switch.core.money import Millipence
from switch.core.numbers import Number
from switch.core.reasons import Why
from switch.ports.menu import Sounds, SpeedDial
from switch.store.audit import append_audit
from switch.store.database import Store
from switch.store.desk_menu import put_speed_dial
from switch.store.menu_contacts import number_of, read_names, read_own_contacts
from switch.store.seeding import read_balance
from switch.store.spoken_money import read_payments
from switch.store.stamps import stamp, unstamp
from switch.store.tables import bulletins, cdrs, cells, contact_names, establishments, people, speed_dials


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
        data = await self._store.read(lambda conn: read_section(conn, section, person, at))
        match data:  # what is named can be played: a sound that is gone since is not named
            case News(ids):
                there = await self._bring(bulletins, ids)
                return News(tuple(id for id in ids if id in there))
            case OwnContacts(told):
                there = await self._bring(contact_names, [one.name for one in told if one.name])
                return OwnContacts(tuple(one if one.name in there else replace(one, name=None) for one in told))
            case Account(calls=told):
                there = await self._bring(contact_names, [one.name for one in told if one.name])
                return replace(data, calls=tuple(one if one.name in there else replace(one, name=None) for one in told))
        return data

    async def _bring(self, table: Table, ids: Sequence[str]) -> set[str]:
        """Bring sounds to where they are played from; those that are there then."""
        if missing := [id for id in ids if not self._sounds.keeps(id)]:
            asked = select(table.c.id, table.c.sound).where(table.c.id.in_(missing))
            for row in await self._store.read(lambda conn: conn.execute(asked).all()):
                self._sounds.keep(row.id, bytes(row.sound))
        return {id for id in ids if self._sounds.keeps(id)}

    async def slot(self, person: PersonId, slot: int) -> Number | None:
        asked = select(speed_dials.c.number).where(speed_dials.c.person == person, speed_dials.c.slot == slot)
        text = await self._store.read(lambda conn: conn.execute(asked).scalar())
        return None if text is None else number_of(text)

    async def keep_slot(self, call: CallId, person: PersonId, slot: int, number: Number, at: datetime) -> None:
        await self._store.write(KeepSpeedDial(call, SpeedDial(person, slot, str(number)), at))


    async def keep_language(self, call: CallId, person: PersonId, language: str, at: datetime) -> None:
        await self._store.write(KeepLanguage(call, person, language, at))


def read_section(conn: Connection, section: Section, person: PersonId, at: datetime) -> MenuData:
    match section:
        case Section.CREDIT:
            return read_account(conn, person, at)
        case Section.CONTACTS:
            return read_own_contacts(conn, person, at)
        case Section.PAYMENTS:
            return read_payments(conn, person, at)
        case Section.NEWS:
            return News(tuple(read_news(conn, person, at)))
        case Section.MESSAGES:
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
    names = read_names(conn, person)
    calls = tuple(
        LastCall(number, unstamp(row.started_at).astimezone(zone), row.talk_ms / 1000, Millipence(row.charged),
                 Why(row.end_why) if row.end_why in list(Why) else None, names.get(row.dialled))
        for row in rows if (number := number_of(row.dialled)) is not None
    )
    return Account(read_balance(conn, person), at.astimezone(zone).date(), calls)
