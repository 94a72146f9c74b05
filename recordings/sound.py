"""Recordings as sound: the bytes of a vault are stereo A-law at 8 kHz, the person in prison left and the contact right.

Everything here is bytes in and new bytes out; what goes in is never changed. Times are seconds from the recording's beginning.
pydub works on decoded PCM alone: it would read G.711 as 8-bit linear.
"""
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from switch.media import g711

RATE: Final = 8000
CHANNELS: Final = 2
BYTES_A_SECOND: Final = RATE * CHANNELS
TONE_HZ: Final = 1000
TONE_DBFS: Final = -20.0
"""What stands where words were: heard as a tone, and never taken for silence on the line."""


class Channel(StrEnum):
    """Who is heard: the person in prison, the contact, or both."""

    PERSON = "person"
    CONTACT = "contact"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a recording, in seconds, [start, end), of one channel or both."""

    start: float
    end: float
    channel: Channel = Channel.BOTH


def decoded(audio: bytes) -> g711.Samples:
    """The samples, int16, shape (frames, 2); half a frame at the end is left out."""
    return g711.decode_alaw(audio[: len(audio) // CHANNELS * CHANNELS]).reshape(-1, CHANNELS)


def encoded(samples: g711.Samples) -> bytes:
    """The A-law bytes of samples of shape (frames, 2); what was decoded comes back bit for bit."""
    return g711.encode_alaw(samples.reshape(-1))


def length(size: int) -> float:
    """Seconds of so many bytes."""
    return size / BYTES_A_SECOND


def offset(seconds: float, size: int) -> int:
    """The byte at which a moment of a recording of `size` bytes begins: that of a whole frame, and within it."""
    return max(0, min(round(seconds * RATE) * CHANNELS, size // CHANNELS * CHANNELS))


def clip(audio: bytes, start: float, end: float) -> bytes:
    """The bytes from one moment to another, as they were received."""
    return audio[offset(start, len(audio)) : offset(end, len(audio))]


def redacted(audio: bytes, spans: Sequence[Span]) -> bytes:
    """A copy as long as the original, in which each span is a tone and nothing of what was said. All other bytes are as they
    were received."""
    sides = [_segment(decoded(audio)[:, side]) for side in range(CHANNELS)]
    touched = np.zeros(len(audio) // CHANNELS * CHANNELS, dtype=bool).reshape(-1, CHANNELS)
    for span in spans:
        first, last = (offset(moment, len(audio)) // CHANNELS for moment in (span.start, span.end))
        for side in _sides(span.channel):
            if first < last:
                sides[side] = _toned(sides[side], first, last)
                touched[first:last, side] = True
    new = np.stack([np.array(side.get_array_of_samples(), np.int16) for side in sides], axis=1)
    return encoded(np.where(touched, new, decoded(audio)).astype(np.int16))


def _sides(channel: Channel) -> tuple[int, ...]:
    return {Channel.PERSON: (0,), Channel.CONTACT: (1,), Channel.BOTH: (0, 1)}[channel]


def _segment(samples: g711.Samples) -> Any:
    """A mono piece of pydub, which has no types; it warns on import where no ffmpeg is, and none is needed for PCM."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment(np.ascontiguousarray(samples, "<i2").tobytes(), sample_width=2, frame_rate=RATE, channels=1)


def _toned(side: Any, first: int, last: int) -> Any:
    """The piece with a tone from one sample to another; cut by samples, since pydub's own slices go by whole milliseconds."""
    from pydub.generators import Sine

    tone = Sine(TONE_HZ, sample_rate=RATE).to_audio_segment(duration=(last - first) * 1000 / RATE + 1, volume=TONE_DBFS)
    return (side.get_sample_slice(0, first).append(tone.get_sample_slice(0, last - first), crossfade=0)
            .append(side.get_sample_slice(last, int(side.frame_count())), crossfade=0))
