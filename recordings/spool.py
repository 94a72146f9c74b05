"""The form of a live spool: what a call said so far in authenticated frames, readable up to the last that is whole.

    1,024 bytes   header: b"WLSPOOL1", when it began (Unix milliseconds, 8 bytes), then each with its length in 2 bytes before it:
                  id of the master key, id of the call, the spool's key as the master key wrapped it; zeros up to the end
    then frames   length of the audio in 4 bytes, AES-256-GCM ciphertext, 16 bytes of tag

A frame is at most a second of audio (16,000 bytes, interleaved stereo A-law). Its nonce is its number, under a key that no other
spool has; what it is bound to is its call. Zeros in place of the header: its key is destroyed.
"""
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings.disk import DISK, Disk
from recordings.keys import KEY_BYTES, KeyProblem, MasterKey

BYTES_A_SECOND: Final = 16_000
MAGIC: Final = b"WLSPOOL1"
HEADER: Final = 1024
SECTOR: Final = 512
LENGTH: Final = 4
TAG: Final = 16
SUFFIX: Final = ".spool"


class BadSpool(ValueError):
    """A spool that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the header of a spool says."""

    call: str
    began: datetime
    kek: str
    wrapped: bytes


def spool_of(folder: Path, call: str) -> Path:
    """Where the spool of a call is."""
    return folder / f"{call}{SUFFIX}"


def new_head(call: str, began: datetime, master: MasterKey) -> tuple[bytes, "FrameCipher"]:
    """A header with a fresh key in it, and what makes its frames. KeyProblem."""
    key, master = os.urandom(KEY_BYTES), master.newest()
    return _head(master.id, call, began, master.wrap(key, _context(call))), FrameCipher(key, call)


def _head(kek: str, call: str, began: datetime, wrapped: bytes) -> bytes:
    head = MAGIC + round(began.timestamp() * 1000).to_bytes(8, "big")
    head += b"".join(len(part).to_bytes(2, "big") + part for part in (kek.encode(), call.encode(), wrapped))
    if len(head) > HEADER:
        raise KeyProblem(f"what master key {kek} wraps does not fit into the header of a spool")
    return head.ljust(HEADER, b"\0")


class FrameCipher:
    """Makes the frames of one spool, in their order."""

    __slots__ = ("_call", "_cipher", "number")

    def __init__(self, key: bytes, call: str) -> None:
        self._cipher, self._call = AESGCM(key), call.encode()
        self.number = 0
        """Of the next frame."""

    def frame(self, audio: bytes | bytearray) -> bytes:
        """The next frame: 1 to 16,000 bytes of audio."""
        number, self.number = self.number, self.number + 1
        return len(audio).to_bytes(LENGTH, "big") + self._cipher.encrypt(_nonce(number), audio, self._call)

    def open(self, number: int, body: bytes) -> bytes:
        """The audio of a frame. InvalidTag."""
        return self._cipher.decrypt(_nonce(number), body, self._call)


def read_head(source: BinaryIO) -> Head:
    """The header of an open spool, which is then at its first frame. BadSpool, also where the key was destroyed."""
    head = source.read(HEADER)
    if len(head) < HEADER or not head.startswith(MAGIC):
        raise BadSpool("its key was destroyed" if head and not any(head) else "this is no spool")
    parts, at = [], 16
    for _ in range(3):
        size = int.from_bytes(head[at : at + 2], "big")
        parts.append(head[at + 2 : at + 2 + size])
        at += 2 + size
    began = datetime.fromtimestamp(int.from_bytes(head[8:16], "big") / 1000, UTC)
    return Head(parts[1].decode(), began, parts[0].decode(), parts[2])


def frames(source: BinaryIO, head: Head, master: MasterKey) -> Iterator[bytes]:
    """The audio of each whole frame. What a crash tore at the end is left out: one frame at most, as the next is begun only
    once the one before is on the disk. BadSpool for a frame that was changed, KeyProblem for another master key. Blocking."""
    if not master.opens(head.kek):
        raise KeyProblem(f"the spool of call {head.call} needs master key {head.kek}, and {master.id} is the one here")
    cipher = FrameCipher(master.unwrap(head.wrapped, _context(head.call)), head.call)
    left = os.fstat(source.fileno()).st_size - HEADER
    number = 0
    while left > LENGTH + TAG:
        size = int.from_bytes(source.read(LENGTH), "big")
        whole = LENGTH + size + TAG
        if not 0 < size <= BYTES_A_SECOND or whole > left:
            if left > LENGTH + BYTES_A_SECOND + TAG:
                raise BadSpool(f"frame {number} of call {head.call} was changed")
            return
        try:
            audio = cipher.open(number, source.read(size + TAG))
        except InvalidTag:
            if left > LENGTH + BYTES_A_SECOND + TAG:
                raise BadSpool(f"frame {number} of call {head.call} was changed") from None
            return
        yield audio
        left -= whole
        number += 1


def read_spool(spool: Path, master: MasterKey) -> bytes:
    """All the audio of a spool. Blocking. BadSpool, KeyProblem, OSError."""
    with spool.open("rb") as source:
        return b"".join(frames(source, read_head(source), master))


def salvage(folder: Path, call: str, master: MasterKey) -> tuple[float, str] | None:
    """What a tap left of a call that nobody closed: its seconds and SHA-256; None where nothing was recorded. Blocking. BadSpool,
    KeyProblem, OSError."""
    digest, size = hashlib.sha256(), 0
    try:
        with spool_of(folder, call).open("rb") as source:
            for audio in frames(source, read_head(source), master):
                digest.update(audio)
                size += len(audio)
    except FileNotFoundError:
        return None
    return (size / BYTES_A_SECOND, digest.hexdigest()) if size else None


def destroy(spool: Path, disk: Disk = DISK) -> None:
    """The key of a spool, then the spool: first nothing can read it any more, on the disk, then it is gone. Idempotent.
    Blocking; OSError."""
    try:
        with spool.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # against `rewrap_spool`, which would put the key back
            disk.overwrite(spool, bytes(HEADER))
            disk.remove(spool)
    except FileNotFoundError:
        return
    disk.sync(spool.parent)


def rewrap_spool(spool: Path, master: MasterKey) -> bool:
    """The key of a spool, wrapped by the newest master key in the place where it stands, also while its call goes on: frames are
    added behind it. It lies within the first 512 bytes, which a disk writes whole or not at all. False where there is nothing
    to do. Blocking. BadSpool, KeyProblem, OSError."""
    with spool.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            head = read_head(held)
        except BadSpool:
            return False  # its key was destroyed, or never stood in it
        newest = master.newest()
        if head.kek == newest.id:
            return False
        if not master.opens(head.kek):
            raise KeyProblem(f"it needs master key {head.kek}")
        about = _context(head.call)
        made = _head(newest.id, head.call, head.began, newest.wrap(master.unwrap(head.wrapped, about), about))
        if len(made.rstrip(b"\0")) > SECTOR:
            raise BadSpool("what the new master key wraps does not fit: it can be sealed, and nothing else")
        os.pwrite(held.fileno(), made[:SECTOR], 0)
        os.fdatasync(held.fileno())
    return True


def write_spool(spool: Path, call: str, began: datetime, audio: bytes, master: MasterKey, disk: Disk = DISK) -> None:
    """A closed spool of audio that is there already: what is brought in, and not tapped. Blocking; OSError, KeyProblem."""
    spool.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head, cipher = new_head(call, began, master)
    fd = disk.create(spool)
    try:
        for data in (head, *(cipher.frame(audio[at : at + BYTES_A_SECOND]) for at in range(0, len(audio), BYTES_A_SECOND))):
            write_all(disk, fd, data)
        disk.flush(fd)
    finally:
        os.close(fd)
    disk.sync(spool.parent)


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """All of the data, however many writes it takes. Blocking; OSError."""
    while data:
        data = data[disk.write(fd, data) :]


def _context(call: str) -> bytes:
    return b"wingline spool\0" + call.encode()


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
