"""Authorisations, draws and connections as a use case works with them (`switch.ports.listening.ListeningChanges`)."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Sql
from sqlalchemy import Row, and_, insert, or_, select, update

from dialplans.model import Decision
from switch.core.authority import Authority, AuthorityKind, Ground, ListenFacts, Standing, standing
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import CallId, PersonId, RecordingId, StaffId
from switch.ports.listening import Connection, CoveredCall, Review, Written
from switch.store import codec
from switch.store.privileged import ask_found, is_quarantined, read_listed_name
from switch.store.stamps import stamp, unstamp
from switch.store.tables import authorities, authority_reviews, cdrs, connections, contacts, quarantined_calls, random_draws

_GRANTED = {"yes": True, "no": False, None: None}


class ListeningWork:
    """The part of a transaction that is about listening."""

    conn: Sql
    actor: StaffId
    at: datetime

    def authority(self, authority: str) -> Written | None:
        row = self.conn.execute(select(authorities).where(authorities.c.id == authority)).first()
        return self._written(row) if row else None

    def authorities(self, person: PersonId | None = None, number: str | None = None) -> list[Written]:
        asked = select(authorities)
        if person is not None or number is not None:
            named = [column == value for column, value in ((authorities.c.person, person), (authorities.c.number, number))
                     if value is not None]
            asked = asked.where(or_(*named))
        return [self._written(row) for row in self.conn.execute(asked.order_by(authorities.c.applied_at, authorities.c.id)).all()]

    def authorities_for(self, person: PersonId | None, number: str, at: datetime) -> list[Authority]:
        return [one for one in self._covering(person, number) if standing(one, at) is Standing.IN_FORCE]

    def in_force(self) -> list[Authority]:
        """All that are in force now, whatever they cover."""
        asked = select(authorities).where(authorities.c.until_at > stamp(self.at)).order_by(authorities.c.id)
        return [one for row in self.conn.execute(asked) if standing(one := _authority(row), self.at) is Standing.IN_FORCE]

    def add_authority(self, written: Written) -> None:
        one = written.authority
        self.conn.execute(insert(authorities), {
            "id": one.id, "kind": one.kind, "ground": one.ground, "person": one.person, "number": one.number,
            "necessity": written.necessity, "proportionality": written.proportionality, "from_at": stamp(one.since),
            "until_at": stamp(one.until), "renews": written.renews, "applied_by": one.applied_by,
            "applied_at": stamp(written.applied_at)})

    def decide_authority(self, authority: str, granted: bool, why: str, review_by: datetime | None) -> None:
        self.conn.execute(update(authorities).where(authorities.c.id == authority).values(
            granted="yes" if granted else "no", decided_by=self.actor, decided_at=stamp(self.at), decided_why=why,
            review_by=stamp(review_by) if review_by else None))

    def review_authority(self, authority: str, text: str, review_by: datetime) -> None:
        self.conn.execute(insert(authority_reviews), {
            "authority": authority, "at": stamp(self.at), "by": self.actor, "text": text, "review_by": stamp(review_by)})
        self.conn.execute(update(authorities).where(authorities.c.id == authority).values(review_by=stamp(review_by)))

    def cancel_authority(self, authority: str, why: str) -> None:
        self.conn.execute(update(authorities).where(authorities.c.id == authority).values(
            cancelled_by=self.actor, cancelled_at=stamp(self.at), cancelled_why=why))

    def draw(self, recording: RecordingId, until: datetime) -> bool:
        if self._drawn(recording) is not None:
            return False
        self.conn.execute(insert(random_draws), {
            "recording": recording, "drawn_at": stamp(self.at), "until_at": stamp(until)})
        return True

    def connected(self, staff: StaffId) -> frozenset[PersonId]:
        return frozenset(one.person for one in self.connections(staff))

    def connections(self, staff: StaffId | None = None, person: PersonId | None = None) -> list[Connection]:
        asked = select(connections).where(connections.c.ended_at.is_(None))
        if staff is not None:
            asked = asked.where(connections.c.staff == _folded(staff))
        if person is not None:
            asked = asked.where(connections.c.person == person)
        return [Connection(row.id, StaffId(row.staff), PersonId(row.person), StaffId(row.declared_by), unstamp(row.declared_at))
                for row in self.conn.execute(asked.order_by(connections.c.declared_at, connections.c.id))]

    def add_connection(self, connection: Connection) -> None:
        self.conn.execute(insert(connections), {
            "id": connection.id, "staff": _folded(connection.staff), "person": connection.person,
            "declared_by": connection.declared_by, "declared_at": stamp(connection.declared_at)})

    def end_connection(self, connection: str) -> bool:
        return bool(self.conn.execute(update(connections).where(
            connections.c.id == connection, connections.c.ended_at.is_(None)).values(
                ended_by=self.actor, ended_at=stamp(self.at))).rowcount)

    def covered_calls(self) -> list[CoveredCall]:
        good = self.in_force()
        if not good:
            return []
        running = select(cdrs.c.id, cdrs.c.node, cdrs.c.person, cdrs.c.dialled).where(
            cdrs.c.closed_at.is_(None), cdrs.c.privileged.is_(False),
            cdrs.c.id.not_in(select(quarantined_calls.c.call))).order_by(cdrs.c.started_at, cdrs.c.id)
        found = list[CoveredCall]()
        for row in self.conn.execute(running):
            kinds = {one.kind for one in good if one.covers(PersonId(row.person) if row.person else None, row.dialled)}
            if first := next((kind for kind in AuthorityKind if kind in kinds), None):
                found.append(CoveredCall(CallId(row.id), row.node, first))
        return found

    def listen_facts(self, call: CallId, listener: StaffId) -> ListenFacts | None:
        row = self.conn.execute(select(cdrs).where(cdrs.c.id == call)).first()
        if row is None:
            return None
        decision = codec.loads(Decision, row.decision) if row.decision else None
        person = PersonId(row.person) if row.person else None
        return ListenFacts(
            call, listener, person, row.dialled, runs=row.closed_at is None,
            warrant=None if decision is None else decision.warrant(),
            privileged=row.privileged or self._privileged_now(person, row.dialled), quarantined=is_quarantined(self.conn, call),
            connected=person is not None and person in self.connected(listener),
            authorities=tuple(self._covering(person, row.dialled)), drawn_until=self._drawn(call))

    def _covering(self, person: PersonId | None, number: str) -> list[Authority]:
        """Whatever it says of itself: which are in force is the rule's to say."""
        table = authorities.c
        about = or_(and_(table.person == person, table.number.is_(None)), and_(table.person == person, table.number == number),
                    and_(table.person.is_(None), table.number == number))
        asked = select(authorities).where(about).order_by(table.applied_at, table.id)
        return [_authority(row) for row in self.conn.execute(asked)]

    def _privileged_now(self, person: PersonId | None, number: str) -> bool:
        verified = select(contacts.c.number).where(
            contacts.c.person == person, contacts.c.number == number, contacts.c.kind == ContactKind.PRIVILEGED,
            contacts.c.state == ContactState.APPROVED)
        return (read_listed_name(self.conn, number) is not None or ask_found(self.conn, number)()
                or self.conn.execute(verified).first() is not None)

    def _drawn(self, recording: str) -> datetime | None:
        found = self.conn.execute(select(random_draws.c.until_at).where(random_draws.c.recording == recording)).scalar()
        return unstamp(found) if found else None

    def _written(self, row: Row[*tuple[Any, ...]]) -> Written:
        reviews = self.conn.execute(select(authority_reviews).where(authority_reviews.c.authority == row.id).order_by(
            authority_reviews.c.at))
        return Written(
            _authority(row), row.necessity, row.proportionality, unstamp(row.applied_at), row.renews, _moment(row.decided_at),
            row.decided_why or "", _moment(row.cancelled_at), StaffId(row.cancelled_by) if row.cancelled_by else None,
            row.cancelled_why or "",
            tuple(Review(unstamp(one.at), StaffId(one.by), one.text, unstamp(one.review_by)) for one in reviews))


def _authority(row: Row[*tuple[Any, ...]]) -> Authority:
    return Authority(
        row.id, AuthorityKind(row.kind), Ground(row.ground), PersonId(row.person) if row.person else None, row.number,
        unstamp(row.from_at), unstamp(row.until_at), StaffId(row.applied_by), _GRANTED[row.granted],
        StaffId(row.decided_by) if row.decided_by else None, _moment(row.review_by), row.cancelled_at is not None)


def _moment(text: str | None) -> datetime | None:
    return unstamp(text) if text else None


def _folded(staff: str) -> str:
    return staff.strip().casefold()
