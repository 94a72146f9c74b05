"""Holds: what keeps a recording past the end of its time, whose decision that is, and what is due to be erased.

A hold is a governor's, with why it is necessary and why it is proportionate, and an end. At its end it is told as overdue, every
day, and still holds: somebody lets go by name, or places another. A death in custody holds everything at once (`leaving.die`).
"""
from collections.abc import Sequence
from datetime import datetime, timedelta

from switch.core.ids import PersonId, StaffId
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    prison_number,
    refused,
    same_name,
    telephone,
    unreasoned,
)
from switch.ports.desk import Changes
from switch.ports.keeping import Hold, HoldCause, HoldReach, KeptRecording

LONGEST = timedelta(days=366)
"""Then somebody says again why it is still necessary."""
LATE = "hold-overdue"


async def place(desk: Desk, actor: StaffId, at: datetime, reach: HoldReach, target: str, governor: StaffId, necessity: str,
                proportionality: str, until: datetime) -> Hold | Refused:
    """Keep one recording, or every recording of a person or to a number, those to come too."""
    aim = _aim(reach, target)
    problems = [aim] if isinstance(aim, Problem) else []
    if not governor.strip():
        problems.append(Problem("bad-governor", "name the governor whose decision it is"))
    problems += [Problem(f"bad-{what}", f"say why it is {word}: it is kept with the hold") for what, word, text in (
        ("necessity", "necessary", necessity), ("proportionality", "proportionate", proportionality)) if not text.strip()]
    if not at < until <= at + LONGEST:
        problems.append(Problem("bad-until", "a hold ends at a moment to come, within a year: then it is looked at again"))
    if problems or isinstance(aim, Problem):
        return Refused(tuple(problems))
    hold = Hold(desk.mint.id(), reach, aim, StaffId(governor.strip()), necessity.strip(), proportionality.strip(),
                HoldCause.ASKED, actor, at, until)

    def work(changes: Changes) -> Hold | Refused:
        if problem := _not_there(changes, hold):
            return problem
        put(changes, hold)
        return hold

    return await attempt(desk, actor, at, "hold-placed", {}, work)


async def release(desk: Desk, actor: StaffId, at: datetime, hold: str, reason: str) -> Hold | Refused:
    """By name and with a reason: what nothing else holds is erased when its time is over, or in the next night where it is."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Hold | Refused:
        found = changes.hold(hold)
        if found is None:
            return refused("unknown-hold", f"no hold {hold} stands: `wingline holds list` shows those that do")
        let_go(changes, found, reason.strip())
        return found

    return await attempt(desk, actor, at, "hold-released", {"hold": hold}, work)


async def standing(desk: Desk, actor: StaffId, at: datetime, overdue: bool = False) -> Sequence[Hold]:
    """Every hold that stands, oldest first; only those whose end is past where `overdue` is asked."""
    found = await desk.work.look(actor, at, lambda changes: changes.holds())
    return [one for one in found if one.overdue(at) or not overdue]


async def tell_overdue(desk: Desk, actor: StaffId, at: datetime) -> list[str] | Refused:
    """An alarm for each hold whose end is past: one a day, and again the next."""

    def work(changes: Changes) -> list[str]:
        late = [one for one in changes.holds() if one.overdue(at)]
        for one in late:
            text = (f"Hold {one.id} was to end on {one.until:%Y-%m-%d} and still holds: release it, or place another that says "
                    "why it is still necessary")
            changes.raise_alarm(f"{LATE}:{one.id}:{at:%Y-%m-%d}", LATE, text, None)
        return [one.id for one in late]

    return await attempt(desk, actor, at, LATE, {}, work)


async def due(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> Sequence[KeptRecording]:
    """What is to be erased now: recordings of a place whose time is over, and that nothing holds."""
    days = None if desk.plan is None else desk.plan.keeping.days_at(establishment).value
    return await desk.work.look_apart(actor, at, lambda changes: changes.due_recordings(establishment, days))


def put(changes: Changes, hold: Hold) -> None:
    """Placed, with its audit row."""
    changes.place_hold(hold)
    who = {"person": hold.target} if hold.reach is HoldReach.PERSON else {}
    what = {"recording": hold.target} if hold.reach is HoldReach.RECORDING else {}
    changes.audit("hold-placed", {"hold": hold.id} | who | what, {"reach": hold.reach, "cause": hold.cause,
                                                                  "until": f"{hold.until:%Y-%m-%d}"},
                  note=f"Governor: {hold.governor}. Necessary: {hold.necessity} Proportionate: {hold.proportionality}")


def let_go(changes: Changes, hold: Hold, reason: str) -> None:
    """Released, with its audit row."""
    changes.release_hold(hold.id, reason)
    changes.audit("hold-released", {"hold": hold.id}, {"reach": hold.reach, "cause": hold.cause}, note=reason)


def release_death(changes: Changes, person: PersonId, reason: str) -> None:
    """Whatever holds by rule since a death that was none."""
    for one in changes.holds():
        if one.cause is HoldCause.DEATH and one.target == person:
            let_go(changes, one, reason)


def _aim(reach: HoldReach, target: str) -> str | Problem:
    match reach:
        case HoldReach.PERSON:
            return prison_number(target) or bad_number(target)
        case HoldReach.NUMBER:
            return telephone(target)
        case HoldReach.RECORDING:
            return target.strip() or Problem("bad-recording", "say which recording: its id is its call's")


def _not_there(changes: Changes, hold: Hold) -> Refused | None:
    if any((one.reach, one.target) == (hold.reach, hold.target) and same_name(one.governor, hold.governor)
           and one.until >= hold.until for one in changes.holds()):
        return refused("as-it-is", "this governor holds it for so long already")
    if hold.reach is HoldReach.PERSON and changes.person(PersonId(hold.target)) is None:
        return refused("unknown-person", f"{hold.target}: nobody here has this number")
    if hold.reach is HoldReach.RECORDING:
        found = changes.kept_recording(hold.target)
        if found is None:
            return refused("unknown-recording", f"there is no recording {hold.target}")
        if found.erased_at is not None:
            return refused("erased", f"recording {hold.target} was erased on {found.erased_at:%Y-%m-%d}: nothing is left to hold")
    return None
