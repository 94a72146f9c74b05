"""Carry out what calls decide. One task owns one call; nobody else touches it."""
import asyncio
from typing import Protocol

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


class Hands(Protocol):
    """Whatever can do what a call asks: SIP, media, the store. Outcomes come back as events."""

    async def carry_out(self, command: do.Command) -> None: ...

    def changed(self, call: Call) -> None:
        """The call took a step; for the live board. Never waits."""


class CallRunner:
    """The task of one call: an inbox, its timers by name, and the commands that are under way."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._inbox: asyncio.Queue[was.Event] = asyncio.Queue()
        self._doing: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def tell(self, event: was.Event) -> None:
        """Put an event before the call; beyond INBOX the call is told once that it is flooded, then nothing."""
        if self._inbox.qsize() == INBOX:
            event = was.CommandFailed("Inbox", "flooded")
        elif self._inbox.qsize() > INBOX:
            return
        self._inbox.put_nowait(event)

    async def run(self) -> Call:
        """The whole life of the call; returns when its record is durable."""
        call, loop = Call(), asyncio.get_running_loop()
        try:
            while call.state is not State.ENDED:
                event = await self._inbox.get()
                try:
                    now, commands = step(call, event, loop.time())
                except Exception as error:
                    log.exception("call.step", state=call.state.name, call_event=type(event).__name__)
                    now, commands = step(call, was.CommandFailed("Step", repr(error)), loop.time())
                moved, call = now.state is not call.state, now
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

    def _hand_over(self, command: do.Command, loop: asyncio.AbstractEventLoop) -> None:
        if isinstance(command, do.SetTimer):
            if before := self._timers.pop(command.name, None):
                before.cancel()
            self._timers[command.name] = loop.call_at(command.at, self.tell, was.TimerFired(command.name))
            return
        task = loop.create_task(self._do(command))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _do(self, command: do.Command) -> None:
        try:
            await self._hands.carry_out(command)
        except Exception as error:  # whatever went wrong, the call must hear of it
            log.warning("call.command", command=type(command).__name__, error=repr(error))
            self.tell(was.CommandFailed(type(command).__name__, str(error) or type(error).__name__))
