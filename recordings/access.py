"""The only way from a recording to somebody's ears: opened under leave, asked anew at every read, and kept in the audit.

A player fetches sound in pieces, so leave that ends stops it in the middle. The audit has who opened what, why and by what
right, as it is opened; and how much was heard, when it is closed.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from switch.core.authority import Because, Leave, NoLeave, may_listen
from switch.core.ids import CallId, RecordingId, StaffId
from switch.ports.desk import Changes, UnitOfWork
from switch.ports.listening import BYTES_A_SECOND, NotAllowed, Sounds

MOST_READ = 60 * BYTES_A_SECOND
"""A minute, so that leave is asked for at least so often."""
IDLE = timedelta(minutes=15)
"""One that nobody has read from for so long is closed."""


class Access:
    """Implements `ports.listening.Access` on the vault. What is open is this process's own: a crash leaves what was opened in the
    audit, and not how much of it was heard."""

    def __init__(self, work: UnitOfWork, sounds: Sounds, wall: Callable[[], datetime], mint: Callable[[], str]) -> None:
        self._work, self._sounds, self._wall, self._mint = work, sounds, wall, mint
        self._open: dict[str, Opened] = {}

    async def open(self, listener: StaffId, recording: RecordingId, why: str) -> "Opened":
        """As the port says."""
        if not why.strip():
            raise ValueError("say why: the reason is kept with the recording")
        await self._close_idle()
        size = await self._sounds.size(recording) if isinstance(await self._ask(listener, recording), Leave) else 0
        id, at = self._mint(), self._wall()

        def work(changes: Changes) -> Leave | NoLeave:
            leave = _leave(changes, listener, recording, at)
            if isinstance(leave, NoLeave):
                changes.audit("recording-opened-refused", {"call": recording}, {"why": leave.because})
            else:
                changes.audit("recording-opened", {"call": recording, "authority": leave.authority, "playing": id},
                              {"rule": leave.rule}, why.strip())
            return leave

        leave = _good(await self._work.run(listener, at, work))
        self._open[id] = Opened(self, id, listener, recording, size, leave, why.strip(), at)
        return self._open[id]

    def find(self, playing: str, listener: StaffId) -> "Opened | None":
        """As the port says."""
        found = self._open.get(playing)
        return found if found is not None and found.listener == listener else None

    async def leave(self, listener: StaffId, recording: RecordingId) -> Leave:
        """As the port says."""
        return _good(await self._ask(listener, recording))

    async def aclose(self) -> None:
        """Close whatever is open: the process ends."""
        for one in list(self._open.values()):
            await one.close()

    async def _ask(self, listener: StaffId, recording: RecordingId) -> Leave | NoLeave:
        at = self._wall()
        return await self._work.look(listener, at, lambda changes: _leave(changes, listener, recording, at))

    async def read(self, one: "Opened", start: int, stop: int) -> bytes:
        """For `Opened`: leave first, then sound."""
        if stop - start > MOST_READ:
            raise ValueError(f"at most {MOST_READ} bytes are read at once")
        leave = await self._ask(one.listener, one.recording)
        if isinstance(leave, NoLeave):
            await self.close(one, leave.because)
        one.leave = _good(leave)
        sound = await self._sounds.read(one.recording, start, stop)
        first = max(0, start)
        one.heard.update(range(first // BYTES_A_SECOND, -(-(first + len(sound)) // BYTES_A_SECOND) if sound else 0))
        one.read_at = self._wall()
        return sound

    async def close(self, one: "Opened", because: Because | None = None) -> None:
        """For `Opened`: kept once."""
        if self._open.pop(one.id, None) is None:
            return
        subject = {"call": str(one.recording), "authority": one.leave.authority, "playing": one.id}
        await self._work.run(one.listener, self._wall(), lambda changes: changes.audit(
            "recording-played", subject, {"seconds": len(one.heard), "rule": one.leave.rule, "stopped": because}, one.why))

    async def _close_idle(self) -> None:
        for one in [one for one in self._open.values() if self._wall() - one.read_at > IDLE]:
            await one.close()


@dataclass(slots=True, eq=False)
class Opened:
    """One recording that somebody listens to (`ports.listening.Playing`)."""

    _access: Access
    id: str
    listener: StaffId
    recording: RecordingId
    size: int
    leave: Leave
    why: str
    read_at: datetime
    heard: set[int] = field(default_factory=set)
    """The seconds of it that were read, by their number."""

    async def read(self, start: int, stop: int) -> bytes:
        """As the port says. ValueError for more than `MOST_READ` at once."""
        if self._access.find(self.id, self.listener) is not self:
            raise NotAllowed(Because.CLOSED)
        return await self._access.read(self, start, stop)

    async def close(self) -> None:
        """As the port says."""
        await self._access.close(self)


def _leave(changes: Changes, listener: StaffId, recording: RecordingId, at: datetime) -> Leave | NoLeave:
    return may_listen(changes.listen_facts(CallId(recording), listener), at)


def _good(leave: Leave | NoLeave) -> Leave:
    if isinstance(leave, NoLeave):
        raise NotAllowed(leave.because)
    return leave
