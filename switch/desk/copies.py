"""Copies of recordings: a clip, a redacted copy, a file for somebody outside. Only under leave to hear the recording.

A clip and a redacted copy are kept beside the original, under its key, so that erasure reaches them; the original is never
changed. What is exported is out of our hands: the audit keeps who took it, why, for whom, and its SHA-256.
"""
import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from recordings.export import ENDINGS, MEDIA_TYPES, Format, exported
from recordings.loudness import levelled
from recordings.sound import Channel, Span, length, offset, redacted
from recordings.vault import Damaged, Erased, NotKept, Quarantined, VaultProblem
from switch.core.authority import Leave
from switch.core.ids import RecordingId, StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, refused, unreasoned
from switch.ports.copies import CLIP, Copy, Exported, Shelf
from switch.ports.desk import Changes
from switch.ports.listening import NotAllowed

MOST_SPANS = 200
LONGEST = 86_400.0
"""Seconds; no call is as long as a day."""
CODES: dict[type[VaultProblem], str] = {NotKept: "unknown-recording", Erased: "erased", Quarantined: "quarantined",
                                        Damaged: "damaged"}


@dataclass(frozen=True, slots=True)
class Covered:
    """A span of seconds to be covered by a tone, on one side or both."""

    start: float
    end: float
    channel: Channel = Channel.BOTH


async def clip(desk: Desk, actor: StaffId, at: datetime, recording: str, start: float, end: float, reason: str) -> Copy | Refused:
    """A piece of a recording, in seconds from its beginning, as it was received."""
    if problem := _wrong([(start, end)], reason):
        return problem

    async def make(shelf: Shelf) -> bytes | Refused:
        size = await shelf.vault.size(recording)
        found = await shelf.vault.read(recording, offset(start, size), offset(end, size))
        return found or refused("bad-span", f"the recording ends after {length(size):.1f} seconds")

    return await _kept(desk, actor, at, recording, reason, "recording-clipped", make,
                       {"from_ms": round(start * 1000), "to_ms": round(end * 1000)})


async def redact(desk: Desk, actor: StaffId, at: datetime, recording: str, spans: Sequence[Covered], reason: str
                 ) -> Copy | Refused:
    """A copy as long as the recording in which each span is a tone, and nothing of what was said."""
    if not 0 < len(spans) <= MOST_SPANS:
        return refused("bad-span", f"say what is to be covered: from one to {MOST_SPANS} spans")
    if problem := _wrong([(one.start, one.end) for one in spans], reason):
        return problem

    async def make(shelf: Shelf) -> bytes | Refused:
        whole = await shelf.vault.read(recording, 0, await shelf.vault.size(recording))
        return await asyncio.to_thread(redacted, whole, [Span(one.start, one.end, one.channel) for one in spans])

    return await _kept(desk, actor, at, recording, reason, "recording-redacted", make, {"spans": len(spans)})


async def copies(desk: Desk, actor: StaffId, at: datetime, recording: str) -> Sequence[Copy] | Refused:
    """What was made of a recording and is kept beside it, oldest first; who made it and of what is in the audit."""

    def look(changes: Changes) -> Sequence[Copy] | Refused:
        if changes.kept_recording(recording) is None:
            return refused("unknown-recording", f"there is no recording {recording[:64]}")
        return changes.copies(recording)

    return await desk.work.look(actor, at, look)


async def export(desk: Desk, actor: StaffId, at: datetime, recording: str, format: Format, recipient: str, reason: str,
                 copy: str = "", level: bool = False) -> Exported | Refused:
    """A recording, or a copy of it, as a file for somebody: kept with who took it, why and for whom before it is given out.
    `level` makes both speakers as loud."""
    if problem := unreasoned(reason):
        return problem
    if not recipient.strip():
        return refused("bad-recipient", "say for whom: the recipient is kept with the export")

    async def make(shelf: Shelf) -> bytes | Refused:
        if copy:
            found = await shelf.vault.part(recording, f"{CLIP}{copy}")
            if found is None:
                return refused("unknown-copy", f"recording {recording} has no copy {copy}")
        else:
            found = await shelf.vault.read(recording, 0, await shelf.vault.size(recording))
        return await asyncio.to_thread(lambda: exported(levelled(found) if level else found, format))

    made = await _made(desk, actor, at, recording, "recording-exported", make)
    if isinstance(made, Refused):
        return made
    data, leave, _ = made
    digest = hashlib.sha256(data).hexdigest()

    def work(changes: Changes) -> None:
        changes.audit("recording-exported", {"call": recording, "authority": leave.authority} | ({"copy": copy} if copy else {}),
                      {"format": format, "level": level, "bytes": len(data), "sha256": digest, "rule": leave.rule},
                      note=f"For {recipient.strip()}: {reason.strip()}")

    await desk.work.run(actor, at, work)
    name = f"{recording}{'-' + copy if copy else ''}.{ENDINGS[format]}"
    return Exported(name, MEDIA_TYPES[format], data, digest)


async def _kept(desk: Desk, actor: StaffId, at: datetime, recording: str, reason: str, action: str,
                make: Callable[[Shelf], Awaitable[bytes | Refused]], detail: dict[str, int]) -> Copy | Refused:
    """A copy in the vault, and its audit row. The row comes first: one without a copy says what was tried, and a copy without its
    row says nothing."""
    made = await _made(desk, actor, at, recording, action, make)
    if isinstance(made, Refused):
        return made
    data, leave, shelf = made
    copy = Copy(desk.mint.id(), RecordingId(recording), at)
    digest = hashlib.sha256(data).hexdigest()
    await desk.work.run(actor, at, lambda changes: changes.audit(
        action, {"call": recording, "copy": copy.id, "authority": leave.authority},
        {**detail, "sha256": digest, "rule": leave.rule}, note=reason.strip()))
    try:
        await shelf.vault.put_part(recording, f"{CLIP}{copy.id}", data)
    except VaultProblem as error:
        return _told(error)
    return copy


async def _made(desk: Desk, actor: StaffId, at: datetime, recording: str, action: str,
                make: Callable[[Shelf], Awaitable[bytes | Refused]]) -> tuple[bytes, Leave, Shelf] | Refused:
    """What is made of a recording that this member of staff may hear now; a refusal leaves its audit row."""
    shelf = desk.shelf()
    if shelf is None:
        return refused("no-vault", "the vault of this site cannot be opened: see the log")
    try:
        leave = await shelf.access.leave(actor, RecordingId(recording))
        made = await make(shelf)
    except NotAllowed as error:
        made = refused(error.because, str(error))
    except VaultProblem as error:
        made = _told(error)
    if isinstance(made, Refused):
        return await attempt(desk, actor, at, action, {"call": recording}, lambda _: made)
    return made, leave, shelf


def _told(error: VaultProblem) -> Refused:
    return refused(CODES.get(type(error), "vault"), str(error))


def _wrong(spans: Sequence[tuple[float, float]], reason: str) -> Refused | None:
    problems = [Problem("bad-span", f"{start} to {end} is no span: seconds from the beginning, the second after the first")
                for start, end in spans if not 0 <= start < end <= LONGEST]
    if unsaid := unreasoned(reason):
        problems += unsaid.problems
    return Refused(tuple(problems)) if problems else None
