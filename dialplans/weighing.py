"""Decisions without their words: what trying a plan on the past needs, a hundred times for each call that is really made."""
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TypeVar

from dialplans.decide import longest, put, service_of, unusable
from dialplans.model import Finding, Limit, Rate, Service
from dialplans.plan import Plan
from dialplans.rules import MEASURED_RULES, PASSING_RULES, STANDING_RULES
from dialplans.rules.asked import Asked, Rule, judge
from switch.core.facts import Facts, PersonFacts
from switch.core.numbers import Dialled, Unreadable

PASSING_FACTS = frozenset({"at", "person", "recording_room", "told", "permits", "no_contact"})
"""What differs from one call to the next though nobody decided anything; the person's part of it is below. Leave and orders
against contact have windows of time: where there are any, nothing is remembered. A field that is new counts as standing."""
PASSING_FACTS_OF_PERSON = frozenset({
    "balance", "talked_today", "on_call", "talked_this_week", "spent_this_week", "last_ended", "recent_calls", "bundles",
})
_UNMEASURED = tuple(rule for rule in PASSING_RULES if rule not in MEASURED_RULES)
_standing = attrgetter(*(field.name for field in fields(Facts) if field.name not in PASSING_FACTS))
_standing_of_person = attrgetter(*(field.name for field in fields(PersonFacts) if field.name not in PASSING_FACTS_OF_PERSON))
T = TypeVar("T")
_fields: dict[type, tuple[Callable[[object], tuple[object, ...]], dict[str, int]]] = {}
"""How the fields of a class are taken together, and where each stands among them."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """As much of a decision as trying a plan on the past needs: the first refusal, or how long and at what price."""

    refusal: Finding | None = None
    limit: Limit | None = None
    """None where it is refused, or where there is no limit."""
    rate: Rate | None = None
    bundle: str | None = None
    bundle_seconds: int = 0


class Scales:
    """One plan, for the requests of one person: says what `decide` says, by the same rules in the same order, ended at the first
    that refuses. What the standing rules said of a number stays said until what they were asked about changes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stood: dict[Dialled | Unreadable, tuple[object, Finding | None]] = {}

    def weigh(self, facts: Facts, dialled: Dialled | Unreadable) -> Weighed:
        """What the plan makes of one request."""
        if service_of(self._plan, dialled) is not Service.CONTACT:
            return Weighed()
        try:
            asked = put(self._plan, facts, dialled)
            limit = longest(asked)
            useful = limit.seconds >= asked.settings.minimum_talk.value
            refusal = self._standing_refusal(asked) or first_refusal(asked, _UNMEASURED if useful else PASSING_RULES)
            if refusal is not None:
                return Weighed(refusal)
            bundle = None if asked.bundle is None else asked.bundle.id
            return Weighed(None, limit, asked.rate, bundle, asked.bundle_seconds)
        except Exception as error:  # as in `decide`
            return Weighed(unusable(error))

    def _standing_refusal(self, asked: Asked) -> Finding | None:
        facts = asked.facts
        if facts.person is None or facts.permits or facts.no_contact:
            return first_refusal(asked, STANDING_RULES)
        now = (_standing(facts), _standing_of_person(facts.person))
        stood = self._stood.get(asked.dialled)
        if stood is None or stood[0] != now:
            stood = self._stood[asked.dialled] = (now, first_refusal(asked, STANDING_RULES))
        return stood[1]


def altered(value: T, **changes: object) -> T:
    """`dataclasses.replace`, in half its time: for whoever makes a million of them."""
    kind = type(value)
    known = _fields.get(kind)
    if known is None:
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # whatever is no dataclass has none
        known = _fields[kind] = attrgetter(*names), {name: at for at, name in enumerate(names)}
    values = list(known[0](value))
    for name, change in changes.items():
        values[known[1][name]] = change
    return kind(*values)


def first_refusal(asked: Asked, rules: tuple[Rule, ...]) -> Finding | None:
    """Of rules asked in order, the first answer that is no."""
    for rule in rules:
        finding = judge(rule, asked)
        if not finding.allowed:
            return finding
    return None
