"""Subscriptions: a bundle of the plan bought anew each week or month, until it is cancelled.

The first period is paid at once; the others by `renew`, which the worker asks for each day at each establishment. A renewal is
one transaction that looks first, so that a period is bought once whoever asks, and however often.
"""
import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dialplans.plan import Bundle, Plan
from dialplans.subscriptions import first_period, last_day_over, next_period, over_at, renewable
from switch.core.ids import PersonId, StaffId
from switch.core.money import Millipence, pence
from switch.desk.asking import Desk, Refused, attempt, bad_number, find, prison_number, refused
from switch.desk.money import bad_reference, no_plan, settings_of, taken
from switch.desk.people import present
from switch.ports.desk import GONE, Changes, Person
from switch.ports.subscriptions import Subscription

AT_ONCE = 16
"""Renewals that are asked for together; each is a transaction of its own."""
WHY = {
    "credit": "there was not enough credit",
    "spend-limit": "what may be spent this week did not leave enough for it",
    "cancelled": "it was cancelled",
    "not-sold": "it is no longer sold on the terms that were agreed",
    "account-closed": "the account was closed",
    "transferred": "it ended with a move to another prison",
    "released": "the account was closed on release",
}


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription, and in plain words how it stands."""

    subscription: Subscription
    told: str


@dataclass(frozen=True, slots=True)
class Renewals:
    """What one look at an establishment came to, in numbers of subscriptions."""

    renewed: int
    lapsed: int
    ended: int


async def subscribe(desk: Desk, actor: StaffId, at: datetime, number: str, offer: str, reference: str
                    ) -> Subscribed | Refused:
    """From the person's own credit, now and at the beginning of each period. What is left of today comes on top of the first."""
    person = prison_number(number)
    problems = ([] if person else [bad_number(number)]) + bad_reference(reference)
    if problems or person is None:
        return Refused(tuple(problems))
    if desk.plan is None:
        return no_plan()
    plan = desk.plan
    chosen = renewable(plan, offer, at)

    def work(changes: Changes) -> Subscribed | Refused:
        if known := changes.subscription(reference):
            return _told(plan, changes, known) if (known.person, known.name) == (person, offer) else taken(reference)
        found = present(changes, person)
        if isinstance(found, Refused):
            return found
        if chosen is None:
            return refused("unknown-offer", f"no bundle {offer!r} can be subscribed to today")
        if any(one.name == offer and not one.ended_at and not one.cancelled_at for one in changes.subscriptions(person)):
            return refused("as-it-is", f"{person} has a subscription to {offer!r} already")
        if short := _short(plan, changes, found, chosen.price, at):
            return refused(short, f"{WHY[short]}: {pence(chosen.price)}p")
        period, zone = first_period(_today(changes, found, at)), _zone(changes, found)
        begun = Subscription(reference, person, offer, chosen.seconds, chosen.texts, chosen.price, chosen.monthly, period,
                             over_at(period, chosen.monthly, zone), at, actor)
        changes.begin_subscription(begun)
        changes.sell_period(begun, chosen)
        changes.audit("subscription-begun", {"person": person, "subscription": reference}, {"price": chosen.price})
        return _told(plan, changes, begun)

    return await attempt(desk, actor, at, "subscription-begun", {"person": person}, work)


async def cancel(desk: Desk, actor: StaffId, at: datetime, subscription: str) -> Subscribed | Refused:
    """From the end of its period on: what was paid for may be used till then. One that waits for credit ends at once."""
    if problems := bad_reference(subscription):
        return Refused(tuple(problems))

    def work(changes: Changes) -> Subscribed | Refused:
        found = changes.subscription(subscription)
        if found is None or found.ended_at:
            return refused("unknown-subscription", f"no subscription {subscription} runs")
        if found.cancelled_at:
            return _told(desk.plan, changes, found)
        over = at if found.lapsed_at else None
        done = replace(found, cancelled_at=at, ended_at=over, why="cancelled" if over else found.why)
        changes.set_subscription(done)
        changes.audit("subscription-cancelled", {"person": found.person, "subscription": found.id})
        return _told(desk.plan, changes, done)

    return await attempt(desk, actor, at, "subscription-cancelled", {}, work)


async def subscriptions(desk: Desk, actor: StaffId, at: datetime, number: str) -> tuple[Subscribed, ...] | Refused:
    """All of a person's, those that are over included, oldest first."""
    person = prison_number(number)
    if person is None:
        return Refused((bad_number(number),))

    def look(changes: Changes) -> tuple[Subscribed, ...] | Refused:
        found = find(changes, person)
        if isinstance(found, Refused):
            return found
        return tuple(_told(desk.plan, changes, one) for one in changes.subscriptions(person))

    return await desk.work.look(actor, at, look)


async def renew(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> Renewals | Refused:
    """Everything that is due at an establishment, each in a transaction of its own: asked for again, it does what is left."""
    if desk.plan is None:
        return no_plan()
    plan = desk.plan
    due = await desk.work.look(actor, at, lambda changes: tuple(changes.subscriptions_due(establishment)))
    done: list[str] = []
    for start in range(0, len(due), AT_ONCE):
        done += await asyncio.gather(*(
            desk.work.run(actor, at, lambda changes, id=id: _renew(plan, changes, id, at))  # type: ignore[misc]  # bound now
            for id in due[start : start + AT_ONCE]))
    return Renewals(*(done.count(what) for what in ("renewed", "lapsed", "ended")))


def _renew(plan: Plan, changes: Changes, id: str, at: datetime) -> str:
    """`renewed`, `lapsed`, `ended`, or nothing where somebody else was here first."""
    now = changes.subscription(id)
    if now is None or now.ended_at or now.until > at:
        return ""
    person = changes.person(now.person)
    if person is None or person.status in GONE:
        return _ended(changes, now, "account-closed")
    if now.cancelled_at:
        return _ended(changes, now, "cancelled")
    offer, today = renewable(plan, now.name, at), _today(changes, person, at)
    if offer is None or (offer.seconds, offer.texts, offer.price, offer.monthly) != (
            now.seconds, now.texts, now.price, now.monthly):
        return _ended(changes, now, "not-sold")
    if short := _short(plan, changes, person, offer.price, at):
        return _lapsed(changes, now, offer, short, (today - last_day_over(now.period, now.monthly)).days)
    period = next_period(now.period, now.monthly, today)
    new = replace(now, period=period, until=over_at(period, now.monthly, _zone(changes, person)), lapsed_at=None, why=None)
    changes.set_subscription(new)
    changes.sell_period(new, offer)
    return "renewed"


def _lapsed(changes: Changes, now: Subscription, offer: Bundle, why: str, days: int) -> str:
    if days >= offer.retry_days:
        return _ended(changes, now, why)
    if now.lapsed_at and now.why == why:
        return "lapsed"
    changes.set_subscription(replace(now, lapsed_at=now.lapsed_at or changes.at, why=why))
    changes.audit("subscription-lapsed", {"person": now.person, "subscription": now.id}, {"why": why})
    return "lapsed"


def _ended(changes: Changes, now: Subscription, why: str) -> str:
    changes.set_subscription(replace(now, ended_at=changes.at, why=why))
    changes.audit("subscription-ended", {"person": now.person, "subscription": now.id}, {"why": why})
    return "ended"


def _short(plan: Plan, changes: Changes, person: Person, price: Millipence, at: datetime) -> str | None:
    """What is wanting for a price, as a code; None where nothing is."""
    if changes.credit(person.id).free < price:
        return "credit"
    spend = settings_of(plan, changes, person, at).spend.value
    return "spend-limit" if spend is not None and changes.spent_this_week(person.id) + price > spend else None


def _told(plan: Plan | None, changes: Changes, one: Subscription) -> Subscribed:
    until = f"{one.until.astimezone(_zone_of(changes, one.person)):%d %B %Y}"
    why = WHY.get(one.why or "", one.why or "")
    if one.ended_at:
        return Subscribed(one, f"It is over: {why}.")
    if one.lapsed_at:
        offer = next((offer for offer in plan.bundles if offer.name == one.name), None) if plan else None
        days = f" for {offer.retry_days} days after" if offer else " after"
        return Subscribed(one, f"It was not renewed on {until}: {why}. It is tried again each day{days}.")
    if one.cancelled_at:
        return Subscribed(one, f"It was cancelled, and ends as {until} begins.")
    return Subscribed(one, f"It is renewed as {until} begins, for {pence(one.price)}p.")


def _today(changes: Changes, person: Person, at: datetime) -> date:
    return at.astimezone(_zone(changes, person)).date()


def _zone_of(changes: Changes, person: PersonId) -> ZoneInfo:
    found = changes.person(person)
    assert found is not None
    return _zone(changes, found)


def _zone(changes: Changes, person: Person) -> ZoneInfo:
    home = changes.establishment(person.establishment)
    assert home is not None
    return ZoneInfo(home.zone)
