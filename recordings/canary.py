"""What the recordings' folder has of one call that may not be there: by its name, and by its very sound."""
from collections.abc import Iterator, Sequence
from pathlib import Path

PIECE = 160
"""Octets of A-law in one piece of a sound: 20 ms, a packet's, so that it is found where two directions are mixed by packets."""
EVERY = 5
"""One piece in so many is looked for."""
PIECES = 3
"""So many of these in a file, and the sound is in it."""


def traces_of(root: Path, call: str, since: float, sounds: Sequence[bytes], seconds: float) -> list[str]:
    """Every file named after the call, and every file changed since (Unix seconds) in whose last `seconds` one of these sounds
    is, on one channel or on either of two. Blocking. A file that cannot be read is told too: nobody knows what is in it."""
    found = []
    for path in sorted(root.rglob("*")):
        try:
            if call and call in path.name:
                found.append(f"{path} (its name)")
            elif path.is_file() and path.stat().st_mtime >= since and _has(path, sounds, round(seconds * 16_000)):
                found.append(f"{path} (its sound)")
        except FileNotFoundError:
            continue  # moved or gone meanwhile
        except OSError as error:
            found.append(f"{path} (cannot be read: {error.strerror})")
    return found


def _has(path: Path, sounds: Sequence[bytes], most: int) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most) // 2 * 2)
        data = file.read()
    channels = (data, data[::2], data[1::2])
    return any(sum(piece in channel for piece in _pieces(sound)) >= PIECES for sound in sounds for channel in channels)


def _pieces(sound: bytes) -> Iterator[bytes]:
    return (sound[at : at + PIECE] for at in range(0, len(sound) - PIECE + 1, EVERY * PIECE))
