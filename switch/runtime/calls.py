"""Carry out what calls decide. One task owns one call; nobody else touches it."""
import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import structlog

from switch.call import commands as do
from switch.call import events as was
from switch.call.flow import step
from switch.call.model import Call, State

log = structlog.get_logger()

INBOX = 256
"""More events waiting than this, and something floods: the call ends."""
LAST_WAIT = 5.0
"""Seconds for what was handed over and has not come back when the record is durable."""


C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
Stepping = Callable[[C, Any, float], tuple[C, Sequence[Any]]]
"""A pure machine: its call, an event, the moment; the call as it is now and its commands."""


class Hands(Protocol[C_contra]):
    """Whatever can do what a call asks: SIP, media, the store. Outcomes come back as events."""

    async def carry_out(self, command: Any) -> None: ...

    def changed(self, call: C_contra) -> None:
        """The call took a step; for the live board. Never waits."""


class Runner(Generic[C]):
    """The task of one call: an inbox, its timers by name, and the commands that are under way. `state` tells where a call is,
    and `ended` is the state that it stops in."""

    def __init__(self, hands: Hands[C], first: C, stepping: Stepping[C], state: Callable[[C], Any], ended: object) -> None:
        self._hands, self._first, self._step, self._state, self._ended = hands, first, stepping, state, ended
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        self._doing: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def tell(self, event: Any) -> None:
        """Put an event before the call; beyond INBOX the call is told once that it is flooded, then nothing."""
        if self._inbox.qsize() == INBOX:
            event = was.CommandFailed("Inbox", "flooded")
        elif self._inbox.qsize() > INBOX:
            return
        self._inbox.put_nowait(event)

    async def run(self) -> C:
        """The whole life of the call; returns when its record is durable."""
        call, loop = self._first, asyncio.get_running_loop()
        try:
            while (before := self._state(call)) is not self._ended:
                event = await self._inbox.get()
                try:
                    now, commands = self._step(call, event, loop.time())
                except Exception as error:
                    log.exception("call.step", state=before.name, call_event=type(event).__name__)
                    now, commands = self._step(call, was.CommandFailed("Step", repr(error)), loop.time())
                moved, call = self._state(now) is not before, now
                for command in commands:
                    self._hand_over(command, loop)
                if moved:
                    self._hands.changed(call)
            if self._doing:
                await asyncio.wait(self._doing, timeout=LAST_WAIT)
        finally:
            for timer in self._timers.values():
                timer.cancel()
            for task in self._doing:
                task.cancel()
        return call

    def _hand_over(self, command: Any, loop: asyncio.AbstractEventLoop) -> None:
        if isinstance(command, do.SetTimer):
            if before := self._timers.pop(command.name, None):
                before.cancel()
            self._timers[command.name] = loop.call_at(command.at, self.tell, was.TimerFired(command.name))
            return
        task = loop.create_task(self._do(command))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _do(self, command: Any) -> None:
        try:
            await self._hands.carry_out(command)
        except Exception as error:  # whatever went wrong, the call must hear of it
            log.warning("call.command", command=type(command).__name__, error=repr(error))
            self.tell(was.CommandFailed(type(command).__name__, str(error) or type(error).__name__))


class CallRunner(Runner[Call]):
    """The task of a call that a telephone in prison asked for."""

    def __init__(self, hands: Hands[Call]) -> None:
        super().__init__(hands, Call(), step, lambda call: call.state, State.ENDED)
