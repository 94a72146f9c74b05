"""Random histories of money against a model in plain integers: calls, top-ups, refunds, bundles, subscriptions, each broken off
at any of its statements and tried again. No money is made or lost, and every account adds up after each step."""
import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, event, func, select

from dialplans.model import Decision, Source
from dialplans.plan import Bundle
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.money import Millipence
from switch.desk import money, subscriptions
from switch.desk.asking import Desk, Refused
from switch.ledger.charge import hold_of
from switch.ledger.checks import problems
from switch.ledger.postings import Account, Posting, Reference
from switch.ports.desk import Changes
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.calls import CloseCall, CloseLost, NotEnoughCredit, OnCall, OpenCall, request_row
from switch.store.given import SellBundle
from switch.store.tables import cdrs, postings
from switch.store.unit_of_work import SqlChanges
from switch.store.writer import Unit
from tests.unit.desk.office import CountingMint
from tests.unit.dialplans.test_subscriptions import OFFERS, made
from tests.unit.store.site import ANN, AT, BEN, Site, decision, ended, make_site, request

T = TypeVar("T")
PEOPLE = (ANN, BEN)
OFFER = Bundle("10 minutes", date(2026, 1, 1), None, 600, Millipence(30_000), False, frozenset({"mobile"}), Source("a.toml", 1))
PLAN = made(OFFERS.replace("until = 2026-12-31\n", "") + '[allowance]\npence_per_week = "no limit"\n')
WEEK = PLAN.bundles[0]
SECOND = 100
"""What a second costs at the 6p a minute of these calls."""
who = st.sampled_from(PEOPLE)
limits = st.sampled_from((0.5, 59.0, 600.0, 4_000.0))
talks = st.sampled_from((0.0, 0.001, 1.0, 58.9, 60.0, 599.5, 601.0, 9_999.0))
breaks = st.one_of(st.none(), st.integers(0, 12))


class BrokenOff(Exception):
    """The process died here."""


class Frail:
    """A driver that dies at a statement."""

    def __init__(self, driver: Any, left: int) -> None:
        self._driver, self.left = driver, left

    def run(self, text: str, values: Any) -> Any:
        self.tick()
        return self._driver.run(text, values)

    def tick(self, *_: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise BrokenOff

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)


def frail(unit: Unit[T], at: int | None) -> Unit[T]:
    """The unit, dying before its statement number `at`, whichever way that goes to the database."""
    def broken(conn: Connection) -> T:
        if at is None:
            return unit(conn)
        driver = conn.info["driver"]
        conn.info["driver"] = weak = Frail(driver, at)
        event.listen(conn, "before_cursor_execute", weak.tick)
        try:
            return unit(conn)
        finally:
            event.remove(conn, "before_cursor_execute", weak.tick)
            conn.info["driver"] = driver

    return broken


@dataclass
class FrailWork:
    """The desk's transactions, the next of which may die."""

    site: Site
    at: int | None = None

    async def run(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.site.store.write(frail(lambda conn: work(SqlChanges(conn, actor, at, {})), self.at))

    async def look(self, actor: StaffId, at: datetime, work: Callable[[Changes], T]) -> T:
        return await self.site.store.read(lambda conn: work(SqlChanges(conn, actor, at, {})))


@dataclass
class Running:
    person: PersonId
    decided: Decision
    limit: float
    bundle: int
    hold: int


@dataclass
class Model:
    free: dict[PersonId, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 500_000))
    held: dict[str, Running] = field(default_factory=dict)
    charged: dict[str, tuple[PersonId, int]] = field(default_factory=dict)
    refunded: set[str] = field(default_factory=set)
    topped: dict[str, tuple[PersonId, int, int]] = field(default_factory=dict)
    """By reference: who, pence, the balance that was answered."""
    sold: set[str] = field(default_factory=set)
    weeks: dict[PersonId, date] = field(default_factory=dict)
    """Whose subscription runs, and with which midnight its week is over."""
    cancelled: set[PersonId] = field(default_factory=set)
    income: int = 0
    paid_in: int = 3 * 500_000


class Money(RuleBasedStateMachine):
    """Each rule does something once or more, and says in the model what must come of it."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="money"))
        self.site: Site = self.runner.run(make_site(self.folder))
        self.work, self.mint = FrailWork(self.site), CountingMint()
        self.desk = Desk(self.work, self.mint, plan=PLAN)
        self.model, self.calls, self.begun, self.day = Model(), 0, 0, AT

    def teardown(self) -> None:
        if hasattr(self, "site"):
            self.mint.hasher.close()
            self.runner.run(self.site.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def once(self, unit: Unit[T], at: int | None) -> T | BrokenOff:
        try:
            return self.runner.run(self.site.store.write(frail(unit, at)))
        except BrokenOff as error:
            return error

    def again(self, unit: Unit[T], at: int | None) -> T:
        """Tried until it is known to be done."""
        first = self.once(unit, at)
        done = self.once(unit, None) if isinstance(first, BrokenOff) else first
        assert not isinstance(done, BrokenOff)
        return done

    @rule(person=who, pence=st.integers(1, 9_000), name=st.integers(1, 6), at=breaks)
    def top_up(self, person: PersonId, pence: int, name: int, at: int | None) -> None:
        reference, answer = f"r{name}", None
        for self.work.at in (at, None, None):  # broken off, done, and asked once more
            try:
                answer = self.runner.run(money.top_up(self.desk, StaffId("staff"), AT, person, reference, pence, 10**6))
            except BrokenOff:
                continue
            known = self.model.topped.get(reference)
            if known and known[:2] != (person, pence):
                assert isinstance(answer, Refused)
                continue
            if not known:
                self.model.free[person] += pence * 1000
                self.model.paid_in += pence * 1000
                self.model.topped[reference] = person, pence, self.model.free[person]
            assert not isinstance(answer, Refused), answer
            assert answer.balance == self.model.topped[reference][2]

    @rule(person=who, limit=limits, bundle=st.sampled_from((0, 30, 600)), at=breaks)
    def ring(self, person: PersonId, limit: float, bundle: int, at: int | None) -> None:
        self.calls += 1
        name = f"c{self.calls}"
        decided = replace(decision(name, limit=limit), bundle_seconds=bundle)
        unit = OpenCall(request(name), request_row(request(name), person, decided, "node"), hold_of(decided))
        hold = max(0, ceil(limit) - bundle) * SECOND
        try:
            if isinstance(self.once(unit, at), BrokenOff):
                return
        except OnCall:
            assert any(one.person == person for one in self.model.held.values())
        except NotEnoughCredit:
            assert hold > self.model.free[person]
        else:
            assert hold <= self.model.free[person]
            self.model.held[name] = Running(person, decided, limit, bundle, hold)
            self.model.free[person] -= hold

    @rule(number=st.integers(1, 12), talked=talks, at=breaks, times=st.integers(1, 2), lost=st.booleans())
    def end(self, number: int, talked: float, at: int | None, times: int, lost: bool) -> None:
        """Hung up, or closed from a journal or without one; an ending that comes again changes nothing."""
        name = f"c{number}"
        if name not in self.model.held and name not in self.model.charged:
            return
        running = self.model.held.pop(name, None)
        for _ in range(times):
            if lost:
                self.again(CloseLost(CallId(name), AT), at)
            else:
                decided = running.decided if running else decision(name)
                self.again(CloseCall(ended(request(name), decided, running.person if running else ANN, talked), "node"), at)
        if running:
            due = 0 if lost else max(0, ceil(min(talked, running.limit)) - running.bundle) * SECOND
            self.model.free[running.person] += running.hold - due
            self.model.income += due
            self.model.charged[name] = running.person, due

    @rule(number=st.integers(1, 12), at=breaks)
    def refund(self, number: int, at: int | None) -> None:
        name, answer = f"c{number}", None
        for self.work.at in (at, None, None):
            try:
                answer = self.runner.run(money.refund(self.desk, StaffId("staff"), AT, name, "noise"))
            except BrokenOff:
                continue
            person, due = self.model.charged.get(name, (ANN, 0))
            if not due:
                assert isinstance(answer, Refused)
            elif name not in self.model.refunded:
                self.model.refunded.add(name)
                self.model.free[person] += due
                self.model.income -= due

    @rule(person=who, name=st.integers(1, 4), at=breaks)
    def buy(self, person: PersonId, name: int, at: int | None) -> None:
        reference = f"b{name}"
        try:
            self.again(SellBundle(person, OFFER, reference, "kiosk", AT), at)
        except NotEnoughCredit:
            assert self.model.free[person] < OFFER.price
            return
        if reference not in self.model.sold:
            self.model.sold.add(reference)
            self.model.free[person] -= OFFER.price
            self.model.income += OFFER.price

    @rule(person=who, at=breaks)
    def subscribe(self, person: PersonId, at: int | None) -> None:
        if person in self.model.cancelled:
            return  # a second one beside what is left of the first: tried in tests/unit/store/test_subscriptions.py
        self.begun += 1
        for self.work.at in (at, None, None):
            try:
                answer = self.runner.run(subscriptions.subscribe(
                    self.desk, StaffId("staff"), self.day, person, "an hour", f"s{self.begun}"))
            except BrokenOff:
                continue
            if isinstance(answer, Refused):
                assert person in self.model.weeks or self.model.free[person] < WEEK.price, answer
            elif person not in self.model.weeks:
                self.model.weeks[person] = self.day.date() + timedelta(days=8)
                self.pay(person)

    @rule(days=st.sampled_from((0, 1, 7, 8, 30)), at=breaks)
    def nights(self, days: int, at: int | None) -> None:
        """The worker's renewals so many days on, and again."""
        self.day += timedelta(days=days)
        for self.work.at in (at, None, None):
            try:
                self.runner.run(subscriptions.renew(self.desk, StaffId("daily"), self.day, "HMP"))
            except BrokenOff:
                continue
        for person, over in list(self.model.weeks.items()):
            late = (self.day.date() - over).days
            if late < 0:
                continue
            if person in self.model.cancelled or (self.model.free[person] < WEEK.price and late >= WEEK.retry_days):
                del self.model.weeks[person]
                self.model.cancelled.discard(person)
            elif self.model.free[person] >= WEEK.price:
                self.model.weeks[person] = self.day.date() + timedelta(days=7)
                self.pay(person)

    @rule(person=who)
    def cancel(self, person: PersonId) -> None:
        self.work.at = None
        for one in self.runner.run(subscriptions.subscriptions(self.desk, StaffId("staff"), self.day, person)):  # type: ignore[union-attr]
            if one.subscription.ended_at is None and person not in self.model.cancelled:
                self.runner.run(subscriptions.cancel(self.desk, StaffId("staff"), self.day, one.subscription.id))
                if one.subscription.lapsed_at:
                    del self.model.weeks[person]
                else:
                    self.model.cancelled.add(person)

    def pay(self, person: PersonId) -> None:
        self.model.free[person] -= WEEK.price
        self.model.income += WEEK.price

    @invariant()
    def every_account_is_as_the_model_says(self) -> None:
        if not hasattr(self, "site"):
            return

        def read(conn: Connection) -> tuple[dict[str, int], list[Posting], dict[CallId, Millipence], list[Any]]:
            sums = select(postings.c.account, func.sum(postings.c.amount)).group_by(postings.c.account)
            lines = [Posting(Account(row.account), Millipence(row.amount), Reference(row.reference))
                     for row in conn.execute(select(postings))]
            closed = {CallId(row.id): Millipence(row.charged) for row in conn.execute(
                select(cdrs.c.id, cdrs.c.charged).where(cdrs.c.closed_at.is_not(None)))}
            return {row[0]: int(row[1]) for row in conn.execute(sums)}, lines, closed, [*verify_books(conn), *verify_audit(conn)]

        accounts, lines, closed, wrong = self.runner.run(self.site.store.read(read))
        assert wrong == []
        assert problems(lines, {CallId(name) for name in self.model.held}, closed) == []
        assert {name: accounts[f"person:{name}"] for name in PEOPLE} == self.model.free
        assert {name: total for name, total in accounts.items() if name.startswith("held:") and total} == {
            f"held:{name}": one.hold for name, one in self.model.held.items() if one.hold}
        assert accounts.get("income:calls", 0) == self.model.income
        assert accounts["cash:site"] == -self.model.paid_in
        assert sum(accounts.values()) == 0


TestMoney = pytest.mark.timeout(600)(Money.TestCase)
TestMoney.settings = settings(max_examples=max(12, settings().max_examples // 100), stateful_step_count=30, deadline=None)
