"""A changed plan tried on the past: each person's requests in time order, with what they had used and paid worked out anew.

The facts of every decision are kept with its call. What the changed plan refuses or cuts was not used up, so that later calls of
the same person are judged by counters, minutes and credit as they would have stood. A call that was refused and would now go
through never took place: nobody knows how long it would have been, so it counts, and uses up nothing.
"""
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from dialplans.plan import Plan
from dialplans.tariff import charge
from dialplans.weighing import Scales, Weighed, altered
from switch.core.facts import Facts, PersonFacts
from switch.core.money import Millipence
from switch.core.numbers import Dialled, Unreadable
from switch.core.reasons import REFUSALS, Why


class Effect(StrEnum):
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    """It was placed, and would not have been."""
    CUT = "cut"
    """It would have ended sooner."""
    LET_THROUGH = "let-through"
    """It was refused, and would not have been."""


@dataclass(frozen=True, slots=True)
class Past:
    """One request of a person as it came out."""

    at: datetime
    dialled: Dialled | Unreadable
    facts: Facts
    why: Why
    """How it ended."""
    talked: float
    """Seconds."""
    ended: datetime
    metered: bool
    """It was charged and counted to allowances."""
    charged: Millipence
    bundle: str | None = None
    bundle_seconds: int = 0
    """What it took from its bundle."""
    uncharged: bool = False
    """A machine answered and the caller hung up in time: it costs nothing under any plan, and its minutes count."""

    @property
    def lead(self) -> float:
        """Seconds from the decision to the first word."""
        return max(0.0, (self.ended - self.at).total_seconds() - self.talked)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the changed plan makes of one request. `reason` is the rule that refuses, or what cuts; seconds and money differ by so
    much, below zero where there is less of it."""

    effect: Effect
    reason: str
    wing: str
    seconds: float = 0.0
    charged: int = 0


@dataclass(slots=True)
class _Differs:
    """By how much what a person used since a local midnight differs from what they really used."""

    since: date = date.min
    seconds: float = 0.0
    spent: int = 0

    def add(self, begun: date, seconds: float, spent: int) -> None:
        """Of a call that counts to the span that began on this day; an older span is over."""
        if begun > self.since:
            self.since, self.seconds, self.spent = begun, 0.0, 0
        self.seconds += seconds
        self.spent += spent

    def of(self, begun: date) -> tuple[float, int]:
        return (self.seconds, self.spent) if begun == self.since else (0.0, 0)


class Replay:
    """One person's past under one plan. Hand it their requests, oldest first."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._scales = Scales(plan)
        self._day, self._week = _Differs(), _Differs()
        self._differs = False
        self._paid = 0
        self._bundles: Counter[str] = Counter()
        self._gone: set[datetime] = set()
        self._really_ended: datetime | None = None
        self._ended: datetime | None = None

    def try_on(self, past: Past) -> Outcome:
        """Judge one request, and keep what it changes for those that follow."""
        weighed = self._scales.weigh(self._as_they_would_stand(past.facts), past.dialled)
        wing = past.facts.phone.wing
        was_refused = past.why in REFUSALS and past.talked == 0
        if weighed.refusal is not None:
            if was_refused:
                return Outcome(Effect.UNCHANGED, weighed.refusal.rule, wing)
            self._keep(past, 0.0, weighed)
            return Outcome(Effect.REFUSED, weighed.refusal.rule, wing, -past.talked, -past.charged)
        if was_refused:
            ours = past.why is Why.ON_CALL  # two at the same moment: no rule of the plan
            return Outcome(Effect.UNCHANGED if ours else Effect.LET_THROUGH, str(past.why), wing)
        talked, why = _until(weighed, past)
        price = self._keep(past, talked, weighed)
        if talked < past.talked:
            return Outcome(Effect.CUT, str(why), wing, talked - past.talked, price - past.charged)
        return Outcome(Effect.UNCHANGED, "", wing, 0.0, price - past.charged)

    def _keep(self, past: Past, talked: float, weighed: Weighed) -> int:
        """What the call costs now; and the difference that it makes to whatever is counted afterwards."""
        paid = talked > 0 and not past.uncharged
        from_bundle = min(weighed.bundle_seconds, ceil(talked)) if paid else 0
        price = charge(weighed.rate, talked, weighed.bundle_seconds) if paid else Millipence(0)
        seconds = (talked if weighed.rate is not None else 0.0) - (past.talked if past.metered else 0.0)
        if past.bundle:
            self._bundles[past.bundle] += past.bundle_seconds
        if weighed.bundle:
            self._bundles[weighed.bundle] -= from_bundle
        if past.metered and past.talked:
            self._really_ended = past.ended
            if talked:
                self._ended = past.ended - timedelta(seconds=past.talked - talked)
            else:
                self._gone.add(past.at)
        if seconds or price != past.charged:
            self._differs = True
            today, monday = self._days(past.at)
            self._day.add(today, seconds, price - past.charged)
            self._week.add(monday, seconds, price - past.charged)
            self._paid += past.charged - price
        return price

    def _as_they_would_stand(self, facts: Facts) -> Facts:
        person = facts.person
        if person is None or not (self._differs or self._gone or any(self._bundles.values())):
            return facts
        today, monday = self._days(facts.at)
        (day_seconds, _), (week_seconds, week_spent) = self._day.of(today), self._week.of(monday)
        return altered(facts, person=altered(
            person,
            balance=Millipence(person.balance + self._paid),
            talked_today=max(0.0, person.talked_today + day_seconds),
            talked_this_week=max(0.0, person.talked_this_week + week_seconds),
            spent_this_week=Millipence(max(0, person.spent_this_week + week_spent)),
            recent_calls=tuple(begun for begun in person.recent_calls if begun not in self._gone),
            last_ended=self._last_ended(person),
            bundles=tuple(replace(bundle, seconds_left=max(0, bundle.seconds_left + self._bundles[bundle.id]))
                          for bundle in person.bundles),
        ))

    def _days(self, at: datetime) -> tuple[date, date]:
        """The local day of a moment, and the Monday of its week."""
        today = at.astimezone(self._plan.zone).date()
        return today, today - timedelta(days=today.weekday())

    def _last_ended(self, person: PersonFacts) -> datetime | None:
        """The last call that counts; what went before the replay began stays as it was."""
        return self._ended if person.last_ended == self._really_ended else person.last_ended


def replay(plan: Plan, requests: Iterable[Past]) -> Iterator[Outcome]:
    """One person's requests, oldest first, each with what the plan makes of it."""
    person = Replay(plan)
    return (person.try_on(past) for past in requests)


def _until(weighed: Weighed, past: Past) -> tuple[float, Why]:
    """How long the call would have lasted, and what would have ended it."""
    if weighed.limit is None:
        return past.talked, past.why
    longest = weighed.limit.seconds - (past.lead if weighed.limit.why is Why.HOURS else 0.0)
    return min(past.talked, max(0.0, longest)), weighed.limit.why
