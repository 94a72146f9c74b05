"""Which recordings are transcribed first, which calls while they run, and what of a day a machine can do: pure rules.

A machine hears a fraction of what a prison says, so that the order decides what is ever read: as the plan has it for the tiers of
the monitoring queue, and within a tier the newest, since nobody acts on last month's call.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dialplans.plan import TranscribingRules
from switch.core.monitoring import Tier


def wanted(rules: TranscribingRules, tier: Tier | None) -> bool:
    """Whether a recording of this tier (None: of none) is transcribed at all."""
    return rules.rest or tier in rules.tiers


def turn(rules: TranscribingRules, tier: Tier | None, began: datetime) -> tuple[int, float]:
    """Its place: sort by it, and the first comes first."""
    return rank(rules, tier), -began.timestamp()


def rank(rules: TranscribingRules, tier: Tier | None) -> int:
    return rules.tiers.index(tier) if tier is not None and tier in rules.tiers else len(rules.tiers)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call may be transcribed while it runs; `instead` is one that has to make room, and is done after its end as any other."""

    instead: str | None = None


def admit(rules: TranscribingRules, running: Mapping[str, Tier | None], tier: Tier | None) -> Admitted | None:
    """Whether one more call may be transcribed while it runs, beside those that are (by id, the longest running first). None:
    there is no room, and it is done after its end. One that ranks higher takes the room of the lowest, of several the newest."""
    if len(running) < rules.live:
        return Admitted()
    if not running or rank(rules, running[last := lowest(rules, running)]) <= rank(rules, tier):
        return None
    return Admitted(last)


def lowest(rules: TranscribingRules, running: Mapping[str, Tier | None]) -> str:
    """Which of the calls that are transcribed while they run goes first where something has to give; of several the newest. There
    is at least one."""
    return max(((rank(rules, tier), at, call) for at, (call, tier) in enumerate(running.items())))[2]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a machine can do of one tier (None: the rest) in a day: hours there are, and hours that it gets done."""

    tier: Tier | None
    hours: float
    done: float

    @property
    def whole(self) -> bool:
        return self.done >= self.hours


def fits(rules: TranscribingRules, load: Mapping[Tier | None, float], capacity: float) -> tuple[Fit, ...]:
    """How far so many audio hours a day reach, in the order in which the work is done."""
    found, left = list[Fit](), capacity
    for tier in sorted((tier for tier in load if wanted(rules, tier)), key=lambda one: rank(rules, one)):
        done = min(left, load[tier])
        found.append(Fit(tier, load[tier], done))
        left -= done
    return tuple(found)
