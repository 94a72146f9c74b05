"""Prompt audio in memory: what ships, overridden file by file by a site's own, as 20 ms G.711 frames ready to send."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from dialplans.prompts.table import (
    ManifestEntry,
    PromptKind,
    PromptProblem,
    PromptTable,
    check_prompts,
    load_manifest,
    load_table,
    parse_manifest,
    shipped_audio,
    wording,
)
from switch.media import g711
from switch.media.voice_band import SilentError, voice_band
from switch.media.wav import FORMAT_ALAW, FORMAT_ULAW, Wav, WavError, alaw_wav, read_wav

MANIFEST = "manifest.json"
GENERIC_WARNING = "warn-generic"
LONGEST_RECORDING = 120
"""Seconds a human recording may last: a prompt, not a speech."""
_RATES = (8000, 16000, 24000, 44100, 48000)


class PromptAudioError(ValueError):
    """Prompt audio that cannot be used; the message names the file and says why."""


class PromptLibrary:
    """All prompts of one language, loaded once; mu-law is made on first use.

    Audio is a whole number of frames of 160 bytes (20 ms), padded with silence. Unknown ids raise KeyError, but a warning
    at a point that has no words of its own (`warn-45`) is `warn-generic`: a plan may set any point.
    """

    def __init__(self, table: PromptTable, alaw: Mapping[str, bytes]) -> None:
        self._table = table
        self._alaw = {name: _whole_frames(sound) for name, sound in alaw.items()}
        self._seconds = {name: len(sound) / g711.RATE for name, sound in alaw.items()}
        self._frames: dict[tuple[str, int], tuple[bytes, ...]] = {}

    @classmethod
    def load(cls, language: str = "en", extra_dir: Path | None = None) -> "PromptLibrary":
        """The shipped audio of a language, if any, each file replaced by the site's own of the same name in `extra_dir`.

        A site's file may be A-law, mu-law or 16-bit PCM at 8 kHz, mono. PromptAudioError names every file that is not.
        """
        table = wording(language)
        alaw: dict[str, bytes] = {}
        faults: list[str] = []
        for name, raw in (shipped_audio(language) | _site_audio(extra_dir)).items():
            try:
                alaw[name] = _as_alaw(read_wav(raw))
            except WavError as error:
                faults.append(f"{name}.wav: {error}")
        if faults:
            raise PromptAudioError("; ".join(faults))
        return cls(table, {name: sound for name, sound in alaw.items() if name in table})

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids of the table that have no audio."""
        return tuple(prompt.id for prompt in self._table if prompt.id not in self._alaw)

    def has(self, prompt_id: str) -> bool:
        """Whether this language has it to play, be it as the warning of any point."""
        return prompt_id in self._alaw or (prompt_id.startswith("warn-") and GENERIC_WARNING in self._alaw)

    def alaw(self, prompt_id: str) -> bytes:
        """The whole prompt as A-law."""
        return self._alaw[self._id(prompt_id)]

    def ulaw(self, prompt_id: str) -> bytes:
        """The whole prompt as mu-law."""
        return b"".join(self.frames(prompt_id, g711.PCMU))

    def frames(self, prompt_id: str, payload_type: int = g711.PCMA) -> tuple[bytes, ...]:
        """The prompt in payloads of 160 bytes for RTP payload type 8 (A-law) or 0 (mu-law); made once, then kept."""
        kept = self._frames.get((prompt_id, payload_type))
        if kept is None:
            sound = self.alaw(prompt_id)
            if payload_type == g711.PCMU:
                sound = g711.alaw_to_ulaw(sound)
            elif payload_type != g711.PCMA:
                raise ValueError(f"payload type {payload_type} is neither 0 (mu-law) nor 8 (A-law)")
            kept = tuple(sound[at : at + g711.FRAME] for at in range(0, len(sound), g711.FRAME))
            self._frames[prompt_id, payload_type] = kept
        return kept

    def seconds(self, prompt_id: str) -> float:
        """How long the prompt lasts, before padding to whole frames."""
        return self._seconds[self._id(prompt_id)]

    def _id(self, prompt_id: str) -> str:
        if prompt_id in self._alaw:
            return prompt_id
        if prompt_id.startswith("warn-") and GENERIC_WARNING in self._alaw:
            return GENERIC_WARNING
        raise KeyError(f"prompt {prompt_id!r} has no audio" if prompt_id in self._table else f"no prompt {prompt_id!r}")


def check_audio(language: str = "en", extra_dir: Path | None = None) -> list[PromptProblem]:
    """What is wrong with the audio that `PromptLibrary.load` would use: missing, stale, changed, unlisted, orphaned.

    PromptAudioError when the site's manifest cannot be read.
    """
    sounds, manifest = shipped_audio(language), dict(load_manifest(language))
    own, listed = _site_audio(extra_dir), _site_manifest(extra_dir)
    for name in own.keys() | listed.keys():
        # A site's file without an entry of its own must not be excused by the entry of the file it replaces.
        manifest.pop(name, None)
    hashes = {name: hashlib.sha256(raw).hexdigest() for name, raw in (sounds | own).items()}
    return check_prompts(wording(language), manifest | listed, hashes)


def import_recording(
    src_wav: Path, prompt_id: str, dest_dir: Path, given_name: str = "unnamed", language: str = "en", keep: bool = True,
) -> ManifestEntry:
    """Take a human recording of a prompt: made a telephone's, written to `dest_dir` and listed in its manifest; without `keep`
    it is only tried.

    Reads 16-bit PCM WAV, 8, 16, 24, 44.1 or 48 kHz, mono or stereo. `given_name` is kept as the voice, `human:<name>`.
    PromptAudioError says in plain words what is wrong; nothing is written then.
    """
    table = wording(language)
    if prompt_id in load_table() and load_table()[prompt_id].kind is PromptKind.TONE:
        raise PromptAudioError(f"{prompt_id!r} is a tone, which is computed and not recorded")
    if prompt_id not in table:
        raise PromptAudioError(f"no prompt is called {prompt_id!r}")
    if not given_name.strip() or not given_name.isprintable():
        raise PromptAudioError("the voice needs a given name")
    listed = _site_manifest(dest_dir)
    try:
        payload = g711.encode_alaw(heard_recording(read_wav(src_wav.read_bytes())))
    except (WavError, SilentError, OSError) as error:
        raise PromptAudioError(f"{src_wav.name}: {error}") from error
    wav = alaw_wav(payload)
    seconds = round(len(payload) / g711.RATE, 3)
    voice = f"human:{given_name.strip()}"
    entry = ManifestEntry(table[prompt_id].text_sha256, voice, hashlib.sha256(wav).hexdigest(), seconds)
    if not keep:
        return entry
    lines = {name: asdict(one) for name, one in sorted((listed | {prompt_id: entry}).items())}
    dest_dir.mkdir(parents=True, exist_ok=True)
    _replace(dest_dir / f"{prompt_id}.wav", wav)
    _replace(dest_dir / MANIFEST, (json.dumps(lines, indent=1, ensure_ascii=False) + "\n").encode())
    return entry


def heard_recording(wav: Wav) -> g711.Samples:
    """A studio recording as a telephone has it. WavError or SilentError for what cannot be used."""
    if wav.coding in (FORMAT_ALAW, FORMAT_ULAW):
        raise WavError("is a telephone recording already; import takes 16-bit PCM, as a recorder makes it")
    if wav.rate not in _RATES:
        rates = ", ".join(f"{rate / 1000:g}" for rate in _RATES)
        raise WavError(f"{wav.rate} samples a second are not read; use {rates} kHz")
    sound = wav.samples().astype(np.float64).mean(axis=1) / 32768.0
    if len(sound) > LONGEST_RECORDING * wav.rate:
        raise WavError(f"lasts {len(sound) / wav.rate:.0f} s; a prompt may last {LONGEST_RECORDING} s")
    return voice_band(sound, wav.rate)


def _as_alaw(wav: Wav) -> bytes:
    if (wav.rate, wav.channels) != (g711.RATE, 1):
        raise WavError(f"is {wav.rate} Hz with {wav.channels} channels; prompts are {g711.RATE} Hz mono (import converts)")
    if wav.coding == FORMAT_ALAW:
        return wav.data
    if wav.coding == FORMAT_ULAW:
        return g711.ulaw_to_alaw(wav.data)
    return g711.encode_alaw(wav.samples().ravel())


def _whole_frames(sound: bytes) -> bytes:
    return sound + g711.ALAW_SILENCE * (-len(sound) % g711.FRAME)


def _site_audio(folder: Path | None) -> dict[str, bytes]:
    return {} if folder is None else {file.stem: file.read_bytes() for file in sorted(folder.glob("*.wav"))}


def _site_manifest(folder: Path | None) -> dict[str, ManifestEntry]:
    if folder is None or not (folder / MANIFEST).exists():
        return {}
    try:
        return parse_manifest((folder / MANIFEST).read_text("utf-8"))
    except ValueError as error:
        raise PromptAudioError(f"{folder / MANIFEST}: {error}") from error


def _replace(file: Path, content: bytes) -> None:
    """Write whole or not at all, so that a switch that starts meanwhile reads the old file or the new one."""
    aside = file.with_name(f".{file.name}.new")
    aside.write_bytes(content)
    os.replace(aside, file)
