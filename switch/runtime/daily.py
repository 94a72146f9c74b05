"""What is done once a day, at each establishment or for the estate: due from a local hour on, by the worker that claims it."""
import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import structlog

from switch.ports.clock import Clock
from switch.ports.daily import ESTATE, Claim, DailyRecords, JobDay

log = structlog.get_logger("worker")
LOOK_EVERY = 60.0
"""Seconds between looks for days that are due."""

Work = Callable[[str, datetime], Awaitable[None]]
"""Does one day of a job: told the establishment (`ESTATE` for none) and the moment. Raises when it has to be tried again, and so
must bear to be done twice."""


@dataclass(frozen=True, slots=True)
class DailyJob:
    """`after` is by the clock of the place. A day on which no worker ran is not made up: a job looks at what is."""

    name: str
    after: time
    work: Work
    estate: bool = False
    """Once for the whole estate, by the clock of its plan, instead of at each establishment."""


class DailyLoop:
    """Looks each minute. A job that fails is told to staff, tried again later, and holds up no other."""

    def __init__(self, records: DailyRecords, jobs: Sequence[DailyJob], clock: Clock, zone: str) -> None:
        self._records, self._jobs, self._clock, self._zone = records, jobs, clock, zone
        self._over = set[JobDay]()
        """Days that were seen done: they are not asked for again."""

    async def run(self) -> None:
        """Never returns. A store that is away is tried again."""
        while True:
            try:
                await self.look()
            except Exception as error:
                log.warning("daily.away", error=repr(error))
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Everything that is due now and nobody's yet, one after the other."""
        due = list(self._due(await self._records.places(), self._clock.wall()))
        self._over &= {day for day, _ in due}
        for day, work in due:
            if day not in self._over:
                await self._one(day, work)

    def _due(self, places: Sequence[tuple[str, str]], now: datetime) -> Iterator[tuple[JobDay, Work]]:
        for job in self._jobs:
            for place, zone in [(ESTATE, self._zone)] if job.estate else places:
                local = now.astimezone(ZoneInfo(zone))
                if local.time() >= job.after:
                    yield JobDay(job.name, place, local.date()), job.work

    async def _one(self, day: JobDay, work: Work) -> None:
        claim = await self._records.claim(day, self._clock.wall())
        if claim is Claim.DONE:
            self._over.add(day)
        if claim is not Claim.OURS:
            return
        try:
            await work(day.establishment, self._clock.wall())
        except Exception as error:
            log.warning("daily.failed", job=day.job, establishment=day.establishment, error=repr(error))
            await self._records.failed(day, repr(error), self._clock.wall())
        else:
            await self._records.done(day, self._clock.wall())
            self._over.add(day)
            log.info("daily.done", job=day.job, establishment=day.establishment)
