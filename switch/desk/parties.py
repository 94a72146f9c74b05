"""Whom people in prison ring, beside any one application: consent, a child's level, numbers that change or fail."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switch.call.placed import PlacedKind
from switch.core.contacts import CHILD_LEVELS, Check
from switch.core.facts import Consent, ContactKind, ContactState
from switch.core.ids import PersonId, StaffId
from switch.desk.applications import about, close_tasks, deny_too, no_plan, two
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    find,
    prison_number,
    refused,
    telephone,
    to_ring,
)
from switch.desk.leaving import months_later
from switch.desk.placed import raise_call
from switch.ports.consents import ConsentHow, ConsentSaid
from switch.ports.contacts import Approval, Party, PartyNumber
from switch.ports.desk import Changes, Task

VERIFY_WITHIN = timedelta(days=7)
A_TIME = 10
"""Numbers due that are written in one transaction: calls wait for the writer no longer than that takes."""
HOW_TO_CHALLENGE = {
    ContactState.RECEIVED: "Staff have not begun the checks yet. Ask a member of staff when they will.",
    ContactState.PENDING: "The checks are not finished. Ask a member of staff what is missing.",
    ContactState.APPROVED: "",
    ContactState.REFUSED: "Ask a member of staff for the reason and for another look; you may then make a complaint.",
    ContactState.WITHDRAWN: "It can be asked for again.",
    ContactState.STOPPED: "Somebody there asked for no more calls. Only they can undo that.",
}

WRONG_NUMBER, VERIFY_FIRST = "wrong-number", "Whoever answered said that it is the wrong number. Ask staff to verify it."
"""Reason and advice for an approved contact whose number waits to be verified."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One contact as the person may hear it: no order and no check of staff is named."""

    approval: str
    party: str
    name: str
    number: str
    kind: ContactKind
    state: ContactState
    reason: str | None
    consent: Consent
    challenge: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A party has another number; `approvals` moved with it."""

    party: Party
    approvals: tuple[Approval, ...]


async def standing(desk: Desk, actor: StaffId, at: datetime, person: str) -> list[Standing] | Refused:
    """Everybody whom a person may ring, or asked to, with the state, the reason and how to challenge it."""
    number = prison_number(person)
    if number is None:
        return Refused((bad_number(person),))

    def look(changes: Changes) -> list[Standing] | Refused:
        known = find(changes, number)
        return known if isinstance(known, Refused) else contacts_of(changes, number)

    return await desk.work.look(actor, at, look)


def contacts_of(changes: Changes, person: PersonId) -> list[Standing]:
    shown = []
    for one in changes.approvals(person=person):
        party = changes.party(one.party)
        assert party is not None  # a foreign key
        said = changes.consent(one.party, one.number)
        waits = one.state is ContactState.APPROVED and changes.answered_wrong(person, one.number)
        consent = Consent.NOT_ASKED if said is None else said.consent
        reason, advice = (WRONG_NUMBER, VERIFY_FIRST) if waits else (one.reason, HOW_TO_CHALLENGE[one.state])
        shown.append(Standing(one.id, one.party, party.name, one.number, one.kind, one.state, reason, consent, advice))
    return shown


async def record_consent(desk: Desk, actor: StaffId, at: datetime, party: str, agrees: bool, number: str = ""
                         ) -> tuple[ConsentSaid, ...] | Refused:
    """A party told staff that they agree to be rung, or do not: at one number, or at every one that they have, as a no always is.
    The check of every application that waits for it is done. What is said by key or text is kept by itself."""
    wanted = telephone(number) if number else None
    if isinstance(wanted, Problem):
        return Refused((wanted,))

    def work(changes: Changes) -> tuple[ConsentSaid, ...] | Refused:
        known = _known(changes, party)
        if isinstance(known, Refused):
            return known
        have = [one.number for one in changes.party_numbers(party)]
        if wanted is not None and wanted not in have:
            return refused("unknown-number", f"{party} does not have this number")
        answer = Consent.GIVEN if agrees else Consent.DENIED
        said = tuple(ConsentSaid(desk.mint.id(), party, one, answer, ConsentHow.STAFF, at, actor)
                     for one in have if not agrees or wanted in (None, one))
        for one in said:
            changes.say_consent(one)
        numbers = {one.number for one in said}
        closed = sum(close_tasks(changes, one, (f"check-{Check.CONSENT}",)) for one in changes.approvals(party=party)
                     if one.number in numbers)
        changes.audit("consent-recorded", {"party": party}, {"consent": answer, "numbers": len(said), "checks": closed})
        return said

    return await attempt(desk, actor, at, "consent-recorded", {"party": party}, work)


async def set_child_level(desk: Desk, actor: StaffId, at: datetime, party: str, level: int, second: str) -> Party | Refused:
    """The level of contact with a child, on the word of two members of staff; with it the party is known as a child."""
    if level not in CHILD_LEVELS:
        return refused("bad-level", f"{level} is no level of contact: 1 to 4")

    def work(changes: Changes) -> Party | Refused:
        known = _known(changes, party)
        if isinstance(known, Refused):
            return known
        if not two(actor, second):
            return refused("second-name", "two members of staff set a level: name another one")
        child = replace(known, child=True, child_level=level, child_level_names=(actor.strip(), second.strip()))
        changes.set_party(child)
        for one in changes.approvals(party=party):
            close_tasks(changes, one, (f"check-{Check.CHILD_LEVEL}",))
        changes.audit("child-level-set", {"party": party}, {"level": level, "second": second.strip()})
        return child

    return await attempt(desk, actor, at, "child-level-set", {"party": party}, work)


async def change_number(desk: Desk, actor: StaffId, at: datetime, party: str, old: str, new: str) -> Changed | Refused:
    """A party has another number: approvals go with it and so does a no, consent does not; orders against contact
    follow by themselves."""
    was, now = telephone(old), to_ring(new)
    for number in (was, now):
        if isinstance(number, Problem):
            return Refused((number,))
    if was == str(now):
        return refused("as-it-is", "that is the number already")

    def work(changes: Changes) -> Changed | Refused:
        known = _known(changes, party)
        if isinstance(known, Refused):
            return known
        numbers = {one.number: one for one in changes.party_numbers(party)}
        if str(was) not in numbers:
            return refused("unknown-number", f"{party} does not have the old number")
        if str(now) in numbers:
            return refused("taken", f"{party} has the new number too: withdraw what speaks of the old one")
        changes.put_number(replace(numbers[str(was)], until=at))
        changes.put_number(PartyNumber(party, str(now), at, asked_again_at=at))
        deny_too(desk, changes, party, str(now))
        changes.end_consent(party, str(was))
        moved = [_move(desk, changes, one, str(now)) for one in changes.approvals(party=party) if one.number == str(was)]
        changes.audit("party-number-changed", {"party": party}, {"approvals": len(moved)})
        return Changed(known, tuple(moved))

    return await attempt(desk, actor, at, "party-number-changed", {"party": party}, work)


async def wrong_number(desk: Desk, actor: StaffId, at: datetime, number: str) -> int | Refused:
    """Somebody there told staff that it is the wrong number, as key 7 does on a call: the plan may refuse it until it was
    verified. How many approvals wait for that."""
    wanted = telephone(number)
    if isinstance(wanted, Problem):
        return Refused((wanted,))
    return await attempt(desk, actor, at, "wrong-number-marked", {}, lambda changes: changes.mark_wrong(desk.mint.id(), wanted))


async def due_for_verification(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None
                               ) -> tuple[Approval, ...] | Refused:
    """Approved numbers that answered nothing for as long as the plan says become tasks, each once. They may be rung meanwhile;
    the switch rings private ones itself to ask. Of everybody, or of an establishment's own. In small transactions: what was done
    stays done where a later one fails."""
    if desk.contact is None:
        return no_plan()
    since = months_later(at, -desk.contact.verify_months.value)
    subject = {"establishment": establishment} if establishment else {}
    found = await desk.work.look(actor, at, lambda changes: tuple(changes.unanswered(since, establishment)))
    asked: list[Approval] = []
    for start in range(0, len(found), A_TIME):
        some = found[start : start + A_TIME]

        def work(changes: Changes, some: Sequence[Approval] = some) -> tuple[Approval, ...] | Refused:
            still = tuple(one for one in some if changes.approval(one.id) == one)
            for one in still:
                _ask_again(desk, changes, one)
            calls = [raise_call(desk, changes, PlacedKind.VERIFY, one.person, one.number) for one in still]
            changes.audit("numbers-due", subject, {"approvals": len(still), "calls": len(calls) - calls.count(None)})
            return still

        done = await attempt(desk, actor, at, "numbers-due", subject, work)
        if isinstance(done, Refused):
            return done
        asked += done
    return tuple(asked)


async def agree_between(desk: Desk, actor: StaffId, at: datetime, person: str, other: str, establishment: str, agrees: bool = True
                        ) -> int | Refused:
    """An establishment agrees that one person in prison rings another, or does so no longer. How many of the two that have a say
    now agree."""
    one, two_ = prison_number(person), prison_number(other)
    if one is None or two_ is None:
        return Refused(tuple(bad_number(text) for text in (person, other) if prison_number(text) is None))

    def work(changes: Changes) -> int | Refused:
        here, there = find(changes, one), find(changes, two_)
        if isinstance(here, Refused) or isinstance(there, Refused):
            return here if isinstance(here, Refused) else there  # type: ignore[return-value]  # one of the two is
        say = {here.establishment, there.establishment}
        if establishment not in say:
            return refused("no-say", f"neither of the two is at {establishment}")
        given = changes.agreements(one, two_)
        if (establishment in given) is agrees:
            return refused("as-it-is", f"{establishment} has said so already")
        (changes.agree if agrees else changes.disagree)(one, two_, establishment)
        changes.audit("prison-agreed" if agrees else "prison-disagreed",
                      {"person": one, "other": two_, "establishment": establishment})
        return len(say & changes.agreements(one, two_))

    return await attempt(desk, actor, at, "prison-agreed", {"person": one, "other": two_}, work)


def _move(desk: Desk, changes: Changes, one: Approval, number: str) -> Approval:
    """The approval keeps its state, unless a stop stands on the new number; number and consent are to be checked."""
    stopped = changes.stopped(one.person, number) and one.state is not ContactState.REFUSED
    moved = replace(one, number=number, state=ContactState.STOPPED if stopped else one.state)
    changes.set_approval(moved)
    if moved.state in (ContactState.APPROVED, ContactState.PENDING):
        for check in (Check.NUMBER, Check.CONSENT):
            _task(desk, changes, moved, check)
    return moved


def _ask_again(desk: Desk, changes: Changes, one: Approval) -> None:
    for number in changes.party_numbers(one.party):
        if number.number == one.number and number.asked_again_at is None:
            changes.put_number(replace(number, asked_again_at=changes.at))
    _task(desk, changes, one, Check.NUMBER)


def _task(desk: Desk, changes: Changes, one: Approval, check: Check) -> None:
    """One open task a check is enough."""
    person = changes.person(one.person)
    open_ = any(task.kind == f"check-{check}" and task.about.get("approval") == one.id
                for task in changes.tasks(person=one.person))
    if person is not None and not open_:
        changes.add_task(Task(desk.mint.id(), f"check-{check}", person.establishment, one.person, about(one), changes.at,
                              changes.at + VERIFY_WITHIN))


def _known(changes: Changes, party: str) -> Party | Refused:
    return changes.party(party) or refused("unknown-party", f"there is no party {party!r}")
