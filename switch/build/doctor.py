"""What a machine can do for its site, measured: so far how much of what is said it can transcribe."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

import numpy as np

from dialplans.plan import TranscribingRules
from dialplans.transcribing import Fit, fits
from recordings.transcribe.capacity import Measured, measure
from recordings.transcribe.models import open_model
from switch.core.monitoring import Tier
from switch.settings.tree import TranscriptionSettings
from switch.store.database import Store
from switch.store.transcripts import recorded_hours

TURNS = (("cell-hello", "family"), ("cell-adviser", "solicitor"), ("cell-low", "samaritans"))
"""Lines of the demonstration's people: each is spoken by one side and answered by the other, after a pause."""
PAUSE = 16_000
"""Samples of silence between two turns, two seconds: a side talks for two fifths of a call, and nobody for a fifth."""
HEADER = 58
PAST = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Ability:
    """`expected` hours a day by tier, `from_past` where they are those of the last weeks and not the plan's word."""

    engine: str
    model: str
    measured: Measured
    at_once: int
    from_past: bool
    tiers: tuple[Fit, ...]

    @property
    def hours_a_day(self) -> float:
        return self.measured.hours_a_day(self.at_once)


def sample() -> bytes:
    """A call in telephone quality, by voices that are in the repository: interleaved stereo A-law."""
    folder = files("switch.demo").joinpath("speech")
    parts = []
    for turn in TURNS:
        for side, line in enumerate(turn):
            said = np.frombuffer(folder.joinpath(f"{line}.wav").read_bytes()[HEADER:], np.uint8)
            part = np.full((len(said) + PAUSE, 2), 0xD5, np.uint8)
            part[: len(said), side] = said
            parts.append(part)
    return np.concatenate(parts).tobytes()


def ability(told: TranscriptionSettings, rules: TranscribingRules, past: dict[Tier | None, float]) -> Ability:
    """Measured now, against what was recorded a day, or else what the plan expects. Blocking, for seconds; EngineProblem."""
    engine = open_model(told.engine, told.models, told.model, told.language)
    measured = measure(engine, sample())
    load = past or {None: float(rules.hours_a_day)}
    reach = fits(rules, load, measured.hours_a_day(told.jobs))
    return Ability(engine.engine, engine.model, measured, told.jobs, bool(past), reach)


async def past_load(store: Store, now: datetime) -> dict[Tier | None, float]:
    """Hours recorded a day in the last four weeks, by tier; nothing where nothing was. StoreError."""
    hours = await store.read_apart(lambda conn: recorded_hours(conn, now - PAST))
    return {tier: found / PAST.days for tier, found in hours.items()}
