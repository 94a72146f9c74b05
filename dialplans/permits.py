"""Leave of staff to ring one number free: which of those given holds for a call, and why none does."""
from collections.abc import Iterable
from datetime import datetime, timedelta

from switch.core.facts import PermitFacts, PermitKind
from switch.core.numbers import Number

FIRST_CALL_WITHIN = timedelta(hours=24)
"""A first call is made within so long of reception (domain: PSI 49/2011 as quoted by practitioners)."""


EMERGENCY_WITHIN = timedelta(hours=2)
"""Leave that one member of staff gives somebody at risk lasts no longer."""
ALONE = {PermitKind.FIRST_CALL: FIRST_CALL_WITHIN, PermitKind.EMERGENCY: EMERGENCY_WITHIN}
"""What one member of staff may give alone, and for how long."""


def permit_for(permits: Iterable[PermitFacts], number: Number | None, at: datetime) -> PermitFacts | None:
    """The permit by which a call is made now; of several the one that ends first. What is not whole gives no leave."""
    holding = [permit for permit in permits if number is not None and permit.number == number and holds(permit, at)]
    return min(holding, key=lambda permit: (permit.until, permit.id), default=None)


def holds(permit: PermitFacts, at: datetime) -> bool:
    """In force: begun, not over, not used up, and given as its kind asks for."""
    return rightly_given(permit) and permit.since <= at < permit.until and not (permit.once and permit.used)


def rightly_given(permit: PermitFacts) -> bool:
    """A first call and an emergency one need one name, are for once, and last a day and two hours at the most; any other permit
    needs two different names."""
    names = {name for name in permit.names if name}
    if permit.kind in ALONE:
        return bool(names) and permit.once and permit.until - permit.since <= ALONE[permit.kind]
    return len(names) >= 2


def spent(permits: Iterable[PermitFacts], number: Number | None, at: datetime) -> bool:
    """Whether there was leave for this number that is used up or over."""
    return any(permit.number == number and ((permit.once and permit.used) or permit.until <= at) for permit in permits)
