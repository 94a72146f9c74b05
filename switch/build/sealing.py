"""The worker's part in the vault: recordings of closed calls taken in, and what was left behind found and swept."""
import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import structlog

from recordings.keys import KeyProblem
from recordings.objects import ObjectProblem
from recordings.vault import Damaged, NotClosed, Vault, VaultProblem
from switch.build.site import Site
from switch.build.vault import open_vault
from switch.core.ids import CallId
from switch.runtime.daily import DailyJob
from switch.store.database import Store
from switch.store.orders import PlaceAlarm
from switch.store.recordings import read_recorded_call, read_recording

log = structlog.get_logger("sealing")
LOOK_EVERY = 60.0
"""Seconds between looks for spools that nobody asked to have sealed."""
LEFT_FOR = timedelta(minutes=5)
"""How long after its call's end a spool waits for its own outbox row before it is taken for left behind."""
Then = Callable[[CallId], Awaitable[None]]
"""What follows a seal, such as a transcript to be asked for; idempotent, for a seal may be gone through twice."""


@dataclass
class Sealing:
    """The vault of the worker, opened when it is first needed: a worker without keys does all else."""

    site: Site
    store: Store
    then: Sequence[Then] = ()
    _vault: Vault | None = field(default=None, init=False)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    """Calls are sealed side by side, in one vault: how many of them are in memory at once is its to say."""

    async def vault(self) -> Vault:
        """KeyProblem, with staff told."""
        async with self._opening:
            if self._vault is None:
                try:
                    self._vault = await asyncio.to_thread(
                        open_vault, self.site.settings, self.store, self.site.clock.wall, self._keep)
                except KeyProblem as error:
                    await self._tell_hourly(error)
                    raise
            return self._vault

    def _keep(self, establishment: str) -> timedelta:
        return timedelta(days=self.site.plan.keeping.days_at(establishment).value)

    async def recording_sealed(self, call: str, body: str) -> None:
        """The outbox's step. Raises what is worth another try: the spool stays until the vault has it."""
        done = await self._seal(call)
        if done is None:
            about = await self.store.read(lambda conn: read_recorded_call(conn, call))
            if about is not None and about.node != self.site.settings.node.name:
                raise LookupError(f"the spool of call {call} is on node {about.node}")
            said = json.loads(body)
            text = f"Recording {said['recording']} of {said['seconds']:.0f} s is neither in the vault nor on this machine"
            await self._tell("recording-lost", f"recording:{call}", text, call)

    async def released(self, _subject: str, body: str) -> None:
        """A step of the outbox: a call is in quarantine no longer. What follows a seal follows now: its item in the queue, leads,
        its transcript. Nothing of a call that was never recorded, or is erased."""
        call = CallId(json.loads(body)["call"])
        found = await self.store.read(lambda conn: read_recording(conn, call))
        if found is None or found.key is None or found.quarantined:
            return
        for one in self.then:
            await one(call)

    async def left_behind(self) -> None:
        """For ever: spools whose calls are over, and whose records named no recording, such as after a disk was full."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception as error:
                log.warning("sealing.look", error=repr(error))

    async def look(self) -> None:
        """Seal what was left behind."""
        vault = await self.vault()
        for call in await asyncio.to_thread(vault.leftovers):
            about = await self.store.read(lambda conn, call=call: read_recorded_call(conn, call))  # type: ignore[misc]  # a default
            if about and about.closed_at and self.site.clock.wall() - about.closed_at >= LEFT_FOR:
                await self._seal(call)

    def jobs(self) -> tuple[DailyJob, ...]:
        """What is done once a day: objects of seals that were broken off are swept, after the night's reconciliation."""

        async def sweep(_estate: str, _at: datetime) -> None:
            if swept := await (await self.vault()).sweep():
                log.info("sealing.swept", objects=swept)

        return (DailyJob("sweep-objects", time(5, 30), sweep, estate=True),)

    async def _seal(self, call: str) -> bool | None:
        """Whether it is in the vault; None where there is nothing to seal, False where it may not be, and staff know."""
        try:
            vault = await self.vault()
            sealed = await vault.seal(call)
        except NotClosed:
            raise
        except VaultProblem as error:
            log.error("recording.not-sealed", call=call, problem=str(error))
            kind = "recording-differs" if isinstance(error, Damaged) else "recording-not-sealed"
            await self._tell(kind, f"recording:{call}", str(error), call)
            return False
        except (KeyProblem, ObjectProblem) as error:
            await self._tell_hourly(error)
            raise
        if sealed is None:
            return None
        if sealed.quarantined:
            return True  # nobody may hear it, and no machine either
        for one in self.then:
            await one(CallId(call))
        return True

    async def _tell_hourly(self, error: KeyProblem | ObjectProblem) -> None:
        kind = "recordings-key" if isinstance(error, KeyProblem) else "recordings-store"
        hour = f"{self.site.clock.wall():%Y-%m-%dT%H}"
        await self._tell(kind, f"{kind}:{hour}", f"Recordings wait on this machine, and cannot be sealed: {error}", None)

    async def _tell(self, kind: str, id: str, text: str, call: str | None) -> None:
        await self.store.write(PlaceAlarm(id, kind, text, call, self.site.clock.wall()))
