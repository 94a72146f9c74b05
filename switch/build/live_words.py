"""The worker's part in calls that run: those under an authorisation in force are written down as they are spoken, for whoever
listens, and a watch word is told at once.

It hears as staff do: by tickets that the desk makes for each call, from its warrant, under leave that is asked again and again.
What it writes down is in this process's memory and nowhere else; it goes to listeners encrypted to their own tickets' keys.
"""
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from admin.listening import Ear, Listening
from recordings.transcribe.engine import Transcriber
from recordings.transcribe.live import LiveTranscription
from recordings.transcript import Heard
from recordings.watch.live import LiveWatch
from switch.build.listening import ticket_check
from switch.build.site import Site, SystemIds
from switch.core.authority import Because, Leave, NoLeave
from switch.core.grants import Listener, ListenTicket
from switch.core.ids import CallId, StaffId
from switch.core.monitoring import Tier
from switch.desk import leads, listening
from switch.desk.asking import Desk, Refused
from switch.live.following import Following
from switch.live.listening import SAID, ListeningAway, ListenServer, open_ear
from switch.ports.listening import CoveredCall

log = structlog.get_logger("live-words")
ACTOR = StaffId("transcriber")
"""Who listens, in the audit."""
WHY = "what is said is written down as it is said, and watch words are looked for"
LOOK_EVERY = 1.0
"""Seconds between looks at which calls run under an authorisation: one whose leave ended is left within so long."""
REST = 30.0
"""Seconds until a call that was let go, or could not be heard, is asked for again."""
LISTS_EVERY = 10.0
"""Seconds for which the words that are looked for in a call stay as they were read."""
GATHER = 1600
"""Octets, a tenth of a second, that the engine is given at once."""
MOST_WAITING = 10_000
OVER = frozenset({Because.NOT_RUNNING, "nothing-heard"})
"""Ends of a listening after which what was still held back may be said: leave stood to the end."""


@dataclass(slots=True)
class _Followed:
    """One call: what is looked for in it, and who listens to it, by their keys: until when, and the way to them."""

    lists_asked: float = float("-inf")
    watch: LiveWatch = field(default_factory=LiveWatch)
    listeners: dict[bytes, tuple[datetime, Callable[[bytes], None]]] = field(default_factory=dict)
    task: "asyncio.Task[None] | None" = None
    because: str = ""
    """Why it was left, where it was."""
    over: float | None = None
    """When it was, on the loop's clock."""


class PlacedEar(Ear, Protocol):
    @property
    def place(self) -> int: ...


class MachineEar:
    """An ear whose sound goes to the engine, with its place in the recording, a tenth of a second at a time."""

    def __init__(self, ear: PlacedEar, feed: Callable[[int, bytes], None]) -> None:
        self._ear, self._feed = ear, feed
        self._at, self._held = 0, b""

    @property
    def key(self) -> bytes:
        return self._ear.key

    async def present(self, ticket: str) -> None:
        await self._ear.present(ticket)

    def said(self) -> list[bytes]:
        return []

    async def hear(self, seconds: float) -> bytes | None:
        frame = await self._ear.hear(seconds)
        if frame is None:
            self.flush()
            return None
        if self._held and self._ear.place != self._at + len(self._held) // 2:
            self.flush()
        if not self._held:
            self._at = self._ear.place
        self._held += frame
        if len(self._held) >= GATHER:
            self.flush()
        return frame

    def flush(self) -> None:
        if self._held:
            self._feed(self._at, self._held)
        self._held = b""


class LiveWords:
    """`run` is its one task, and ends where this site cannot listen to calls that run."""

    def __init__(self, site: Site, desk: Desk, engine: Transcriber) -> None:
        self._site, self._desk = site, desk
        self._live = LiveTranscription(engine, site.plan.transcribing, self._heard, self._let_go)
        self._calls: dict[CallId, _Followed] = {}
        self._rest: dict[CallId, float] = {}
        self._said: asyncio.Queue[tuple[CallId, Heard]] = asyncio.Queue(MOST_WAITING)

    async def run(self) -> None:
        """Until cancelled; without Redis, a key or room in the plan nothing is written down while it is said."""
        url, rules = self._site.settings.redis_url, self._site.plan.transcribing
        if url is None or self._desk.sign is None or rules.live == 0:
            why = "redis" if url is None else "signing-key" if self._desk.sign is None else "transcribing.live"
            log.info("live-words.off", without=why)
            return
        redis = Following(url, f"{self._site.settings.node.name}-{SystemIds().token()[:6]}")
        log.info("live-words.ready", calls=rules.live)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look(url, redis, group))
                group.create_task(self._watch(redis))
                if (check := ticket_check(self._site.settings.listening.key)) is not None:
                    tells = ListenServer(url, check, self.attend, self._site.clock.wall, self._still, SAID)
                    group.create_task(tells.run())
        finally:
            self._live.close()
            await redis.close()

    async def attend(self, ticket: ListenTicket, at: datetime, send: Callable[[bytes], None]) -> None:
        """Staff listen to a call, by a ticket that was checked: they are told its words as long as it is good. KeyError where the
        call is not written down here."""
        if ticket.kind is Listener.MACHINE or ticket.call not in self._live.calls:
            raise KeyError(ticket.call)
        self._calls[ticket.call].listeners[ticket.key] = ticket.expires, send

    async def _still(self, ticket: ListenTicket) -> bool:
        leave = await listening.standing(self._desk, ticket.listener, self._site.clock.wall(), ticket.call)
        return isinstance(leave, Leave)

    # --- which calls

    async def _look(self, url: str, redis: Following, group: asyncio.TaskGroup) -> None:
        while True:
            try:
                await self._follow(url, redis, group)
            except Exception as error:  # the store or Redis is away: nothing new is begun
                log.warning("live-words.away", error=repr(error))
            await asyncio.sleep(LOOK_EVERY)

    async def _follow(self, url: str, redis: Following, group: asyncio.TaskGroup) -> None:
        now = asyncio.get_running_loop().time()
        covered = {one.call: one for one in await listening.covered(self._desk, ACTOR, self._site.clock.wall())}
        for call in [call for call in self._live.calls if call not in covered]:
            await self._leave(call)
        self._calls = {call: one for call, one in self._calls.items() if one.over is None or now < one.over + REST}
        self._rest = {call: until for call, until in self._rest.items() if until > now}
        for call in self._live.calls:
            if not await redis.claim(call):
                self._live.stop(call, "another worker has it")
        asked = [one for one in covered.values() if one.call not in self._calls and one.call not in self._rest]
        talking = await redis.talking((one.node, one.call) for one in asked)
        tiers = list(Tier)
        for one in sorted(asked, key=lambda one: tiers.index(Tier(one.kind))):
            if one.call in talking and await redis.claim(one.call) and self._live.begin(one.call, Tier(one.kind)):
                self._calls[one.call] = followed = _Followed()
                followed.task = group.create_task(self._listen(url, redis, one, followed))

    async def _leave(self, call: CallId) -> None:
        """It runs no more, or nobody may hear it any longer."""
        followed = self._calls[call]
        if followed.because:
            return
        leave = await listening.standing(self._desk, ACTOR, self._site.clock.wall(), call)
        if isinstance(leave, NoLeave) and followed.task is not None:
            followed.because = leave.because
            followed.task.cancel()

    async def _listen(self, url: str, redis: Following, one: CoveredCall, followed: _Followed) -> None:
        """One call, to its end, or to that of leave."""
        call, why = one.call, "stopped"

        @asynccontextmanager
        async def ears(_call: str) -> AsyncIterator[Ear]:
            async with open_ear(url, call) as ear:
                machine = MachineEar(ear, lambda place, sound: self._live.feed(call, place, sound))
                try:
                    yield machine
                finally:
                    machine.flush()

        async def goes_on(_frame: bytes) -> bool:
            return call in self._live.calls

        try:
            hears = Listening(self._desk, self._site.clock.wall, ears, Listener.MACHINE)
            ended = await hears.listen(ACTOR, call, WHY, goes_on)
            why = ended.problems[0].code if isinstance(ended, Refused) else ended.why
        except asyncio.CancelledError:
            if not followed.because:
                raise
        except (ListeningAway, OSError) as error:
            why = f"Redis is away: {error!r}"
        except Exception as error:
            why = repr(error)
            log.warning("live-words.failed", call=call, error=why)
        finally:
            why = followed.because or why
            if why in OVER:
                self._live.end(call)
            else:
                self._live.stop(call, why)
                followed.listeners.clear()
            followed.over = asyncio.get_running_loop().time()
            self._rest[call] = followed.over + REST
        try:
            await redis.release(call)
        except (ListeningAway, OSError):
            pass  # it expires
        log.info("live-words.left", call=call, why=why)

    def _let_go(self, call: CallId) -> None:
        self._rest[call] = asyncio.get_running_loop().time() + REST

    # --- what is said

    def _heard(self, call: CallId, heard: Heard) -> None:
        followed = self._calls.get(call)
        if followed is None:
            return
        now, data = self._site.clock.wall(), heard.to_json()
        for key, (until, send) in list(followed.listeners.items()):
            if now < until:
                send(data)
            else:
                del followed.listeners[key]
        try:
            self._said.put_nowait((call, heard))
        except asyncio.QueueFull:
            log.warning("live-words.not-looked-at", call=call)

    async def _watch(self, redis: Following) -> None:
        while True:
            call, heard = await self._said.get()
            try:
                await self._look_for(redis, call, heard)
            except Exception as error:  # the next utterance is looked at with this one; in the end the transcript is
                log.warning("live-words.not-looked-at", call=call, error=repr(error))

    async def _look_for(self, redis: Following, call: CallId, heard: Heard) -> None:
        followed = self._calls.get(call)
        if followed is None:
            return
        now, wall = asyncio.get_running_loop().time(), self._site.clock.wall
        if now - followed.lists_asked >= LISTS_EVERY:
            entries = await leads.looked_for(self._desk, ACTOR, wall(), call)
            followed.watch.use(() if isinstance(entries, Refused) else entries)
            followed.lists_asked = now
        noticed = followed.watch.hear(heard)
        if noticed is None:
            return
        raised = await leads.hear(self._desk, ACTOR, wall(), call, noticed.words, live=True)
        followed.watch.told(noticed)
        if isinstance(raised, Refused):
            return
        for one in raised:
            log.info("live-words.alert", call=call, lead=one.id)
            try:
                await redis.alert(leads.ALARM, one.id, call, one.establishment)
            except (ListeningAway, OSError) as error:  # the alarm is in SQL
                log.warning("live-words.not-published", lead=one.id, error=repr(error))
