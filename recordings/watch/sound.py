"""What is beyond words, in the sound of a call: digits dialled while they talk, a second ringing, a third voice, tones, silence.

All of it on what a tap wrote, interleaved stereo A-law with the person in prison left. Each finding is a
lead: a packet lost sounds like a hook that was pressed, and a radio like a third voice. No digit is kept, only how many.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dialplans.plan import WatchRules
from recordings.transcript import Channel
from switch.media.g711 import ALAW_VALUES, RATE
from switch.ports.leads import LeadKind

PIECE = 300
"""Seconds that are looked at together: more takes more memory, and what lies across a seam may be missed."""
HOP = 160
"""Samples: 20 ms."""
LENGTH = 320
LEAST = 3
"""Frames: in fewer is nothing."""
KEY_TONES = np.array([697.0, 770, 852, 941, 1209, 1336, 1477, 1633])
"""Four rows, four columns."""
RINGING = np.array([400.0, 450.0])
KEYS = ("123A", "456B", "789C", "*0#D")
LEVEL = 10 ** (-40 / 20)
"""Below that a frame holds no tone that was sent on purpose."""
QUIET = 10 ** (-55 / 20)
GONE = 5e-4
"""Not even the noise of a line: A-law's own silence is half of it."""
AFTER_A_GAP = 20.0
"""Seconds within which a ringing or keys belong to a gap before."""
GAP = (0.08, 1.5)
"""Seconds for which a hook that is pressed to call somebody else takes the line away."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Truths = NDArray[np.bool_]
Numbers = NDArray[np.intp]
_WINDOW = np.hanning(LENGTH).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Limits:
    """From what on something is a finding. By themselves those of the estate's plan, for where no plan can be read."""

    keys: int = 3
    """So many of the contact's in one go are a short code or more, and no answer to a menu."""
    rings: int = 2
    """Bursts of ringing tone that follow one another."""
    semitones: int = 6
    """Between the middle pitches of two voices; one speaker moves by less from sentence to sentence."""
    voice: int = 3
    """Seconds of voiced speech at each pitch."""
    tone: int = 5
    """Seconds of one steady frequency,"""
    silence: int = 60
    """and of silence on both sides."""

    @classmethod
    def of(cls, rules: WatchRules) -> "Limits":
        return cls(rules.divert_keys.value, rules.divert_rings.value, rules.voice_semitones.value, rules.voice_seconds.value,
                   rules.tone_seconds.value, rules.silence_seconds.value)


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should listen to; `start` and `end` in seconds, confidence from 0 to 1."""

    kind: LeadKind
    channel: Channel
    start: float
    end: float
    confidence: float
    evidence: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Key:
    key: str
    start: float
    end: float


class Frames:
    """One side of a call, 40 ms every 20 ms. No tone and no voice is in a frame that is not loud, and half of a call is not: what
    takes work is done on `loud` alone, which has the numbers of those that are."""

    __slots__ = ("_samples", "energy", "level", "loud")

    def __init__(self, samples: Floats) -> None:
        self._samples = samples
        hops = np.sum(samples[: len(samples) // HOP * HOP].reshape(-1, HOP) ** 2, axis=1)
        self.energy: Floats = hops[:-1] + hops[1:]
        self.level: Floats = np.sqrt(self.energy / LENGTH)
        self.loud: Numbers = np.flatnonzero(self.level > LEVEL)

    def __len__(self) -> int:
        return len(self.energy)

    def __getitem__(self, which: Numbers) -> Floats:
        """The samples of these frames, a row each."""
        return np.lib.stride_tricks.sliding_window_view(self._samples, LENGTH)[::HOP][which]


def findings(audio: bytes, limits: Limits = USUAL) -> list[Finding]:
    """All that is found, in the order of time. Blocking: five minutes take a tenth of a second."""
    both = ALAW_VALUES[np.frombuffer(audio, np.uint8)].reshape(-1, 2).astype(np.float32) / np.float32(32768)
    found: list[Finding] = []
    sides = {channel: Frames(np.ascontiguousarray(both[:, at])) for at, channel in enumerate(Channel)}
    if len(sides[Channel.LEFT]) < LEAST:
        return []
    for channel, frames in sides.items():
        keys = keys_in(frames)
        found += _money(channel, keys) + _tones(channel, frames, limits)
        if channel is Channel.RIGHT:
            found += _diverts(frames, keys, limits) + _voices(frames, limits)
    quiet = np.logical_and(*(frames.level < QUIET for frames in sides.values()))
    found += [Finding(LeadKind.SILENCE, Channel.LEFT, start, end, 1.0, {"seconds": round(end - start)})
              for start, end in _spans(quiet) if end - start >= limits.silence]
    return sorted(found, key=lambda one: (one.start, one.kind))


def keys_in(frames: Frames) -> list[Key]:
    """Keys of a telephone as tones (ITU-T Q.23): a row and a column that hold nearly all of the sound for 40 ms or more."""
    power, total = _power(frames[frames.loud], KEY_TONES), frames.energy[frames.loud]
    rows, columns = power[:, :4], power[:, 4:]
    high, low = columns.max(axis=1), rows.max(axis=1)
    is_key = (high + low > 0.8 * total) & (np.minimum(high, low) > 0.1 * np.maximum(high, low))
    which = np.full(len(frames), -1)
    which[frames.loud] = np.where(is_key, rows.argmax(axis=1) * 4 + columns.argmax(axis=1), -1)
    return [Key(KEYS[which[first] // 4][which[first] % 4], first * HOP / RATE, last * HOP / RATE)
            for first, last in _runs(which) if which[first] >= 0 and last - first >= 2]


def money_like(digits: str) -> str:
    """What a run of digits could be to a bank: `card` (13 to 19 that fit their check digit, ISO/IEC 7812), `account` (a sort code
    and an account number, 14); nothing for any other."""
    if 13 <= len(digits) <= 19 and _luhn(digits):
        return "card"
    return "account" if len(digits) == 14 else ""


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(many - 9 * (many > 9) for many in doubled) % 10 == 0


def _money(channel: Channel, keys: list[Key]) -> list[Finding]:
    found = []
    for group in _together(keys):
        digits = "".join(one.key for one in group if one.key.isdigit())
        if kind := money_like(digits):
            about: dict[str, str | int] = {"kind": kind, "digits": len(digits)}
            found.append(Finding(LeadKind.DIGITS, channel, group[0].start, group[-1].end, 1.0, about))
    return found


def _diverts(frames: Frames, keys: list[Key], limits: Limits) -> list[Finding]:
    """Keys or ringing on the contact's side while they talk; surer where the line was away for a moment before."""
    gaps = [end for start, end in _spans(frames.level < GONE) if GAP[0] <= end - start <= GAP[1] and start > 0]
    signs = [(group[0].start, group[-1].end, "keys", len(group)) for group in _together(keys) if len(group) >= limits.keys]
    signs += [(start, end, "ringing", many) for start, end, many in _ringing(frames, limits.rings)]
    found = []
    for start, end, sign, many in sorted(signs):
        gap = any(start - AFTER_A_GAP <= away <= start for away in gaps)
        found.append(Finding(LeadKind.DIVERT, Channel.RIGHT, start, end, 0.9 if gap else 0.6,
                             {"sign": sign, "times": many, "gap": int(gap)}))
    return found


def _ringing(frames: Frames, least: int) -> Iterator[tuple[float, float, int]]:
    """British ringing tone (400 and 450 Hz, 0.4 s on, 0.2 s off, 0.4 s on, 2 s off): bursts that follow one another."""
    loud = frames.level > LEVEL
    near = np.flatnonzero(_about(loud) > 0)
    pair = np.zeros((len(frames), 2), np.float32)
    pair[near] = _power(frames[near], RINGING)
    # two so near beat within a frame, so that each alone says less than both over several frames
    rings = loud & (_about(pair.sum(axis=1)) > 0.75 * _about(frames.energy)) & (_about(pair.min(axis=1)) > 0.02 * frames.energy)
    bursts = [(start, end) for start, end in _spans(_closed(rings, 2)) if 0.25 <= end - start <= 0.6]
    while bursts:
        group = [bursts.pop(0)]
        while bursts and bursts[0][0] - group[-1][1] <= 2.5:
            group.append(bursts.pop(0))
        if len(group) >= least:
            yield group[0][0], group[-1][1], len(group)


def _tones(channel: Channel, frames: Frames, limits: Limits) -> list[Finding]:
    """One steady frequency for long: what no voice does."""
    spectrum = _squares(np.fft.rfft(frames[frames.loud] * _WINDOW, axis=1))
    peak = spectrum.argmax(axis=1)
    near = sum(np.take_along_axis(spectrum, np.clip(peak + off, 0, spectrum.shape[1] - 1)[:, None], axis=1)[:, 0]
               for off in (-2, -1, 0, 1, 2))
    which = np.full(len(frames), -1)
    which[frames.loud] = np.where(near > 0.9 * spectrum.sum(axis=1), peak, -1)
    long = [(first, last) for first, last in _runs(which) if which[first] >= 0 and (last - first) * HOP >= limits.tone * RATE]
    return [Finding(LeadKind.TONE, channel, first * HOP / RATE, last * HOP / RATE, 1.0,
                    {"hertz": int(which[first]) * RATE // LENGTH}) for first, last in long]


def _voices(frames: Frames, limits: Limits) -> list[Finding]:
    """Two voices on the contact's side, by their pitch alone: a man and a woman, an adult and a child. Two alike are not told."""
    pitch = pitches(frames[frames.loud])
    said = frames.loud[pitch > 0]
    if len(said) * HOP < 2 * limits.voice * RATE:
        return []
    tones = 12 * np.log2(pitch[pitch > 0] / 100)
    cut = _cut(tones)
    low, high = tones[tones < cut], tones[tones >= cut]
    if min(len(low), len(high)) * HOP < limits.voice * RATE or np.median(high) - np.median(low) < limits.semitones:
        return []
    if max(_spread(low), _spread(high)) > limits.semitones / 2:
        return []
    start = float(said[np.flatnonzero((tones < cut) != (tones[0] < cut))[0]]) * HOP / RATE
    apart = round(float(np.median(high) - np.median(low)))
    return [Finding(LeadKind.THIRD_VOICE, Channel.RIGHT, start, start + 1.0, 0.5, {"semitones": apart})]


def pitches(frames: Floats) -> Doubles:
    """Of each loud frame, a row each, in hertz, 70 to 400; 0 where it is not voiced. By autocorrelation."""
    size = 2 * LENGTH
    spectrum = _squares(np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), size, axis=1))
    alike = np.fft.irfft(spectrum, size, axis=1)[:, :LENGTH]
    alike /= (alike[:, :1] + 1e-12) * (1 - np.arange(LENGTH, dtype=np.float32) / LENGTH)
    least, most = RATE // 400, RATE // 70
    window = alike[:, least : most + 1]
    best = window.max(axis=1)
    first = np.argmax(window > 0.9 * best[:, None], axis=1)  # the shortest period that will do: no octave too low
    near = np.minimum(first[:, None] + np.arange(6), window.shape[1] - 1)
    peak = first + np.take_along_axis(window, near, axis=1).argmax(axis=1)
    return np.where(best > 0.6, RATE / (peak + least), 0.0)


def _cut(tones: Doubles) -> float:
    """Between two clusters (Otsu's): where the spread within both is least."""
    ordered = np.sort(tones)
    many = np.arange(1, len(ordered))
    before, all_ = np.cumsum(ordered)[:-1], ordered.sum()
    between = many * (len(ordered) - many) * (before / many - (all_ - before) / (len(ordered) - many)) ** 2
    return float(ordered[int(between.argmax()) + 1])


def _spread(tones: Doubles) -> float:
    return float(np.percentile(tones, 75) - np.percentile(tones, 25)) / 2


def _together(keys: list[Key], pause: float = 3.0) -> list[list[Key]]:
    groups: list[list[Key]] = []
    for one in keys:
        if groups and one.start - groups[-1][-1].end <= pause:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _power(frames: Floats, hertz: Doubles) -> Floats:
    """The energy of each frame at each frequency, on the scale of the frame's own energy."""
    turns = 2 * np.pi * np.outer(np.arange(LENGTH) / RATE, hertz)
    waves = np.concatenate([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    found = (frames @ waves) ** 2
    return np.asarray((found[:, : len(hertz)] + found[:, len(hertz) :]) * (2 / LENGTH), np.float32)


def _squares(spectrum: NDArray[np.complexfloating]) -> Floats:
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)


def _about(values: NDArray[np.generic]) -> Floats:
    """The sum of each frame's value and its neighbours'."""
    return np.convolve(values.astype(np.float32), np.ones(3, np.float32), "same")


def _closed(truths: Truths, frames: int) -> Truths:
    """Holes of up to so many frames filled."""
    filled = truths.copy()
    for first, last in _runs(truths.astype(np.int64)):
        if not truths[first] and first > 0 and last < len(truths) and last - first <= frames:
            filled[first:last] = True
    return filled


def _spans(truths: Truths) -> list[tuple[float, float]]:
    """Seconds from and to which it is true."""
    return [(first * HOP / RATE, last * HOP / RATE) for first, last in _runs(truths.astype(np.int64)) if truths[first]]


def _runs(values: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Stretches of one value: first, and one past the last."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [(first, last) for first, last in pairwise(edges) if last > first]
