"""The vault: recordings as they are kept, sealed from their spools, read a piece at a time, verified, and erased by their key.

The worker and the console use it; nothing here is in the way of a call. Nobody calls `read` for a person's ears but
`recordings.access`, which asks under what authority.
"""
import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from recordings import stream
from recordings.disk import DISK, Disk
from recordings.keys import KEY_BYTES, KeyProblem, MasterKey, Signer
from recordings.looks import gaps, peaks, wav_header
from recordings.manifest import FORMAT, BadManifest, digest, opened, signed
from recordings.objects import NoObject, ObjectProblem, Objects
from recordings.spool import BYTES_A_SECOND, HEADER, SUFFIX, BadSpool, Head, destroy, frames, read_head, spool_of
from switch.core.ids import RecordingId
from switch.ports.recordings import Part, RecordedCall, Recording
from switch.store.database import Store
from switch.store.recordings import (
    EraseRecording,
    HeldBack,
    KeepPart,
    KeepRecording,
    kept_objects,
    read_part,
    read_parts,
    read_recorded_call,
    read_recording,
    read_sealed_since,
)

_OURS = re.compile(r"\d{4}/\d\d/\d\d/[^/]+/[^/]+")
"""Names of objects of recordings; others may keep theirs in the same store."""
AUDIO = "audio"
OPUS = "opus"
"""The copy for playing, a quarter of the size, where a site wants one."""
PEAKS = "peaks"
AT_ONCE = 4
"""Recordings whose sound is in memory to be sealed: that of an hour is 58 MB, and as much again once it is encrypted."""
ORPHAN_AGE = timedelta(hours=24)
"""An object that no row names is of a seal that was broken off once it is older than any seal lasts."""


class VaultProblem(Exception):
    """What was asked cannot be had; the text says why, in a sentence for staff."""


class NotKept(VaultProblem):
    """There is no such recording: never made, or not sealed yet."""


class NotClosed(VaultProblem):
    """Its call is not closed yet: nothing is sealed before its record stands."""


class Erased(VaultProblem):
    """Its key was destroyed: nobody can hear it any more."""


class Held(VaultProblem):
    """It is kept past its time, by somebody's decision."""


class Quarantined(VaultProblem):
    """Its call was found to be privileged: nobody may hear it."""


class Damaged(VaultProblem):
    """It is not as it was sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A recording is in the vault; `newly` where this seal put it there. Nobody may hear one that is `quarantined`."""

    recording: RecordingId
    seconds: float
    newly: bool
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """A recording that is not in the vault yet: its rows, and its sealed objects by their names."""

    row: Recording
    parts: tuple[Part, ...]
    objects: Mapping[str, bytes]


class Vault:
    """`spools` is the folder of live spools on this machine, `software` the version that manifests name, `wall` the clock, `keep`
    how long a recording of an establishment is kept from the end of its call, None where nothing says so; with `opus` a copy for
    playing is made at sealing."""

    def __init__(self, store: Store, objects: Objects, master: MasterKey, signer: Signer, spools: Path,
                 wall: Callable[[], datetime], software: str = "", keep: Callable[[str], timedelta | None] = lambda _: None,
                 disk: Disk = DISK, opus: bool = False) -> None:
        self._store, self._objects, self._master, self._signer = store, objects, master, signer
        self._spools, self._wall, self._software, self._keep, self._disk = spools, wall, software, keep, disk
        self._opus = opus
        self._room = asyncio.Semaphore(AT_ONCE)
        self._headers: dict[str, bytes] = {}
        """Headers of sealed objects, which never change; the latest few."""

    # --- in

    async def seal(self, call: str) -> Sealed | None:
        """Take the spool of a closed call into the vault, and destroy the spool's key. None where there is no spool and no
        recording. Idempotent, and whole after a crash at any point: the spool goes last. Raises Damaged where the sound is not
        what the call's record says, NotClosed, VaultProblem for a privileged call, KeyProblem, ObjectProblem, OSError: the spool
        stays as it is, to be sealed later."""
        spool = spool_of(self._spools, call)
        about, newly = await self._store.read(lambda conn: read_recorded_call(conn, call)), False
        seconds = None if about is None else about.sealed
        if seconds is None:
            async with self._room:
                made = await asyncio.to_thread(self._made, call, about, spool)
                if made is not None:
                    await self._objects.put_all(made.objects)
            if made is not None:
                seconds, newly = made.row.seconds, await self._store.write(KeepRecording(made.row, made.parts))
        await asyncio.to_thread(destroy, spool, self._disk)
        if seconds is None:
            return None
        return Sealed(RecordingId(call), seconds, newly, about is None or about.quarantined)

    def _made(self, call: str, about: RecordedCall | None, spool: Path) -> _Made | None:
        """What a spool becomes. None where there is none, or one that a crash left before anything was said. Blocking: an hour
        takes about a third of a second, and half a minute more with a copy in Opus."""
        try:
            size = spool.stat().st_size
        except FileNotFoundError:
            return None
        if about is None or about.closed_at is None:
            raise NotClosed(f"call {call} is not closed: its recording cannot be sealed yet")
        if about.privileged:
            raise VaultProblem(f"call {call} is privileged: nothing of it is ever kept")
        if about.recording is None and size <= HEADER:
            return None
        head, audio = self._read_spool(spool)
        sha256 = hashlib.sha256(audio).hexdigest()
        if about.recording is not None and sha256 != about.recording["sha256"]:
            raise Damaged(f"the spool of call {call} is not what its record says: its SHA-256 is another")
        return self._sealed(about, head, audio, sha256)

    def _read_spool(self, spool: Path) -> tuple[Head, bytes]:
        try:
            with spool.open("rb") as source:
                head = read_head(source)
                return head, b"".join(frames(source, head, self._master))
        except BadSpool as error:
            raise Damaged(f"{spool.name} cannot be read: {error}") from error

    def _sealed(self, about: RecordedCall, head: Head, audio: bytes, sha256: str) -> _Made:
        id, sealed_at, key = RecordingId(about.call), self._wall(), os.urandom(KEY_BYTES)
        plain = {AUDIO: audio, PEAKS: peaks(audio)}
        if self._opus:
            from recordings.export import Format, exported  # libsndfile is needed by few sites

            plain[OPUS] = exported(audio, Format.OPUS)
        names = {kind: self._object_name(id, kind, head.began) for kind in plain}
        objects = {names[kind]: self._encrypted(id, kind, key, data) for kind, data in plain.items()}
        sound = objects[names[AUDIO]]
        wav = hashlib.sha256(wav_header(len(audio)))
        wav.update(audio)
        samples = len(audio) // 2
        manifest = signed({
            "format": FORMAT, "recording": id, "call": about.call, "establishment": about.establishment,
            "person": about.person, "number": about.dialled, "device": about.phone, "node": about.node,
            "software": self._software, "call_started_at": about.started_at.isoformat(),
            "call_closed_at": about.closed_at.isoformat() if about.closed_at else None,
            "started_at": head.began.isoformat(), "sealed_at": sealed_at.isoformat(), "talk_ms": about.talk_ms,
            "audio": {"coding": "A-law", "rate": 8000, "channels": ["person in prison", "contact"], "samples": samples,
                      "sha256": sha256, "wav_sha256": wav.hexdigest()},
            "object": {"name": names[AUDIO], "bytes": len(sound), "sha256": hashlib.sha256(sound).hexdigest()},
            "gaps": gaps(audio),
        }, self._signer)
        master = self._master.newest()
        row = Recording(
            id, about.establishment, about.person, about.dialled, head.began, len(audio) / BYTES_A_SECOND, samples, sha256,
            wav.hexdigest(), names[AUDIO], manifest, digest(manifest), sealed_at, master.id,
            master.wrap(key, context(id)),
            (about.closed_at or sealed_at) + kept if (kept := self._keep(about.establishment)) is not None else None,
        )
        return _Made(row, tuple(Part(id, kind, name, sealed_at) for kind, name in names.items() if kind != AUDIO), objects)

    async def put_part(self, recording: str, kind: str, data: bytes) -> None:
        """Keep something beside the sound, under the recording's key, in place of what was kept as this kind. NotKept, Erased,
        ObjectProblem, KeyProblem."""
        row = await self._row(recording)
        name = self._object_name(row.id, kind, row.started_at)
        await self._objects.put(name, await asyncio.to_thread(lambda: self._encrypted(row.id, kind, self._key(row), data)))
        try:
            before = await self._store.write(KeepPart(Part(row.id, kind, name, self._wall())))
        except LookupError:
            await self._objects.remove(name)
            raise Erased(f"recording {recording} was erased meanwhile") from None
        if before is not None:
            await self._objects.remove(before)

    # --- out

    async def size(self, recording: str) -> int:
        """How many bytes of audio a recording has: two for each sample. NotKept, Erased, Quarantined."""
        return 2 * (await self._readable(recording)).samples

    async def read(self, recording: str, start: int, stop: int) -> bytes:
        """The bytes [start, stop) of its audio, interleaved stereo A-law, person in prison left; no more than there are. Only the
        chunks of 64 KiB that hold them are fetched and decrypted. NotKept, Erased, Quarantined, Damaged, ObjectProblem,
        KeyProblem."""
        row = await self._readable(recording)
        size = 2 * row.samples
        start, stop = max(0, min(start, size)), max(0, min(stop, size))
        return await self._span(row, start, stop) if start < stop else b""

    async def pieces(self, recording: str, size: int) -> AsyncIterator[bytes]:
        """All of its audio, so many bytes at a time; whether it may be read is asked before each. Raises as `read` does."""
        start, end = 0, 1
        while start < end:
            row = await self._readable(recording)
            end = 2 * row.samples
            if start < end:
                yield await self._span(row, start, min(start + size, end))
            start += size

    async def _span(self, row: Recording, start: int, stop: int) -> bytes:
        size, of = 2 * row.samples, stream.about(row.id, AUDIO)
        wanted = stream.span(size, start, stop)
        try:
            if header := self._headers.get(row.object):
                (body,) = await self._objects.spans(row.object, [wanted])
            else:
                header, body = await self._objects.spans(row.object, [(0, stream.HEADER), wanted])
                self._remember(row.object, header)
            return await asyncio.to_thread(lambda: stream.open_span(self._key(row), of, header, size, start, stop, body))
        except (stream.BadStream, NoObject) as error:
            raise Damaged(f"recording {row.id} is not as it was sealed: {error}") from error

    async def part(self, recording: str, kind: str) -> bytes | None:
        """What was kept beside it as this kind, or None. NotKept, Erased, Quarantined, Damaged, ObjectProblem, KeyProblem."""
        row = await self._readable(recording)
        found = await self._store.read(lambda conn: read_part(conn, recording, kind))
        return None if found is None else await self._open_part(row, found)

    async def recording(self, recording: str) -> Recording | None:
        """What is known of a recording, its key wrapped; None where none was sealed."""
        return await self._store.read(lambda conn: read_recording(conn, recording))

    async def sealed_since(self, since: datetime) -> list[Recording]:
        """Everything that was sealed from a moment on, oldest first."""
        return await self._store.read(lambda conn: read_sealed_since(conn, since))

    def leftovers(self) -> list[str]:
        """The calls whose spools are on this machine: those that run, those that wait to be sealed, and those that nobody will
        ask for. Blocking."""
        return sorted(path.stem for path in self._spools.glob(f"*{SUFFIX}"))

    # --- the end

    async def erase(self, recording: str, why: str, actor: str = "vault") -> bool:
        """Destroy its key, in one transaction with the audit row; from then on nobody can hear it, and its objects go as soon as
        the store takes it. Whether there was a key to destroy. Held where somebody holds it, StoreUnavailable."""
        try:
            objects = await self._store.write(EraseRecording(recording, why, actor, self._wall()))
        except HeldBack as error:
            raise Held(f"recording {recording} is held and is not erased: {error}") from None
        for name in objects or ():
            try:
                await self._objects.remove(name)
            except ObjectProblem:
                continue  # unreadable already; the sweep takes it
        return objects is not None

    async def sweep(self, age: timedelta = ORPHAN_AGE) -> int:
        """Take away what no row names any more: objects of seals that were broken off, and of what was erased. How many."""
        found = await self._objects.every()
        kept = await self._store.read(kept_objects)  # after the list: a seal that ended meanwhile is not taken for an orphan
        until = self._wall() - age
        stray = [one.name for one in found if _OURS.fullmatch(one.name) and one.name not in kept and one.at < until]
        for name in stray:
            await self._objects.remove(name)
        return len(stray)

    async def verify(self, recording: str) -> list[str]:
        """Everything in which a recording differs from what was sealed, a sentence each. NotKept, ObjectProblem, KeyProblem."""
        row = await self._row(recording)
        found = self._verify_manifest(row)
        if row.key is None:
            return found
        try:
            sealed = await self._objects.get(row.object)
            found += await asyncio.to_thread(self._verify_sound, row, sealed)
        except NoObject:
            found.append("its sound is not in the store")
        for part in await self._store.read(lambda conn: read_parts(conn, recording)):
            try:
                await self._open_part(row, part)
            except Damaged as error:
                found.append(str(error))
        return found

    def _verify_manifest(self, row: Recording) -> list[str]:
        try:
            body = opened(row.manifest, self._signer.public)
        except BadManifest as error:
            return [str(error)]
        told = {
            "recording": (body["recording"], row.id), "person": (body["person"], row.person),
            "number": (body["number"], row.number),
            "object": (body["object"]["name"], row.object), "audio": (body["audio"]["sha256"], row.audio_sha256),
            "wav": (body["audio"]["wav_sha256"], row.wav_sha256), "samples": (body["audio"]["samples"], row.samples),
            "establishment": (body["establishment"], row.establishment),
        }
        found = [f"the manifest and the database tell differently of its {what}" for what, (one, other) in told.items()
                 if one != other]
        if digest(row.manifest) != row.manifest_sha256:
            found.append("the manifest is not the one that was sealed")
        return found

    def _verify_sound(self, row: Recording, sealed: bytes) -> list[str]:
        try:
            audio = stream.open_whole(self._key(row), stream.about(row.id, AUDIO), sealed)
        except stream.BadStream as error:
            return [f"its sound is not what was sealed: {error}"]
        wav = hashlib.sha256(wav_header(len(audio)))
        wav.update(audio)
        found = []
        if hashlib.sha256(audio).hexdigest() != row.audio_sha256 or wav.hexdigest() != row.wav_sha256:
            found.append("its sound is not what was sealed: its SHA-256 is another")
        if len(audio) != 2 * row.samples:
            found.append(f"its sound has {len(audio) // 2} samples, and {row.samples} were sealed")
        return found

    # --- inside

    async def _row(self, recording: str) -> Recording:
        row = await self._store.read(lambda conn: read_recording(conn, recording))
        if row is None:
            raise NotKept(f"there is no recording {recording}")
        return row

    async def _readable(self, recording: str) -> Recording:
        row = await self._row(recording)
        if row.quarantined:
            raise Quarantined(f"call {recording} was found to be privileged: nobody may hear its recording")
        if row.key is None:
            raise _erased(row)
        return row

    def _key(self, row: Recording) -> bytes:
        """Blocking. Erased, KeyProblem."""
        if row.key is None:
            raise _erased(row)
        if not self._master.opens(row.kek):
            raise KeyProblem(f"recording {row.id} needs master key {row.kek}, and {self._master.id} is the one here")
        return self._master.unwrap(row.key, context(row.id))

    async def _open_part(self, row: Recording, part: Part) -> bytes:
        of = stream.about(row.id, part.kind)
        try:
            sealed = await self._objects.get(part.object)
            return await asyncio.to_thread(lambda: stream.open_whole(self._key(row), of, sealed))
        except (stream.BadStream, NoObject) as error:
            raise Damaged(f"part {part.kind} of recording {row.id} is not as it was kept: {error}") from error

    def _encrypted(self, id: RecordingId, kind: str, key: bytes, data: bytes) -> bytes:
        return b"".join(stream.seal(key, stream.about(id, kind), data, os.urandom(stream.SALT + stream.PREFIX)))

    def _object_name(self, id: RecordingId, kind: str, at: datetime) -> str:
        """A name that nobody had before: a seal that is tried again never meets what it left."""
        return f"{at:%Y/%m/%d}/{id}/{kind.replace(':', '-')}-{os.urandom(6).hex()}"

    def _remember(self, name: str, header: bytes) -> None:
        if len(self._headers) >= 256:
            self._headers.clear()
        self._headers[name] = header


def context(id: str) -> bytes:
    """What the key of a recording is wrapped with beside the master key, so that it is no other recording's."""
    return b"wingline recording\0" + id.encode()


def _erased(row: Recording) -> Erased:
    return Erased(f"recording {row.id} was erased on {row.erased_at:%Y-%m-%d}: {row.erased_why}")
