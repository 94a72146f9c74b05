"""A recording as a file for somebody else: WAV as it was received, WAV that any player reads, FLAC, or Ogg/Opus.

libsndfile chooses how Opus codes two channels, and below some 30 kb/s it codes their sum: one party's words are then heard on the
other's channel, 32 dB down and less. `OPUS_LEVEL` keeps it above; a test listens for it.
"""
from enum import StrEnum
from io import BytesIO
from typing import Final

import soundfile

from recordings.looks import wav_header
from recordings.sound import CHANNELS, RATE, decoded

OPUS_LEVEL: Final = 0.95
"""libsndfile's compression level: some 38 kb/s for two channels. From 0.97 on the parties run into one another."""


class Format(StrEnum):
    """What a copy may be."""

    WAV = "wav"
    """A-law as it was received, bit for bit: what the hashes are of."""
    PCM = "pcm"
    """WAV of 16 bits, for players that know no A-law; decoding loses nothing."""
    FLAC = "flac"
    """As PCM, smaller; loses nothing."""
    OPUS = "opus"
    """Ogg/Opus, for listening: a quarter of the size, and not what was received."""


MEDIA_TYPES: Final = {Format.WAV: "audio/wav", Format.PCM: "audio/wav", Format.FLAC: "audio/flac", Format.OPUS: "audio/ogg"}
ENDINGS: Final = {Format.WAV: "wav", Format.PCM: "wav", Format.FLAC: "flac", Format.OPUS: "opus"}
_WRITTEN: Final = {Format.PCM: ("WAV", "PCM_16"), Format.FLAC: ("FLAC", "PCM_16"), Format.OPUS: ("OGG", "OPUS")}


def exported(audio: bytes, format: Format) -> bytes:
    """A whole file of this sound. Blocking: a second for an hour, for Opus half a minute."""
    if format is Format.WAV:
        return wav_header(len(audio)) + audio
    file, (kind, subtype) = BytesIO(), _WRITTEN[format]
    level = OPUS_LEVEL if format is Format.OPUS else None
    with soundfile.SoundFile(file, "w", samplerate=RATE, channels=CHANNELS, format=kind, subtype=subtype,
                             compression_level=level) as out:
        out.write(decoded(audio))
    return file.getvalue()
