"""What the recordings have of one call that may not be there: by its name, and by its very sound, in the clear or sealed."""
import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from recordings.keys import KeyProblem, MasterKey
from recordings.objects import ObjectProblem, Objects
from recordings.spool import SUFFIX, BadSpool, frames, read_head
from recordings.vault import Vault, VaultProblem

PIECE = 160
"""Octets of A-law in one piece of a sound: 20 ms, a packet's, so that it is found where two directions are mixed by packets."""
EVERY = 5
"""One piece in so many is looked for."""
PIECES = 3
"""So many of these in a file, and the sound is in it."""


def files_of(root: Path, master: MasterKey, call: str, since: float, sounds: Sequence[bytes], seconds: float) -> list[str]:
    """Every file named after the call or in a folder that is, and every file changed since (Unix seconds) in whose last `seconds`
    one of these sounds is, on one channel or on either of two; a spool is decrypted first. Blocking. A file that cannot be read
    is told too: nobody knows what is in it."""
    found = []
    for path in sorted(root.rglob("*")):
        try:
            if call and call in str(path.relative_to(root)) and path.is_file():
                found.append(f"{path} (its name)")
            elif path.is_file() and path.stat().st_mtime >= since and _has(_sound(path, master, round(seconds * 16_000)), sounds):
                found.append(f"{path} (its sound)")
        except FileNotFoundError:
            continue  # moved or gone meanwhile
        except (OSError, KeyProblem) as error:
            found.append(f"{path} (cannot be read: {error})")
    return found


async def objects_of(objects: Objects, call: str, days: Sequence[datetime]) -> list[str]:
    """Every object that is named after the call, under the folders of these days."""
    try:
        return [f"object {one.name} (its name)" for day in days for one in await objects.every(f"{day:%Y/%m/%d}/{call}")]
    except ObjectProblem as error:
        return [f"the store of objects ({error})"]


async def recordings_of(vault: Vault, since: datetime, sounds: Sequence[bytes], seconds: float) -> list[str]:
    """Every recording sealed since in whose last `seconds` one of these sounds is, whatever call it says that it is of."""
    found = []
    for one in await vault.sealed_since(since):
        try:
            size = await vault.size(one.id)
            sound = await vault.read(one.id, max(0, size - round(seconds * 16_000)) // 2 * 2, size)
            if await asyncio.to_thread(_has, sound, sounds):
                found.append(f"recording {one.id} (its sound)")
        except (VaultProblem, ObjectProblem, KeyProblem) as error:
            found.append(f"recording {one.id} (cannot be read: {error})")
    return found


def _sound(path: Path, master: MasterKey, most: int) -> bytes:
    """The end of what a file says: of a spool, what it says decrypted."""
    with path.open("rb") as file:
        if path.suffix == SUFFIX:
            try:
                return b"".join(frames(file, read_head(file), master))[-most // 2 * 2 :]
            except BadSpool:
                pass  # whatever it is, it is no spool
        file.seek(max(0, path.stat().st_size - most) // 2 * 2)
        return file.read()


def _has(data: bytes, sounds: Sequence[bytes]) -> bool:
    channels = (data, data[::2], data[1::2])
    return any(sum(piece in channel for piece in _pieces(sound)) >= PIECES for sound in sounds for channel in channels)


def _pieces(sound: bytes) -> Iterator[bytes]:
    return (sound[at : at + PIECE] for at in range(0, len(sound) - PIECE + 1, EVERY * PIECE))
