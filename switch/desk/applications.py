"""Applications for contacts: asked for, checked, approved, refused, withdrawn.

`received -> pending -> approved | refused | withdrawn | stopped`. What the plan asks for are tasks `check-…` with an owner and a
due date; nothing is approved with one open. What was refused, withdrawn or stopped is looked at again by beginning its checks
anew.
"""
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dialplans.plan import ContactRules
from switch.core.contacts import Check
from switch.core.facts import Consent, ContactKind, ContactState
from switch.core.ids import PersonId, StaffId
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_name,
    bad_number,
    prison_number,
    refused,
    same_name,
    to_ring,
    unreasoned,
)
from switch.desk.people import present
from switch.ports.contacts import PLAIN, Approval, Flags, Party, PartyKind, PartyNumber, RefusalReason
from switch.ports.desk import Changes, Person, Task

LIVE = (ContactState.RECEIVED, ContactState.PENDING, ContactState.APPROVED)
"""States that count to the limits."""
EARLY_WITHIN = timedelta(days=1)
"""An application from somebody in their first days is looked at by then."""
OF_AGE = 18
APPLICATION = "contact-application"


@dataclass(frozen=True, slots=True)
class Application:
    """What a person in prison asks for (HMPPS application forms). `party` names one that is known already; then name,
    birth and address are its own. `age` where the date of birth is not known. `prisoner` is set for
    somebody in another prison."""

    person: str
    number: str
    kind: ContactKind
    name: str = ""
    second_number: str | None = None
    organisation: bool = False
    relationship: int = 0
    born: date | None = None
    age: int | None = None
    address: str | None = None
    party: str | None = None
    prisoner: str | None = None
    relay: bool = False
    early_days: bool = False
    flags: Flags = PLAIN


@dataclass(frozen=True, slots=True)
class Applied:
    """One approval for each number."""

    party: str
    approvals: tuple[Approval, ...]


async def apply(desk: Desk, actor: StaffId, at: datetime, application: Application) -> Applied | Refused:
    """An application is received; a task says so. The limits count what is approved and what is asked for."""
    person, numbers, problems = _read(application)
    if person is None or problems:
        return Refused(tuple(problems))
    if desk.contact is None:
        return no_plan()
    rules = desk.contact

    def work(changes: Changes) -> Applied | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        party = _party(desk, changes, at, application)
        if isinstance(party, Refused):
            return party
        theirs = changes.approvals(person=person)
        if any((one.party, one.number) == (party.id, number) for one in theirs for number in numbers):
            return refused("taken", f"{person} has asked for this number of this contact before: begin its checks again")
        if problem := over_limit(rules, theirs, application.kind, len(numbers)):
            return problem
        if application.party is None:
            changes.add_party(party)
        had, made = {one.number for one in changes.party_numbers(party.id)}, []
        within = EARLY_WITHIN if application.early_days else timedelta(days=rules.due_days.value)
        for number in numbers:
            if number not in had:
                changes.put_number(PartyNumber(party.id, number, at))
                deny_too(desk, changes, party.id, number)
            approval = Approval(desk.mint.id(), person, party.id, number, application.kind, ContactState.RECEIVED,
                                relationship=application.relationship, relay=application.relay, flags=application.flags,
                                applied_at=at)
            changes.add_approval(approval)
            changes.add_task(Task(desk.mint.id(), APPLICATION, found.establishment, person, about(approval), at, at + within))
            changes.audit("contact-applied", ids(approval), {"kind": approval.kind, "relationship": approval.relationship,
                                                             "early_days": application.early_days})
            made.append(approval)
        return Applied(party.id, tuple(made))

    return await attempt(desk, actor, at, "contact-applied", {"person": person}, work)


async def begin(desk: Desk, actor: StaffId, at: datetime, approval: str, owner: str | None = None) -> tuple[Task, ...] | Refused:
    """The checks of the plan become tasks: of what was received, or of what was refused, withdrawn or stopped, once more."""
    if desk.contact is None:
        return no_plan()
    rules = desk.contact

    def work(changes: Changes) -> tuple[Task, ...] | Refused:
        found = _known(changes, approval)
        if isinstance(found, Refused):
            return found
        one, person, party = found
        if one.state is ContactState.APPROVED or (one.state is ContactState.PENDING and changes.checks(one)):
            return refused("as-it-is", f"{approval} is {one.state}: its checks were begun")
        if changes.stopped(one.person, one.number):
            return refused("stopped", "somebody there stopped calls: only they, or the order's own undoing, can open it again")
        others = [other for other in changes.approvals(person=one.person) if other.id != one.id]
        if problem := over_limit(rules, others, one.kind, 1):
            return problem
        close_tasks(changes, one, (APPLICATION,))
        due = at + timedelta(days=rules.due_days.value)
        tasks = tuple(Task(desk.mint.id(), f"check-{check}", person.establishment, one.person, about(one), at, due, owner)
                      for check in wanted(rules, one, party))
        for task in tasks:
            changes.add_task(task)
        changes.set_approval(replace(one, state=ContactState.PENDING, reason=None))
        changes.audit("contact-checks-begun", ids(one), {"from": one.state, "checks": len(tasks)})
        return tasks

    return await attempt(desk, actor, at, "contact-checks-begun", {"approval": approval}, work)


async def check_done(desk: Desk, actor: StaffId, at: datetime, approval: str, check: Check, second: str = ""
                     ) -> Approval | Refused:
    """One check passed. That a contact is genuine takes two names; consent and a child's level are recorded with the party."""
    if check in (Check.CONSENT, Check.CHILD_LEVEL):
        return refused("recorded-elsewhere", f"{check} is done by recording it with the party")

    def work(changes: Changes) -> Approval | Refused:
        found = _known(changes, approval)
        if isinstance(found, Refused):
            return found
        one = found[0]
        if check is Check.GENUINE and not two(actor, second):
            return refused("second-name", "two members of staff say that a contact is genuine: name another one")
        if not close_tasks(changes, one, (f"check-{check}",)):
            return refused("no-check", f"{approval} has no open check {check}")
        if check is Check.NUMBER:
            changes.verify_party(one.party, one.number)
        changes.audit("contact-check-done", ids(one), {"check": check, "second": second.strip() or None})
        return one

    return await attempt(desk, actor, at, "contact-check-done", {"approval": approval}, work)


async def approve(desk: Desk, actor: StaffId, at: datetime, approval: str) -> Approval | Refused:
    """With every check of the plan done, and nothing in the way that staff know of: then the number may be rung."""
    if desk.contact is None:
        return no_plan()
    rules = desk.contact

    def work(changes: Changes) -> Approval | Refused:
        found = _known(changes, approval)
        if isinstance(found, Refused):
            return found
        one, _, party = found
        if one.state is not ContactState.PENDING:
            return refused("bad-state", f"{approval} is {one.state}: only what is pending is approved")
        problems = [*undone(rules, changes, one, party), *in_the_way(changes, one, party)]
        if problems:
            return Refused(tuple(problems))
        approved = replace(one, state=ContactState.APPROVED, reason=None)
        changes.set_approval(approved)
        changes.audit("contact-approved", ids(one), {"kind": one.kind})
        return approved

    return await attempt(desk, actor, at, "contact-approved", {"approval": approval}, work)


async def refuse(desk: Desk, actor: StaffId, at: datetime, approval: str, reason: RefusalReason, words: str
                 ) -> Approval | Refused:
    """Staff say no, for a reason that the person is told; staff's own words are kept with the audit."""
    if problem := unreasoned(words):
        return problem
    return await _end(desk, actor, at, approval, ContactState.REFUSED, reason, words.strip())


async def withdraw(desk: Desk, actor: StaffId, at: datetime, approval: str) -> Approval | Refused:
    """The person takes it back, or wants the contact no longer."""
    return await _end(desk, actor, at, approval, ContactState.WITHDRAWN, None, "")


async def _end(desk: Desk, actor: StaffId, at: datetime, approval: str, state: ContactState, reason: RefusalReason | None,
               words: str) -> Approval | Refused:
    action = f"contact-{state}"

    def work(changes: Changes) -> Approval | Refused:
        found = _known(changes, approval)
        if isinstance(found, Refused):
            return found
        one = found[0]
        if one.state not in LIVE:
            return refused("bad-state", f"{approval} is {one.state} already")
        close_tasks(changes, one)
        ended = replace(one, state=state, reason=reason)
        changes.set_approval(ended)
        changes.audit(action, ids(one), {"from": one.state, "reason": reason}, note=words, person=one.person)
        return ended

    return await attempt(desk, actor, at, action, {"approval": approval}, work)


def wanted(rules: ContactRules, approval: Approval, party: Party) -> list[Check]:
    """The checks of the plan that this contact needs: a level only where it is a child."""
    return [check for check in rules.checks(approval.kind).value if check is not Check.CHILD_LEVEL or party.child]


def over_limit(rules: ContactRules, theirs: list[Approval], kind: ContactKind, more: int) -> Refused | None:
    """Whether so many more of a kind are too many; official and privileged contacts are counted together."""
    most, social = rules.most(kind).value, kind is ContactKind.SOCIAL
    have = sum(one.state in LIVE and (one.kind is ContactKind.SOCIAL) is social for one in theirs)
    if have + more <= most:
        return None
    return refused("too-many", f"{have} of {most} {'social' if social else 'official'} contacts are taken: withdraw one first")


def close_tasks(changes: Changes, approval: Approval, kinds: tuple[str, ...] = ()) -> int:
    """Tasks of this approval, of these kinds or of any; how many were open."""
    mine = [task for task in changes.tasks(person=approval.person)
            if task.about.get("approval") == approval.id and (not kinds or task.kind in kinds)]
    return sum(changes.finish_task(task.id) for task in mine)


def deny_too(desk: Desk, changes: Changes, party: str, number: str) -> None:
    """Who said no at one number said it of one that comes later."""
    if (denials := changes.denials(party)) and changes.consent(party, number) is None:
        changes.say_consent(replace(denials[0], id=desk.mint.id(), number=number))


def about(approval: Approval) -> dict[str, str]:
    return {"approval": approval.id, "party": approval.party}


def ids(approval: Approval) -> dict[str, str]:
    return {"person": approval.person, "approval": approval.id, "party": approval.party}


def two(actor: str, second: str) -> bool:
    return bool(second.strip()) and not same_name(second, actor)


def no_plan() -> Refused:
    return refused("no-plan", "no plan can be read, and it says what a contact needs")


def undone(rules: ContactRules, changes: Changes, one: Approval, party: Party, without: Container[Check] = ()) -> list[Problem]:
    """Checks that the plan asks for and that nobody did: also those that were never begun, of a contact that was loaded."""
    done, checks = changes.checks(one), [check for check in wanted(rules, one, party) if check not in without]
    problems = [Problem("check-open", f"the check {check} is not done") for check in checks if not done.get(f"check-{check}")]
    said = changes.consent(party.id, one.number)
    if Check.CONSENT in checks and (said is None or said.consent is not Consent.GIVEN):
        problems.append(Problem("no-consent", f"consent is {Consent.NOT_ASKED if said is None else said.consent}"))
    if Check.CHILD_LEVEL in checks and party.child_level is None:
        problems.append(Problem("no-level", "no level of contact with this child is set"))
    return problems


def in_the_way(changes: Changes, one: Approval, party: Party) -> list[Problem]:
    """Stops and orders against contact that stand between the two."""
    problems = [Problem("stopped", "somebody there stopped calls")] if changes.stopped(one.person, one.number) else []
    for order in changes.no_contacts(one.person):
        aims = (order.party == party.id, order.number == one.number, order.other is not None and order.other == party.prisoner)
        left_open = any(left.opening.number is None or str(left.opening.number) == one.number
                        for left in changes.openings(order.id)) if any(aims) else False
        if any(aims) and one.number not in order.exceptions and not left_open:  # when they may ring is asked at each call
            problems.append(Problem("no-contact-order", f"order {order.id} forbids it"))
    return problems


def _known(changes: Changes, approval: str) -> tuple[Approval, Person, Party] | Refused:
    """An approval of somebody who is here or away for a while."""
    one = changes.approval(approval)
    if one is None:
        return refused("unknown-approval", f"there is no application or contact {approval!r}")
    person, party = present(changes, one.person), changes.party(one.party)
    assert party is not None  # a foreign key
    return person if isinstance(person, Refused) else (one, person, party)


def _party(desk: Desk, changes: Changes, at: datetime, application: Application) -> Party | Refused:
    if application.party is not None:
        known = changes.party(application.party)
        return known or refused("unknown-party", f"there is no party {application.party!r}")
    other = PersonId(application.prisoner) if application.prisoner else None
    if other is not None and changes.person(other) is None:
        return refused("unknown-person", f"{other}: nobody in prison here has this number")
    age = application.age if application.born is None else _age(application.born, at.date())
    kind = PartyKind.ORGANISATION if application.organisation else PartyKind.PERSON
    return Party(desk.mint.id(), kind, application.name.strip(), application.born, application.address,
                 child=age is not None and age < OF_AGE, prisoner=other)


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _read(application: Application) -> tuple[PersonId | None, list[str], list[Problem]]:
    problems, numbers = [], list[str]()
    person = prison_number(application.person)
    if person is None:
        problems.append(bad_number(application.person))
    if application.prisoner is not None and prison_number(application.prisoner) is None:
        problems.append(bad_number(application.prisoner))
    for text in (application.number, application.second_number):
        number = None if text is None else to_ring(text)
        if isinstance(number, Problem):
            problems.append(number)
        elif number is not None and str(number) not in numbers:
            numbers.append(str(number))
    if application.party is None:
        problems.extend(bad_name(application.name))
    if not 0 <= application.relationship <= 36:
        problems.append(Problem("bad-relationship", f"{application.relationship} is no relationship: 0 to 36"))
    if application.age is not None and not 0 <= application.age <= 130:
        problems.append(Problem("bad-age", f"{application.age} is no age"))
    return person, numbers, problems
