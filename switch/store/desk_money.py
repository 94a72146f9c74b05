"""Money as a use case changes it (`switch.ports.money.MoneyChanges`), on one connection."""
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from dialplans.model import Service
from dialplans.plan import Bundle
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.money import Millipence
from switch.ledger.postings import SiteAccount, held_account, move, person_account
from switch.ledger.told import told
from switch.ports.money import Charge, Credit, Entry, Held, Left, Line, Movement
from switch.store.books import verify_books
from switch.store.calls import free_balance, post
from switch.store.given import SellBundle, sold_bundle
from switch.store.outcome import Outcome
from switch.store.person_facts import bundles_left
from switch.store.spending import moves, spent_since
from switch.store.stamps import local_monday, stamp, unstamp
from switch.store.tables import cdrs, establishments, people, postings

ENTRIES = {"topup": Entry.TOP_UP, "refund": Entry.REFUND, "goodwill": Entry.REFUND, "bundle": Entry.BUNDLE,
           "payout": Entry.PAID_OUT}
"""What a movement is, by the beginning of its reference; one without is a top-up where money came in."""


class MoneyWork:
    """The part of a transaction that is about money."""

    conn: Connection
    actor: StaffId
    at: datetime

    def credit(self, person: PersonId) -> Credit:
        running = select(cdrs.c.id).where(cdrs.c.person == person, cdrs.c.closed_at.is_(None))
        accounts = [held_account(CallId(id)) for id in self.conn.execute(running).scalars()]
        held = self._sum(select(func.sum(postings.c.amount)).where(postings.c.account.in_(accounts))) if accounts else 0
        return Credit(person, free_balance(self.conn, person), Millipence(held))

    def movement(self, reference: str) -> Movement | None:
        asked = select(postings.c.seq, postings.c.account, postings.c.amount).where(
            postings.c.reference == reference, postings.c.account.like("person:%"))
        row = self.conn.execute(asked).first()
        if row is None:
            return None
        then = self._sum(select(func.sum(postings.c.amount)).where(
            postings.c.account == row.account, postings.c.seq <= row.seq))
        return Movement(reference, PersonId(row.account.removeprefix("person:")), Millipence(row.amount), Millipence(then))

    def top_up(self, person: PersonId, reference: str, amount: Millipence) -> Movement:
        return self._moved(reference, SiteAccount.CASH, person, amount)

    def call_charge(self, call: CallId) -> Charge | None:
        row = self.conn.execute(select(cdrs.c.person, cdrs.c.charged, cdrs.c.closed_at).where(cdrs.c.id == call)).first()
        if row is None:
            return None
        return Charge(call, PersonId(row.person) if row.person else None, Millipence(row.charged), row.closed_at is not None)

    def give_back(self, person: PersonId, reference: str, amount: Millipence, income: bool) -> Movement:
        return self._moved(reference, SiteAccount.INCOME_CALLS if income else SiteAccount.PUBLIC_EXPENSE, person, amount)

    def bundle(self, reference: str) -> Held | None:
        return sold_bundle(self.conn, reference)

    def sell_bundle(self, person: PersonId, offer: Bundle, reference: str) -> Held:
        SellBundle(person, offer, reference, self.actor, self.at)(self.conn)
        sold = self.bundle(reference)
        assert sold is not None
        return sold

    def bundles_left(self, person: PersonId) -> list[Left]:
        return [Left(held.id, held.name, held.until, held.seconds_left, held.texts_left)
                for held in bundles_left(self.conn, person, self.at)]

    def spent_this_week(self, person: PersonId) -> Millipence:
        zone = self.conn.execute(select(establishments.c.zone).join(people, people.c.establishment == establishments.c.id)
                                 .where(people.c.id == person)).scalar_one()
        return spent_since(self.conn, person, local_monday(self.at, zone))

    def opening(self, person: PersonId, since: datetime) -> Millipence:
        paid = self._sum(moves(person).with_only_columns(func.sum(postings.c.amount)).order_by(None)
                          .where(postings.c.at < stamp(since)))
        charged = self._sum(select(func.sum(cdrs.c.charged)).where(cdrs.c.person == person, cdrs.c.closed_at < stamp(since)))
        return Millipence(paid - charged)

    def lines(self, person: PersonId, since: datetime, until: datetime, most: int | None = None) -> list[Line]:
        first, last = stamp(since), stamp(until)
        moved = moves(person, most).where(postings.c.at >= first, postings.c.at < last)
        calls = select(cdrs.c.id, cdrs.c.closed_at, cdrs.c.charged, cdrs.c.bundle_seconds, cdrs.c.metered, cdrs.c.dialled,
                       cdrs.c.talk_ms, cdrs.c.end_by, cdrs.c.end_why, cdrs.c.end_note).where(
            cdrs.c.person == person, cdrs.c.closed_at >= first, cdrs.c.closed_at < last,
            or_(cdrs.c.talk_ms > 0, and_(cdrs.c.service == Service.CONTACT, cdrs.c.outcome != Outcome.REFUSED)),
        ).order_by(cdrs.c.closed_at.desc(), cdrs.c.id.desc())
        nothing = Millipence(0)
        found = [Line(unstamp(row.at), _entry(row.reference, row.amount), row.reference, Millipence(row.amount), nothing,
                      told="subscription" if "@" in row.reference else "") for row in self.conn.execute(moved)]
        found += [_call(row) for row in self.conn.execute(calls.limit(most))]
        found.sort(key=lambda line: (line.at, line.reference))
        chosen, total, counted = found[-most:] if most else found, 0, list[Line]()
        for line in chosen:
            total += line.amount
            counted.append(replace(line, balance=Millipence(total)))
        return counted

    def book_problems(self) -> Sequence[str]:
        return [f"{problem.reference}: {problem.text}" for problem in verify_books(self.conn)]

    def _moved(self, reference: str, source: str, person: PersonId, amount: Millipence) -> Movement:
        post(self.conn, move(reference, source, person_account(person), amount), stamp(self.at))
        return Movement(reference, person, amount, free_balance(self.conn, person))

    def _sum(self, asked: "Select[Any]") -> int:
        return int(self.conn.execute(asked).scalar() or 0)


def _call(row: Row[*tuple[Any, ...]]) -> Line:
    words = told(row.end_by, row.end_why, row.end_note or "", row.talk_ms / 1000, Millipence(row.charged),
                 row.bundle_seconds or 0, row.metered)
    return Line(unstamp(row.closed_at), Entry.CALL, f"call:{row.id}", Millipence(-row.charged), Millipence(0), row.dialled,
                row.talk_ms / 1000, words)


def _entry(reference: str, amount: int) -> Entry:
    return ENTRIES.get(reference.partition(":")[0], Entry.TOP_UP if amount > 0 else Entry.OTHER)
