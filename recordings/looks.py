"""What can be seen of a recording without hearing it: its WAV header, its peaks for a waveform, and the gaps in it."""
import struct
from typing import Final

import numpy as np

from recordings.spool import BYTES_A_SECOND
from switch.media.g711 import ALAW_SILENCE, ALAW_VALUES

PEAKS_A_SECOND: Final = 10
WAV_HEADER: Final = 58
LEAST_GAP: Final = 2.0
"""Seconds; a shorter pause with nothing in it is a pause."""
MOST_GAPS: Final = 500
_LOUD: Final = (np.abs(ALAW_VALUES.astype(np.int32)) >> 7).astype(np.uint8).tobytes()


def wav_header(data_bytes: int) -> bytes:
    """RIFF header of a stereo A-law file (format 6, with the `fact` chunk that a coding other than PCM needs)."""
    return (struct.pack("<4sI4s", b"RIFF", WAV_HEADER - 8 + data_bytes, b"WAVE")
            + struct.pack("<4sIHHIIHHH", b"fmt ", 18, 6, 2, 8000, BYTES_A_SECOND, 2, 8, 0)
            + struct.pack("<4sII", b"fact", 4, data_bytes // 2) + struct.pack("<4sI", b"data", data_bytes))


def peaks(audio: bytes) -> bytes:
    """The loudest sample of each tenth of a second, 0 to 255 for nothing to full scale: two bytes, left and right."""
    step = BYTES_A_SECOND // 2 // PEAKS_A_SECOND
    sides = np.frombuffer(audio.translate(_LOUD), np.uint8).reshape(-1, 2).T
    whole = sides.shape[1] // step * step
    found = np.ascontiguousarray(sides[:, :whole]).reshape(2, -1, step).max(axis=2)  # a side at a time: whole stretches at once
    if whole < sides.shape[1]:
        found = np.concatenate([found, sides[:, whole:].max(axis=1, keepdims=True)], axis=1)
    return bytes(found.T.tobytes())


def gaps(audio: bytes) -> list[dict[str, object]]:
    """Where for two seconds and more nothing at all came from one side: not even the noise of a line. The longest, in order."""
    both = np.frombuffer(audio, np.uint8).reshape(-1, 2)
    found = []
    for side, channel in (("left", both[:, 0]), ("right", both[:, 1])):
        silent = np.concatenate([[False], channel == ALAW_SILENCE[0], [False]])
        edges = np.flatnonzero(silent[1:] != silent[:-1]).reshape(-1, 2)
        found += [(int(begin), int(end), side) for begin, end in edges[edges[:, 1] - edges[:, 0] >= LEAST_GAP * 8000]]
    longest = sorted(found, key=lambda one: one[0] - one[1])[:MOST_GAPS]
    return [{"side": side, "from_sample": begin, "to_sample": end} for begin, end, side in sorted(longest)]
