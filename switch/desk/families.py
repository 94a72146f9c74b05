"""What whoever has a number may do on the page for families: ask for a code, prove the number by it, see how it stands, stop
calls or take that back, choose the announcement.

A stranger may ask for a code for any number. What they are told is the same for every number that can be read: the rows are the
same, and whether the number is known is looked at by the switch, when it would ring it (`switch.store.visits.may_speak`). Nothing
here says a word about anybody in prison.
"""
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialplans.placing import placing_now
from switch.call.placed import PlacedKind
from switch.core.facts import Consent, ContactState, StopScope
from switch.core.ids import StaffId
from switch.core.numbers import E164, read_number
from switch.core.stopping import StopSource
from switch.core.visits import ASK_WITHIN, STAY, TRIES, Stage, Visit
from switch.desk.asking import Desk, Refused, attempt, refused, telephone, unreasoned
from switch.ports.consents import FROM_THERE, ConsentHow, ConsentSaid
from switch.ports.desk import Changes
from switch.ports.families import AtNumber
from switch.ports.numbers import StopRequest
from switch.ports.placed import PlacedCall, PlacedState

FAMILIES = StaffId("families")
"""Who is named in the audit: whoever has the number of the visit."""
SOURCE = "families"
WAITING = frozenset({ContactState.RECEIVED, ContactState.PENDING})


@dataclass(frozen=True, slots=True)
class Often:
    """How often a number may be asked for, whoever asks: a stranger cannot make the switch ring somebody all day."""

    an_hour: int = 3
    a_day: int = 6


@dataclass(frozen=True, slots=True)
class Pass:
    """What the visitor's browser keeps; only its hash is kept here."""

    token: str
    until: datetime


class Contact(StrEnum):
    """How the number stands, one word for all approvals of it that stand alike."""

    APPROVED = "approved"
    WAITING = "waiting"
    STOPPED = "stopped"
    NONE = "none"


class Stopped(StrEnum):
    NOT = "not"
    THEIRS = "theirs"
    """From every prison, by this number itself, which alone takes it back."""
    ONE = "one"
    """Calls of one person, or of some."""
    STAFF = "staff"


class Announced(StrEnum):
    NO_CHOICE = "no-choice"
    FULL = "full"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Standing:
    contact: tuple[Contact, ...]
    stopped: Stopped
    announced: Announced


async def ask(desk: Desk, actor: StaffId, at: datetime, number: str, often: Often) -> Pass | Refused:
    """A code is to be spoken at this number, if it is one that is rung for it; the answer does not say whether."""
    read = read_number(number)
    if not isinstance(read, E164):
        return refused("bad-telephone", "this is no whole telephone number")
    if desk.plan is None or not placing_now(desk.plan, at):
        return refused("closed", "nobody is rung at this hour")
    token = desk.mint.password()
    visit = Visit(desk.mint.id(), str(read), at, at + ASK_WITHIN)

    def work(changes: Changes) -> Pass | Refused:
        day, hour = (changes.visits_since(visit.number, at - timedelta(hours=hours)) for hours in (24, 1))
        if day >= often.a_day or hour >= often.an_hour:
            return refused("too-many", "this number was asked for too often")
        changes.add_visit(visit, _hash(token))
        changes.add_placed_call(PlacedCall(visit.id, PlacedKind.CODE, None, visit.number, PlacedState.DUE, actor, at, at))
        changes.audit("family-code-asked", {"request": visit.id})
        return Pass(token, visit.until)

    return await attempt(desk, actor, at, "family-code-asked", {}, work)


async def enter(desk: Desk, actor: StaffId, at: datetime, token: str, code: str) -> Pass | Refused:
    """The code that was heard, once. Each try is counted before it is looked at, and takes as long where none was spoken."""

    def count(changes: Changes) -> Visit | Refused:
        found = changes.visit(_hash(token))
        if found is None or not found.may_try(at) or not changes.count_visit_try(found.id, TRIES):
            return refused("void", "ask for a code anew")
        return found

    found = await attempt(desk, actor, at, "family-entered", {}, count)
    if isinstance(found, Refused):
        return found
    spoken = found.code if found.stage(at) is Stage.SPOKEN else None
    fits = await desk.mint.fits(spoken, code)
    entered = Pass(desk.mint.password(), at + STAY)

    def work(changes: Changes) -> Pass | Refused:
        if not fits or not changes.enter_visit(found.id, _hash(entered.token), entered.until):
            return refused("wrong-code", "this is not the code")
        changes.audit("family-entered", {"request": found.id})
        return entered

    return await attempt(desk, actor, at, "family-entered", {"request": found.id}, work)


async def stands(desk: Desk, actor: StaffId, at: datetime, token: str) -> Standing | Refused:
    """How the number stands whose code was given."""

    def work(changes: Changes) -> Standing | Refused:
        visit = _entered(changes, token, at)
        return visit if isinstance(visit, Refused) else _standing(desk, changes, visit.number)

    return await desk.work.look(actor, at, work)


async def stop(desk: Desk, actor: StaffId, at: datetime, token: str) -> Standing | Refused:
    """No calls from any prison to this number any more, at once; those that run end."""
    return await _order(desk, actor, at, token, undo=False)


async def resume(desk: Desk, actor: StaffId, at: datetime, token: str) -> Standing | Refused:
    """The number takes its own stop of every prison back. Stops of one person, and those of staff, stay."""
    return await _order(desk, actor, at, token, undo=True)


async def announce(desk: Desk, actor: StaffId, at: datetime, token: str, short: bool) -> Standing | Refused:
    """The short announcement, or the whole one again: kept as the consent of whoever has the number, with how it was given.
    Nobody's no becomes a yes by it."""

    def work(changes: Changes) -> Standing | Refused:
        visit = _entered(changes, token, at)
        if isinstance(visit, Refused):
            return visit
        how = ConsentHow.WEB if short else ConsentHow.WEB_FULL
        open_to = _choosable(desk, changes, visit.number)
        if not open_to:
            return refused("no-choice", "there is no choice of announcement for this number")
        parties = {one.party for one in open_to if short or _agreed(one)}  # the whole one needs no yes, and brings none
        for party in sorted(parties):
            changes.say_consent(ConsentSaid(desk.mint.id(), party, visit.number, Consent.GIVEN, how, at, f"visit:{visit.id}"))
        changes.audit("announcement-chosen", {"request": visit.id}, {"short": short, "parties": len(parties)})
        return _standing(desk, changes, visit.number)

    return await attempt(desk, actor, at, "announcement-chosen", {}, work)


async def leave(desk: Desk, actor: StaffId, at: datetime, token: str) -> None:
    """Whoever has the token can do nothing with it any more."""

    def work(changes: Changes) -> None:
        if (visit := changes.visit(_hash(token))) is not None and not visit.left:
            changes.leave_visit(visit.id)
            changes.audit("family-left", {"request": visit.id})

    await desk.work.run(actor, at, work)


async def let_ring(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> int | Refused:
    """A number that asked not to be rung about codes may be again: staff were told so by whoever has it."""
    wanted = telephone(number)
    if not isinstance(wanted, str):
        return Refused((wanted,))
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> int | Refused:
        lifted = changes.let_ring(wanted)
        if not lifted:
            return refused("as-it-is", "this number did not ask to be left alone")
        changes.audit("family-number-let-ring", {}, {"said": lifted}, reason.strip())
        return lifted

    return await attempt(desk, actor, at, "family-number-let-ring", {}, work)


async def _order(desk: Desk, actor: StaffId, at: datetime, token: str, *, undo: bool) -> Standing | Refused:
    """As if the number had pressed the key: by the same request and its confirmation, in one transaction."""
    request, placed = desk.mint.id(), desk.mint.id()

    def work(changes: Changes) -> Standing | Refused:
        visit = _entered(changes, token, at)
        if isinstance(visit, Refused):
            return visit
        if not undo and (visit.number in desk.helplines or changes.not_social(visit.number)):
            return refused("staff-only", "calls to this number can be stopped by staff only")
        if (_stopped(changes, visit.number) is Stopped.THEIRS) is undo:
            made = StopRequest(request, visit.number, StopScope.EVERYONE, None, undo, SOURCE, visit.until, "")
            changes.add_request(made)
            changes.audit("stop-requested", {"request": request}, {
                "scope": StopScope.EVERYONE, "source": SOURCE, "undo": undo, "visit": visit.id})
            changes.confirm_request(made, placed)
        return _standing(desk, changes, visit.number)

    return await attempt(desk, actor, at, "stop-requested", {}, work)


def _entered(changes: Changes, token: str, at: datetime) -> Visit | Refused:
    found = changes.visit(_hash(token))
    if found is None or found.stage(at) is not Stage.ENTERED:
        return refused("over", "ask for a code anew")
    return found


def _standing(desk: Desk, changes: Changes, number: str) -> Standing:
    there = changes.approvals_at(number)
    states = {Contact.APPROVED if one.state is ContactState.APPROVED else Contact.WAITING if one.state in WAITING
              else Contact.STOPPED if one.state is ContactState.STOPPED else Contact.NONE for one in there}
    if len(states) > 1:
        states.discard(Contact.NONE)
    choosable = _choosable(desk, changes, number)
    short = all(map(_agreed, choosable))
    announced = Announced.NO_CHOICE if not choosable else Announced.SHORT if short else Announced.FULL
    return Standing(tuple(one for one in Contact if one in states) or (Contact.NONE,), _stopped(changes, number), announced)


def _stopped(changes: Changes, number: str) -> Stopped:
    there = changes.stops(number)
    if any(one.source is not StopSource.STAFF and one.scope is StopScope.EVERYONE for one in there):
        return Stopped.THEIRS
    if any(one.scope is StopScope.EVERYONE for one in there):
        return Stopped.STAFF
    return Stopped.ONE if there else Stopped.NOT


def _choosable(desk: Desk, changes: Changes, number: str) -> list[AtNumber]:
    """Approvals that the short announcement is open to: the plan has it, the establishment gave leave, and nobody said no."""
    if desk.plan is None or desk.plan.settings.relief_days.value == 0 or changes.wrong_number(number):
        return []
    return [one for one in changes.approvals_at(number)
            if one.relief and one.state is ContactState.APPROVED and one.consent is not Consent.DENIED]


def _agreed(one: AtNumber) -> bool:
    return one.consent is Consent.GIVEN and one.how in FROM_THERE


def _hash(token: str) -> str:
    """Tokens are long and random, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
