"""What a whole desk comes to, in plain Python: who is where, whom they may ring, what a call is told. No SQL, none of our rules.

Written from docs/desk.md and docs/plans.md. `Model.told` is the whole point: the reason that somebody hears, or None for a call.
"""
from dataclasses import dataclass, field
from datetime import datetime

from switch.core.facts import Consent, ContactKind, ContactState, PermitKind
from switch.core.reasons import Why
from switch.ports.desk import GONE, Reach, Status
from tests.unit.desk.office import FEN, MOOR

CELLS = {"M1": MOOR, "M2": MOOR, "M3": MOOR, "F1": FEN}
PHONES = {"M1": "m1", "M2": "m2", "F1": "f1"}
"""M3 has none."""
MOST = {ContactKind.SOCIAL: 3, ContactKind.OFFICIAL: 2, ContactKind.PRIVILEGED: 2}
"""Of one kind at most; official and privileged together."""
CHECKS = {ContactKind.SOCIAL: ("number", "consent", "public-protection", "child-level"),
          ContactKind.OFFICIAL: ("number", "genuine"), ContactKind.PRIVILEGED: ("genuine",)}
LIVE = (ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED)


@dataclass
class Known:
    """Somebody in prison."""

    site: str
    cell: str | None
    status: Status = Status.HERE
    at_risk: bool = False
    balance: int = 0

    @property
    def here(self) -> bool:
        """Or away for a while."""
        return self.status not in GONE

    @property
    def phone(self) -> str | None:
        return PHONES.get(self.cell or "") if self.status is Status.HERE else None


@dataclass
class Outside:
    """A party: the numbers that it has, what it said at each, and which are to be verified."""

    child: bool = False
    level: int | None = None
    prisoner: str | None = None
    numbers: set[str] = field(default_factory=set)
    said: dict[str, Consent] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    asked_again: set[str] = field(default_factory=set)

    def consent(self, number: str) -> Consent:
        return self.said.get(number, Consent.NOT_ASKED)

    def gets(self, number: str) -> None:
        """Who said no at one number said it of one that comes later."""
        if number not in self.numbers:
            self.numbers.add(number)
            if Consent.DENIED in self.said.values():
                self.said[number] = Consent.DENIED


@dataclass
class Approval:
    person: str
    party: str
    number: str
    kind: ContactKind
    state: ContactState = ContactState.RECEIVED
    checks: dict[str, bool] = field(default_factory=dict)
    """Every check that was ever a task: whether all of them are done."""

    @property
    def open(self) -> set[str]:
        return {check for check, done in self.checks.items() if not done}


@dataclass(frozen=True)
class Leave:
    """A permit that was not withdrawn."""

    person: str
    number: str
    kind: PermitKind
    since: datetime
    until: datetime
    once: bool
    used: bool = False


@dataclass(frozen=True)
class Against:
    """An order against contact: a party, a number or a person in prison, one of the three."""

    person: str
    aim: tuple[str, str]
    start: datetime
    until: datetime | None
    exception: str | None


@dataclass
class Model:
    people: dict[str, Known] = field(default_factory=dict)
    parties: dict[str, Outside] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    resting: dict[str, tuple[datetime, dict[tuple[str, str], ContactState]]] = field(default_factory=dict)
    """By person: until when, and what each number of each party is given back as."""
    against: dict[str, Against] = field(default_factory=dict)
    agreed: set[tuple[str, str, str]] = field(default_factory=set)
    """Person, whom they may ring, which establishment says so."""
    leave: dict[str, Leave] = field(default_factory=dict)
    kills: dict[str, tuple[Reach, str]] = field(default_factory=dict)
    entries: dict[str, tuple[str, str, str | None, bool]] = field(default_factory=dict)
    """Number, allow or bar, person (None: everybody), victim's."""
    stops: dict[str, tuple[str, str | None, str]] = field(default_factory=dict)
    """Number, person (None: every prison), who placed it."""
    wrong: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)

    def present(self, person: str) -> bool:
        return person in self.people and self.people[person].here

    def stopped(self, person: str, number: str) -> bool:
        return any(one[0] == number and one[1] in (None, person) for one in self.stops.values())

    def stop(self, number: str, person: str | None) -> None:
        """Whatever their state, contacts that a stop is about are stopped."""
        for one in self.approvals.values():
            if one.number == number and person in (None, one.person):
                one.state = ContactState.STOPPED

    def mark_wrong(self, number: str) -> None:
        """One mark on the number, until each party that has it is verified; no approval changes its state by it."""
        self.wrong.add(number)
        for one in self.approvals.values():
            if one.number == number and one.state in (ContactState.PENDING, ContactState.APPROVED) and (
                    number not in self.parties[one.party].asked_again):
                one.checks["number"] = False
        for party in self.parties.values():
            if number in party.numbers:
                party.verified.discard(number)
                party.asked_again.add(number)

    def verify(self, party: str, number: str) -> None:
        self.parties[party].verified.add(number)
        self.parties[party].asked_again.discard(number)
        if all(number in one.verified for one in self.parties.values() if number in one.numbers):
            self.wrong.discard(number)

    def room(self, person: str, kind: ContactKind, but: str = "") -> bool:
        social = kind is ContactKind.SOCIAL
        return sum(one.person == person and one.state in LIVE and (one.kind is ContactKind.SOCIAL) is social
                   for id, one in self.approvals.items() if id != but) < MOST[kind]

    def wanted(self, one: Approval) -> set[str]:
        return {check for check in CHECKS[one.kind] if check != "child-level" or self.parties[one.party].child}

    def binding(self, at: datetime) -> list[Against]:
        return [one for one in self.against.values() if one.start <= at and (one.until is None or at < one.until)]

    def reached(self, person: str, number: str, at: datetime) -> bool:
        """By an order against contact: one about a party reaches all its numbers, one between two in prison binds both."""
        there = [id for id, one in self.parties.items() if number in one.numbers]
        inside = {self.parties[id].prisoner for id in there}
        aims = {("number", number), *(("party", id) for id in there), *(("other", id) for id in inside)}
        for one in self.binding(at):
            mine = one.person == person and one.aim in aims
            theirs = one.aim == ("other", person) and one.person in inside
            if (mine or theirs) and one.exception != number:
                return True
        return False

    def may_approve(self, id: str, at: datetime) -> bool:
        one = self.approvals[id]
        party = self.parties[one.party]
        wanted = self.wanted(one)
        return (
            self.present(one.person) and one.state is ContactState.PENDING and all(one.checks.get(check) for check in wanted)
            and ("consent" not in wanted or party.consent(one.number) is Consent.GIVEN)
            and ("child-level" not in wanted or party.level is not None)
            and not self.stopped(one.person, one.number)
            and not any(order.person == one.person and order.exception != one.number and order.aim in (
                ("party", one.party), ("number", one.number), ("other", party.prisoner))
                for order in self.against.values() if order.until is None or at < order.until)
        )

    def phone(self, person: str) -> str:
        """Where they call from: the telephone of their cell, else one that is not theirs."""
        one = self.people.get(person)
        return "m1" if one is None or one.phone is None else one.phone

    def told(self, person: str, number: str, at: datetime) -> Why | None:
        """The first thing in the way, in the order of docs/plans.md."""
        one, phone = self.people.get(person), self.phone(person)
        cell = next(name for name, id in PHONES.items() if id == phone)
        site, leave = CELLS[cell], self.leave_for(person, number, at)
        if one is None:
            return Why.UNKNOWN_PERSON
        if not one.here:
            return Why.ACCOUNT_CLOSED
        if one.phone is None:
            return Why.NOT_YOUR_PHONE
        here = {(Reach.SITE, site), (Reach.WING, cell[0]), (Reach.CELL, cell), (Reach.PERSON, person)}
        if here & set(self.kills.values()):
            return Why.ORDERS
        if site in self.shut:
            return Why.SITE_CLOSED
        lists = [(kind, victim) for listed, kind, who, victim in self.entries.values()
                 if listed == number and who in (None, person)]
        if ("bar", False) in lists:
            return Why.BARRED
        free = number.startswith("+44808")
        if free and ("allow", False) not in lists:
            return Why.NUMBER_CLASS
        return self._of_contact(person, number, at, leave, ("bar", True) in lists) or (
            None if leave else Why.NUMBER_CLASS if free else None if one.balance else Why.NO_CREDIT)

    def leave_for(self, person: str, number: str, at: datetime) -> str | None:
        """The leave by which a call is made: of several the one that ends first."""
        held = [(one.until, id) for id, one in self.leave.items() if (one.person, one.number) == (person, number)
                and one.since <= at < one.until and not (one.once and one.used)]
        return min(held)[1] if held else None

    def _of_contact(self, person: str, number: str, at: datetime, leave: str | None, victim: bool) -> Why | None:
        theirs = [one for one in self.approvals.values() if (one.person, one.number) == (person, number)]
        rows = [one for one in theirs if one.state is not ContactState.WITHDRAWN] or theirs
        states = {one.state for one in rows}
        told = [one for one in rows if one.state is ContactState.APPROVED] or rows
        stopped_all = (number, None) in {one[:2] for one in self.stops.values()}
        over = any((one.person, one.number) == (person, number) and ((one.used and one.once) or one.until <= at)
                   for one in self.leave.values())
        if ContactState.STOPPED in states:
            return Why.STOPPED_ALL if stopped_all else Why.STOPPED_PERSON
        refused = ContactState.REFUSED in states and not states & set(LIVE)
        if ContactState.APPROVED not in states and (refused or not leave):
            if over and not leave and not refused:
                return Why.PERMIT_OVER
            if not states or states == {ContactState.WITHDRAWN}:
                return Why.UNAPPROVED
            return Why.CONTACT_REFUSED if refused else Why.CONTACT_PENDING
        if victim:
            return Why.UNAPPROVED
        kinds = {one.kind for one in told}
        if kinds == {ContactKind.PRIVILEGED} and ContactState.APPROVED not in states:
            return Why.CONTACT_PENDING
        if stopped_all:
            return Why.STOPPED_ALL
        if (number, person) in {one[:2] for one in self.stops.values()}:
            return Why.STOPPED_PERSON
        sure = any(one.state is ContactState.APPROVED and number in self.parties[one.party].verified for one in theirs)
        if number in self.wrong and not sure:
            return Why.UNVERIFIED
        if self.reached(person, number, at):
            return Why.NO_CONTACT
        return self._of_parties(person, number, told, leave)

    def _of_parties(self, person: str, number: str, told: list[Approval], leave: str | None) -> Why | None:
        """Several approvals of one number are one, by what is least allowed."""
        whose = [self.parties[one.party] for one in told]
        said, social = {party.consent(number) for party in whose}, any(one.kind is ContactKind.SOCIAL for one in told)
        if Consent.DENIED in said or (social and not leave and Consent.GIVEN not in said):
            return Why.NO_CONSENT
        if any(party.child and (party.level is None or party.level < 3) for party in whose):
            return Why.CHILD_CONTACT
        for prisoner in {party.prisoner for party in whose} - {None}:
            sites = {self.people[person].site, self.people[str(prisoner)].site}
            if not all((person, prisoner, site) in self.agreed for site in sites):
                return Why.BETWEEN_PRISONS
        return None

