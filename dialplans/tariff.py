"""What a call costs, in integers: thousandths of a penny. A bundle's seconds go first, then the tariff's price by credit."""
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import ceil, inf
from zoneinfo import ZoneInfo

from dialplans.model import Decision, Rate
from dialplans.plan import Bundle, Plan, Tariff
from switch.core.facts import BundleFacts
from switch.core.money import PENNY, Millipence
from switch.core.numbers import E164, Number

MINUTE = 60
SATURDAY = 5


def tariff_for(
    tariffs: Iterable[Tariff], number_class: str, local: datetime, relay: bool, number: Number | None = None,
) -> Tariff | None:
    """The tariff in force on the local day: that of the longest country code that fits, else of the class; of those the newest,
    and among equals the one written last. None where there is none."""
    digits = number.digits if isinstance(number, E164) and number_class == "international" else ""
    fitting = []
    for order, tariff in enumerate(tariffs):
        if tariff.relay == relay and tariff.since <= local.date():
            code = max((len(code) for code in tariff.countries if digits.startswith(code)), default=0)
            if code or number_class in tariff.classes:
                fitting.append((code, tariff.since, order, tariff))
    return max(fitting, key=lambda found: found[:3])[3] if fitting else None


def rate_for(
    plan: Plan, number_class: str, local: datetime, relay: bool = False, number: Number | None = None,
) -> Rate | None:
    """The price of a call begun at a local time: weekend is Saturday and Sunday. None where the plan has no price."""
    if number_class == "international":
        return _rate(tariff_for(plan.tariffs, number_class, local, relay, number), local)
    key = (number_class, relay, local.date())
    if key not in plan.rates:
        plan.rates[key] = _rate(tariff_for(plan.tariffs, number_class, local, relay), local)
    return plan.rates[key]


def _rate(tariff: Tariff | None, local: datetime) -> Rate | None:
    if tariff is None:
        return None
    weekend = local.weekday() >= SATURDAY
    name = f"{tariff.name}, {'weekend' if weekend else 'weekday'}, since {tariff.since}"
    return Rate(name, tariff.weekend if weekend else tariff.weekday, tariff.minimum, tariff.step, tariff.whole_pence)


def bundle_for(plan: Plan, bundles: Iterable[BundleFacts], number_class: str, at: datetime) -> BundleFacts | None:
    """The bundle that pays for a call begun now: of those that the plan knows, for this class, the one that ends first."""
    return _first(plan, (bundle for bundle in bundles if bundle.seconds_left > 0), number_class, at)


def text_bundle_for(plan: Plan, bundles: Iterable[BundleFacts], number_class: str, at: datetime) -> BundleFacts | None:
    """The bundle that one text sent now is to be drawn from, by the same order; None where the tariff is to pay. Texts will ask
    it when they come: until then nothing draws from a bundle of texts."""
    return _first(plan, (bundle for bundle in bundles if bundle.texts_left > 0), number_class, at)


def _first(plan: Plan, bundles: Iterable[BundleFacts], number_class: str, at: datetime) -> BundleFacts | None:
    usable = [
        bundle for bundle in bundles if bundle.since <= at < bundle.until
        and any(offer.name == bundle.name and number_class in offer.classes for offer in plan.bundles)
    ]
    return min(usable, key=lambda bundle: (bundle.until, bundle.id), default=None)


def bundle_until(offer: Bundle, since: datetime, zone: ZoneInfo) -> datetime:
    """When a bundle bought at `since` ends, in UTC: the same local time a week or a month on (that month's last day at most)."""
    local = since.astimezone(zone)
    if offer.monthly:
        year, month = (local.year, local.month + 1) if local.month < 12 else (local.year + 1, 1)
        end = local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))
    else:
        end = local + timedelta(days=7)  # wall-clock arithmetic
    return end.astimezone(UTC)


def charge(rate: Rate | None, seconds: float, bundle: int = 0) -> Millipence:
    """The price of so much talk, of which a bundle has paid for its first `bundle` seconds.

    By the started second or minute, half up to a thousandth of a penny, at least the minimum once any of it is to pay; made up
    to whole pence where the tariff says so.
    """
    due = ceil(seconds) - bundle
    if rate is None or due <= 0:
        return Millipence(0)
    steps = -(-due // rate.step)
    price = max(rate.minimum, (rate.per_minute * steps * rate.step + MINUTE // 2) // MINUTE)
    return Millipence(-(-price // PENNY) * PENNY if rate.whole_pence else price)


def affordable(rate: Rate | None, balance: Millipence, bundle: int = 0) -> float:
    """The most whole seconds whose charge is within a balance, those of a bundle first; infinite where talk is free."""
    if rate is None:
        return inf
    most = balance - balance % PENNY if rate.whole_pence else balance
    if most < rate.minimum:
        return float(bundle)
    if rate.per_minute == 0:
        return inf
    # charge(n) <= most  <=>  per_minute * n + 30 < 60 * (most + 1)
    seconds = max(0, (MINUTE * most + MINUTE - MINUTE // 2 - 1) // rate.per_minute)
    return float(bundle + seconds - seconds % rate.step)


def charge_of(decision: Decision, talked: float) -> Millipence:
    """The price of a call as it was decided. Talk past its limit is the switch's own lateness in cutting and costs nothing."""
    return charge(decision.rate, _counted(decision, talked), decision.bundle_seconds)


def bundle_used(decision: Decision, talked: float) -> int:
    """Seconds that a call takes from the bundle of its decision: the started ones, before any credit."""
    return min(decision.bundle_seconds, max(0, ceil(_counted(decision, talked))))


def _counted(decision: Decision, talked: float) -> float:
    return talked if decision.limit is None else min(talked, decision.limit.seconds)
