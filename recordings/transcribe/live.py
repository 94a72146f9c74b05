"""Calls transcribed while they run: a bounded number at once, those that rank highest; what has no room is done after its end.

Sound comes in by call as it is heard; words go out as they are understood, each utterance within seconds of its end, and one that
goes on after five seconds as it is. Which calls may be heard is not asked here: nothing is fed that nobody may hear. None of
it is kept: the transcript of record is made of the whole recording, so that to fall behind or to make room loses no word.
"""
import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from dialplans.plan import TranscribingRules
from dialplans.transcribing import admit
from recordings.transcribe.engine import CHUNK, Ear, Heard, Transcriber
from recordings.transcribe.jobs import work_threads
from recordings.transcript import Channel
from switch.core.ids import CallId
from switch.core.monitoring import Tier

log = structlog.get_logger("transcripts")
BEHIND = 10 * 16_000
"""Octets of a call, ten seconds, that may wait for the engine; with more of them it is too slow, and the call is let go."""


@dataclass(slots=True)
class _Call:
    """One call and the one thread on which its ears are made, fed and ended."""

    tier: Tier | None
    pool: ThreadPoolExecutor
    waiting: deque[bytes] = field(default_factory=deque)
    octets: int = 0
    ears: dict[Channel, Ear] = field(default_factory=dict)
    over: bool = False


class LiveTranscription:
    """`heard` is told of every call's words, on the loop, in order; `let_go` of a call that is not transcribed any more before it
    is over. On the loop, and nothing here waits."""

    def __init__(self, engine: Transcriber, rules: TranscribingRules, heard: Callable[[CallId, Heard], None],
                 let_go: Callable[[CallId], None] = lambda _call: None) -> None:
        self._engine, self._rules, self._heard, self._let_go = engine, rules, heard, let_go
        self._calls: dict[CallId, _Call] = {}

    @property
    def calls(self) -> tuple[CallId, ...]:
        return tuple(self._calls)

    def begin(self, call: CallId, tier: Tier | None) -> bool:
        """Whether this call is transcribed from now on. One that ranks lower makes room."""
        if call in self._calls:
            return True
        found = admit(self._rules, {one: held.tier for one, held in self._calls.items()}, tier)
        if found is None:
            return False
        if found.instead is not None:
            self._drop(CallId(found.instead), "a call that ranks higher has its room")
        self._calls[call] = _Call(tier, work_threads(1))
        return True

    def feed(self, call: CallId, stereo: bytes) -> None:
        """The next of its sound: interleaved A-law, the person in prison left, whole pairs. Nothing where it was let go."""
        held = self._calls.get(call)
        if held is None:
            return
        held.octets += len(stereo)
        if held.octets > BEHIND:
            self._drop(call, "the engine is too slow for it")
            return
        held.waiting.append(stereo)
        held.pool.submit(self._work, asyncio.get_running_loop(), call, held)

    def end(self, call: CallId) -> None:
        """It is over; what was still held back is said."""
        held = self._calls.pop(call, None)
        if held is not None:
            held.pool.submit(self._finish, asyncio.get_running_loop(), call, held)
            held.pool.shutdown(wait=False)

    def close(self) -> None:
        for call in self.calls:
            self._drop(call, "the process ends")

    def _drop(self, call: CallId, why: str) -> None:
        held = self._calls.pop(call)
        held.over = True
        held.pool.shutdown(wait=False, cancel_futures=True)
        log.info("transcripts.live-let-go", call=call, why=why)
        self._let_go(call)

    # --- on the call's thread

    def _work(self, loop: asyncio.AbstractEventLoop, call: CallId, held: _Call) -> None:
        data = held.waiting.popleft()
        for at, channel in enumerate(Channel):
            one = data[at::2]
            for start in range(0, len(one), CHUNK):
                if held.over:
                    return
                self._tell(loop, call, held, self._ear(held, channel).feed(one[start : start + CHUNK]))
        loop.call_soon_threadsafe(self._done, held, len(data))

    def _finish(self, loop: asyncio.AbstractEventLoop, call: CallId, held: _Call) -> None:
        for ear in held.ears.values():
            self._tell(loop, call, held, ear.end())

    def _ear(self, held: _Call, channel: Channel) -> Ear:
        if channel not in held.ears:
            held.ears[channel] = self._engine.ear(channel, live=True)
        return held.ears[channel]

    def _tell(self, loop: asyncio.AbstractEventLoop, call: CallId, held: _Call, said: list[Heard]) -> None:
        for one in said:
            if not held.over:
                loop.call_soon_threadsafe(self._heard, call, one)

    @staticmethod
    def _done(held: _Call, octets: int) -> None:
        held.octets -= octets
