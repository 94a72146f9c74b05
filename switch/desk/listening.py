"""Live listening as the desk lets it begin, go on and end, for staff and for the machine that writes down what is said. The desk
alone makes tickets: for a call with a warrant, under an authority in force, each good for half a minute."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from switch.core.authority import Leave, ListenFacts, NoLeave, may_listen
from switch.core.grants import Listener
from switch.core.ids import CallId, StaffId
from switch.core.tickets import issue, sealed
from switch.desk.asking import Desk, Refused, attempt, refused, unreasoned
from switch.ports.desk import Changes
from switch.ports.listening import CoveredCall


@dataclass(frozen=True, slots=True)
class Listened:
    """Leave to hear a call that runs: the ticket to show to the switch, by what right, and until when that stands."""

    call: CallId
    ticket: str
    authority: str
    rule: str
    until: datetime


async def begin(desk: Desk, actor: StaffId, at: datetime, call: str, why: str, key: bytes, kind: Listener = Listener.STAFF
                ) -> Listened | Refused:
    """A first ticket, with its audit row. `key` is the listener's X25519 public key. A machine is asked no less than staff."""
    if problem := unreasoned(why):
        return problem
    if desk.sign is None:
        return refused("no-key", "this desk has no key to sign tickets with: [listening] signing_key")
    sign = desk.sign

    def work(changes: Changes) -> Listened | Refused:
        made = _ticket(desk, changes, actor, at, call, key, sign, kind)
        if isinstance(made, Listened):
            changes.audit("listening-began", {"call": call, "authority": made.authority}, {"rule": made.rule, "listener": kind},
                          why.strip())
        return made

    return await attempt(desk, actor, at, "listening-began", {"call": call}, work)


async def go_on(desk: Desk, actor: StaffId, at: datetime, call: str, key: bytes, kind: Listener = Listener.STAFF
                ) -> Listened | Refused:
    """The next ticket, where leave still stands: asked anew, and in the audit where it does not."""
    if desk.sign is None:
        return refused("no-key", "this desk has no key to sign tickets with: [listening] signing_key")
    sign = desk.sign
    made = await desk.work.look(actor, at, lambda changes: _ticket(desk, changes, actor, at, call, key, sign, kind))
    if isinstance(made, Listened):
        return made
    return await attempt(desk, actor, at, "listening-went-on", {"call": call}, lambda changes: made)


async def end(desk: Desk, actor: StaffId, at: datetime, call: str, authority: str, seconds: float) -> None:
    """Nobody listens any more; how much was heard is kept."""
    subject, detail = {"call": call, "authority": authority}, {"seconds": round(seconds)}
    await desk.work.run(actor, at, lambda changes: changes.audit("listening-ended", subject, detail))


async def standing(desk: Desk, actor: StaffId, at: datetime, call: str) -> Leave | NoLeave:
    """Whether there is leave to hear a call that runs, or why there is none; no ticket, and no row."""
    return await desk.work.look(actor, at, lambda changes: may_listen(changes.listen_facts(CallId(call), actor), at, live=True))


async def covered(desk: Desk, actor: StaffId, at: datetime) -> Sequence[CoveredCall]:
    """Calls that run now and are within an authorisation in force: what a machine may ask to hear. Leave is asked for each."""
    return await desk.work.look(actor, at, lambda changes: changes.covered_calls())


def _ticket(desk: Desk, changes: Changes, actor: StaffId, at: datetime, call: str, key: bytes, sign: Callable[[bytes], bytes],
            kind: Listener) -> Listened | Refused:
    facts = changes.listen_facts(CallId(call), actor)
    leave = may_listen(facts, at, live=True)
    if isinstance(leave, NoLeave):
        return refused(leave.because, leave.text)
    return _issued(desk, facts, leave, actor, at, key, sign, kind)


def _issued(desk: Desk, facts: ListenFacts | None, leave: Leave, actor: StaffId, at: datetime, key: bytes,
            sign: Callable[[bytes], bytes], kind: Listener) -> Listened | Refused:
    assert facts is not None
    assert facts.warrant is not None, "leave is given for no call without one"
    ticket = issue(facts.warrant, leave, actor, desk.mint.id(), at, key, kind)
    try:
        return Listened(facts.call, sealed(ticket, sign), leave.authority, leave.rule, ticket.expires)
    except (ValueError, OSError) as error:
        return refused("bad-key", str(error))
