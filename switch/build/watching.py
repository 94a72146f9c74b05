"""The worker's part in watch words and leads: what it looks for, and when."""
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time

import structlog

from recordings.transcript import KIND, Transcript
from recordings.vault import Vault, VaultProblem
from recordings.watch.match import bank_digits
from recordings.watch.sound import PIECE, USUAL, Finding, Limits, findings
from switch.core.ids import CallId, StaffId
from switch.desk import leads
from switch.desk.asking import Desk, Refused
from switch.ports.clock import Clock
from switch.ports.leads import Lead
from switch.ports.listening import BYTES_A_SECOND
from switch.runtime.daily import DailyJob
from switch.runtime.outbox import Step

log = structlog.get_logger("watching")
NOT_HEARD = "not-heard"
"""Refused so, nothing is tried again: nobody may hear the call."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What follows a seal and a transcript. `vault` opens the vault, or raises what is worth another try."""

    desk: Desk
    clock: Clock
    actor: StaffId
    vault: Callable[[], Awaitable[Vault]]
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One piece of sound is looked at at a time: what it takes to be looked into is many times its size."""

    async def sealed(self, call: CallId) -> None:
        """What is beyond words in the sound of a recording. A call is looked at five minutes at a time."""
        vault = await self.vault()
        found: list[Finding] = []
        limits = USUAL if self.desk.plan is None else Limits.of(self.desk.plan.watch)
        try:
            start = 0.0
            async for audio in vault.pieces(call, PIECE * BYTES_A_SECOND):
                async with self.room:
                    found += [_later(one, start) for one in await asyncio.to_thread(findings, audio, limits)]
                start += PIECE
        except VaultProblem as error:
            log.warning("watching.not-heard", call=call, problem=str(error))
            return
        if found:
            self._done(call, await leads.found(self.desk, self.actor, self.clock.wall(), call, found))

    async def transcribed(self, call: str, _body: str) -> None:
        """A step of the outbox: watch words in a transcript that is finished."""
        vault = await self.vault()
        try:
            part = await vault.part(call, KIND)
        except VaultProblem as error:
            log.warning("watching.not-read", call=call, problem=str(error))
            return
        if part is not None:
            words = Transcript.from_json(part).words
            self._done(call, await leads.hear(self.desk, self.actor, self.clock.wall(), call, words))
            if read_out := bank_digits(words):
                self._done(call, await leads.found(self.desk, self.actor, self.clock.wall(), call, read_out))

    def steps(self) -> dict[str, Step]:
        return {"transcript-ready": self.transcribed}

    def _done(self, call: str, result: list[Lead] | Refused) -> None:
        if isinstance(result, Refused):
            if result.problems[0].code != NOT_HEARD:
                raise RuntimeError(str(result))
        elif result:
            log.info("leads.raised", call=call, leads=len(result))


def lead_jobs(desk: Desk, actor: StaffId) -> tuple[DailyJob, ...]:
    """What is done once a day: leads from the records."""

    async def look_back(establishment: str, at: datetime) -> None:
        done = await leads.look_back(desk, actor, at, establishment)
        if isinstance(done, Refused):
            raise RuntimeError(str(done))
        if done.raised or done.dropped:
            log.info("leads.looked-back", establishment=establishment, raised=done.raised, dropped=done.dropped)

    return (DailyJob("look-for-leads", time(2), look_back),)


def _later(one: Finding, seconds: float) -> Finding:
    return replace(one, start=round(one.start + seconds, 3), end=round(one.end + seconds, 3))
