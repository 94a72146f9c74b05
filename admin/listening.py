"""Somebody of staff listens to a call that runs: one ticket after another, for as long as leave stands. A page or a command
gives the frames on to their ears."""
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from switch.core.grants import Listener
from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, refused
from switch.desk.listening import Listened, begin, end, go_on

RENEW_EVERY: Final = 15.0
"""Seconds: half of what a ticket is good for. One that is cancelled is heard no longer than a second: the switch asks
too (`switch.live.listening`)."""
QUIET: Final = 2.0
"""Seconds without a frame, of which there are fifty each second while the switch hands them on."""
FRAMES_A_SECOND: Final = 50


class Ear(Protocol):
    """What hears the switch (`switch.live.listening.Ear`)."""

    @property
    def key(self) -> bytes: ...

    async def present(self, ticket: str) -> None: ...

    async def hear(self, seconds: float) -> bytes | None: ...

    def said(self) -> list[bytes]: ...


Take = Callable[[bytes], Awaitable[bool]]
"""Is given each 20 ms: 320 bytes of interleaved stereo A-law, the person in prison left. False is enough."""


Said = Callable[[bytes], None]
"""Is given words as a machine understands them, where one does: JSON (`recordings.transcript.Heard`)."""


def unheeded(_said: bytes) -> None:
    """For whoever wants the sound alone."""


ENOUGH = refused("enough", "who listened has heard enough")
NOTHING = refused("nothing-heard", "no switch hands anything on of this call: it has just ended, or nobody can listen there")


@dataclass(frozen=True, slots=True)
class Heard:
    """How a listening ended: what was heard, and the code and sentence of why no more."""

    seconds: float
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Listening:
    """`ears` opens one at a call, with a private key that stays in it; `now` is the wall clock; `kind` is what hears."""

    desk: Desk
    now: Callable[[], datetime]
    ears: Callable[[str], AbstractAsyncContextManager[Ear]]
    kind: Listener = Listener.STAFF

    async def listen(self, actor: StaffId, call: str, why: str, take: Take, said: Said = unheeded) -> Heard | Refused:
        """Until leave is over, the call ends, `take` has enough, or whoever asked is cancelled; the audit has each of these. What
        the ear raises ends it too."""
        async with self.ears(call) as ear:
            begun = await begin(self.desk, actor, self.now(), call, why, ear.key, self.kind)
            if isinstance(begun, Refused):
                return begun
            frames = 0

            async def counted(frame: bytes) -> bool:
                nonlocal frames
                frames += 1
                return await take(frame)

            try:
                stopped = await self._hear(ear, actor, begun, counted, said)
            finally:
                await end(self.desk, actor, self.now(), call, begun.authority, frames / FRAMES_A_SECOND)
            problem = stopped.problems[0]
            return Heard(frames / FRAMES_A_SECOND, problem.code, problem.text)

    async def _hear(self, ear: Ear, actor: StaffId, begun: Listened, take: Take, said: Said) -> Refused:
        """What the desk says when it gives no further ticket, or why it was enough. A switch that hands nothing on, though it was
        shown a new one, is not there."""
        clock, silent = asyncio.get_running_loop().time, False
        await ear.present(begun.ticket)
        renew_at = clock() + RENEW_EVERY
        while True:
            frame = await ear.hear(QUIET)
            for one in ear.said():
                said(one)
            if frame is not None and not await take(frame):
                return ENOUGH
            if frame is not None and clock() < renew_at:
                silent = False
                continue
            more = await go_on(self.desk, actor, self.now(), begun.call, ear.key, self.kind)
            if isinstance(more, Refused):
                return more
            if frame is None and silent:
                return NOTHING
            silent = frame is None
            await ear.present(more.ticket)
            renew_at = clock() + RENEW_EVERY
