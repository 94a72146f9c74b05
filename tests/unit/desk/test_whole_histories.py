"""Random orders of everything that staff, those outside and the telephones may do, against `whole_model`.

After each step everybody is asked about every number: the model says what they would be told, and so does `dialplans.decide` of
the facts as the store reads them.
"""
import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection

from dialplans.decide import decide
from dialplans.tariff import charge_of
from switch.core.contacts import Check
from switch.core.facts import Consent, ContactKind, ContactState, PermitKind, SignedListFacts, StopScope
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.lists import ListKind, ListLevel
from switch.core.numbers import E164
from switch.core.reasons import Why
from switch.desk import applications, kill, leaving, no_contact, numbers, parties, people, permits, places, stops
from switch.desk.asking import Refused
from switch.ports.contacts import OrderKind, RefusalReason
from switch.ports.desk import AWAY, Reach, Status
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.facts import read_facts
from switch.store.orders import PlaceStop
from switch.store.wrong_numbers import MarkWrongNumber
from tests.postgres import PostgresServer
from tests.unit.desk.office import FEN, GOVERNOR, MOOR, OFFICER, Office, make_office
from tests.unit.desk.whole_model import CELLS, Against, Approval, Known, Leave, Model, Outside
from tests.unit.dialplans.world import plan
from tests.unit.store.site import AT, ended, request

PEOPLE = ("A0001AA", "A0002AA", "A0003AA")
NUMBERS = ("+447700900321", "+441632960322", "+448081570323")
"""A mobile, a landline, and one of a class that is barred unless it is listed."""
PLAN = plan('[contact]\nmost_social = 3\nmost_official = 2\n[hours]\nevery_day = ["00:00-24:00"]\n')
person_s, number_s, cell_s = st.sampled_from(PEOPLE), st.sampled_from(NUMBERS), st.sampled_from(sorted(CELLS))
seldom_s = st.sampled_from((False, False, False, True))
second_s = st.sampled_from((OFFICER, GOVERNOR))
"""The actor himself is no second member of staff."""


class Histories(RuleBasedStateMachine):
    """Each rule asks the desk, says in the model what must come of it, and how many audit rows that is."""

    address: "Callable[[], str] | None" = None

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="whole"))
        self.office: Office = self.runner.run(make_office(self.folder, self.address() if self.address else ""))
        self.desk = replace(self.office.desk, contact=PLAN.contact, plan=PLAN)
        self.model, self.at, self.rows, self.calls = Model(), AT, self.runner.run(self.office.audited()), 0
        for number, cell in zip(PEOPLE, ("M1", "M2", "F1"), strict=True):
            self.receive(number, cell)
            self.is_paid_in(number)
            for to, kind in zip(NUMBERS[:2], (ContactKind.SOCIAL, ContactKind.OFFICIAL), strict=True):
                self.approve(self.apply(number, to, kind, "adult"))

    def teardown(self) -> None:
        if not hasattr(self, "office"):
            return
        read = self.office.site.store.read
        try:
            assert self.runner.run(read(verify_audit)) == []
            assert self.runner.run(read(verify_books)) == []
        finally:
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
            assert [action.endswith("-refused") for action in told] == [True]
        self.rows += len(told)
        return answer

    def write(self, unit: Any) -> Any:
        """What is not asked of the desk."""
        done = self.runner.run(self.office.site.store.write(unit))
        self.rows = self.runner.run(self.office.audited())
        return done

    def receive(self, number: str, cell: str) -> None:
        self.ask(people.receive(self.desk, OFFICER, self.at, people.Newcomer(number, "Somebody", CELLS[cell], cell)), True,
                 "person-received")
        self.model.people[number] = Known(CELLS[cell], cell)

    # time, money, calls

    @rule(minutes=st.sampled_from((1, 600, 1500, 60_000, 600_000)))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(who=person_s)
    def is_paid_in(self, who: str) -> None:
        if self.model.people[who].here:
            self.calls += 1
            self.runner.run(self.office.credit(who, 10, str(self.calls)))
            self.rows = self.runner.run(self.office.audited())
            self.model.people[who].balance += 10_000

    @rule(who=person_s, number=number_s)
    def rings_for_a_minute(self, who: str, number: str) -> None:
        """Where they may: it costs what it costs, and uses up leave that was for once."""
        if self.model.told(who, number, self.at) is not None:
            return
        self.calls += 1
        asked = request(f"call-{self.calls}", E164(number[1:]), PhoneId(self.model.phone(who)), self.at)
        decision = decide(PLAN, self.runner.run(self.office.site.store.read(lambda conn: self.facts(conn, who, number))),
                          asked.call, asked.dialled)
        self.runner.run(self.office.site.records.close(ended(asked, decision, PersonId(who), talked=60)))
        self.rows = self.runner.run(self.office.audited())
        by = self.model.leave_for(who, number, self.at)
        assert decision.permit == by
        if by is not None:
            self.model.leave[by] = replace(self.model.leave[by], used=True)
        else:
            self.model.people[who].balance -= charge_of(decision, 60)

    # places and people

    @rule(who=person_s, cell=cell_s, housed=seldom_s.map(lambda unhoused: not unhoused))
    def is_moved_about(self, who: str, cell: str, housed: bool) -> None:
        """To another cell, or to another establishment."""
        one, site = self.model.people[who], CELLS[cell]
        if one.site == site:
            may = one.here and one.cell != cell
            self.ask(people.move(self.desk, OFFICER, self.at, who, cell), may, "cell-moved")
            if may:
                one.cell = cell
            return
        to = cell if housed else None
        self.ask(people.transfer(self.desk, OFFICER, self.at, who, site, to), one.here, "person-transferred")
        if one.here:
            one.site, one.cell, one.status = site, to, Status.HERE

    @rule(who=person_s)
    def goes_away_or_comes_back(self, who: str) -> None:
        one = self.model.people[who]
        if one.status in AWAY:
            self.ask(leaving.come_back(self.desk, OFFICER, self.at, who), True, "person-back")
            one.status = Status.HERE
            return
        self.ask(leaving.go_away(self.desk, OFFICER, self.at, who, Status.COURT), one.here, "person-away")
        if one.here:
            one.status = Status.COURT

    @rule(who=person_s, cell=cell_s, goes=seldom_s)
    def is_released_or_recalled(self, who: str, cell: str, goes: bool) -> None:
        one, model = self.model.people[who], self.model
        if one.status is Status.RELEASED:
            self.ask(leaving.recall(self.desk, OFFICER, self.at, who, CELLS[cell], cell), True, "person-recalled")
            until, resting = model.resting.pop(who, (self.at, {}))
            for contact in model.approvals.values():
                back = resting.get((contact.number, contact.party))
                if contact.person == who and back and self.at < until and contact.state is ContactState.WITHDRAWN:
                    contact.state = back
            one.site, one.cell, one.status = CELLS[cell], cell, Status.HERE
            return
        if not goes:
            return
        may = one.here
        self.ask(leaving.release(self.desk, OFFICER, self.at, who), may, "person-released")
        if may:
            theirs = [contact for contact in model.approvals.values() if contact.person == who and contact.state in (
                ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED)]
            model.resting[who] = (leaving.months_later(self.at, 12),
                                  {(contact.number, contact.party): contact.state for contact in theirs})
            for contact in theirs:
                contact.state = ContactState.WITHDRAWN
            one.cell, one.status, one.balance = None, Status.RELEASED, 0

    @rule(who=person_s, second=second_s, dies=seldom_s)
    def dies_or_did_not(self, who: str, second: str, dies: bool) -> None:
        one = self.model.people[who]
        if one.status is Status.DEAD:
            may = second == GOVERNOR
            self.ask(leaving.undo_death(self.desk, OFFICER, self.at, who, "mistyped", GOVERNOR if may else OFFICER), may,
                     "hold-released", "death-undone")
            one.status = Status.HERE if may else one.status
            return
        if not dies:
            return
        may = one.here
        done = self.ask(leaving.die(self.desk, OFFICER, self.at, who, "found"), may, "order-placed", "hold-placed",
                        "person-died")
        if may:
            one.status = Status.DEAD
            self.model.kills[done.order] = Reach.PERSON, who

    @rule(who=person_s, at_risk=st.booleans())
    def is_flagged(self, who: str, at_risk: bool) -> None:
        one = self.model.people[who]
        may = one.status is not Status.DEAD and one.at_risk is not at_risk
        use = people.change(self.desk, OFFICER, self.at, who, flags=people.FlagChanges(at_risk=at_risk))
        self.ask(use, may, "person-changed")
        if may:
            one.at_risk = at_risk

    @rule(site=st.sampled_from((MOOR, FEN)))
    def closes_or_opens(self, site: str) -> None:
        site = min(self.model.shut, default=site)
        open_ = site in self.model.shut
        self.ask(places.close_or_open(self.desk, GOVERNOR, self.at, site, open_, "staff"), True,
                 "site-opened" if open_ else "site-closed")
        self.model.shut ^= {site}

    @rule(reach=st.sampled_from(list(Reach)), who=person_s, cell=cell_s)
    def is_switched_off(self, reach: Reach, who: str, cell: str) -> None:
        if self.model.kills:  # or soon nobody could call any more
            return
        target = {Reach.SITE: CELLS[cell], Reach.WING: cell[0], Reach.CELL: cell, Reach.PERSON: who}[reach]
        done = self.ask(kill.place(self.desk, OFFICER, self.at, reach, target, "a fight", cut=True), True, "order-placed")
        self.model.kills[done.id] = reach, target

    @rule(data=st.data())
    def is_switched_on(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from([*self.model.kills, "no-order"]))
        self.ask(kill.lift(self.desk, OFFICER, self.at, id), id in self.model.kills, "order-lifted")
        self.model.kills.pop(id, None)

    # contacts

    @rule(who=person_s, number=number_s, kind=st.sampled_from(list(ContactKind)), data=st.data())
    def applies(self, who: str, number: str, kind: ContactKind, data: st.DataObject) -> None:
        """For a grown-up, a child, somebody else in prison, or a party that is known already."""
        self.apply(who, number, kind, data.draw(st.sampled_from(["adult", "child", "prisoner", *self.model.parties])))

    def apply(self, who: str, number: str, kind: ContactKind, aim: str) -> str:
        known = self.model.parties.get(aim)
        prisoner = next(other for other in PEOPLE if other != who) if aim == "prisoner" else None
        twice = any((one.person, one.party, one.number) == (who, aim, number) for one in self.model.approvals.values())
        may = self.model.present(who) and not twice and self.model.room(who, kind)
        made = self.ask(applications.apply(self.desk, OFFICER, self.at, applications.Application(
            who, number, kind, "Nan Example", age=10 if aim == "child" else None, party=aim if known else None,
            prisoner=prisoner)), may, "contact-applied")
        if not may:
            return "nothing"
        party = self.model.parties.setdefault(made.party, Outside(child=aim == "child", prisoner=prisoner))
        party.gets(number)
        id = str(made.approvals[0].id)
        self.model.approvals[id] = Approval(who, made.party, number, kind)
        return id

    def drawn(self, data: st.DataObject, known: dict[str, Any]) -> str:
        return str(data.draw(st.sampled_from([*known, "nothing"])))

    @rule(data=st.data())
    def begins(self, data: st.DataObject) -> None:
        self.begin_checks(self.drawn(data, self.model.approvals))

    def begin_checks(self, id: str) -> None:
        model = self.model
        one = model.approvals.get(id)
        may = one is not None and model.present(one.person) and one.state is not ContactState.APPROVED and not (
            one.state is ContactState.PENDING and one.checks) and not model.stopped(one.person, one.number) and model.room(
            one.person, one.kind, id)
        self.ask(applications.begin(self.desk, OFFICER, self.at, id), may, "contact-checks-begun")
        if may and one:
            one.state = ContactState.PENDING
            one.checks |= dict.fromkeys(model.wanted(one), False)

    @rule(data=st.data(), check=st.sampled_from((Check.NUMBER, Check.PUBLIC_PROTECTION, Check.GENUINE)), second=second_s)
    def checks(self, data: st.DataObject, check: Check, second: str) -> None:
        id = self.drawn(data, self.model.approvals)
        one = self.model.approvals.get(id)
        may = one is not None and self.model.present(one.person) and check in one.open and (
            check is not Check.GENUINE or second == GOVERNOR)
        self.ask(applications.check_done(self.desk, OFFICER, self.at, id, check, second), may, "contact-check-done")
        if may and one:
            self.checked(one, check)

    def checked(self, one: Approval, check: str) -> None:
        one.checks[check] = True
        if check == "number":
            self.model.verify(one.party, one.number)

    @rule(data=st.data())
    def approves(self, data: st.DataObject) -> None:
        id = self.drawn(data, self.model.approvals)
        may = id in self.model.approvals and self.model.may_approve(id, self.at)
        self.ask(applications.approve(self.desk, OFFICER, self.at, id), may, "contact-approved")
        if may:
            self.model.approvals[id].state = ContactState.APPROVED

    @rule(data=st.data())
    def goes_all_the_way(self, data: st.DataObject) -> None:
        """Every check at once, so that much is approved."""
        id = self.drawn(data, self.model.approvals)
        if id in self.model.approvals and self.model.present(self.model.approvals[id].person):
            self.approve(id)

    def approve(self, id: str) -> None:
        model, one = self.model, self.model.approvals[id]
        self.begin_checks(id)
        for check in sorted(one.open):
            if check == "consent":
                self.says(one.party, True)
            elif check == "child-level":
                self.levels(one.party, 3, GOVERNOR)
            else:
                done = applications.check_done(self.desk, OFFICER, self.at, id, Check(check), GOVERNOR)
                self.ask(done, True, "contact-check-done")
                self.checked(one, check)
        self.ask(applications.approve(self.desk, OFFICER, self.at, id), may := model.may_approve(id, self.at), "contact-approved")
        if may:
            one.state = ContactState.APPROVED

    @rule(data=st.data(), refuse=st.booleans())
    def ends(self, data: st.DataObject, refuse: bool) -> None:
        id = self.drawn(data, self.model.approvals)
        one = self.model.approvals.get(id)
        may = one is not None and self.model.present(one.person) and one.state in (
            ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED)
        use = (applications.refuse(self.desk, OFFICER, self.at, id, RefusalReason.OTHER, "so") if refuse
               else applications.withdraw(self.desk, OFFICER, self.at, id))
        self.ask(use, may, "contact-refused" if refuse else "contact-withdrawn")
        if may and one:
            one.state = ContactState.REFUSED if refuse else ContactState.WITHDRAWN
            one.checks = dict.fromkeys(one.checks, True)

    def says(self, party: str, agrees: bool) -> None:
        known = self.model.parties.get(party)
        use = parties.record_consent(self.desk, OFFICER, self.at, party, agrees)
        self.ask(use, known is not None, "consent-recorded")
        if known:
            known.said = dict.fromkeys(known.numbers, Consent.GIVEN if agrees else Consent.DENIED)
            self.close(party, "consent")

    def levels(self, party: str, level: int, second: str) -> None:
        known = self.model.parties.get(party)
        may = known is not None and second == GOVERNOR
        self.ask(parties.set_child_level(self.desk, OFFICER, self.at, party, level, second), may, "child-level-set")
        if may and known:
            known.child, known.level = True, level
            self.close(party, "child-level")

    def close(self, party: str, check: str) -> None:
        for one in self.model.approvals.values():
            if one.party == party and check in one.checks:
                one.checks[check] = True

    @rule(data=st.data(), agrees=st.booleans())
    def consents(self, data: st.DataObject, agrees: bool) -> None:
        self.says(self.drawn(data, self.model.parties), agrees)

    @rule(data=st.data(), level=st.sampled_from((2, 3)), second=second_s)
    def gets_a_level(self, data: st.DataObject, level: int, second: str) -> None:
        self.levels(self.drawn(data, self.model.parties), level, second)

    @rule(data=st.data(), new=number_s)
    def has_another_number(self, data: st.DataObject, new: str) -> None:
        party = self.drawn(data, self.model.parties)
        known = self.model.parties.get(party)
        old = data.draw(st.sampled_from(sorted(known.numbers) if known else NUMBERS))
        if old == new:
            return
        may = known is not None and old in known.numbers and new not in known.numbers
        self.ask(parties.change_number(self.desk, OFFICER, self.at, party, old, new), may, "party-number-changed")
        if not may or known is None:
            return
        known.gets(new)
        known.asked_again.add(new)
        known.verified.discard(new)
        known.numbers.discard(old)
        known.said.pop(old, None)
        for one in self.model.approvals.values():
            if (one.party, one.number) == (party, old):
                one.number = new
                if self.model.stopped(one.person, new) and one.state is not ContactState.REFUSED:
                    one.state = ContactState.STOPPED
                if one.state in (ContactState.APPROVED, ContactState.PENDING):
                    one.checks |= {"number": False, "consent": False}

    @rule(number=number_s)
    def was_the_wrong_number(self, number: str) -> None:
        """As somebody there told staff."""
        self.ask(parties.wrong_number(self.desk, OFFICER, self.at, number), True, "wrong-number-marked")
        self.model.mark_wrong(number)

    @rule(who=person_s, other=person_s, site=st.sampled_from((MOOR, FEN)), agrees=st.booleans())
    def prisons_agree(self, who: str, other: str, site: str, agrees: bool) -> None:
        if who == other:
            return
        word = (who, other, site)
        may = site in (self.model.people[who].site, self.model.people[other].site) and (word in self.model.agreed) is not agrees
        self.ask(parties.agree_between(self.desk, OFFICER, self.at, who, other, site, agrees), may,
                 "prison-agreed" if agrees else "prison-disagreed")
        if may:
            self.model.agreed ^= {word}

    # orders, leave, lists, stops

    @rule(data=st.data(), who=person_s, number=number_s, other=person_s, later=st.booleans(), ends=st.booleans(),
          exception=st.one_of(st.none(), number_s))
    def is_kept_from(self, data: st.DataObject, who: str, number: str, other: str, later: bool, ends: bool,
                     exception: str | None) -> None:
        what, whom = data.draw(st.sampled_from((("number", number), ("other", other), ("party", ""))))
        whom = self.drawn(data, self.model.parties) if what == "party" else whom
        if what == "other" and whom == who:
            return
        start = self.at + timedelta(days=1) if later else self.at
        until = start + timedelta(days=1) if ends else None
        may = what != "party" or whom in self.model.parties
        wanted = no_contact.Wanted(who, OrderKind.WITNESS, "Invented Crown Court", start=start if later else None, until=until,
                                   exceptions=(exception,) if exception else (), **{what: whom})
        done = self.ask(no_contact.place(self.desk, OFFICER, self.at, wanted), may, "no-contact-placed")
        if may:
            self.model.against[done.id] = Against(who, (what, whom), start, until, exception)

    @rule(data=st.data(), second=second_s)
    def is_kept_no_longer(self, data: st.DataObject, second: str) -> None:
        id = self.drawn(data, self.model.against)
        may = id in self.model.against and second == GOVERNOR
        self.ask(no_contact.lift(self.desk, OFFICER, self.at, id, second, "varied"), may, "no-contact-lifted")
        if may:
            del self.model.against[id]

    @rule(who=person_s, number=number_s, kind=st.sampled_from((PermitKind.HOSPITAL, PermitKind.FIRST_CALL, PermitKind.EMERGENCY)),
          once=st.booleans())
    def is_given_leave(self, who: str, number: str, kind: PermitKind, once: bool) -> None:
        model, one = self.model, self.model.people[who]
        may, actions, hours = model.present(who), ["permit-given"], 24
        if kind is PermitKind.FIRST_CALL:
            may &= not any(leave.person == who and leave.kind is kind and self.at < leave.until for leave in model.leave.values())
            use, once = permits.give_first_call(self.desk, OFFICER, self.at, who, number), True
        elif kind is PermitKind.EMERGENCY:
            may &= one.at_risk and any((contact.person, contact.number, contact.state) == (who, number, ContactState.APPROVED)
                                       for contact in model.approvals.values())
            use, once, hours = permits.grant_emergency_call(self.desk, OFFICER, self.at, who, number, "so"), True, 2
            actions.append("emergency-call-granted")
        else:
            until = self.at + timedelta(hours=hours)
            use = permits.give_permit(self.desk, OFFICER, self.at, who, number, kind, self.at, until, GOVERNOR, once=once)
        done = self.ask(use, may, *actions)
        if may:
            model.leave[done.id] = Leave(who, number, kind, self.at, self.at + timedelta(hours=hours), once)

    @rule(data=st.data())
    def loses_leave(self, data: st.DataObject) -> None:
        id = self.drawn(data, self.model.leave)
        self.ask(permits.withdraw_permit(self.desk, OFFICER, self.at, id), id in self.model.leave, "permit-withdrawn")
        self.model.leave.pop(id, None)

    @rule(number=number_s, kind=st.sampled_from(list(ListKind)), who=st.one_of(st.none(), person_s), victim=st.booleans())
    def is_listed(self, number: str, kind: ListKind, who: str | None, victim: bool) -> None:
        entry = (number, kind.value, who, victim and kind is ListKind.BAR)
        may = entry not in self.model.entries.values()
        done = self.ask(numbers.add(
            self.desk, OFFICER, self.at, kind, number, ListLevel.PERSON if who else ListLevel.ESTATE, (who,) if who else (), "x",
            victim=entry[3]), may, "number-listed")
        if may:
            self.model.entries[done.entries[0].id] = entry

    @rule(data=st.data(), second=second_s)
    def is_unlisted(self, data: st.DataObject, second: str) -> None:
        id = self.drawn(data, self.model.entries)
        may = id in self.model.entries and (not self.model.entries[id][3] or second == GOVERNOR)
        self.ask(numbers.end(self.desk, OFFICER, self.at, id, "x", second), may, "number-unlisted")
        if may:
            del self.model.entries[id]

    @rule(number=number_s, who=st.one_of(st.none(), person_s), second=second_s)
    def staff_stop(self, number: str, who: str | None, second: str) -> None:
        theirs = any(one.number == number and one.kind is not ContactKind.SOCIAL for one in self.model.approvals.values())
        may = (number, who, "staff") not in self.model.stops.values() and (not theirs or second == GOVERNOR)
        scope = StopScope.PERSON if who else StopScope.EVERYONE
        done = self.ask(stops.place(self.desk, OFFICER, self.at, number, scope, "x", who or "", second), may, "stop-placed")
        if may:
            self.model.stops[done.id] = number, who, "staff"
            self.model.stop(number, who)

    @rule(number=number_s, who=person_s)
    def the_one_called_stops(self, number: str, who: str) -> None:
        """Key 9."""
        self.calls += 1
        id = f"stop-{self.calls}"
        self.write(PlaceStop(id, number, StopScope.PERSON, who, "call:1", self.at))
        self.model.stops[id] = number, who, "call"
        self.model.stop(number, who)

    @rule(data=st.data(), second=second_s)
    def staff_undo(self, data: st.DataObject, second: str) -> None:
        id = self.drawn(data, self.model.stops)
        may = id in self.model.stops and self.model.stops[id][2] == "staff" and second == GOVERNOR
        self.ask(stops.undo(self.desk, OFFICER, self.at, id, "x", second), may, "stop-undone", "stop-undone-by-staff")
        if may:
            del self.model.stops[id]

    @rule(number=number_s, who=person_s)
    def the_one_called_says_wrong_number(self, number: str, who: str) -> None:
        """Key 7."""
        self.calls += 1
        self.write(MarkWrongNumber(f"call-{self.calls}", number, who, "call:1", self.at))
        self.model.mark_wrong(number)

    @rule(number=number_s)
    def is_verified(self, number: str) -> None:
        may = number in self.model.wrong
        self.ask(numbers.verify(self.desk, OFFICER, self.at, number, "rang it"), may, "number-verified")
        if not may:
            return
        for one in self.model.approvals.values():
            if one.number == number and "number" in one.checks:
                one.checks["number"] = True
        for id, party in self.model.parties.items():
            if number in party.numbers:
                self.model.verify(id, number)
        self.model.wrong.discard(number)

    # what a call would be told

    def facts(self, conn: Connection, who: str, number: str) -> Any:
        asked = request("asked", E164(number[1:]), PhoneId(self.model.phone(who)), self.at)
        return replace(read_facts(conn, asked, PersonId(who)), listed=SignedListFacts(7, problem=""))

    @invariant()
    def everybody_is_told_what_the_model_says(self) -> None:
        if not hasattr(self, "office") or len(self.model.people) < len(PEOPLE):
            return
        pairs = [(who, number) for who in PEOPLE for number in NUMBERS]
        known = self.runner.run(self.office.site.store.read(lambda conn: [self.facts(conn, *pair) for pair in pairs]))
        told: dict[tuple[str, str], Why | None] = {}
        for pair, facts in zip(pairs, known, strict=True):
            decision = decide(PLAN, facts, CallId("asked"), request("asked", E164(pair[1][1:])).dialled)
            refusal = next((finding for finding in decision.findings if not finding.allowed), None)
            told[pair] = None if refusal is None else refusal.why
        assert told == {pair: self.model.told(*pair, self.at) for pair in pairs}
        assert [facts.person.balance for facts in known[:: len(NUMBERS)]] == [
            self.model.people[who].balance for who in PEOPLE]

    @invariant()
    def checks_are_open_as_the_model_has_them(self) -> None:
        if not hasattr(self, "office"):
            return
        tasks = self.runner.run(self.desk.work.look(OFFICER, self.at, lambda changes: changes.tasks()))
        assert {(task.about["approval"], task.kind) for task in tasks if task.kind.startswith("check-")} == {
            (id, f"check-{check}") for id, one in self.model.approvals.items() for check in one.open}

    @invariant()
    def contacts_are_as_the_model_has_them(self) -> None:
        if not hasattr(self, "office"):
            return
        found = self.runner.run(self.desk.work.look(OFFICER, self.at, lambda changes: [
            one for who in PEOPLE for one in changes.approvals(person=PersonId(who))]))
        assert {one.id: (one.number, one.state) for one in found} == {
            id: (one.number, one.state) for id, one in self.model.approvals.items()}


async def _awaited(use: Awaitable[Any]) -> Any:
    return await use


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=max(8, settings().max_examples // 100), stateful_step_count=30, deadline=None)


def test_on_postgres(postgres: PostgresServer) -> None:
    class OnPostgres(Histories):
        address = staticmethod(postgres.fresh)

    run_state_machine_as_test(OnPostgres, settings=settings(  # type: ignore[no-untyped-call]  # hypothesis has no types here
        max_examples=max(2, settings().max_examples // 500), stateful_step_count=20, deadline=None))
