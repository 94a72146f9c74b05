"""One call of the switch's own for each state of `switch.call.placed.State`: the family alone is on it, asked for its consent."""
from collections.abc import AsyncIterator

from sqlalchemy import select

from switch.call.placed import State
from switch.core.facts import StopScope
from switch.store.tables import stops
from tests.faults.states.stage import Actor, Scene, Stage
from tests.phones.telephone import Leg

SOON, LATER = 0.3, 5.0
"""Seconds until a request is due: when writers are held, and when the harm has fallen."""


async def asked(stage: Stage, one: Actor) -> Leg:
    """From the request to the question."""
    stage.due(one)
    far = await stage.answered(one.e164)
    await far.set.hears_begin("placed-consent")
    return far


async def says_yes(stage: Stage, one: Actor, far: Leg) -> bool:
    """Whether the answer could be kept, by what was said of it."""
    kept = stage.harm.writes
    far.set.press("1")
    await far.set.hears_prompt("placed-yes" if kept else "placed-no-answer", 30.0)
    assert await far.over() == "bye"
    return kept


async def new(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """The request is due while the harm lasts, and is not forgotten."""
    yield "due"
    stage.due(one, LATER)
    yield "after"
    await _rung_then(stage, one)


async def opening(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """Nothing is rung that could not be put on the record."""
    yield "due"
    stage.due(one, SOON)
    yield "after"
    await _rung_then(stage, one)


async def _rung_then(stage: Stage, one: Actor) -> None:
    far = await stage.answered(one.e164)
    await far.set.hears_begin("placed-consent")
    assert await says_yes(stage, one, far)
    await stage.request(one, "answered", "yes")


async def ringing(stage: Stage, one: Actor) -> AsyncIterator[str]:
    stage.due(one)
    far = await stage.ring(one.e164)
    yield "harm"
    await stage.family.answer(far, 3850.0)
    await far.set.hears_begin("placed-consent")
    kept = await says_yes(stage, one, far)
    yield "after"
    await stage.request(one, *(("answered", "yes") if kept else ("due", None)))


async def asking(stage: Stage, one: Actor) -> AsyncIterator[str]:
    far = await asked(stage, one)
    yield "harm"
    kept = await says_yes(stage, one, far)
    yield "after"
    await stage.request(one, *(("answered", "yes") if kept else ("due", None)))


async def keeping(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """A stop that cannot be written is taken down, and stands in the end."""
    far = await asked(stage, one)
    yield "locked"
    far.set.press("9")
    await far.set.packets(25)
    yield "harm"
    await far.set.hears_prompt("stop-taken-down" if stage.harm.breaks else "stop-person-done", 30.0)
    assert await far.over() == "bye"
    yield "after"
    await stage.row(select(stops.c.id).where(stops.c.number == one.e164, stops.c.person == one.person,
                                             stops.c.scope == StopScope.PERSON))
    await stage.attempts_closed(one)


async def thanking(stage: Stage, one: Actor) -> AsyncIterator[str]:
    far = await asked(stage, one)
    yield "short"
    far.set.press("1")
    await far.set.hears_begin("placed-yes")
    yield "harm"
    await far.set.hears_prompt("placed-yes", 30.0)
    assert await far.over() == "bye"
    yield "after"
    await stage.request(one, "answered", "yes")


async def ending(stage: Stage, one: Actor) -> AsyncIterator[str]:
    far = await asked(stage, one)
    yield "down"
    stage.family.hangup(far)
    yield "after"
    await stage.request(one, "due", None)


async def settling(stage: Stage, one: Actor) -> AsyncIterator[str]:
    far = await asked(stage, one)
    yield "locked"
    stage.family.hangup(far)
    yield "after"
    await stage.request(one, "due", None)


async def ended(stage: Stage, one: Actor) -> AsyncIterator[str]:
    assert await says_yes(stage, one, await asked(stage, one))
    await stage.request(one, "answered", "yes")
    yield "after"
    await stage.request(one, "answered", "yes")


SCENES: dict[State, Scene] = {
    state: Scene(f"placed, {state.name.lower()}", play, placed=True) for state, play in {
        State.NEW: new, State.OPENING: opening, State.RINGING: ringing, State.ASKING: asking, State.KEEPING: keeping,
        State.THANKING: thanking, State.ENDING: ending, State.SETTLING: settling, State.ENDED: ended}.items()}
