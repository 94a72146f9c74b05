"""What a rule is asked about, and the two answers that it may give."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dialplans.model import Finding, Rate, Source
from dialplans.numbers.table import NumberClass
from dialplans.plan import Plan, Settings
from switch.core.facts import BundleFacts, ContactKind, Facts, PermitFacts
from switch.core.numbers import Dialled, Number, Unreadable
from switch.core.reasons import Why


@dataclass(frozen=True, slots=True)
class Asked:
    """One call request before a plan: the facts, and what the plan makes of them for this person, telephone and number."""

    plan: Plan
    settings: Settings
    facts: Facts
    dialled: Dialled | Unreadable
    number_class: NumberClass | None
    rate: Rate | None
    """None: by leave of staff it costs nothing; else the plan has no price, which is a refusal."""
    open_until: datetime | None
    """When the hours of use that now run end; None when they are closed."""
    permit: PermitFacts | None = None
    """The leave of staff by which this call is made; it is free then, and its window stands for the hours of use."""
    bundle: BundleFacts | None = None
    """The bundle of the person that pays before their credit does."""
    hours_source: Source | None = None
    """The line that gives today's hours."""

    @property
    def number(self) -> Number | None:
        return None if isinstance(self.dialled, Unreadable) else self.dialled.number

    @property
    def bundle_seconds(self) -> int:
        return 0 if self.bundle is None else self.bundle.seconds_left

    @property
    def relay(self) -> bool:
        return isinstance(self.dialled, Dialled) and self.dialled.relay is not None

    @property
    def privileged(self) -> bool:
        """By the contact, or whatever the contact says by the signed list or by what staff found."""
        return self.facts.listed.name is not None or self.facts.found_privileged or self.kind is ContactKind.PRIVILEGED

    @property
    def kind(self) -> ContactKind:
        """What the contact was approved as; social where there is none."""
        return ContactKind.SOCIAL if self.facts.contact is None else self.facts.contact.kind


Rule = Callable[[Asked], Finding]


def name_of(rule: Rule) -> str:
    """The rule's name in findings, plans and docs: the function's, with hyphens."""
    return rule.__name__.replace("_", "-")


def says(asked: Asked, rule: str, why: Why | None, text: str, source: Source | None = None) -> Finding:
    """A finding; `why` None allows. Its source is the line given, else the one on which the plan says why the rule is there."""
    return Finding(rule, why is None, text, why, source or asked.plan.rules.get(rule))


def by_leave(asked: Asked, rule: str, permit: PermitFacts) -> Finding:
    """What a rule about money or allowances says of a call that staff gave leave for."""
    return says(asked, rule, None, f"By leave of staff ({permit.kind}) the call is free and counts to no allowance.")


def judge(rule: Rule, asked: Asked) -> Finding:
    """The rule's answer; a rule that fails is a refusal, since it did not allow."""
    try:
        return rule(asked)
    except Exception as error:  # any fault of a rule must refuse the call, not crash it
        text = f"The rule itself failed ({type(error).__name__}: {error}), so it did not allow."
        return says(asked, name_of(rule), Why.UNAVAILABLE, text)
