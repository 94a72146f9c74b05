"""Credit: paid in, given back, spent on bundles, and told line by line.

Whoever asks names each change (`reference`): the same name twice is the same change once, and is answered with the same figures.
Pence come in; what goes out is thousandths of a penny.
"""
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialplans.plan import Plan, Settings
from dialplans.subscriptions import sold
from switch.core.facts import PersonFacts, PhoneFacts
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.money import Millipence, from_pence, pence
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, find, prison_number, refused, unreasoned
from switch.desk.people import held, present
from switch.desk.table import write_table
from switch.ports.desk import Changes, Person
from switch.ports.money import Credit, Held, Left, Line, Movement

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
MOST_PENCE = 10**6
LAST_LINES = 5
HEADING = ("at", "entry", "number", "seconds", "pence", "balance_pence", "reference", "told")


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that moved from `since` to before `until`. `opening` and `closing` leave holds aside."""

    person: PersonId
    since: datetime
    until: datetime
    opening: Millipence
    closing: Millipence
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Purse:
    """What the telephone says of somebody's money: what they have, and the newest lines, oldest of them first."""

    credit: Credit
    last: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """The most that somebody may have; None where there is no limit."""

    most: Millipence | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A bundle of talk or of texts that may be bought today. `period` is `week` or `month`; `renews`: subscribed to, too."""

    name: str
    seconds: int
    texts: int
    price: Millipence
    period: str
    classes: tuple[str, ...]
    renews: bool


async def top_up(desk: Desk, actor: StaffId, at: datetime, number: str, reference: str, amount_pence: int,
                 limit_pence: int | None = None) -> Movement | Refused:
    """Money paid in. The cap is on what somebody has, holds included, and what is asked for: `limit_pence` where it is given;
    else none for foreign nationals and legal; else the plan's, by establishment and incentive level."""
    person = prison_number(number)
    problems = [] if person else [bad_number(number)]
    problems += bad_reference(reference) + _bad_amount(amount_pence, 1) + _bad_amount(limit_pence, 0)
    if problems or person is None:
        return Refused(tuple(problems))
    name, amount = f"topup:{reference}", from_pence(amount_pence)

    def work(changes: Changes) -> Movement | Refused:
        if known := changes.movement(name):  # asked again: the same answer, whatever has changed since
            return known if (known.person, known.amount) == (person, amount) else taken(reference)
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        cap = _cap(desk.plan, changes, found, at, limit_pence)
        if isinstance(cap, Refused):
            return cap
        has = changes.credit(person)
        if cap is not None and has.free + has.held + amount > cap:
            return refused("cap", f"{person} has {pence(Millipence(has.free + has.held))}p and may have {pence(cap)}p: "
                                  f"{amount_pence}p is too much")
        done = changes.top_up(person, name, amount)
        changes.audit("credit-added", {"person": person, "reference": name}, {"amount": amount})
        return done

    return await attempt(desk, actor, at, "credit-added", {"person": person}, work)


async def refund(desk: Desk, actor: StaffId, at: datetime, call: str, reason: str, amount_pence: int | None = None
                 ) -> Movement | Refused:
    """What a closed call cost, given back once: all of it where no amount is said. The call's own record stays as it is."""
    problems = list(refusal.problems) if (refusal := unreasoned(reason)) else []
    problems += _bad_amount(amount_pence, 1)
    if problems:
        return Refused(tuple(problems))
    name = f"refund:{call}"

    def work(changes: Changes) -> Movement | Refused:
        charge = changes.call_charge(CallId(call))
        if charge is None or charge.person is None:
            return refused("unknown-call", f"there is no call {call} of a person")
        if not charge.closed:
            return refused("on-call", f"{call} is not closed yet: what it costs is not known")
        found = held(changes, charge.person)
        if isinstance(found, Refused):
            return found
        amount = charge.charged if amount_pence is None else from_pence(amount_pence)
        if known := changes.movement(name):
            return known if known.amount == amount else refused("refunded", f"{call} was refunded before: "
                                                                            f"{pence(known.amount)}p")
        if amount <= 0 or amount > charge.charged:
            return refused("too-much", f"{call} cost {pence(charge.charged)}p")
        done = changes.give_back(charge.person, name, amount, income=True)
        changes.audit("call-refunded", {"person": charge.person, "call": call}, {"amount": amount}, note=reason.strip())
        return done

    return await attempt(desk, actor, at, "call-refunded", {"call": call}, work)


async def goodwill(desk: Desk, actor: StaffId, at: datetime, number: str, reference: str, amount_pence: int, reason: str
                   ) -> Movement | Refused:
    """Money from the public purse, for a fault that is no one call's. No cap holds: it is owed."""
    person = prison_number(number)
    problems = [] if person else [bad_number(number)]
    problems += bad_reference(reference) + _bad_amount(amount_pence, 1)
    problems += list(refusal.problems) if (refusal := unreasoned(reason)) else []
    if problems or person is None:
        return Refused(tuple(problems))
    name, amount = f"goodwill:{reference}", from_pence(amount_pence)

    def work(changes: Changes) -> Movement | Refused:
        if known := changes.movement(name):
            return known if (known.person, known.amount) == (person, amount) else taken(reference)
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        done = changes.give_back(person, name, amount, income=False)
        changes.audit("goodwill-given", {"person": person, "reference": name}, {"amount": amount}, note=reason.strip())
        return done

    return await attempt(desk, actor, at, "goodwill-given", {"person": person}, work)


async def offers(desk: Desk, actor: StaffId, at: datetime) -> list[Offer]:
    """The bundles that are sold today; without a plan that can be read, none are."""
    return [Offer(one.name, one.seconds, one.texts, one.price, "month" if one.monthly else "week", tuple(sorted(one.classes)),
                  one.renews) for one in (sold(desk.plan, at) if desk.plan else ())]


async def sell_bundle(desk: Desk, actor: StaffId, at: datetime, number: str, offer: str, reference: str) -> Held | Refused:
    """Minutes or texts beforehand, from the person's own free credit and within what the week may cost."""
    person = prison_number(number)
    problems = ([] if person else [bad_number(number)]) + bad_reference(reference)
    if problems or person is None:
        return Refused(tuple(problems))
    if desk.plan is None:
        return no_plan()
    plan = desk.plan
    chosen = next((one for one in sold(plan, at) if one.name == offer), None)

    def work(changes: Changes) -> Held | Refused:
        if known := changes.bundle(reference):
            return known if (known.person, known.name) == (person, offer) else taken(reference)
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        if chosen is None:
            return refused("unknown-offer", f"no bundle {offer!r} is sold today")
        if changes.credit(person).free < chosen.price:
            return refused("credit", f"the credit of {person} does not pay {pence(chosen.price)}p")
        spend = settings_of(plan, changes, found, at).spend.value
        if spend is not None and changes.spent_this_week(person) + chosen.price > spend:
            most = pence(Millipence(spend))
            return refused("spend-limit", f"{person} may spend {most}p a week, and has not so much left of it")
        return changes.sell_bundle(person, chosen, reference)

    return await attempt(desk, actor, at, "bundle-sold", {"person": person}, work)


async def bundles(desk: Desk, actor: StaffId, at: datetime, number: str) -> tuple[Left, ...] | Refused:
    """What is left of somebody's bundles in force, of talk and of texts, the one that ends first before the others."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def look(changes: Changes) -> tuple[Left, ...] | Refused:
        found = find(changes, person)
        return found if isinstance(found, Refused) else tuple(changes.bundles_left(person))

    return await desk.work.look(actor, at, look)


async def balance(desk: Desk, actor: StaffId, at: datetime, number: str) -> Purse | Refused:
    """What somebody has, and their last lines: what the telephone tells them."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def look(changes: Changes) -> Purse | Refused:
        found = find(changes, person)
        if isinstance(found, Refused):
            return found
        last = changes.lines(person, datetime.min.replace(year=2000, tzinfo=at.tzinfo), datetime.max.replace(tzinfo=at.tzinfo),
                             LAST_LINES)
        has = changes.credit(person)
        before = has.free + has.held - (last[-1].balance if last else 0)
        return Purse(has, _from(Millipence(before), last))

    return await desk.work.look(actor, at, look)


async def credit_limit(desk: Desk, actor: StaffId, at: datetime, number: str, limit_pence: int | None = None
                       ) -> CreditLimit | Refused:
    """What a top-up at this moment would be held against."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def look(changes: Changes) -> CreditLimit | Refused:
        found = find(changes, person)
        if isinstance(found, Refused):
            return found
        cap = _cap(desk.plan, changes, found, at, limit_pence)
        return cap if isinstance(cap, Refused) else CreditLimit(cap)

    return await desk.work.look(actor, at, look)


async def statement(desk: Desk, actor: StaffId, at: datetime, number: str, since: datetime, until: datetime
                    ) -> Statement | Refused:
    """One line for each movement and each call that rang or was answered, with what was left after it."""
    person = prison_number(number)
    problems = [] if person else [bad_number(number)]
    if until <= since:
        problems.append(Problem("bad-period", "a statement ends after it begins"))
    if problems or person is None:
        return Refused(tuple(problems))

    def look(changes: Changes) -> Statement | Refused:
        found = find(changes, person)
        if isinstance(found, Refused):
            return found
        opening = changes.opening(person, since)
        lines = _from(opening, changes.lines(person, since, until))
        return Statement(person, since, until, opening, lines[-1].balance if lines else opening, lines)

    return await desk.work.look(actor, at, look)


async def verify(desk: Desk, actor: StaffId, at: datetime) -> Sequence[str]:
    """What is wrong with the books, in sentences; nothing where all is right."""
    return await desk.work.look(actor, at, lambda changes: changes.book_problems())


def as_csv(told: Statement) -> str:
    """A statement for a spreadsheet: a line each, pence to the thousandth."""
    return write_table(HEADING, [
        (line.at.isoformat(timespec="seconds"), line.entry.value, line.number or "", f"{line.seconds:.0f}",
         str(pence(line.amount)), str(pence(line.balance)), line.reference, line.told) for line in told.lines])


def _from(opening: Millipence, lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(replace(line, balance=Millipence(opening + line.balance)) for line in lines)


def settings_of(plan: Plan, changes: Changes, person: Person, at: datetime) -> Settings:
    """What the plan says for somebody where they live, on this day."""
    cell = changes.cell(person.establishment, person.cell) if person.cell else None
    home = PhoneFacts(PhoneId(""), person.cell or "", cell.wing if cell else "", person.establishment, (person.id,))
    facts = PersonFacts(person.id, "", True, None, Millipence(0), 0.0, False, person.incentive)
    return plan.settings_for(home, facts, None, at.astimezone(plan.zone).date())


def _cap(plan: Plan | None, changes: Changes, person: Person, at: datetime, limit_pence: int | None
         ) -> Millipence | Refused | None:
    """The most that somebody may have; None is no limit (hmpps-pin-phone-api, limits.rego)."""
    if limit_pence is not None:
        return from_pence(limit_pence)
    if person.flags.foreign_national or person.flags.legal:
        return None
    if plan is None:
        return no_plan()
    cap = settings_of(plan, changes, person, at).cap.value
    return None if cap is None else Millipence(cap)


def no_plan() -> Refused:
    return refused("no-plan", "the plan cannot be read, and nobody can say what it allows")


def taken(reference: str) -> Refused:
    return refused("reference-taken", f"{reference} names something else already")


def bad_reference(reference: str) -> list[Problem]:
    fits = REFERENCE.fullmatch(reference)
    return [] if fits else [Problem("bad-reference", "a reference is letters, digits and . _ : - , at most 64")]


def _bad_amount(amount_pence: int | None, least: int) -> list[Problem]:
    if amount_pence is None or least <= amount_pence <= MOST_PENCE:
        return []
    return [Problem("bad-amount", f"{amount_pence} is no amount: whole pence from {least} to {MOST_PENCE}")]
