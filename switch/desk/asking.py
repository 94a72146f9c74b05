"""How a use case is asked and answers: who asks, what may be wrong, and the audit row of what was tried and may not be."""
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from dialplans.numbers.table import classify
from dialplans.plan import ContactRules, ListeningRules, Plan
from dialplans.privileged import Accepted
from recordings.transcribe.search import TranscriptReader
from switch.core.authority import same_staff
from switch.core.facts import SignedListFacts
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import NETWORK_CODE, Dialled, Number, Unreadable, read_number
from switch.ports.copies import Shelf
from switch.ports.desk import Changes, Minting, Person, UnitOfWork
from switch.ports.menu import Voice
from switch.ports.staff import Seals

T = TypeVar("T")
PRISON_NUMBER = re.compile(r"[A-Z]\d{4}[A-Z]{2}")
NAME_OF_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in plain words. `code` groups alike ones in the audit; `line` is that of a file, 0 for none."""

    code: str
    text: str
    line: int = 0

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed, and why: every problem that was found."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def trusting(_accepted: Accepted | None) -> Sequence[str]:
    """For a desk without a node, which has no list."""
    return ()


def no_list(_accepted: Accepted | None, _dialled: Dialled | Unreadable) -> SignedListFacts:
    """For a desk without a node: nothing that would be recorded is placed."""
    return SignedListFacts()


@dataclass(frozen=True, slots=True)
class Desk:
    """What every use case works with."""

    work: UnitOfWork
    mint: Minting
    pin_digits: int = 4
    networks: frozenset[str] = field(default_factory=frozenset)
    """Access networks that a telephone may be in."""
    helplines: frozenset[str] = field(default_factory=frozenset)
    """Numbers of the plan's helplines, as `+E.164` or short codes."""
    plan: Plan | None = None
    """The plan in force; None where it could not be read."""
    distrust: Callable[[Accepted | None], Sequence[str]] = trusting
    """Why the list of privileged numbers cannot be trusted, given what the database remembers of it; nothing where it can."""
    voice: Voice | None = None
    """What makes bulletins heard; None where there is nothing to make sound with."""
    on_list: Callable[[Accepted | None, Dialled | Unreadable], SignedListFacts] = no_list
    """What the list of privileged numbers says of a number, given what the database remembers of it."""
    contact: ContactRules | None = None
    """What the plan in force asks of contacts; None where no plan can be read, and then nothing is decided about one."""
    listening: ListeningRules | None = None
    """What it asks of authorisations; None likewise, and then none is given."""
    sign: Callable[[bytes], bytes] | None = None
    """Signs tickets to listen; None where there is no key for it, and then nobody listens to calls that run."""
    transcripts: Callable[[], Awaitable[TranscriptReader]] | None = None
    """Opens what transcripts are searched and read with; None where there is no vault."""
    shelf: Callable[[], Shelf | None] = lambda: None
    """Where recordings are had from, under leave; None where the vault of the site cannot be opened."""
    seals: Seals | None = None
    """What keeps the secrets of staff's second factor; None where there is no key for it, and then nobody signs in."""


def refused(code: str, text: str) -> Refused:
    return Refused((Problem(code, text),))


async def attempt(
    desk: Desk, actor: StaffId, at: datetime, action: str, subject: Mapping[str, str], work: Callable[[Changes], T | Refused],
    *, apart: bool = False,
) -> T | Refused:
    """One transaction, `apart` where it takes long. What the use case refuses, having looked, leaves an audit row
    `<action>-refused` and nothing else.

    Malformed input is refused before this, and what cannot be one of our ids is left out of the audit: it may hold anything.
    """
    if problem := nameless(actor):
        return problem

    def unit(changes: Changes) -> T | Refused:
        result = work(changes)
        if isinstance(result, Refused):
            ids = {name: id for name, id in subject.items() if NAME_OF_PLACE.fullmatch(id)}
            changes.audit(f"{action}-refused", ids, {"why": result.problems[0].code, "problems": len(result.problems)})
        return result

    return await (desk.work.run_apart if apart else desk.work.run)(actor, at, unit)


def nameless(actor: StaffId) -> Refused | None:
    return None if actor.strip() else refused("no-actor", "say who you are: every change is kept with a name")


def unreasoned(reason: str) -> Refused | None:
    return None if reason.strip() else refused("no-reason", "say why: the reason is kept with the change")


def prison_number(text: str) -> PersonId | None:
    """`A1234BC` from any case and blanks around it; None for what is none."""
    found = text.strip().upper()
    return PersonId(found) if PRISON_NUMBER.fullmatch(found) else None


def place_name(text: str) -> str | None:
    """The code of an establishment, wing or cell, or a telephone's SIP user: letters, digits and hyphens, 32 at most."""
    found = text.strip()
    return found if NAME_OF_PLACE.fullmatch(found) else None


def bad_number(text: str) -> Problem:
    return Problem("bad-number", f"{text!r} is no prison number: one letter, four digits, two letters, such as A1234BC")


def telephone(text: str) -> str | Problem:
    """A telephone number from any spelling, as `+E.164` or a short code."""
    found = read_number(text)
    return unreadable(found) if isinstance(found, Unreadable) else str(found)


def to_ring(text: str) -> Number | Problem:
    """A number that somebody may be allowed to ring, from any spelling. Call-return and diversion codes are none, whatever a plan
    bars: what they do is the network's affair, and not to be had from here."""
    found = read_number(text)
    if isinstance(found, Unreadable):
        return unreadable(found)
    kind = classify(found)
    if kind is not None and kind.name == "return-codes":
        return Problem("number-class", f"{text!r} is {NETWORK_CODE}")
    return found


def unreadable(found: Unreadable) -> Problem:
    """What is said of what is no telephone number; a code of the network is told by its class."""
    if found.code:
        return Problem("number-class", f"{found.text!r} is {found.why}")
    return Problem("bad-telephone", f"{found.text!r} is no telephone number: {found.why}")


def same_name(one: str, other: str) -> bool:
    """Whether two names are one member of staff's, however they are spelt."""
    return same_staff(one, other)


def second_name(actor: StaffId, second: str, why: str) -> Refused | None:
    """A refusal unless somebody else agreed."""
    if second.strip() and not same_name(second, actor):
        return None
    return refused("one-name", f"{why}: it needs the name of a second member of staff")


def bad_place(what: str, text: str) -> Problem:
    return Problem("bad-place", f"{text!r} is no {what}: letters, digits and hyphens, at most 32")


def bad_name(name: str) -> list[Problem]:
    """A spreadsheet would run a name that begins with one of its signs, so nobody has such a name."""
    if not 0 < len(name.strip()) <= 120:
        return [Problem("bad-name", "a name has 1 to 120 characters")]
    if not name.isprintable() or name.strip()[0] in "=+-@":
        return [Problem("bad-name", "a name has no control characters, and begins with none of = + - @")]
    return []


def find(changes: Changes, person: PersonId) -> Person | Refused:
    """Somebody whom we know."""
    found = changes.person(person)
    return refused("unknown-person", f"{person}: nobody here has this number") if found is None else found
