"""PINs: issued and reset with a reason, locks lifted, and the second PIN that calls for help in silence."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import PersonId, StaffId
from switch.desk.asking import Desk, Refused, attempt, bad_number, prison_number, refused, unreasoned
from switch.desk.people import present
from switch.ports.desk import Changes, Pins

TRIES = 5
"""Two PINs of four digits are the same once in ten thousand times; and another desk may be issuing one at the same moment."""


@dataclass(frozen=True, slots=True)
class NewPin:
    """A PIN made on the spot, told this once: only its hash is kept."""

    person: PersonId
    pin: str


async def issue_pin(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> NewPin | Refused:
    """A first PIN, or another in place of the old one; locks of the person are lifted with it."""
    return await _issue(desk, actor, at, number, reason, duress=False)


async def issue_duress_pin(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> NewPin | Refused:
    """A second PIN: a call made with it goes on as usual, and staff are told silently. Only beside a first one."""
    return await _issue(desk, actor, at, number, reason, duress=True)


async def withdraw_duress_pin(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> PersonId | Refused:
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> PersonId | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        if changes.pins(person).duress is None:
            return refused("as-it-is", f"{person} has no duress PIN")
        changes.set_duress(person, None)
        changes.audit("duress-pin-withdrawn", {"person": person}, note=reason.strip())
        return person

    return await attempt(desk, actor, at, "duress-pin-withdrawn", {"person": person}, work)


async def unlock(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> tuple[str, ...] | Refused:
    """Three wrong PINs locked somebody out: the telephones that are open to them again. The PIN stays."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> tuple[str, ...] | Refused:
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        locks = changes.locks(person)
        if not locks:
            return refused("as-it-is", f"{person} is locked out of no telephone")
        changes.clear_failures(person)
        changes.audit("pin-unlocked", {"person": person}, {"telephones": len(locks)}, note=reason.strip())
        return tuple(lock.phone for lock in locks)

    return await attempt(desk, actor, at, "pin-unlocked", {"person": person}, work)


async def _issue(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str, duress: bool) -> NewPin | Refused:
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))
    if problem := unreasoned(reason):
        return problem
    action = "duress-pin-issued" if duress else "pin-issued"
    for _ in range(TRIES):
        before = await desk.work.look(actor, at, lambda changes: changes.pins(person))
        pin = desk.mint.pin(desk.pin_digits)
        if await desk.mint.fits(before.hash, pin) or await desk.mint.fits(before.duress, pin):
            continue
        (hashed,) = await desk.mint.hashes([pin])
        done = await attempt(desk, actor, at, action, {"person": person}, _Issue(person, before, pin, hashed, reason, duress))
        if done is not None:
            return done
    return refused("busy", f"the PINs of {person} are being changed by somebody else: try again")


@dataclass(frozen=True, slots=True)
class _Issue:
    """The change itself: None when the PINs are no longer those that the new one was compared with."""

    person: PersonId
    before: Pins
    pin: str
    hashed: str
    reason: str
    duress: bool

    def __call__(self, changes: Changes) -> NewPin | Refused | None:
        found = present(changes, self.person)
        if isinstance(found, Refused):
            return found
        if self.duress and self.before.hash is None:
            return refused("no-pin", f"{self.person} has no PIN yet: a duress PIN goes beside one")
        if changes.pins(self.person) != self.before:
            return None
        if self.duress:
            changes.set_duress(self.person, self.hashed)
            changes.audit("duress-pin-issued", {"person": self.person}, note=self.reason.strip())
        else:
            changes.set_pins({self.person: self.hashed})
            lifted = changes.clear_failures(self.person)
            changes.audit("pin-issued", {"person": self.person},
                          {"first": self.before.hash is None, "counts_cleared": lifted}, note=self.reason.strip())
        return NewPin(self.person, self.pin)
