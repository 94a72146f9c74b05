"""Live listening over Redis: tickets one way, sealed frames the other, neither of use to whoever else reads or writes there.

| channel | what |
| --- | --- |
| `listen` | tickets, signed by the desk; every switch hears them, the one that has the call acts |
| `heard:<call>:<key>` | frames of 20 ms, encrypted to the listener's key (base64url in the name), while somebody listens |
| `said:<call>:<key>` | words of that call as a worker understands them, encrypted likewise: JSON (`recordings.transcript`) |

A frame is the sample of the recording at which it begins (8 bytes, big endian), and 320 bytes of sound.

The desk's tickets are checked before anything else is done. Commands of Redis 7.0 only.
"""
import asyncio
import base64
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from switch.core.grants import ListenTicket
from switch.core.tickets import BadTicket, Check, opened
from switch.live.board import cancelled
from switch.live.sealing import BadFrame, FrameOpener, FrameSealer

ListeningAway = RedisError
"""Redis is not there: nobody listens."""
TICKETS: Final = "listen"
ASKED_EVERY: Final = 1.0
"""Seconds between two askings whether leave stands."""
WAITING: Final = 250
"""Frames that wait for Redis, for each listener: five seconds; older ones are lost."""
log = structlog.get_logger("listening")

HEARD, SAID = "heard", "said"
PLACE: Final = struct.Struct(">Q")
FRAME: Final = 320
MOST_SAID: Final = 1000
"""Messages of words that wait for whoever listens; older ones are lost."""

Listen = Callable[[ListenTicket, datetime, Callable[[bytes], None]], Awaitable[None]]
"""Has whoever has the call hand on what is to be sent; KeyError where the call is not here, PermissionError where it may not be
heard."""


Still = Callable[[ListenTicket], Awaitable[bool]]
"""Whether the listener of a ticket may hear its call now, whatever the ticket says. What it raises changes nothing: the ticket
ends by itself."""


def placed(position: int, frame: bytes) -> bytes:
    """A frame as it is sent."""
    return PLACE.pack(position) + frame


def channel_of(call: str, key: bytes, what: str = HEARD) -> str:
    return f"{what}:{call}:{base64.urlsafe_b64encode(key).rstrip(b'=').decode()}"


@dataclass(slots=True)
class _Heard:
    """One listener of one call, as long as their tickets follow one another."""

    channel: str
    sealer: FrameSealer
    until: datetime
    ticket: ListenTicket
    """The last that was shown."""
    shut: bool = False
    """Leave ended before the ticket: nothing more is handed on, whatever ticket is shown for the same key."""
    frames: deque[bytes] = field(default_factory=lambda: deque(maxlen=WAITING))


class ListenServer:
    """The side of whoever has the call: a switch its sound, a worker its words (`what`). `run` is its one task; what Redis does
    holds up no call. Each second it asks by `still` whether leave stands, of everybody who listens: an authorisation that was
    cancelled is heard no longer than that."""

    def __init__(self, url: str, check: Check, listen: Listen, wall: Callable[[], datetime], still: Still, what: str = HEARD
                 ) -> None:
        self._url, self._check, self._listen, self._wall = url, check, listen, wall
        self._still, self._what = still, what
        self._heard: dict[str, _Heard] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled. Without Redis nobody listens; it is tried again."""
        pause = 0.1
        while not cancelled():
            redis = _redis(self._url)
            try:
                async with redis.pubsub(ignore_subscribe_messages=True) as tickets:
                    await tickets.subscribe(TICKETS)
                    pause = 0.1
                    beside = [asyncio.ensure_future(one) for one in (self._publish(redis), self._watch())]
                    try:
                        await self._take(tickets)
                    finally:
                        for one in beside:
                            one.cancel()
                        await asyncio.gather(*beside, return_exceptions=True)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("listening.away", error=repr(error), pause=pause)
            finally:
                await redis.aclose()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _take(self, tickets: Any) -> None:
        while not cancelled():
            message = await tickets.get_message(timeout=None)
            if message is not None:
                await self.present(message["data"])

    async def present(self, text: bytes) -> None:
        """A ticket came, or something that is none."""
        at = self._wall()
        try:
            ticket = opened(text.decode("ascii", "replace"), self._check, at)
            name = channel_of(ticket.call, ticket.key, self._what)
            before = self._heard.get(name)
            heard = before or _Heard(name, FrameSealer(ticket.call, ticket.key), ticket.expires, ticket)
            await self._listen(ticket, at, lambda frame: self._hand_on(heard, frame))
        except KeyError:
            return  # of another node, or over
        except (BadTicket, PermissionError, ValueError) as error:
            log.warning("listening.refused", why=str(error))
            return
        heard.until, heard.ticket = ticket.expires, ticket
        self._heard = {name: one for name, one in self._heard.items() if one.until > at} | {name: heard}
        if before is None:
            log.info("listening.began", call=ticket.call, listener=ticket.listener, kind=ticket.kind, what=self._what,
                     authority=ticket.authority)

    async def _watch(self) -> None:
        while not cancelled():
            await asyncio.sleep(ASKED_EVERY)
            await self.look()

    async def look(self) -> None:
        """Shut out whoever has no leave any more."""
        at = self._wall()
        for one in [one for one in self._heard.values() if not one.shut and one.until > at]:
            try:
                if await self._still(one.ticket):
                    continue
            except Exception as error:
                log.warning("listening.not-asked", error=repr(error))
                continue
            one.shut = True
            one.frames.clear()
            log.info("listening.stopped", call=one.ticket.call, listener=one.ticket.listener, authority=one.ticket.authority)

    def _hand_on(self, heard: _Heard, frame: bytes) -> None:
        if heard.shut:
            return
        heard.frames.append(heard.sealer.seal(frame))
        self._wake.set()

    async def _publish(self, redis: Redis) -> None:
        while not cancelled():
            await self._wake.wait()
            self._wake.clear()
            async with redis.pipeline(transaction=False) as pipe:
                for one in self._heard.values():
                    while one.frames:
                        pipe.publish(one.channel, one.frames.popleft())
                try:
                    await pipe.execute()
                except (RedisError, OSError) as error:  # what was to be heard then is lost
                    log.warning("listening.not-sent", error=repr(error))
                    await asyncio.sleep(1)


class Ear:
    """The listener's side of one listening: its key, the way to present a ticket for it, and what is heard."""

    def __init__(self, redis: "Redis", frames: Any, opener: FrameOpener) -> None:
        self._redis, self._frames, self._opener = redis, frames, opener
        self._said: deque[bytes] = deque(maxlen=MOST_SAID)
        self._place = 0

    @property
    def key(self) -> bytes:
        """The public key that a ticket must name; the private one never leaves this object."""
        return self._opener.key

    async def present(self, ticket: str) -> None:
        """Show a ticket to whichever switch has the call. Raises ListeningAway."""
        await self._redis.publish(TICKETS, ticket)

    @property
    def place(self) -> int:
        """The sample of the recording at which the last 20 ms that were heard began."""
        return self._place

    def said(self) -> list[bytes]:
        """What came of words while sound was heard; each is told once."""
        found = list(self._said)
        self._said.clear()
        return found

    async def hear(self, seconds: float) -> bytes | None:
        """The next 20 ms, interleaved stereo A-law, the person in prison left; None where none came in so long. Whatever else is
        written to the channel is not heard. Raises ListeningAway."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            message = await self._frames.get_message(timeout=left)
            if message is not None:
                try:
                    opened = self._opener.open(message["data"])
                except BadFrame as error:
                    log.warning("listening.bad-frame", why=str(error))
                    continue
                if message["channel"].startswith(SAID.encode()):
                    self._said.append(opened)
                elif len(opened) == PLACE.size + FRAME:
                    (self._place,) = PLACE.unpack_from(opened)
                    return opened[PLACE.size :]
        return None


@asynccontextmanager
async def open_ear(url: str, call: str) -> AsyncIterator[Ear]:
    """An ear at a call, subscribed before any ticket is shown. Raises ListeningAway."""
    opener, redis = FrameOpener(call), _redis(url)
    try:
        async with redis.pubsub(ignore_subscribe_messages=True) as frames:
            await frames.subscribe(channel_of(call, opener.key), channel_of(call, opener.key, SAID))
            yield Ear(redis, frames, opener)
    finally:
        await redis.aclose()


def _redis(url: str) -> "Redis":
    return Redis.from_url(url, socket_connect_timeout=2.0, health_check_interval=10, retry=Retry(NoBackoff(), 0))
