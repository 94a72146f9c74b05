"""Calls transcribed while they run: a bounded number at once, those that rank highest; what has no room is done after its end.

Sound comes in by call as it is heard; words go out as they are understood, with their times in the recording. Which calls may be
heard is not asked here: nothing is fed that nobody may hear. None of it is kept: the transcript of record is made of the whole
recording, so that to fall behind or to make room loses no word.
"""
import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from dialplans.plan import TranscribingRules
from dialplans.transcribing import admit, lowest
from recordings.transcribe.engine import Transcriber
from recordings.transcribe.jobs import work_threads
from recordings.transcribe.live_ears import LiveEars
from recordings.transcript import Heard
from switch.core.ids import CallId
from switch.core.monitoring import Tier

log = structlog.get_logger("transcripts")
BEHIND = 10 * 16_000
"""Octets of a call, ten seconds, that may wait for the engine; with more of them the machine is too slow, and the lowest call is
let go."""
GRACE = 5 * 16_000
"""More of them, five seconds, in which a call that another made room for may catch up."""
CURRENT = 8_000
"""Octets, half a second: with no more waiting, there is time to look at what is said in the middle of it."""


@dataclass(slots=True)
class _Call:
    """One call and the one thread on which its ears are made, fed and ended."""

    tier: Tier | None
    pool: ThreadPoolExecutor
    ears: LiveEars
    waiting: deque[tuple[int, bytes]] = field(default_factory=deque)
    octets: int = 0
    most: int = BEHIND
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
        found = admit(self._rules, self._tiers(), tier)
        if found is None:
            return False
        if found.instead is not None:
            self._drop(CallId(found.instead), "a call that ranks higher has its room")
        self._calls[call] = _Call(tier, work_threads(1), LiveEars(self._engine))
        return True

    def feed(self, call: CallId, position: int, stereo: bytes) -> None:
        """The next of its sound, from this sample of its recording on: interleaved A-law, the person in prison left, whole pairs.
        Nothing where it was let go."""
        held = self._calls.get(call)
        if held is None:
            return
        held.octets += len(stereo)
        if held.octets > held.most:
            self._make_room(call, held)
        if held.over:
            return
        held.waiting.append((position, stereo))
        held.pool.submit(self._work, asyncio.get_running_loop(), call, held)

    def end(self, call: CallId) -> None:
        """It is over; what was still held back is said."""
        held = self._calls.pop(call, None)
        if held is not None:
            held.pool.submit(self._finish, asyncio.get_running_loop(), call, held)
            held.pool.shutdown(wait=False)

    def stop(self, call: CallId, why: str) -> None:
        """Nobody may hear it any longer: what was not understood yet is not."""
        if call in self._calls:
            self._drop(call, why)

    def close(self) -> None:
        for call in self.calls:
            self._drop(call, "the process ends")

    def _tiers(self) -> dict[str, Tier | None]:
        return {one: held.tier for one, held in self._calls.items()}

    def _make_room(self, call: CallId, held: _Call) -> None:
        """The machine is too slow for all of them. The lowest goes, once; a call that cannot catch up even then goes itself."""
        victim = lowest(self._rules, self._tiers())
        if victim == call or held.most > BEHIND:
            self._drop(call, "the engine is too slow for it")
            return
        held.most = BEHIND + GRACE
        self._drop(CallId(victim), "the engine is too slow, and a call that ranks higher falls behind")

    def _drop(self, call: CallId, why: str) -> None:
        held = self._calls.pop(call)
        held.over = True
        held.pool.shutdown(wait=False, cancel_futures=True)
        log.info("transcripts.live-let-go", call=call, why=why)
        self._let_go(call)

    # --- on the call's thread

    def _work(self, loop: asyncio.AbstractEventLoop, call: CallId, held: _Call) -> None:
        position, data = held.waiting.popleft()
        for said in held.ears.feed(position, data, current=held.octets <= CURRENT):
            if held.over:
                return
            loop.call_soon_threadsafe(self._tell, call, held, said)
        loop.call_soon_threadsafe(self._done, held, len(data))

    def _finish(self, loop: asyncio.AbstractEventLoop, call: CallId, held: _Call) -> None:
        for said in held.ears.end():
            loop.call_soon_threadsafe(self._tell, call, held, said)

    def _tell(self, call: CallId, held: _Call, said: Heard) -> None:
        if not held.over:
            self._heard(call, said)

    @staticmethod
    def _done(held: _Call, octets: int) -> None:
        held.octets -= octets
        if held.octets <= BEHIND // 2:
            held.most = BEHIND
