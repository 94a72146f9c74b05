"""Random orders of what staff, the person and those outside may do with one application, against a model of its states."""
import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from switch.core.contacts import Check
from switch.core.facts import ContactKind, StopScope
from switch.core.ids import PhoneId
from switch.core.numbers import E164
from switch.desk import applications, no_contact, parties
from switch.desk.asking import Refused
from switch.ports.contacts import OrderKind, RefusalReason
from switch.store.facts import read_facts
from switch.store.orders import PlaceStop, UndoStop
from tests.unit.desk.office import ANN, OFFICER, Office, good, make_office
from tests.unit.store.site import AT, request

NUMBERS = (E164("447700900321"), E164("447700900322"))
ALL = {"check-number", "check-consent", "check-public-protection"}


class Histories(RuleBasedStateMachine):
    """One social application of one person; the estate asks three checks of it."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="contacts"))
        self.office: Office = self.runner.run(make_office(self.folder))
        self.runner.run(self.office.receive())
        self.desk = self.office.desk
        made = good(self.runner.run(applications.apply(self.desk, OFFICER, AT, applications.Application(
            ANN, str(NUMBERS[0]), ContactKind.SOCIAL, "Nan Example"))))
        self.party, self.id = made.party, made.approvals[0].id
        self.state, self.consent, self.number = "received", "not-asked", 0
        self.open: set[str] = set()
        self.checked = False
        self.wrong: set[int] = set()
        self.order: str | None = None
        self.stop: str | None = None
        self.stopped_number, self.stops = 0, 0

    def teardown(self) -> None:
        if hasattr(self, "office"):
            assert self.runner.run(self.office.whole())
            self.runner.run(self.office.site.close())
            self.office.mint.hasher.close()
            self.runner.close()
            shutil.rmtree(self.folder)

    def ask(self, use: Any, may: bool) -> Any:
        answer = self.runner.run(use)
        assert isinstance(answer, Refused) is not may, answer
        return answer

    @property
    def stopped(self) -> bool:
        return self.stop is not None and self.stopped_number == self.number

    @rule()
    def begin_checks(self) -> None:
        may = self.state != "approved" and not (self.state == "pending" and self.checked) and not self.stopped
        self.ask(applications.begin(self.desk, OFFICER, AT, self.id), may)
        if may:
            self.state, self.open, self.checked = "pending", set(ALL), True

    @rule(check=st.sampled_from((Check.NUMBER, Check.PUBLIC_PROTECTION, Check.GENUINE)))
    def check(self, check: Check) -> None:
        may = f"check-{check}" in self.open
        self.ask(applications.check_done(self.desk, OFFICER, AT, self.id, check, "governor"), may)
        self.open.discard(f"check-{check}")
        if may and check is Check.NUMBER:
            self.wrong.discard(self.number)

    @rule(agrees=st.booleans())
    def say(self, agrees: bool) -> None:
        self.ask(parties.record_consent(self.desk, OFFICER, AT, self.party, agrees), True)
        self.consent = "given" if agrees else "denied"
        self.open.discard("check-consent")

    @rule()
    def approve(self) -> None:
        may = (self.state == "pending" and self.checked and not self.open and self.consent == "given" and not self.stopped
               and self.order is None)
        self.ask(applications.approve(self.desk, OFFICER, AT, self.id), may)
        if may:
            self.state = "approved"

    @rule(refuse=st.booleans())
    def end(self, refuse: bool) -> None:
        may = self.state in ("received", "pending", "approved")
        use = (applications.refuse(self.desk, OFFICER, AT, self.id, RefusalReason.OTHER, "so") if refuse
               else applications.withdraw(self.desk, OFFICER, AT, self.id))
        self.ask(use, may)
        if may:
            self.state, self.open = "refused" if refuse else "withdrawn", set()

    @rule()
    def wrong_number(self) -> None:
        self.ask(parties.wrong_number(self.desk, OFFICER, AT, str(NUMBERS[self.number])), True)
        self.wrong.add(self.number)
        if self.state in ("approved", "pending"):
            self.open.add("check-number")

    @rule()
    def change_number(self) -> None:
        to = 1 - self.number
        self.ask(parties.change_number(self.desk, OFFICER, AT, self.party, str(NUMBERS[self.number]), str(NUMBERS[to])), True)
        self.number, self.consent = to, "denied" if self.consent == "denied" else "not-asked"
        if self.stopped and self.state != "refused":
            self.state = "stopped"
        if self.state in ("approved", "pending"):
            self.open |= {"check-number", "check-consent"}
            self.checked = True

    @rule()
    def place_stop_or_undo(self) -> None:
        if self.stop is None:
            self.stops += 1
            self.stop, self.stopped_number = f"s{self.stops}", self.number
            number = str(NUMBERS[self.number])
            self.runner.run(self.office.site.store.write(PlaceStop(self.stop, number, StopScope.PERSON, ANN, "called", AT)))
            self.state = "stopped"
        else:
            self.runner.run(self.office.site.store.write(UndoStop(self.stop, "called", AT)))
            self.stop = None

    @rule()
    def order_or_lift(self) -> None:
        if self.order is None:
            wanted = no_contact.Wanted(ANN, OrderKind.LICENCE, "Parole Board", party=self.party)
            self.order = self.ask(no_contact.place(self.desk, OFFICER, AT, wanted), True).id
        else:
            self.ask(no_contact.lift(self.desk, OFFICER, AT, self.order, "governor", "varied"), True)
            self.order = None

    @invariant()
    def the_read_of_a_call_says_the_same(self) -> None:
        if not hasattr(self, "office"):
            return
        for index, number in enumerate(NUMBERS):
            facts = self.runner.run(self.office.site.store.read(
                lambda conn, number=number: read_facts(conn, request("c", number, PhoneId("m1")), ANN)))
            assert facts.wrong_number is (index in self.wrong)
            if index == self.number:
                assert facts.contact is not None
                assert (facts.contact.state, facts.contact.consent) == (self.state, self.consent)
                assert [order.id for order in facts.no_contact] == [self.order] * (self.order is not None)
            else:
                assert facts.contact is None
                assert facts.no_contact == ()
        tasks = self.runner.run(self.office.desk.work.look(OFFICER, AT, lambda changes: changes.tasks()))
        assert {task.kind for task in tasks if task.kind.startswith("check-")} == self.open


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=max(12, settings().max_examples // 100), stateful_step_count=25, deadline=None)
