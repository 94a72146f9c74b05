"""One call for each state of `switch.call.model.State`, led into it, harmed, and brought to its end.

A scene yields what it waits for (`stage.BARRIERS`); what it does after `harm` it does while the harm lasts, or after a restart.
"""
from collections.abc import AsyncIterator

from sqlalchemy import select

from switch.call.model import State
from switch.core.facts import ContactState, StopScope
from switch.core.reasons import Why
from switch.store.tables import stops
from tests.faults.states.stage import PIN, WRONG, Actor, Scene, Stage
from tests.phones.telephone import Leg

SAMARITANS = "116123"


async def new(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """The call comes when the harm has fallen."""
    yield "down"
    await stage.new_call(one, await (await one.dial()).up())


async def answering(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """The telephone keeps its ACK back."""
    assert one.phone is not None
    server, kept = one.phone.server, []
    send = server._send

    def keep_back(data: bytes, flow: object) -> None:
        if data.startswith(b"ACK "):
            kept.append((data, flow))
        else:
            send(data, flow)  # type: ignore[arg-type]  # the flow that we were given

    yield "short"
    server._send = keep_back  # type: ignore[method-assign]  # this telephone is a rude one
    leg = await (await one.dial()).up()
    await stage.reaches(one, "answering")
    yield "harm"
    server._send = send  # type: ignore[method-assign]  # as it was
    for data, flow in kept[-1:]:
        send(data, flow)
    await stage.new_call(one, leg)


async def asking_number(stage: Stage, one: Actor) -> AsyncIterator[str]:
    leg = await (await one.dial()).up()
    await leg.set.hears_begin("enter-number")
    yield "harm"
    leg.set.press(stage.keyed(one) + PIN)
    await stage.new_call(one, leg)


async def asking_pin(stage: Stage, one: Actor) -> AsyncIterator[str]:
    leg = await (await one.dial()).up()
    await leg.set.hears_begin("enter-pin")
    yield "harm"
    leg.set.press(PIN)
    await stage.new_call(one, leg)


async def checking(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """A wrong PIN that cannot be counted lets nobody in, not even with the right one after it."""
    leg = await (await one.dial()).up()
    await leg.set.hears_begin("enter-pin")
    yield "locked"
    leg.set.press(WRONG)
    await stage.reaches(one, "checking")
    yield "harm"
    if stage.harm.breaks:
        await stage.refused(one, leg, "service-unavailable")
        return
    await leg.set.hears_begin("wrong-pin")
    leg.set.press(PIN)
    await stage.new_call(one, leg)


async def menu(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """What it cannot read it says that it cannot tell; Samaritans are one key away all the same."""
    leg = await (await one.dial("100")).up()
    await leg.set.hears_begin("enter-pin")
    leg.set.press(PIN)
    await leg.set.hears_begin("menu-welcome")
    yield "harm"
    leg.set.press("2")
    await leg.set.hears_begin("menu-credit" if stage.harm.reads else "menu-cannot-tell")
    leg.set.press("7")
    await samaritans(stage, one, leg)


async def helpline(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """No state of its own: a helpline is rung while the harm lasts."""
    yield "down"
    await samaritans(stage, one, await (await one.dial(SAMARITANS)).up())


async def watched(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """No state of its own: whoever looks at the board afterwards sees every call that runs, and no other."""
    leg, far = await stage.talk(one)
    yield "after"
    await stage.on_board(one, "talking")
    await stage.part(one, leg, far)
    await stage.on_board(one, None)


async def samaritans(stage: Stage, one: Actor, leg: Leg) -> None:
    far = await stage.answered(SAMARITANS)
    await stage.joined(leg, far)
    await stage.part(one, leg, far, SAMARITANS)


async def deciding(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """Where readers can be held the harm finds the call here; else it passes through while the harm lasts."""
    yield "frozen"
    if not stage.harm.freezes:
        yield "harm"
        await stage.new_call(one, await (await one.dial()).up())
        return
    leg = await (await one.dial()).up()
    await stage.reaches(one, "deciding")
    yield "harm"
    await stage.refused(one, leg, "service-unavailable")


async def opening(stage: Stage, one: Actor) -> AsyncIterator[str]:
    yield "locked"
    leg = await (await one.dial()).up()
    await stage.reaches(one, "opening")
    yield "harm"
    if stage.harm.breaks:
        await stage.refused(one, leg, "no-record")
    else:
        await stage.part(one, leg, await stage.meet(one, leg))


async def dialling(stage: Stage, one: Actor) -> AsyncIterator[str]:
    leg = await one.dial()
    far = await stage.ring(one.e164)
    yield "harm"
    await stage.family.answer(far, 3850.0)
    await stage.joined(leg, far)
    await stage.part(one, leg, far)


async def announcing(stage: Stage, one: Actor) -> AsyncIterator[str]:
    yield "short"
    leg = await one.dial()
    far = await stage.answered(one.e164)
    await far.set.hears_begin("announce-england-wales")
    yield "harm"
    await far.set.hears_prompt("announce-england-wales")
    await stage.joined(leg, far)
    await stage.part(one, leg, far)


async def arming(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """It is answered when the harm has fallen, and before anything is mended both talk, recorded."""
    leg = await one.dial()
    far = await stage.ring(one.e164)
    yield "down"
    await stage.family.answer(far, 3850.0)
    await stage.joined(leg, far)
    yield "harm"
    await stage.part(one, leg, far)


async def talking(stage: Stage, one: Actor) -> AsyncIterator[str]:
    leg, far = await stage.talk(one)
    yield "harm"
    await stage.still_joined(leg, far)
    stage.family.hangup(far)
    assert await leg.over() == "bye"
    one.ends("hung-up", talked=True)


async def stopping(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """One 9 that is written, and one that is not yet: the wider order is kept, whatever is told of it, and stands in the end."""
    leg = await one.dial()
    far = await stage.answered(one.e164)
    await stage.joined(leg, far)
    yield "last"
    far.set.press("9")
    await far.set.hears_begin("stop-person-asked")
    yield "locked"
    far.set.press("9")
    await far.set.packets(25)
    yield "harm"
    assert await far.over(40.0) == "bye"
    if not stage.harm.brief:  # else it may be back in time, or not
        await far.set.hears_prompt("stop-taken-down" if stage.harm.breaks else "stop-all-done", 5.0)
    assert await leg.over(40.0) == "bye"
    one.ends(Why.STOPPED, talked=True)
    yield "after"
    await stage.row(select(stops.c.id).where(stops.c.number == one.e164, stops.c.scope == StopScope.EVERYONE))


async def telling(stage: Stage, one: Actor) -> AsyncIterator[str]:
    yield "short"
    leg = await (await one.dial()).up()
    await leg.set.hears_begin("refused-contact-pending")
    yield "harm"
    await stage.refused(one, leg, "contact-pending")


async def ending(stage: Stage, one: Actor) -> AsyncIterator[str]:
    """Hung up when the harm has fallen: it ends, and its record is in the journal before anything is mended."""
    leg, far = await stage.talk(one)
    yield "down"
    await stage.part(one, leg, far)
    await stage.reaches(one, None, 20.0)


async def settling(stage: Stage, one: Actor) -> AsyncIterator[str]:
    leg, far = await stage.talk(one)
    yield "locked"
    await stage.part(one, leg, far)
    await stage.reaches(one, "settling")
    yield "harm"
    await stage.reaches(one, None, 20.0)


async def ended(stage: Stage, one: Actor) -> AsyncIterator[str]:
    leg, far = await stage.talk(one)
    await stage.part(one, leg, far)
    await stage.reaches(one, None)
    yield "harm"


SCENES: dict[State, Scene] = {
    State.NEW: Scene("new", new),
    State.ANSWERING: Scene("answering", answering, seen="answering"),
    State.ASKING_NUMBER: Scene("asking number", asking_number, "both", "asking_number"),
    State.ASKING_PIN: Scene("asking PIN", asking_pin, "pin", "asking_pin"),
    State.CHECKING: Scene("checking", checking, "pin", "checking"),
    State.MENU: Scene("menu", menu, "pin", "menu"),
    State.DECIDING: Scene("deciding", deciding, seen="deciding", frozen=True),
    State.OPENING: Scene("opening", opening, seen="opening"),
    State.DIALLING: Scene("dialling", dialling, seen="dialling"),
    State.ANNOUNCING: Scene("announcing", announcing, seen="announcing", wing="states"),
    State.ARMING: Scene("arming", arming, seen="dialling"),
    State.TALKING: Scene("talking", talking, seen="talking"),
    State.STOPPING: Scene("stopping", stopping, seen="stopping", wing="states"),
    State.TELLING: Scene("telling", telling, seen="telling", contact=ContactState.PENDING),
    State.ENDING: Scene("ending", ending, seen="talking"),
    State.SETTLING: Scene("settling", settling, seen="settling"),
    State.ENDED: Scene("ended", ended),
}
BESIDE = Scene("a helpline", helpline)
WATCHED = Scene("watched", watched, seen="talking")
