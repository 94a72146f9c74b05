"""The canary call of each establishment: set up, begun, judged and kept; and what stands of it now.

It is a privileged call that nothing but the signed list makes private, rung over the real switch by a telephone of its own.
Whoever rings it (`switch.build.canary`) tells what was seen, and `judge` says what that means: one that left anything has failed.
"""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switch.core.ids import PersonId, PhoneId, StaffId
from switch.core.numbers import E164, Dialled, read_number
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_place, place_name, refused, second_name, unreasoned
from switch.ports.canary import Canary, CanaryRun, Traces, Verdict
from switch.ports.desk import Changes

GOOD_FOR = timedelta(hours=26)
"""How long one that passed stands: a day, and two hours for a machine that was away."""
ENOUGH = 50
"""Frames of the known sound, a second of it, after which one end has clearly heard the other."""
BROKEN_OFF = timedelta(minutes=10)
"""After so long without an end, a run was broken off, and the next may begin."""
ALARM, LATE = "canary-failed", "canary-late"


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that is to ring now: `password` is the telephone's from this moment on, and good until the next run."""

    run: CanaryRun
    canary: Canary
    password: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of ringing. `trouble` is why it could not be rung; frames are those of the other end's sound that each heard;
    `tapped` is what engine and recorder said of it while it talked; `files` is whatever spools, store and vault have of it."""

    trouble: str = ""
    talked: bool = False
    cell_heard: int = 0
    outside_heard: int = 0
    looked: int = 0
    """How often engine and recorder were asked while it talked."""
    tapped: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    rang: bool = False
    """The switch took the call, if only to refuse it: there will be a record of it."""


@dataclass(frozen=True, slots=True)
class CanaryState:
    """What stands of one establishment's canary: `fresh` where the last that was rung passed, and not too long ago."""

    canary: Canary
    last: CanaryRun | None
    passed_at: datetime | None
    fresh: bool


def judge(seen: Seen, traces: Traces | None) -> tuple[Verdict, tuple[str, ...]]:
    """Whether it passed, and every sentence that speaks against it. What was kept or tapped is a failure, however it ended."""
    kept = [f"something listened to it: {one}" for one in seen.tapped]
    kept += [f"its sound or its name is in what is kept: {one}" for one in seen.files]
    if traces is not None:
        kept += [f"the database has {one} about it" for one in traces.kept]
        if traces.recording is not None:
            kept.append(f"its record names the recording {traces.recording}")
        if not traces.privileged and traces.outcome != "refused":
            kept.append("its record does not say that it is privileged")
    if kept:
        return Verdict.FAILED, tuple(kept)
    if traces is None and seen.talked:
        return Verdict.FAILED, ("it was talked on, and there is no record of it",)
    if traces is None:
        return Verdict.NOT_RUN, (seen.trouble or "it did not reach the switch",)
    if traces.outcome != "connected":
        return Verdict.NOT_RUN, tuple(filter(None, (f"it was {traces.outcome}: {traces.end_why}", seen.trouble)))
    ears = (("the cell", "the outside", seen.cell_heard), ("the outside", "the cell", seen.outside_heard))
    silent = [f"{who} heard {frames} frames of {whom}, not {ENOUGH}: a call without sound proves nothing"
              for who, whom, frames in ears if frames < ENOUGH]
    if not seen.looked:
        silent.append("engine and recorder were not asked while it talked")
    return (Verdict.FAILED if silent else Verdict.PASSED), tuple(silent)


async def add(desk: Desk, actor: StaffId, at: datetime, establishment: str, network: str, number: str, second: str
              ) -> Canary | Refused:
    """Give an establishment its canary. `number` is on the signed list, and the machine's settings say that it answers it itself;
    `network` is the access network of the machine's own address. On the word of two, as any leave to ring."""
    problems, place, to = list[Problem](), place_name(establishment), read_number(number)
    if place is None:
        problems.append(bad_place("establishment", establishment))
    if network not in desk.networks:
        problems.append(Problem("unknown-network", f"there is no network {network}: {', '.join(sorted(desk.networks))}"))
    if not isinstance(to, E164):
        problems.append(Problem("bad-telephone", f"{number!r} is no whole telephone number"))
    if found := second_name(actor, second, "a canary is rung by leave"):
        problems += found.problems
    if problems or place is None or not isinstance(to, E164):
        return Refused(tuple(problems))
    name = f"canary-{place}"[:32]
    canary = Canary(place, PhoneId(name), PersonId(f"canary:{place}"), str(to), network, desk.mint.id(), at, actor)
    password = desk.mint.password()

    def work(changes: Changes) -> Canary | Refused:
        if changes.establishment(canary.establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {canary.establishment}")
        if any(one.establishment == canary.establishment for one in changes.canaries()):
            return refused("as-it-is", f"{canary.establishment} has a canary already")
        if changes.phone(canary.phone) is not None and not changes.had_canary(canary.establishment):
            return refused("taken", f"there is a telephone {canary.phone}")
        listed = desk.on_list(changes.accepted_list(), Dialled(to))
        if listed.name is None:
            return refused("not-listed", listed.problem or f"{to} is not on the signed list of privileged numbers")
        changes.add_canary(canary, password, second.strip())
        changes.audit("canary-added", {"establishment": canary.establishment, "phone": canary.phone}, {"second": second.strip()})
        return canary

    return await attempt(desk, actor, at, "canary-added", {"establishment": place}, work)


async def remove(desk: Desk, actor: StaffId, at: datetime, establishment: str, second: str, reason: str) -> Canary | Refused:
    """An establishment has no canary any more, on the word of two: its leave is withdrawn, and its telephone opens nothing. Its
    runs stay as they were; another may be given to it later."""
    problems = [problem for wrong in (second_name(actor, second, "nobody proves any more that privileged calls are kept private"),
                                      unreasoned(reason)) if wrong for problem in wrong.problems]
    if problems:
        return Refused(tuple(problems))

    def work(changes: Changes) -> Canary | Refused:
        canary = next((one for one in changes.canaries() if one.establishment == establishment), None)
        if canary is None:
            return refused("no-canary", f"{establishment} has no canary")
        last = next(iter(changes.canary_runs(establishment, 1)), None)
        if last is not None and last.ended_at is None and at - last.began_at < BROKEN_OFF:
            return refused("running", f"the canary of {establishment} is ringing since {last.began_at:%H:%M:%S} UTC")
        changes.remove_canary(canary)
        changes.set_password(canary.phone, desk.mint.password())
        changes.audit("canary-removed", {"establishment": establishment, "phone": canary.phone}, {"second": second.strip()},
                      note=reason.strip())
        return canary

    return await attempt(desk, actor, at, "canary-removed", {"establishment": establishment}, work)


async def begin(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> Begun | Refused:
    """A run is to ring now: with a password of its own, so that none lies anywhere between the runs."""
    id, password = desk.mint.id(), desk.mint.password()

    def work(changes: Changes) -> Begun | Refused:
        canary = next((one for one in changes.canaries() if one.establishment == establishment), None)
        if canary is None:
            return refused("no-canary", f"{establishment} has no canary: `wingline canary add` gives it one")
        last = next(iter(changes.canary_runs(establishment, 1)), None)
        if last is not None and last.ended_at is None and at - last.began_at < BROKEN_OFF:
            return refused("running", f"the canary of {establishment} is ringing since {last.began_at:%H:%M:%S} UTC")
        run = CanaryRun(id, establishment, at)
        changes.begin_canary(run)
        changes.set_password(canary.phone, password)
        changes.audit("canary-begun", {"establishment": establishment, "run": id})
        return Begun(run, canary, password)

    return await attempt(desk, actor, at, "canary-begun", {"establishment": establishment}, work)


async def closed(desk: Desk, actor: StaffId, at: datetime, phone: PhoneId, since: datetime) -> Traces | None:
    """What the database has of the canary's newest call, once its record is closed."""
    return await desk.work.look(actor, at, lambda changes: changes.traces(phone, since))


async def record(desk: Desk, actor: StaffId, at: datetime, run: str, seen: Seen) -> CanaryRun | Refused:
    """What came of a run, for good. The record of the call is looked at in the same transaction; a failure is an alarm."""

    def work(changes: Changes) -> CanaryRun | Refused:
        found = changes.canary_run(run)
        if found is None or found.ended_at is not None:
            return refused("as-it-is", f"no run {run} is ringing")
        canary = next((one for one in changes.canaries() if one.establishment == found.establishment), None)
        if canary is None:
            return refused("no-canary", f"{found.establishment} has no canary any more")
        traces = changes.traces(canary.phone, found.began_at)
        verdict, problems = judge(seen, traces)
        ended = replace(found, ended_at=at, verdict=verdict, call=None if traces is None else traces.call, problems=problems)
        changes.end_canary(ended)
        changes.audit("canary-ended", {"establishment": found.establishment, "run": run}
                      | ({"call": ended.call} if ended.call else {}), {"verdict": verdict, "problems": len(problems)})
        if verdict is Verdict.FAILED:
            text = f"The canary call of {found.establishment} was not private: {'; '.join(problems)}"
            changes.raise_alarm(f"{ALARM}:{run}", ALARM, text, ended.call)
        return ended

    return await attempt(desk, actor, at, "canary-ended", {"run": run}, work)


async def read(desk: Desk, actor: StaffId, at: datetime) -> list[CanaryState]:
    """What stands, by establishment."""
    return await desk.work.look(actor, at, lambda changes: [_state(changes, one, at) for one in changes.canaries()])


async def runs(desk: Desk, actor: StaffId, at: datetime, establishment: str, most: int = 20) -> Sequence[CanaryRun]:
    """The newest runs of one establishment, newest first."""
    return await desk.work.look(actor, at, lambda changes: changes.canary_runs(establishment, max(1, min(most, 1000))))


async def tell_late(desk: Desk, actor: StaffId, at: datetime) -> list[str] | Refused:
    """An alarm for each establishment whose canary has not passed in time: one a day, and again the next."""

    def work(changes: Changes) -> list[str]:
        late = []
        for state in (_state(changes, one, at) for one in changes.canaries()):
            since = state.passed_at or state.canary.added_at
            if at - since <= GOOD_FOR:
                continue
            why = "; ".join(state.last.problems) if state.last is not None else ""
            text = (f"No canary call of {state.canary.establishment} has passed since {since:%Y-%m-%d %H:%M} UTC"
                    + (f"; the last: {why}" if why else ""))
            changes.raise_alarm(f"{LATE}:{state.canary.establishment}:{at:%Y-%m-%d}", LATE, text, None)
            late.append(state.canary.establishment)
        return late

    return await attempt(desk, actor, at, "canary-late", {}, work)


def _state(changes: Changes, canary: Canary, at: datetime) -> CanaryState:
    rung = changes.canary_runs(canary.establishment)
    last = next((one for one in rung if one.verdict is not None), None)
    judged = next((one for one in rung if one.verdict in (Verdict.PASSED, Verdict.FAILED)), None)
    passed = changes.last_passed(canary.establishment)
    fresh = passed is not None and at - passed <= GOOD_FOR and judged is not None and judged.verdict is Verdict.PASSED
    return CanaryState(canary, last, passed, fresh)
