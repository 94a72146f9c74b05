"""Whether the switch may place a call of its own now: the plan's hours for it, and numbers that it never rings."""
from datetime import datetime

from dialplans.hours import open_until
from dialplans.numbers.table import classify
from dialplans.plan import Plan
from dialplans.rules.asked import Asked, judge
from dialplans.rules.number import number_class, number_not_barred
from switch.core.facts import Facts, PhoneFacts
from switch.core.ids import PhoneId
from switch.core.numbers import Dialled, Number, ShortCode
from switch.core.reasons import Why

NOBODY = PhoneFacts(PhoneId(""), "", "", "", ())


def may_place(plan: Plan, number: Number, at: datetime) -> Why | None:
    """Why this number is never rung by the switch: short, a helpline, barred, of a barred class. What is unknown is not rung."""
    if isinstance(number, ShortCode) or number in plan.helplines or number in plan.emergency.codes:
        return Why.NUMBER_CLASS
    asked = Asked(plan, plan.settings, Facts(at, NOBODY), Dialled(number), classify(number, plan.country), None, None)
    found = (judge(number_not_barred, asked), judge(number_class, asked))
    return next((finding.why for finding in found if not finding.allowed), None)


def placing_now(plan: Plan, at: datetime) -> bool:
    """Whether families may be rung at this moment, by the establishment's clock."""
    return open_until(lambda _day: plan.placing.hours, plan.zone, at) is not None
