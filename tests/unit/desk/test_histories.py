"""Random orders of desk actions against a small model: who is where, open or closed, with what orders; store and model agree
after each, every change has exactly its audit rows, and the chain is whole."""
import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, select

from switch.core.facts import StopScope
from switch.core.ids import PersonId, StaffId
from switch.core.lists import ListKind, ListLevel
from switch.desk import kill, leaving, numbers, people, pins, places, rolls, stops
from switch.desk.asking import Refused
from switch.ports.desk import GONE, Reach, Status
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.seeding import read_balance
from switch.store.tables import contacts
from switch.store.tables import people as people_table
from switch.store.tables import pins as pins_table
from tests.unit.desk.office import FEN, GOVERNOR, MOOR, OFFICER, Office, make_office
from tests.unit.store.site import AT, MUM

NUMBERS = ("A0001AA", "A0002AA", "A0003AA")
CELLS = {"M1": MOOR, "M2": MOOR, "M3": MOOR, "F1": FEN}
person_s, cell_s = st.sampled_from(NUMBERS), st.sampled_from(sorted(CELLS))
site_s = st.sampled_from((MOOR, FEN))
credit_s = st.sampled_from((0, 1, 500))


@dataclass
class Known:
    """What the model says of one person."""

    site: str
    cell: str | None
    status: Status = Status.HERE
    incentive: str = "standard"
    pin: bool = True
    duress: bool = False
    contact: str | None = None
    rested: tuple[str, datetime] | None = None
    balance: int = 0


@dataclass
class Model:
    people: dict[str, Known] = field(default_factory=dict)
    orders: dict[str, tuple[Reach, str, bool]] = field(default_factory=dict)
    """By id: reach, target, helplines too."""
    phones: dict[str, str] = field(default_factory=lambda: {"m1": "M1", "m2": "M2", "f1": "F1"})
    entries: dict[str, tuple[str, str | None, bool]] = field(default_factory=dict)
    """Number lists by id: kind, person (None: everybody), victim."""
    stops: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    """By id: person (None: every prison), source."""
    open: dict[str, bool] = field(default_factory=lambda: {MOOR: True, FEN: True})

    def stop(self, number: str | None) -> None:
        """Contacts that a stop is about are stopped; those that rest do not wake again."""
        for id, one in self.people.items():
            if number in (None, id) and one.contact is not None:
                one.contact = "stopped"

    def phone(self, one: Known) -> str | None:
        if one.cell is None or one.status is not Status.HERE:
            return None
        return min((name for name, cell in self.phones.items() if cell == one.cell), default=None)


class Histories(RuleBasedStateMachine):
    """Each rule asks the desk, says in the model what must come of it, and how many audit rows that is."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="desk"))
        self.office: Office = self.runner.run(make_office(self.folder))
        self.model, self.at, self.rows = Model(), AT, self.runner.run(self.office.audited())
        self.topped = 0
        self.asked: list[datetime] = []

    def teardown(self) -> None:
        self.runner.run(self.office.site.close())
        self.office.mint.hasher.close()
        self.runner.close()
        shutil.rmtree(self.folder)

    def ask(self, use: Awaitable[Any], may: bool, *actions: str) -> Any:
        """The desk does it when it may; whichever, the audit grows by just these rows, or by one refusal."""
        answer = self.runner.run(_awaited(use))
        assert isinstance(answer, Refused) is not may, answer
        told = [action for action, _, _ in self.runner.run(self.office.audit(self.rows))]
        if may:
            assert told == list(actions)
        else:
            assert len(told) == 1
            assert told[0].endswith("-refused")
        self.rows += len(told)
        return answer

    @rule(minutes=st.sampled_from((1, 600, 200_000)))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(number=person_s, cell=cell_s, housed=st.booleans())
    def receive(self, number: str, cell: str, housed: bool) -> None:
        newcomer = people.Newcomer(number, "Somebody", CELLS[cell], cell if housed else None)
        may = number not in self.model.people
        self.ask(people.receive(self.office.desk, OFFICER, self.at, newcomer), may, "person-received")
        if may:
            self.model.people[number] = Known(CELLS[cell], cell if housed else None)

    @rule(number=person_s, pence=credit_s)
    def acquires(self, number: str, pence: int) -> None:
        """A contact and some credit, which are not the desk's to give."""
        one = self.model.people.get(number)
        if one is None or one.status in GONE:
            return
        if one.contact is None:
            self.runner.run(self.office.contact(number))
            one.contact = "approved"
        if pence:
            self.topped += 1
            self.runner.run(self.office.credit(number, pence, str(self.topped)))
            one.balance += pence * 1000
        self.rows = self.runner.run(self.office.audited())

    @rule(number=person_s, level=st.sampled_from(("basic", "standard", "enhanced")))
    def changes(self, number: str, level: str) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status is not Status.DEAD and one.incentive != level
        self.ask(people.change(self.office.desk, OFFICER, self.at, number, incentive=level), may, "person-changed")
        if may and one:
            one.incentive = level

    @rule(number=person_s, cell=cell_s)
    def moves(self, number: str, cell: str) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status not in GONE and CELLS[cell] == one.site and one.cell != cell
        self.ask(people.move(self.office.desk, OFFICER, self.at, number, cell), may, "cell-moved")
        if may and one:
            one.cell = cell

    @rule(rows=st.dictionaries(person_s, cell_s, min_size=1), site=site_s, dry_run=st.booleans())
    def feed(self, rows: dict[str, str], site: str, dry_run: bool) -> None:
        here = {number: self.model.people.get(number) for number in rows}
        may = all(one is not None and one.site == site and one.status not in GONE and CELLS[rows[number]] == site
                  for number, one in here.items())
        moving = [number for number, one in here.items() if one is not None and one.cell != rows[number]]
        text = "number,cell\n" + "".join(f"{number},{cell}\n" for number, cell in rows.items())
        done = [] if dry_run else ["cell-moved"] * len(moving)
        self.ask(rolls.daily_feed(self.office.desk, OFFICER, self.at, site, text, dry_run), may, *done)
        if may and not dry_run:
            for number in moving:
                self.model.people[number].cell = rows[number]

    @rule(number=person_s, site=site_s, cell=cell_s, housed=st.booleans())
    def transfers(self, number: str, site: str, cell: str, housed: bool) -> None:
        one, to = self.model.people.get(number), cell if housed else None
        may = one is not None and one.status not in GONE and one.site != site and (to is None or CELLS[to] == site)
        self.ask(people.transfer(self.office.desk, OFFICER, self.at, number, site, to), may, "person-transferred")
        if may and one:
            one.site, one.cell, one.status = site, to, Status.HERE

    @rule(number=person_s, where=st.sampled_from((Status.COURT, Status.HOSPITAL)))
    def goes_away(self, number: str, where: Status) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status not in GONE and one.status is not where
        self.ask(leaving.go_away(self.office.desk, OFFICER, self.at, number, where), may, "person-away")
        if may and one:
            one.status = where

    @rule(number=person_s)
    def comes_back(self, number: str) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status in (Status.COURT, Status.HOSPITAL)
        self.ask(leaving.come_back(self.office.desk, OFFICER, self.at, number), may, "person-back")
        if may and one:
            one.status = Status.HERE

    @rule(number=person_s)
    def is_released(self, number: str) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status not in GONE
        self.ask(leaving.release(self.office.desk, OFFICER, self.at, number), may, "person-released")
        if may and one:
            resting = (one.contact, leaving.months_later(self.at, 12)) if one.contact == "approved" else None
            self.model.people[number] = replace(
                one, cell=None, status=Status.RELEASED, pin=False, duress=False, balance=0, rested=resting,
                contact="withdrawn" if one.contact == "approved" else one.contact)

    @rule(number=person_s, site=site_s, cell=cell_s, housed=st.booleans())
    def is_recalled(self, number: str, site: str, cell: str, housed: bool) -> None:
        one, to = self.model.people.get(number), cell if housed else None
        may = one is not None and one.status is Status.RELEASED and (to is None or CELLS[to] == site)
        self.ask(leaving.recall(self.office.desk, OFFICER, self.at, number, site, to), may, "person-recalled")
        if may and one:
            if one.rested and self.at < one.rested[1] and one.contact != "stopped":
                one.contact = one.rested[0]
            one.site, one.cell, one.status, one.pin, one.rested = site, to, Status.HERE, True, None

    @rule(number=person_s)
    def dies(self, number: str) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status not in GONE
        done = self.ask(leaving.die(self.office.desk, OFFICER, self.at, number, "found"), may, "order-placed", "hold-placed",
                        "person-died")
        if may and one:
            one.status = Status.DEAD
            self.model.orders[done.order] = Reach.PERSON, number, False

    @rule(number=person_s, second=st.sampled_from((OFFICER, GOVERNOR)))
    def is_not_dead_after_all(self, number: str, second: StaffId) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status is Status.DEAD and second == GOVERNOR
        self.ask(leaving.undo_death(self.office.desk, OFFICER, self.at, number, "mistyped", second), may,
                 "hold-released", "death-undone")
        if may and one:
            one.status = Status.HERE

    @rule(number=person_s, duress=st.booleans())
    def gets_a_pin(self, number: str, duress: bool) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status not in GONE and (one.pin or not duress)
        issue, action = (pins.issue_duress_pin, "duress-pin-issued") if duress else (pins.issue_pin, "pin-issued")
        self.ask(issue(self.office.desk, OFFICER, self.at, number, "asked"), may, action)
        if may and one:
            one.pin, one.duress = True, one.duress or duress

    @rule(number=person_s)
    def loses_the_duress_pin(self, number: str) -> None:
        one = self.model.people.get(number)
        may = one is not None and one.status not in GONE and one.duress
        self.ask(pins.withdraw_duress_pin(self.office.desk, OFFICER, self.at, number, "asked"), may, "duress-pin-withdrawn")
        if may and one:
            one.duress = False

    @rule(reach=st.sampled_from(list(Reach)), number=person_s, cell=cell_s, cut=st.booleans())
    def kill(self, reach: Reach, number: str, cell: str, cut: bool) -> None:
        target = {Reach.SITE: CELLS[cell], Reach.WING: cell[0], Reach.CELL: cell, Reach.PERSON: number}[reach]
        may = reach is not Reach.PERSON or number in self.model.people
        done = self.ask(kill.place(self.office.desk, OFFICER, self.at, reach, target, "a fight", cut=cut), may, "order-placed")
        if may:
            self.model.orders[done.id] = reach, target, False

    @rule(data=st.data())
    def stop_helplines(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from([*self.model.orders, "no order"]))
        aim = self.model.orders.get(id)
        doubled = aim is not None and any(one[:2] == aim[:2] and one[2] for one in self.model.orders.values())
        may = aim is not None and aim[0] is not Reach.PERSON and not doubled
        done = self.ask(kill.stop_helplines(self.office.desk, GOVERNOR, self.at, id, "worse"), may, "order-placed")
        if may and aim:
            self.model.orders[done.id] = *aim[:2], True

    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from([*self.model.orders, "no order"]))
        aim = self.model.orders.get(id)
        gone = [id]
        if aim is not None and not aim[2]:
            alike = {other: one for other, one in self.model.orders.items() if one[:2] == aim[:2] and other != id}
            gone += list(alike) if all(one[2] for one in alike.values()) else []
        self.ask(kill.lift(self.office.desk, OFFICER, self.at, id), aim is not None, *["order-lifted"] * len(gone))
        if aim is not None:
            for order in gone:
                del self.model.orders[order]

    @rule(kind=st.sampled_from(list(ListKind)), number=st.one_of(st.none(), person_s), victim=st.booleans())
    def lists_a_number(self, kind: ListKind, number: str | None, victim: bool) -> None:
        level = ListLevel.ESTATE if number is None else ListLevel.PERSON
        if victim and kind is ListKind.ALLOW:
            return
        wanted = (kind.value, number, victim)
        may = wanted not in self.model.entries.values() and (number is None or number in self.model.people)
        done = self.ask(numbers.add(self.office.desk, OFFICER, self.at, kind, str(MUM), level, (number,) if number else (), "x",
                                    victim=victim), may, "number-listed")
        if may:
            self.model.entries[done.entries[0].id] = wanted

    @rule(data=st.data(), second=st.sampled_from(("", OFFICER, GOVERNOR)))
    def unlists_a_number(self, data: st.DataObject, second: str) -> None:
        id = data.draw(st.sampled_from([*self.model.entries, "no entry"]))
        entry = self.model.entries.get(id)
        may = entry is not None and (not entry[2] or second == GOVERNOR)
        self.ask(numbers.end(self.office.desk, OFFICER, self.at, id, "x", second), may, "number-unlisted")
        if may:
            del self.model.entries[id]

    @rule(number=st.one_of(st.none(), person_s))
    def staff_stop_calls(self, number: str | None) -> None:
        scope = StopScope.EVERYONE if number is None else StopScope.PERSON
        may = (number, "staff") not in self.model.stops.values() and (number is None or number in self.model.people)
        done = self.ask(stops.place(self.office.desk, OFFICER, self.at, str(MUM), scope, "x", number or ""), may, "stop-placed")
        if may:
            self.model.stops[done.id] = number, "staff"
            self.model.stop(number)

    @rule(number=st.one_of(st.none(), person_s), undo=st.booleans(), right=st.booleans())
    def the_number_itself_says(self, number: str | None, undo: bool, right: bool) -> None:
        """A request and its code, three a day at the most; with a wrong code nothing comes of it."""
        scope, desk = (StopScope.EVERYONE if number is None else StopScope.PERSON), self.office.desk
        self.asked = [at for at in self.asked if at > self.at - timedelta(days=1)]
        may = len(self.asked) < 3
        code = "".join(map(str, self.office.mint.peek()))
        done = self.ask(stops.request(desk, OFFICER, self.at, str(MUM), scope, "web", number or "", undo=undo), may,
                        "stop-requested")
        if not may:
            return
        self.asked.append(self.at)
        theirs = [id for id, one in self.model.stops.items() if one == (number, "request")] if undo else []
        actions = [*["stop-undone"] * len(theirs), "stop-confirmed"] if undo else ["stop-placed", "stop-confirmed"]
        said = self.ask(stops.confirm(desk, OFFICER, self.at, done.request, code if right else "x"), right, *actions)
        if right and undo:
            for id in theirs:
                del self.model.stops[id]
        elif right:
            self.model.stops[said.placed.id] = number, "request"
            self.model.stop(number)

    @rule(data=st.data(), second=st.sampled_from((OFFICER, GOVERNOR)))
    def staff_undo_a_stop(self, data: st.DataObject, second: str) -> None:
        id = data.draw(st.sampled_from([*self.model.stops, "no stop"]))
        may = id in self.model.stops and self.model.stops[id][1] == "staff" and second == GOVERNOR
        self.ask(stops.undo(self.office.desk, OFFICER, self.at, id, "x", second), may, "stop-undone", "stop-undone-by-staff")
        if may:
            del self.model.stops[id]

    @rule(phone=st.sampled_from(("m1", "m2", "f1")), cell=cell_s)
    def a_telephone_moves(self, phone: str, cell: str) -> None:
        before = self.model.phones[phone]
        may = CELLS[before] == CELLS[cell] and before != cell
        self.ask(places.move_phone(self.office.desk, OFFICER, self.at, phone, cell), may, "phone-moved")
        if may:
            self.model.phones[phone] = cell

    @rule(site=site_s, open=st.booleans())
    def closes_or_opens(self, site: str, open: bool) -> None:
        may = self.model.open[site] is not open
        self.ask(places.close_or_open(self.office.desk, GOVERNOR, self.at, site, open, "staff"), may,
                 "site-opened" if open else "site-closed")
        self.model.open[site] = open

    @invariant()
    def store_and_model_agree(self) -> None:
        if not hasattr(self, "office"):
            return
        assert self.runner.run(self.office.site.store.read(_people)) == {
            number: (one.site, one.cell, self.model.phone(one), one.status.value, one.status not in GONE, one.incentive, one.pin,
                     one.duress, one.contact, one.balance) for number, one in self.model.people.items()}
        standing = self.runner.run(kill.standing(self.office.desk, OFFICER, self.at))
        assert {one.id: (one.reach, one.target, one.helplines_too) for one in standing} == self.model.orders
        listed = self.runner.run(numbers.listed(self.office.desk, OFFICER, self.at))
        assert {one.id: (one.kind.value, one.target, one.victim) for one in listed} == self.model.entries
        stopped = self.runner.run(stops.standing(self.office.desk, OFFICER, self.at))
        assert {one.id: (one.person, one.source.value) for one in stopped} == self.model.stops
        sites = self.runner.run(self.office.desk.work.look(OFFICER, self.at, lambda changes: changes.establishments()))
        assert {one.id: one.open for one in sites} == self.model.open
        missing = {number for number, one in self.model.people.items()
                   if one.status is Status.HERE and self.model.phone(one) is None}
        found = self.runner.run(rolls.roll_check(self.office.desk, OFFICER, self.at))
        unhoused = {number for number, one in self.model.people.items() if one.status not in GONE and one.cell is None}
        assert {one.what for one in found if one.kind in ("no-telephone", "no-cell")} == missing | unhoused
        assert not [one for one in found if one.kind == "wrong-people"]

    @invariant()
    def trail_and_books_are_whole(self) -> None:
        if hasattr(self, "office"):
            assert self.runner.run(self.office.site.store.read(verify_audit)) == []
            assert self.runner.run(self.office.site.store.read(verify_books)) == []


async def _awaited(use: Awaitable[Any]) -> Any:
    return await use


def _people(conn: Connection) -> dict[str, tuple[object, ...]]:
    """Everything that the model knows, read from the tables themselves."""
    held = {row.person: row for row in conn.execute(select(pins_table))}
    mum = {row.person: row.state for row in conn.execute(select(contacts).where(contacts.c.number == str(MUM)))}
    return {row.id: (
        row.establishment, row.cell, row.phone, row.status, row.active, row.incentive, row.id in held,
        row.id in held and held[row.id].duress is not None, mum.get(row.id), read_balance(conn, PersonId(row.id)),
    ) for row in conn.execute(select(people_table))}


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=max(12, settings().max_examples // 100), stateful_step_count=25, deadline=None)
