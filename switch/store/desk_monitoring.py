"""`MonitoringChanges` (switch.ports.monitoring) on SQL."""
import json
from collections.abc import Collection
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, false, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from dialplans.monitoring import RANK
from switch.core.authority import same_staff
from switch.core.facts import PhoneFacts
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.monitoring import ItemState, NoteKind, Outcome, Side, Tier, Translation
from switch.ports.monitoring import Item, ItemNote, Late, RecordedCall, Tally
from switch.store import codec
from switch.store.audit import audit_head
from switch.store.beside import read_words
from switch.store.stamps import stamp, unstamp
from switch.store.tables import (
    audit,
    cdrs,
    establishments,
    monitoring_items,
    monitoring_notes,
    monitoring_seeds,
    people,
    phones,
    quarantined_calls,
    recordings,
)

_T = monitoring_items.c
_RANK = case({tier.value: rank for tier, rank in RANK.items()}, value=_T.tier, else_=len(RANK))
_ORDER = (_RANK, _T.due_at, _T.started_at, _T.call)
_COLUMNS = {"due": "due_at"}
"""Where a field of an item has another name in the table."""


class MonitoringWork:
    conn: Connection
    actor: StaffId
    at: datetime

    def recorded_call(self, call: CallId) -> RecordedCall | None:
        asked = select(cdrs.c.person, cdrs.c.dialled, cdrs.c.started_at, cdrs.c.talk_ms, cdrs.c.privileged, cdrs.c.facts,
                       phones.c.wing, phones.c.establishment, people.c.language, quarantined_calls.c.call.label("quarantined"))
        row = self.conn.execute(
            asked.join_from(cdrs, phones, phones.c.id == cdrs.c.phone).join(people, people.c.id == cdrs.c.person, isouter=True)
            .join(quarantined_calls, quarantined_calls.c.call == cdrs.c.id, isouter=True)
            .where(cdrs.c.id == call, _recorded(), cdrs.c.closed_at.is_not(None))).first()
        if row is None:
            return None
        wing, establishment = row.wing, row.establishment
        if row.facts:  # where the telephone stood then
            phone = codec.restore(PhoneFacts, json.loads(row.facts)["phone"])
            wing, establishment = phone.wing, phone.establishment
        zone = self.conn.execute(select(establishments.c.zone).where(establishments.c.id == establishment)).scalar_one()
        return RecordedCall(call, PersonId(row.person) if row.person else None, row.dialled, establishment, wing, zone,
                            row.language or "", unstamp(row.started_at), row.talk_ms / 1000,
                            row.privileged or row.quarantined is not None)

    def seed(self, month: str) -> str | None:
        found = self.conn.execute(select(monitoring_seeds.c.seed).where(monitoring_seeds.c.month == month)).scalar()
        return None if found is None else str(found)

    def add_seed(self, month: str, seed: str) -> None:
        self.conn.execute(insert(monitoring_seeds), {"month": month, "seed": seed, "made_at": stamp(self.at)})

    def item(self, call: CallId) -> Item | None:
        row = self.conn.execute(_items().where(_T.call == call)).first()
        return _item(row) if row else None

    def played(self, call: CallId, since: datetime, by: StaffId) -> bool:
        asked = select(audit.c.actor, audit.c.detail).where(
            audit.c.action == "recording-played", audit.c.at >= stamp(since),
            audit.c.subject.contains(f'"call":"{call}"', autoescape=True))
        return any(same_staff(StaffId(row.actor), by) and json.loads(row.detail)["seconds"] for row in self.conn.execute(asked))

    def add_item(self, item: Item) -> None:
        self.conn.execute(insert(monitoring_items), _values(item))

    def set_item(self, item: Item) -> None:
        self.conn.execute(update(monitoring_items).where(_T.call == item.call).values(**_values(item)))

    def first_waiting(self, establishment: str, officer: StaffId, but: Collection[PersonId]) -> Item | None:
        mine = func.lower(func.trim(func.coalesce(_T.claimed_by, ""))) == officer.strip().casefold()
        held = _T.claimed_until > stamp(self.at)
        asked = _items().where(_T.establishment == establishment, _T.state == ItemState.WAITING,
                               or_(_T.claimed_until.is_(None), ~held, mine))
        asked = _without(asked, but).where(_kept()).order_by(case((mine & held, 0), else_=1), *_ORDER)
        row = self.conn.execute(asked.limit(1)).first()
        return _item(row) if row else None

    def items(self, establishment: str, states: Collection[ItemState], tier: Tier | None = None, overdue: bool = False,
              but: Collection[PersonId] = (), most: int = 1000) -> list[Item]:
        asked = _without(_items().where(_T.establishment == establishment, _T.state.in_(states)), but)
        if tier is not None:
            asked = asked.where(_T.tier == tier)
        if overdue:
            asked = asked.where(_T.state == ItemState.WAITING, _T.due_at <= stamp(self.at))
        return [_item(row) for row in self.conn.execute(asked.order_by(*_ORDER).limit(most))]

    def items_about(self, authority: str, person: PersonId | None, number: str | None, since: datetime) -> list[Item]:
        said = [column == value for column, value in ((_T.person, person), (_T.number, number)) if value is not None]
        covered = and_(_T.started_at >= stamp(since), *said) if said else false()
        asked = _items().where(or_(_T.authority == authority, covered), _T.state != ItemState.LISTENED)
        return [_item(row) for row in self.conn.execute(asked.order_by(_T.started_at, _T.call)).all()]

    def unfiled(self, establishment: str, since: datetime, until: datetime) -> list[CallId]:
        asked = select(cdrs.c.id).join(phones, phones.c.id == cdrs.c.phone).join(
            monitoring_items, _T.call == cdrs.c.id, isouter=True).where(
            cdrs.c.started_at >= stamp(since), cdrs.c.started_at < stamp(until), cdrs.c.closed_at.is_not(None),
            _recorded(), cdrs.c.privileged.is_(False), phones.c.establishment == establishment,
            _T.call.is_(None),
            cdrs.c.id.not_in(select(quarantined_calls.c.call)))
        return [CallId(call) for call in self.conn.execute(asked.order_by(cdrs.c.id)).scalars()]

    def items_of_day(self, establishment: str, day: date) -> list[Item]:
        asked = _items().where(_T.establishment == establishment, _T.day == day.isoformat()).order_by(_T.call)
        return [_item(row) for row in self.conn.execute(asked)]

    def mark_item(self, call: CallId, kind: NoteKind, second: int | None = None, side: Side | None = None) -> None:
        self.conn.execute(insert(monitoring_notes), {
            "seq": audit_head(self.conn).seq, "call": call, "kind": kind, "second": second, "side": side, "at": stamp(self.at),
            "by": self.actor})

    def item_notes(self, call: CallId) -> list[ItemNote]:
        asked = select(monitoring_notes).where(monitoring_notes.c.call == call).order_by(monitoring_notes.c.seq)
        rows = self.conn.execute(asked).all()
        words = read_words(self.conn, [row.seq for row in rows])
        return [ItemNote(NoteKind(row.kind), unstamp(row.at), StaffId(row.by), (words.get(row.seq) or {}).get("reason"),
                         row.second, Side(row.side) if row.side else None) for row in rows]

    def waiting_items(self, establishment: str) -> int:
        asked = select(func.count()).where(_T.establishment == establishment, _T.state == ItemState.WAITING, _heard())
        return int(self.conn.execute(asked).scalar_one())

    def overdue_items(self, establishment: str) -> list[Late]:
        asked = select(_T.tier, _T.due_at, func.count(), func.min(_T.started_at)).where(
            _T.establishment == establishment, _T.state == ItemState.WAITING, _T.due_at <= stamp(self.at), _heard())
        return [Late(Tier(tier), unstamp(due), items, unstamp(oldest))
                for tier, due, items, oldest in self.conn.execute(asked.group_by(_T.tier, _T.due_at))]

    def tallies(self, establishment: str, since: date, until: date) -> list[Tally]:
        grouped = _T.wing, _T.day, _T.tier, _T.state
        asked = select(*grouped, func.count()).where(
            _T.establishment == establishment, _T.day >= since.isoformat(), _T.day < until.isoformat(), _heard())
        return [Tally(wing, date.fromisoformat(day), Tier(tier) if tier else None, ItemState(state), items)
                for wing, day, tier, state, items in self.conn.execute(asked.group_by(*grouped).order_by(*grouped))]


def _heard() -> ColumnElement[bool]:
    """Those of calls that may be heard at all."""
    return _T.call.not_in(select(quarantined_calls.c.call))


def _recorded() -> ColumnElement[bool]:
    """Calls whose record names a recording, or that have one in the vault: what a crash left is sealed without that word."""
    return or_(cdrs.c.recording.is_not(None), select(recordings.c.id).where(recordings.c.id == cdrs.c.id).exists())


def _kept() -> ColumnElement[bool]:
    """Those whose sound was not erased meanwhile."""
    return ~select(recordings.c.id).where(recordings.c.id == _T.call, recordings.c.erased_at.is_not(None)).exists()


def _items() -> "Select[Any]":
    return select(monitoring_items).where(_heard())


def _without(asked: "Select[Any]", but: Collection[PersonId]) -> "Select[Any]":
    return asked.where(or_(_T.person.is_(None), _T.person.not_in(but))) if but else asked


def _values(item: Item) -> dict[str, object]:
    return {_COLUMNS.get(one.name, one.name): _written(getattr(item, one.name)) for one in fields(item)}


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _item(row: Row[*tuple[Any, ...]]) -> Item:
    return Item(
        CallId(row.call), row.establishment, row.wing, PersonId(row.person) if row.person else None, row.number, row.language,
        unstamp(row.started_at), date.fromisoformat(row.day), row.seconds, unstamp(row.filed_at), ItemState(row.state),
        Tier(row.tier) if row.tier else None, row.authority, row.lead, row.drawn, row.percent, row.plan, _when(row.due_at),
        StaffId(row.claimed_by) if row.claimed_by else None, _when(row.claimed_until), _when(row.closed_at),
        StaffId(row.closed_by) if row.closed_by else None, Outcome(row.outcome) if row.outcome else None,
        Translation(row.translation) if row.translation else None, _when(row.translated_at),
        StaffId(row.translated_by) if row.translated_by else None)


def _when(text: str | None) -> datetime | None:
    return unstamp(text) if text else None
