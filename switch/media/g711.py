"""G.711 as tables: A-law and mu-law to 16-bit samples and back, and straight from one law to the other (ITU-T G.711).

Samples are int16 at full 16-bit scale. `ALAW_TO_ULAW` and `ULAW_TO_ALAW` are 256-byte tables for `bytes.translate`, so
that a payload changes its law without being decoded. Codes are those on the wire: A-law with even bits inverted.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

PCMU: Final = 0
"""RTP payload type of mu-law, RFC 3551 §6."""
PCMA: Final = 8
"""RTP payload type of A-law, RFC 3551 §6."""
ALAW_SILENCE: Final = b"\xd5"
ULAW_SILENCE: Final = b"\xff"
RATE: Final = 8000
FRAME: Final = 160
"""Bytes, and samples, of a 20 ms frame."""

_ULAW_BIAS = 33
_ULAW_CLIP = 8158


def _alaw_values() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment, step = (code >> 4) & 7, code & 0x0F
    size = np.where(segment == 0, (step << 4) + 8, ((step << 4) + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _ulaw_values() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = ((((code & 0x0F) << 1) + _ULAW_BIAS) << ((code >> 4) & 7)) - _ULAW_BIAS
    return (np.where(code & 0x80, -size, size) << 2).astype(np.int16)


def _alaw_codes() -> NDArray[np.uint8]:
    """The code of each 16-bit sample, by the sample's bits read as uint16."""
    value = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 3
    mask = np.where(value >= 0, 0xD5, 0x55)
    size = np.where(value >= 0, value, -value - 1)
    segment = np.searchsorted(np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF]), size)
    return (((segment << 4) | ((size >> np.maximum(segment, 1)) & 0x0F)) ^ mask).astype(np.uint8)


def _ulaw_codes() -> NDArray[np.uint8]:
    value = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 2
    mask = np.where(value >= 0, 0xFF, 0x7F)
    size = np.minimum(np.abs(value), _ULAW_CLIP) + _ULAW_BIAS
    segment = np.searchsorted(np.array([0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF]), size)
    codes: NDArray[np.uint8] = (((segment << 4) | ((size >> (segment + 1)) & 0x0F)) ^ mask).astype(np.uint8)
    return codes


ALAW_VALUES: Final = _alaw_values()
"""The sample of each A-law code."""
ULAW_VALUES: Final = _ulaw_values()
"""The sample of each mu-law code."""
_ALAW_CODES: Final = _alaw_codes()
_ULAW_CODES: Final = _ulaw_codes()
ALAW_TO_ULAW: Final = _ULAW_CODES[ALAW_VALUES.view(np.uint16)].tobytes()
ULAW_TO_ALAW: Final = _ALAW_CODES[ULAW_VALUES.view(np.uint16)].tobytes()


def decode_alaw(payload: bytes) -> Samples:
    """The samples of an A-law payload."""
    return ALAW_VALUES[np.frombuffer(payload, np.uint8)]


def decode_ulaw(payload: bytes) -> Samples:
    """The samples of a mu-law payload."""
    return ULAW_VALUES[np.frombuffer(payload, np.uint8)]


def encode_alaw(samples: Samples) -> bytes:
    """An A-law payload of 16-bit samples."""
    return _ALAW_CODES[np.ascontiguousarray(samples, np.int16).view(np.uint16)].tobytes()


def encode_ulaw(samples: Samples) -> bytes:
    """A mu-law payload of 16-bit samples."""
    return _ULAW_CODES[np.ascontiguousarray(samples, np.int16).view(np.uint16)].tobytes()


def alaw_to_ulaw(payload: bytes) -> bytes:
    """The same sound in mu-law."""
    return payload.translate(ALAW_TO_ULAW)


def ulaw_to_alaw(payload: bytes) -> bytes:
    """The same sound in A-law."""
    return payload.translate(ULAW_TO_ALAW)
