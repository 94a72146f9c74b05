"""What a call costs by the second, in integers: thousandths of a penny."""
from collections.abc import Iterable
from datetime import datetime
from math import ceil, inf

from dialplans.model import Decision, Rate
from dialplans.plan import Plan, Tariff
from switch.core.money import Millipence

MINUTE = 60
SATURDAY = 5


def tariff_for(tariffs: Iterable[Tariff], number_class: str, local: datetime, relay: bool) -> Tariff | None:
    """The newest tariff in force on the local day for a class; among equals the one written last. None where there is none."""
    fitting = [
        tariff for tariff in tariffs
        if number_class in tariff.classes and tariff.relay == relay and tariff.since <= local.date()
    ]
    return max(reversed(fitting), key=lambda tariff: tariff.since, default=None)


def rate_for(plan: Plan, number_class: str, local: datetime, relay: bool = False) -> Rate | None:
    """The price of a call begun at a local time: weekend is Saturday and Sunday. None where the plan has no price."""
    tariff = tariff_for(plan.tariffs, number_class, local, relay)
    if tariff is None:
        return None
    weekend = local.weekday() >= SATURDAY
    name = f"{tariff.name}, {'weekend' if weekend else 'weekday'}, since {tariff.since}"
    return Rate(name, tariff.weekend if weekend else tariff.weekday, tariff.minimum)


def charge(rate: Rate | None, seconds: float) -> Millipence:
    """The price of so much talk: per started second, half up to a thousandth, at least the minimum once there was any."""
    if rate is None or seconds <= 0:
        return Millipence(0)
    return max(rate.minimum, Millipence((rate.per_minute * ceil(seconds) + MINUTE // 2) // MINUTE))


def affordable(rate: Rate | None, balance: Millipence) -> float:
    """The most whole seconds whose charge is within a balance; infinite where talk is free."""
    if rate is None:
        return inf
    if balance < rate.minimum:
        return 0.0
    if rate.per_minute == 0:
        return inf
    # charge(n) <= balance  <=>  per_minute * n + 30 < 60 * (balance + 1)
    return float(max(0, (MINUTE * balance + MINUTE - MINUTE // 2 - 1) // rate.per_minute))


def charge_of(decision: Decision, talked: float) -> Millipence:
    """The price of a call as it was decided. Talk past its limit is the switch's own lateness in cutting and costs nothing."""
    return charge(decision.rate, talked if decision.limit is None else min(talked, decision.limit.seconds))
