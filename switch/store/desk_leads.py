"""Leads as a use case works with them (`switch.ports.leads.LeadChanges`)."""
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import CallId, PersonId, RecordingId, StaffId
from switch.core.reasons import Why
from switch.ports.leads import Lead, LeadDecision, LeadKind, Pattern, WatchedCall
from switch.store.stamps import stamp, unstamp
from switch.store.tables import cdrs, contacts, leads, people, phones, quarantined_calls, recordings, watch_words

_ALL = (
    select(leads, watch_words.c.times_useful, watch_words.c.times_false)
    .join(watch_words, watch_words.c.id == leads.c.word, isouter=True)
    .where(leads.c.recording.is_(None) | leads.c.recording.not_in(select(quarantined_calls.c.call)))
)
_OPEN = (ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED)


class LeadWork:
    """The part of a transaction that is about leads."""

    conn: Connection
    actor: StaffId
    at: datetime

    def lead(self, id: str) -> Lead | None:
        row = self.conn.execute(_ALL.where(leads.c.id == id)).first()
        return None if row is None else _lead(row)

    def leads(self, establishment: str | None = None, decided: bool = False) -> list[Lead]:
        asked = _ALL.where(leads.c.decision.is_not(None) if decided else leads.c.decision.is_(None))
        if establishment is not None:
            asked = asked.where(leads.c.establishment == establishment)
        return [_lead(row) for row in self.conn.execute(asked.order_by(leads.c.made_at, leads.c.id))]

    def watched_call(self, call: CallId) -> WatchedCall | None:
        row = self.conn.execute(
            select(cdrs.c.id, cdrs.c.person, cdrs.c.dialled, phones.c.establishment)
            .join(phones, phones.c.id == cdrs.c.phone).join(recordings, recordings.c.id == cdrs.c.id, isouter=True)
            .where(cdrs.c.id == call, cdrs.c.privileged.is_(False), recordings.c.erased_at.is_(None),
                   cdrs.c.id.not_in(select(quarantined_calls.c.call)))).first()
        return None if row is None else WatchedCall(
            CallId(row.id), row.establishment, PersonId(row.person) if row.person else None, row.dialled)

    def leads_of(self, recording: RecordingId) -> list[Lead]:
        asked = _ALL.where(leads.c.recording == recording).order_by(leads.c.start_ms, leads.c.id)
        return [_lead(row) for row in self.conn.execute(asked)]

    def leads_about(self, kind: LeadKind, establishment: str, since: datetime) -> frozenset[str]:
        asked = select(leads.c.about).where(leads.c.kind == kind, leads.c.establishment == establishment,
                                            leads.c.made_at >= stamp(since))
        return frozenset(self.conn.execute(asked).scalars())

    def add_leads(self, leads_: Iterable[Lead]) -> None:
        rows = [{
            "id": one.id, "kind": one.kind, "establishment": one.establishment, "about": one.about, "score": one.score,
            "made_at": stamp(one.made_at), "people": json.dumps(one.people), "word": one.word, "recording": one.recording,
            "start_ms": _ms(one.start), "end_ms": _ms(one.end), "channel": one.channel, "confidence": one.confidence,
            "live": one.live, "evidence": None if one.evidence is None else json.dumps(dict(one.evidence)),
        } for one in leads_]
        if rows:
            self.conn.execute(insert(leads), rows)

    def own_lead(self, id: str, owner: StaffId | None) -> None:
        self.conn.execute(update(leads).where(leads.c.id == id).values(owner=owner))

    def decide_lead(self, id: str, decision: LeadDecision) -> None:
        self.conn.execute(update(leads).where(leads.c.id == id).values(
            decision=decision, decided_at=stamp(self.at), decided_by=self.actor))
        word = select(leads.c.word).where(leads.c.id == id).scalar_subquery()
        count = watch_words.c.times_false if decision is LeadDecision.FALSE else watch_words.c.times_useful
        self.conn.execute(update(watch_words).where(watch_words.c.id == word).values({count: count + 1}))

    def drop_old_leads(self, establishment: str, before: datetime) -> int:
        return self.conn.execute(delete(leads).where(
            leads.c.establishment == establishment, leads.c.recording.is_(None), leads.c.made_at < stamp(before))).rowcount

    def shared_numbers(self, establishment: str, since: datetime, people: int) -> list[Pattern]:
        rung = _calls(establishment, since).where(cdrs.c.service == "contact", cdrs.c.talk_ms > 0)
        return self._shared(rung.with_only_columns(cdrs.c.dialled.label("about"), cdrs.c.person), people)

    def applied_numbers(self, establishment: str, people: int) -> list[Pattern]:
        return self._shared(_applied(establishment), people)

    def borrowed_pins(self, establishment: str, since: datetime, times: int) -> list[Pattern]:
        often = func.count()
        tried = (_calls(establishment, since).where(cdrs.c.end_why == Why.NOT_YOUR_PHONE, cdrs.c.person.is_not(None))
                 .with_only_columns(cdrs.c.phone, cdrs.c.person, often.label("times"))
                 .group_by(cdrs.c.phone, cdrs.c.person).having(often >= times).order_by(cdrs.c.phone, cdrs.c.person))
        return [Pattern(row.phone, (PersonId(row.person),), row.times) for row in self.conn.execute(tried)]

    def _shared(self, pairs: Select[Any], least: int) -> list[Pattern]:
        """Of rows of (about, person): what so many have, with everybody who has it."""
        these = pairs.subquery()
        many = func.count(func.distinct(these.c.person))
        common = select(these.c.about).group_by(these.c.about).having(many >= least)
        found: dict[str, list[str]] = {}
        for about, person in self.conn.execute(select(these.c.about, these.c.person).where(these.c.about.in_(common))):
            found.setdefault(about, []).append(person)
        return [Pattern(about, tuple(PersonId(one) for one in sorted(set(them))), len(them))
                for about, them in sorted(found.items())]


def _calls(establishment: str, since: datetime) -> Select[Any]:
    """Calls of an establishment's telephones since then that anybody may know of."""
    return select(cdrs).join(phones, phones.c.id == cdrs.c.phone).where(
        phones.c.establishment == establishment, cdrs.c.started_at >= stamp(since), cdrs.c.privileged.is_(False),
        cdrs.c.id.not_in(select(quarantined_calls.c.call)))


def _applied(establishment: str) -> Select[Any]:
    return select(contacts.c.number.label("about"), contacts.c.person).join(people, people.c.id == contacts.c.person).where(
        people.c.establishment == establishment, people.c.active, contacts.c.kind == ContactKind.SOCIAL,
        contacts.c.state.in_(_OPEN))


def _lead(row: Row[Any]) -> Lead:
    return Lead(
        row.id, LeadKind(row.kind), row.establishment, row.about, row.score, unstamp(row.made_at),
        tuple(PersonId(one) for one in json.loads(row.people)), row.word, RecordingId(row.recording) if row.recording else None,
        _seconds(row.start_ms), _seconds(row.end_ms), row.channel, row.confidence, row.live,
        json.loads(row.evidence) if row.evidence else None, StaffId(row.owner) if row.owner else None,
        LeadDecision(row.decision) if row.decision else None, unstamp(row.decided_at) if row.decided_at else None,
        row.times_useful or 0, row.times_false or 0)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
