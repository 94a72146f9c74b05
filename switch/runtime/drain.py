"""A role's side of being supervised: it says when it is ready, and learns when it is to stop.

The supervisor hands each role one end of a socket pair. The role writes one line to it when it serves; when the other end
closes, the supervisor is gone, however it went, and the role must not outlive it.
"""
import asyncio
import json
import os
import signal
import socket
from collections.abc import Mapping
from typing import Self

VARIABLE = "WINGLINE_SUPERVISOR_FD"
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Lifeline:
    """The role's end of the pair. Made first of all, inside the running loop: from then on SIGTERM and SIGINT are requests, so
    that no signal that comes while a role starts ends it undrained. A second one ends the process as if nobody listened.

    Without a supervisor (`fd` None) only signals count.
    """

    def __init__(self, fd: int | None) -> None:
        self._socket: socket.socket | None = None
        if fd is not None:
            os.set_inheritable(fd, False)  # a process of ours that kept it open would hide the end from us
            self._socket = socket.socket(fileno=fd)
            self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._asked: asyncio.Future[str] = self._loop.create_future()
        for number in SIGNALS:
            self._loop.add_signal_handler(number, self._signalled, number)
        self._watch = asyncio.ensure_future(self._watch_supervisor())

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Self:
        """From the environment that the role was started with."""
        text = env.get(VARIABLE, "")
        return cls(int(text) if text.isdigit() else None)

    def ready(self, **about: object) -> None:
        """This role serves now; `about` goes along as JSON. A supervisor that is gone is noticed elsewhere."""
        if self._socket is not None:
            try:
                self._socket.send(json.dumps({"ready": True, **about}).encode() + b"\n")
            except OSError:
                pass

    async def asked(self) -> str:
        """Waits until this role is to stop, and says why. May be awaited by several."""
        return await asyncio.shield(self._asked)

    def ask(self, why: str) -> None:
        """Ask for it from inside: the control socket's `drain`, a role that cannot go on."""
        if not self._asked.done():
            self._asked.set_result(why)

    def _signalled(self, number: signal.Signals) -> None:
        self.ask(number.name)
        for each in SIGNALS:
            self._loop.remove_signal_handler(each)

    async def _watch_supervisor(self) -> None:
        if self._socket is None:
            return
        try:
            while await self._loop.sock_recv(self._socket, 64):
                pass
        except OSError:
            pass
        self.ask("the supervisor is gone")

    def close(self) -> None:
        """Signals mean again what they meant, and the supervisor is no longer watched."""
        self._watch.cancel()
        for number in SIGNALS:
            self._loop.remove_signal_handler(number)
        if self._socket is not None:
            self._socket.close()


async def asked_to_stop(lifeline: Lifeline) -> str:
    """Waits until this role is to stop, and says why, for the log."""
    return await lifeline.asked()
