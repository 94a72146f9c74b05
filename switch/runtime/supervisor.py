"""`wingline up`: keeps the roles and the embedded Valkey running on one machine, and stops them in order.

    starting --ready--> running --death--> waiting (0.25 s, doubled to a cap) --> starting
                                             | too many deaths of an essential child within the window
                                             v
    asked to stop, or giving up: SIGTERM to one child after another, last started first, each with its time, then SIGKILL

Each child has a session of its own, so that a key pressed at the terminal reaches only the supervisor, and a lifeline
(`switch.runtime.drain`), so that none outlives it. A child that is not ours and knows no lifeline is started through
`dying_with_parent`.
"""
import asyncio
import json
import os
import resource
import signal
import socket
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from switch.runtime.drain import VARIABLE

_SHIM = (
    "import ctypes,os,signal,sys\n"
    "if sys.platform=='linux':\n"
    " ctypes.CDLL(None).prctl(1,signal.SIGTERM)\n"  # PR_SET_PDEATHSIG, prctl(2); kept across execve(2)
    "if os.getppid()!=int(sys.argv[1]): sys.exit(1)\n"
    "os.execv(sys.argv[2],sys.argv[2:])\n"
)


def dying_with_parent(*argv: str) -> tuple[str, ...]:
    """The command line that runs a foreign program so that the kernel sends it SIGTERM when its parent dies (Linux).

    The program replaces the interpreter that sets this up, so nothing of it stays in memory; `{parent}` becomes our pid.
    """
    return (sys.executable, "-I", "-S", "-c", _SHIM, "{parent}", *argv)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. Started in the order given, stopped in the reverse."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Laid over the supervisor's own."""
    essential: bool = True
    """When it dies too often, everything stops; one that is not is tried again for ever, at the longest pause."""
    before: Callable[[], Awaitable[str | None]] | None = None
    """Asked before each start: None, or why it must not start now, which counts as a death."""
    probe: Callable[[], Awaitable[bool]] | None = None
    """Whether it serves; for programs that know no lifeline. Without one the child says so on its lifeline."""
    ready_seconds: float = 20.0
    """An essential child that is not ready by then is killed, which counts as a death; for another nobody waits longer."""
    stop_seconds: float = 10.0
    """From SIGTERM to SIGKILL."""
    output: Path | None = None
    """File that its standard output and error are added to; None: the supervisor's own."""


@dataclass(frozen=True, slots=True)
class Restart:
    """How a dead child comes back, in seconds: after `first`, twice that, ... `longest`; gone for good at the `deaths`-th death
    within `window`. Whoever ran for a whole window starts anew at `first`."""

    first: float = 0.25
    longest: float = 10.0
    deaths: int = 6
    window: float = 60.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """How it all ended: the process's exit code, and a plain sentence."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class ChildStatus:
    name: str
    pid: int | None
    ready: bool
    deaths: int


def raise_file_limit(wanted: int) -> int:
    """Open files that this process and its children may have, raised as far as the hard limit lets us; 600 calls need 2,400."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    goal = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < goal:
        resource.setrlimit(resource.RLIMIT_NOFILE, (goal, hard))
        return goal
    return soft


class Supervisor:
    """Runs until it is told to stop, by `stop()`, SIGTERM or SIGINT, or has to give up. A second signal kills at once."""

    def __init__(self, children: Sequence[Child], restart: Restart = Restart()) -> None:
        self._log = structlog.get_logger("supervisor")
        self._keepers = [_Keeper(child, restart, self._gave_up, self._log) for child in children]
        self._over: asyncio.Future[Stopped] | None = None
        self._asked = False

    def status(self) -> tuple[ChildStatus, ...]:
        return tuple(keeper.status() for keeper in self._keepers)

    def stop(self, why: str = "asked to stop") -> None:
        """Stop in order; a second call kills what still runs."""
        if self._asked:
            for keeper in self._keepers:
                keeper.kill()
        self._asked = True
        self._end(Stopped(0, f"stopped: {why}"))

    def _gave_up(self, text: str) -> None:
        self._end(Stopped(1, text))

    def _end(self, how: Stopped) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(how)

    async def run(self, on_ready: Callable[[], None] | None = None) -> Stopped:
        """`on_ready` is called once, when every child has been started and all essential ones are ready."""
        loop = asyncio.get_running_loop()
        self._over = over = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, number.name)
        starting = asyncio.ensure_future(self._start(on_ready))
        starting.add_done_callback(self._started)
        try:
            how: Stopped = await over
            self._log.info("stopping", why=how.text)
        finally:
            starting.cancel()
            for keeper in reversed(self._keepers):
                await keeper.stop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
        return how

    async def _start(self, on_ready: Callable[[], None] | None) -> None:
        for keeper in self._keepers:
            await keeper.start()
        if on_ready is not None:
            on_ready()

    def _started(self, task: "asyncio.Future[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._gave_up(f"could not start: {error!r}")


class _Keeper:
    """One child and the task that brings it back."""

    def __init__(self, child: Child, restart: Restart, gave_up: Callable[[str], None], log: structlog.stdlib.BoundLogger) -> None:
        self.child, self.restart, self.gave_up = child, restart, gave_up
        self.log = log.bind(child=child.name)
        self.process: asyncio.subprocess.Process | None = None
        self.task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        self.settled = asyncio.Event()
        """It was ready once, or died once."""
        self.deaths: deque[float] = deque()
        self.all_deaths = 0
        self.stopping = False

    def status(self) -> ChildStatus:
        running = self.process is not None and self.process.returncode is None
        pid = self.process.pid if running and self.process is not None else None
        return ChildStatus(self.child.name, pid, running and self.ready.is_set(), self.all_deaths)

    async def start(self) -> None:
        """Returns when the child is ready; nobody waits for one that is not essential after its first death, or its time."""
        self.task = asyncio.ensure_future(self._keep())
        if self.child.essential:
            await self.ready.wait()
            return
        try:
            await asyncio.wait_for(self.settled.wait(), self.child.ready_seconds)
        except TimeoutError:
            pass
        if not self.ready.is_set():
            self.log.warning("not ready, going on without it")

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        pause = self.restart.first
        while not self.stopping:
            began = loop.time()
            why = await self._live()
            self.ready.clear()
            self.settled.set()
            if self.stopping:
                return
            now = loop.time()
            if now - began >= self.restart.window:
                pause = self.restart.first
            self.all_deaths += 1
            self.deaths.append(now)
            while self.deaths[0] <= now - self.restart.window:
                self.deaths.popleft()
            if len(self.deaths) >= self.restart.deaths:
                text = f"{self.child.name} died {len(self.deaths)} times within {self.restart.window:g} seconds, last: {why}"
                if self.child.essential:
                    self.log.error("giving up", why=text)
                    self.gave_up(f"gave up: {text}")
                    return
                self.log.error("dies again and again; still trying", why=text)
                pause = self.restart.longest
            self.log.warning("died, will be started again", why=why, pause=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.restart.longest)

    async def _live(self) -> str:
        """One life, from start to end; how it ended, in words."""
        if self.child.before is not None and (refusal := await self.child.before()) is not None:
            return refusal
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                self.process = process = await self._spawn(theirs)
        except OSError as error:
            ours.close()
            return f"cannot be started: {error}"
        self.log.info("started", pid=process.pid)
        becoming = asyncio.ensure_future(self._become_ready(ours))
        try:
            code = await process.wait()
        finally:
            becoming.cancel()
            ours.close()
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    async def _spawn(self, theirs: socket.socket) -> asyncio.subprocess.Process:
        env = {**os.environ, **self.child.env}
        argv = [part.replace("{parent}", str(os.getpid())) for part in self.child.argv]
        fds: tuple[int, ...] = ()
        if self.child.probe is None:
            env[VARIABLE] = str(theirs.fileno())
            fds = (theirs.fileno(),)
        output = self.child.output.open("ab") if self.child.output is not None else None
        try:
            return await asyncio.create_subprocess_exec(
                *argv, env=env, pass_fds=fds, start_new_session=True,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            )
        finally:
            if output is not None:
                output.close()

    async def _become_ready(self, ours: socket.socket) -> None:
        try:
            async with asyncio.timeout(self.child.ready_seconds if self.child.essential else None):
                about = await self._said(ours) if self.child.probe is None else await self._probed(self.child.probe)
        except TimeoutError:
            self.log.error("not ready in time, killed", seconds=self.child.ready_seconds)
            self.kill()
            return
        self.ready.set()
        self.settled.set()
        self.log.info("ready", **about)

    async def _said(self, ours: socket.socket) -> dict[str, object]:
        loop, text = asyncio.get_running_loop(), b""
        while b"\n" not in text:
            more = await loop.sock_recv(ours, 4096)
            if not more:
                await asyncio.Event().wait()  # it closed its end without a word; its death or the timeout says more
            text = (text + more)[-65536:]
        try:
            about = json.loads(text.partition(b"\n")[0])
        except ValueError:
            about = {}
        return {f"about_{key}": value for key, value in about.items() if key != "ready"} if isinstance(about, dict) else {}

    async def _probed(self, probe: Callable[[], Awaitable[bool]]) -> dict[str, object]:
        while not await probe():  # noqa: ASYNC110  # what another process does has no event of ours
            await asyncio.sleep(0.02)
        return {}

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL to its whole session when its time is over; no restart after this."""
        self.stopping = True
        process = self.process
        if process is not None and process.returncode is None:
            self._signal(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self.child.stop_seconds)
            except TimeoutError:
                self.log.error("did not stop in time, killed", seconds=self.child.stop_seconds)
                self.kill()
                await process.wait()
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    @staticmethod
    def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        try:
            process.send_signal(number)
        except ProcessLookupError:
            pass
