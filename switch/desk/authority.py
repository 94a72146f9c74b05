"""Authorisations to listen: applied for by one member of staff, granted or refused by another, reviewed in time, cancelled.

One is over a person in prison, a number outside, or the calls of the one to the other. Renewing is a new application that names
the old one, so that it takes two again. Privileged calls are outside all of it (docs/privilege.md).
"""
from dataclasses import dataclass
from datetime import datetime, timedelta

from switch.core.authority import Authority, AuthorityKind, Ground, Standing, same_staff, standing
from switch.core.ids import PersonId, StaffId
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    prison_number,
    refused,
    telephone,
    unreasoned,
)
from switch.ports.desk import Changes
from switch.ports.listening import Written

LEAST_WORDS, MOST_TEXT = 3, 4000
"""A necessity of "crime" alone is none: inspectors fault reasons that say nothing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An authorisation with where it stands now, and when it ends or stands still, whichever comes first."""

    written: Written
    standing: Standing
    ends: datetime


async def apply(desk: Desk, actor: StaffId, at: datetime, kind: AuthorityKind, ground: Ground, necessity: str,
                proportionality: str, until: datetime, person: str = "", number: str = "", since: datetime | None = None,
                renews: str = "") -> Shown | Refused:
    """Asked for in writing; nobody may listen by it before somebody else has granted it. With `renews` it is over whom the old
    one was, whatever else is said of that."""
    problems = _bad_texts(necessity, proportionality) + _bad_times(at, since, until)
    who = prison_number(person) if person else None
    outside = telephone(number) if number else None
    if person and who is None:
        problems.append(bad_number(person))
    if isinstance(outside, Problem):
        problems.append(outside)
    if not (person or number or renews):
        problems.append(Problem("whom", "say over whom: a person in prison, a number outside, or both"))
    if renews and (person or number):
        problems.append(Problem("whom", "a renewal is over whom the old one was: say neither person nor number"))
    if problems or isinstance(outside, Problem):
        return Refused(tuple(problems))
    id = desk.mint.id()

    def work(changes: Changes) -> Shown | Refused:
        aim = _aim(changes, who, outside, renews)
        if isinstance(aim, Refused):
            return aim
        one = Authority(id, kind, ground, *aim, since or at, until, actor)
        written = Written(one, necessity.strip(), proportionality.strip(), at, renews or None)
        changes.add_authority(written)
        changes.audit("authority-applied", _subject(one), {"kind": kind, "ground": ground, "renews": renews or None})
        return _shown(written, at)

    return await attempt(desk, actor, at, "authority-applied", {"person": who} if who else {}, work)


async def grant(desk: Desk, actor: StaffId, at: datetime, authority: str, why: str) -> Shown | Refused:
    """Somebody else than who applied finds it necessary and proportionate: in force from its beginning, reviewed as the plan
    says for its kind."""
    if problem := unreasoned(why):
        return problem
    rules = desk.listening
    if rules is None:
        return refused("no-plan", "no plan can be read, so nobody knows when this would have to be reviewed")

    def work(changes: Changes) -> Shown | Refused:
        found = _undecided(changes, authority, actor)
        if isinstance(found, Refused):
            return found
        one = found.authority
        if at >= one.until:
            return refused("over", "its time is over before it was granted: apply anew")
        by = min(one.until, max(at, one.since) + timedelta(days=rules.review_days(one.kind).value))
        changes.decide_authority(authority, True, why.strip(), by)
        changes.audit("authority-granted", _subject(one), {"kind": one.kind, "review": by.isoformat()}, why.strip())
        changes.publish("authority-granted", authority, {})
        return _again(changes, authority, at)

    return await attempt(desk, actor, at, "authority-granted", {"authority": authority}, work)


async def refuse(desk: Desk, actor: StaffId, at: datetime, authority: str, why: str) -> Shown | Refused:
    """Somebody else than who applied finds that it is not."""
    if problem := unreasoned(why):
        return problem

    def work(changes: Changes) -> Shown | Refused:
        found = _undecided(changes, authority, actor)
        if isinstance(found, Refused):
            return found
        changes.decide_authority(authority, False, why.strip(), None)
        changes.audit("authority-turned-down", _subject(found.authority), note=why.strip())
        return _again(changes, authority, at)

    return await attempt(desk, actor, at, "authority-turned-down", {"authority": authority}, work)


async def review(desk: Desk, actor: StaffId, at: datetime, authority: str, why: str) -> Shown | Refused:
    """Somebody else than who applied looked again and finds it necessary still, as `why` says. One that was not reviewed in time
    stood still until now."""
    if problem := unreasoned(why):
        return problem
    rules = desk.listening
    if rules is None:
        return refused("no-plan", "no plan can be read, so nobody knows when this would have to be reviewed again")

    def work(changes: Changes) -> Shown | Refused:
        found = changes.authority(authority)
        if found is None:
            return _unknown(authority)
        one, state = found.authority, standing(found.authority, at)
        if state not in (Standing.IN_FORCE, Standing.OVERDUE):
            return refused("not-in-force", f"it is {state}: there is nothing to review")
        if same_staff(actor, one.applied_by):
            return refused("one-name", f"{one.applied_by} applied for it: somebody else has to review it")
        by = min(one.until, at + timedelta(days=rules.review_days(one.kind).value))
        changes.review_authority(authority, why.strip(), by)
        changes.audit("authority-reviewed", _subject(one), {"late": state is Standing.OVERDUE, "review": by.isoformat()},
                      why.strip())
        return _again(changes, authority, at)

    return await attempt(desk, actor, at, "authority-reviewed", {"authority": authority}, work)


async def cancel(desk: Desk, actor: StaffId, at: datetime, authority: str, why: str) -> Shown | Refused:
    """Nobody listens by it any more, whoever listens now included; on one name."""
    if problem := unreasoned(why):
        return problem

    def work(changes: Changes) -> Shown | Refused:
        found = changes.authority(authority)
        if found is None:
            return _unknown(authority)
        state = standing(found.authority, at)
        if state in (Standing.CANCELLED, Standing.REFUSED, Standing.EXPIRED):
            return refused("as-it-is", f"it is {state} already")
        changes.cancel_authority(authority, why.strip())
        changes.audit("authority-cancelled", _subject(found.authority), note=why.strip())
        changes.publish("authority-ended", authority, {})
        return _again(changes, authority, at)

    return await attempt(desk, actor, at, "authority-cancelled", {"authority": authority}, work)


async def show(desk: Desk, actor: StaffId, at: datetime, authority: str) -> Shown | Refused:
    """One of them, with its reviews."""
    found = await desk.work.look(actor, at, lambda changes: changes.authority(authority))
    return _unknown(authority) if found is None else _shown(found, at)


async def authorities(desk: Desk, actor: StaffId, at: datetime, person: str = "", number: str = "",
                      state: Standing | None = None) -> list[Shown] | Refused:
    """All there ever were, or those that name a person or a number, or stand so; oldest first."""
    who, outside = prison_number(person) if person else None, telephone(number) if number else None
    problems = [bad_number(person)] if person and who is None else []
    if isinstance(outside, Problem):
        problems.append(outside)
    if problems or isinstance(outside, Problem):
        return Refused(tuple(problems))
    found = await desk.work.look(actor, at, lambda changes: changes.authorities(who, outside))
    shown = [_shown(one, at) for one in found]
    return [one for one in shown if state in (None, one.standing)]


def _aim(changes: Changes, person: PersonId | None, number: str | None, renews: str
         ) -> tuple[PersonId | None, str | None] | Refused:
    if renews:
        old = changes.authority(renews)
        if old is None:
            return _unknown(renews)
        return old.authority.person, old.authority.number
    if person is not None and changes.person(person) is None:
        return refused("unknown-person", f"{person}: nobody here has this number")
    if number is not None and changes.listed_name(number) is not None:
        return refused("privileged", f"{number} is on the signed list: calls to it are privileged, and no authority reaches them")
    return person, number


def _undecided(changes: Changes, authority: str, actor: StaffId) -> Written | Refused:
    found = changes.authority(authority)
    if found is None:
        return _unknown(authority)
    if found.authority.cancelled or found.authority.granted is not None:
        return refused("decided", "it was decided or cancelled already")
    if same_staff(actor, found.authority.applied_by):
        return refused("one-name", f"{found.authority.applied_by} applied for it: somebody else has to decide")
    return found


def _again(changes: Changes, authority: str, at: datetime) -> Shown:
    found = changes.authority(authority)
    assert found is not None
    return _shown(found, at)


def _shown(written: Written, at: datetime) -> Shown:
    return Shown(written, standing(written.authority, at), written.authority.ends)


def _subject(one: Authority) -> dict[str, str]:
    return {"authority": one.id} | ({"person": one.person} if one.person else {})


def _unknown(authority: str) -> Refused:
    return refused("unknown-authority", f"there is no authorisation {authority[:64]}")


def _bad_texts(necessity: str, proportionality: str) -> list[Problem]:
    problems = []
    for name, text, asks in (("necessity", necessity, "why it is necessary"),
                             ("proportionality", proportionality, "why it is no more than is needed")):
        if len(text.split()) < LEAST_WORDS:
            problems.append(Problem(f"no-{name}", f"say in at least {LEAST_WORDS} words {asks}"))
        elif len(text) > MOST_TEXT:
            problems.append(Problem(f"bad-{name}", f"at most {MOST_TEXT} characters say {asks}"))
    return problems


def _bad_times(at: datetime, since: datetime | None, until: datetime) -> list[Problem]:
    if until.tzinfo is None or (since is not None and since.tzinfo is None):
        return [Problem("bad-times", "say moments with their zone")]
    if until <= (since or at) or until <= at:
        return [Problem("bad-times", "it would be over before it begins")]
    if since is not None and since < at:
        return [Problem("bad-times", "it cannot begin in the past: nobody was allowed to listen then")]
    return []
