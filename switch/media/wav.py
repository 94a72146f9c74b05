"""RIFF WAV as bytes: what a prompt or a recording may come as, without pydub or soundfile.

pydub reads G.711 WAV as 8-bit linear and the standard `wave` refuses it, hence a reader of our own. A-law (6), mu-law (7)
and 16-bit PCM (1, and 0xFFFE that says PCM) are read, any rate, one or two channels.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from switch.media import g711

FORMAT_PCM: Final = 1
FORMAT_ALAW: Final = 6
FORMAT_ULAW: Final = 7
_FORMAT_EXTENSIBLE = 0xFFFE
_BITS = {FORMAT_PCM: 16, FORMAT_ALAW: 8, FORMAT_ULAW: 8}


class WavError(ValueError):
    """Bytes that are not a WAV file this module reads; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Wav:
    """One WAV file: its coding and its raw sample bytes, channels interleaved."""

    coding: int
    rate: int
    """Samples a second and channel."""
    channels: int
    data: bytes

    def samples(self) -> g711.Samples:
        """The sound as int16, shape (frames, channels)."""
        if self.coding == FORMAT_ALAW:
            flat = g711.decode_alaw(self.data)
        elif self.coding == FORMAT_ULAW:
            flat = g711.decode_ulaw(self.data)
        else:
            flat = np.frombuffer(self.data, "<i2").astype(np.int16)
        return flat.reshape(-1, self.channels)


def read_wav(raw: bytes) -> Wav:
    """Read a whole WAV file; a data chunk cut short (a crash while writing) is read as far as it goes."""
    if len(raw) < 12 or raw[:4] != b"RIFF" or raw[8:12] != b"WAVE":
        raise WavError("not a WAV file (no RIFF/WAVE header)")
    fmt, at = None, 12
    while at + 8 <= len(raw):
        name, size = raw[at : at + 4], struct.unpack_from("<I", raw, at + 4)[0]
        body = raw[at + 8 : at + 8 + size]
        if name == b"fmt ":
            fmt = body
        elif name == b"data":
            if fmt is None:
                raise WavError("the sound comes before the header that describes it")
            return _wav(fmt, body)
        at += 8 + size + (size & 1)
    raise WavError("has no sound in it (no data chunk)")


def _wav(fmt: bytes, data: bytes) -> Wav:
    if len(fmt) < 16:
        raise WavError("its format header is cut short")
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", fmt)
    if coding == _FORMAT_EXTENSIBLE and len(fmt) >= 26:
        coding = struct.unpack_from("<H", fmt, 24)[0]
    if coding not in _BITS:
        raise WavError(f"coding {coding} is not read; use 16-bit PCM, A-law or mu-law")
    if bits != _BITS[coding]:
        raise WavError(f"{bits}-bit samples are not read; use 16-bit PCM, A-law or mu-law")
    if channels not in (1, 2):
        raise WavError(f"{channels} channels; use mono or stereo")
    if rate == 0:
        raise WavError("its sampling rate is 0")
    whole = len(data) - len(data) % (channels * bits // 8)
    return Wav(coding, rate, channels, data[:whole])


def alaw_wav(payload: bytes, channels: int = 1, rate: int = g711.RATE) -> bytes:
    """A whole A-law WAV file of this payload, with the `fact` chunk that non-PCM codings need."""
    fmt = struct.pack("<HHIIHHH", FORMAT_ALAW, channels, rate, rate * channels, channels, 8, 0)
    chunks = _chunk(b"fmt ", fmt) + _chunk(b"fact", struct.pack("<I", len(payload) // channels))
    chunks += _chunk(b"data", payload)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)
