"""What is beyond words, in the sound of a call: digits dialled while they talk, a second ringing, a third voice, tones, silence.

All of it on what a tap wrote, interleaved stereo A-law with the person in prison left. Each finding is a
lead: a packet lost sounds like a hook that was pressed, and a radio like a third voice. No digit is kept, only how many.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recordings.transcript import Channel
from switch.media.g711 import ALAW_VALUES, RATE
from switch.ports.leads import LeadKind

PIECE = 300
"""Seconds that are looked at together: more takes more memory, and what lies across a seam may be missed."""
HOP = 160
"""Samples: 20 ms."""
LENGTH = 320
ROWS = np.array([697.0, 770, 852, 941])
COLUMNS = np.array([1209.0, 1336, 1477, 1633])
KEYS = ("123A", "456B", "789C", "*0#D")
LEVEL = 10 ** (-40 / 20)
"""Below that a frame holds no tone that was sent on purpose."""
QUIET = 10 ** (-55 / 20)
GONE = 5e-4
"""Not even the noise of a line: A-law's own silence is half of it."""
DIGITS_OF_A_NUMBER = 3
"""So many keys of the contact's in one go are a short code or more, and no answer to a menu."""
RING_BURSTS = 2
LONGEST_TONE = 5.0
LONGEST_SILENCE = 60.0
AFTER_A_GAP = 20.0
"""Seconds within which a ringing or keys belong to a gap before."""
GAP = (0.08, 1.5)
"""Seconds for which a hook that is pressed to call somebody else takes the line away."""
SEMITONES = 6.0
"""Between the middle pitches of two voices; one speaker moves by less from sentence to sentence."""
LEAST_VOICE = 3.0
"""Seconds of voiced speech at each pitch."""

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


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


def findings(audio: bytes) -> list[Finding]:
    """All that is found, in the order of time. Blocking: five minutes take some seconds."""
    both = ALAW_VALUES[np.frombuffer(audio, np.uint8)].reshape(-1, 2).astype(np.float64) / 32768
    found: list[Finding] = []
    frames = {channel: _frames(both[:, at]) for at, channel in enumerate(Channel)}
    if len(frames[Channel.LEFT]) == 0:
        return []
    for channel, one in frames.items():
        keys = keys_in(one)
        found += _money(channel, keys) + _tones(channel, one)
        if channel is Channel.RIGHT:
            found += _diverts(one, keys) + _voices(one)
    quiet = np.logical_and(*(_level(one) < QUIET for one in frames.values()))
    found += [Finding(LeadKind.SILENCE, Channel.LEFT, start, end, 1.0, {"seconds": round(end - start)})
              for start, end in _spans(quiet) if end - start >= LONGEST_SILENCE]
    return sorted(found, key=lambda one: (one.start, one.kind))


def keys_in(frames: Floats) -> list[Key]:
    """Keys of a telephone as tones (ITU-T Q.23): a row and a column that hold nearly all of the sound for 40 ms or more."""
    rows, columns, total = _power(frames, ROWS), _power(frames, COLUMNS), np.sum(frames**2, axis=1) + 1e-12
    row, column = rows.argmax(axis=1), columns.argmax(axis=1)
    high, low = columns.max(axis=1), rows.max(axis=1)
    is_key = (_level(frames) > LEVEL) & (high + low > 0.8 * total) & (np.minimum(high, low) > 0.1 * np.maximum(high, low))
    which = np.where(is_key, row * 4 + column, -1)
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


def _diverts(frames: Floats, keys: list[Key]) -> list[Finding]:
    """Keys or ringing on the contact's side while they talk; surer where the line was away for a moment before."""
    gaps = [end for start, end in _spans(_level(frames) < GONE) if GAP[0] <= end - start <= GAP[1] and start > 0]
    signs = [(group[0].start, group[-1].end, "keys", len(group)) for group in _together(keys) if len(group) >= DIGITS_OF_A_NUMBER]
    signs += [(start, end, "ringing", many) for start, end, many in _ringing(frames)]
    found = []
    for start, end, sign, many in sorted(signs):
        gap = any(start - AFTER_A_GAP <= away <= start for away in gaps)
        found.append(Finding(LeadKind.DIVERT, Channel.RIGHT, start, end, 0.9 if gap else 0.6,
                             {"sign": sign, "times": many, "gap": int(gap)}))
    return found


def _ringing(frames: Floats) -> Iterator[tuple[float, float, int]]:
    """British ringing tone (400 and 450 Hz, 0.4 s on, 0.2 s off, 0.4 s on, 2 s off): bursts that follow one another."""
    pair, total = _power(frames, np.array([400.0, 450.0])), np.sum(frames**2, axis=1) + 1e-12
    # two so near beat within a frame, so that each alone says less than both over several frames
    share = np.convolve(pair.sum(axis=1), np.ones(3), "same") / np.convolve(total, np.ones(3), "same")
    rings = (share > 0.75) & (_level(frames) > LEVEL) & (np.convolve(pair.min(axis=1), np.ones(3), "same") > 0.02 * total)
    bursts = [(start, end) for start, end in _spans(_closed(rings, 2)) if 0.25 <= end - start <= 0.6]
    while bursts:
        group = [bursts.pop(0)]
        while bursts and bursts[0][0] - group[-1][1] <= 2.5:
            group.append(bursts.pop(0))
        if len(group) >= RING_BURSTS:
            yield group[0][0], group[-1][1], len(group)


def _tones(channel: Channel, frames: Floats) -> list[Finding]:
    """One steady frequency for long: what no voice does."""
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(LENGTH), axis=1)) ** 2
    peak = spectrum.argmax(axis=1)
    near = sum(np.take_along_axis(spectrum, np.clip(peak + off, 0, spectrum.shape[1] - 1)[:, None], axis=1)[:, 0]
               for off in (-2, -1, 0, 1, 2))
    steady = (near > 0.9 * spectrum.sum(axis=1)) & (_level(frames) > LEVEL)
    which = np.where(steady, peak, -1)
    long = [(first, last) for first, last in _runs(which) if which[first] >= 0 and (last - first) * HOP >= LONGEST_TONE * RATE]
    return [Finding(LeadKind.TONE, channel, first * HOP / RATE, last * HOP / RATE, 1.0,
                    {"hertz": int(which[first]) * RATE // LENGTH}) for first, last in long]


def _voices(frames: Floats) -> list[Finding]:
    """Two voices on the contact's side, by their pitch alone: a man and a woman, an adult and a child. Two alike are not told."""
    pitch = pitches(frames)
    said = np.flatnonzero(pitch > 0)
    if len(said) * HOP < 2 * LEAST_VOICE * RATE:
        return []
    tones = 12 * np.log2(pitch[said] / 100)
    cut = _cut(tones)
    low, high = tones[tones < cut], tones[tones >= cut]
    if min(len(low), len(high)) * HOP < LEAST_VOICE * RATE or np.median(high) - np.median(low) < SEMITONES:
        return []
    if max(_spread(low), _spread(high)) > SEMITONES / 2:
        return []
    start = float(said[np.flatnonzero((tones < cut) != (tones[0] < cut))[0]]) * HOP / RATE
    apart = round(float(np.median(high) - np.median(low)))
    return [Finding(LeadKind.THIRD_VOICE, Channel.RIGHT, start, start + 1.0, 0.5, {"semitones": apart})]


def pitches(frames: Floats) -> Floats:
    """Of each frame in hertz, 70 to 400; 0 where it is not voiced. By autocorrelation."""
    size = 2 * LENGTH
    spectrum = np.abs(np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), size, axis=1)) ** 2
    alike = np.fft.irfft(spectrum, size, axis=1)[:, :LENGTH]
    alike /= (alike[:, :1] + 1e-12) * (1 - np.arange(LENGTH) / LENGTH)
    least, most = RATE // 400, RATE // 70
    window = alike[:, least : most + 1]
    best = window.max(axis=1)
    first = np.argmax(window > 0.9 * best[:, None], axis=1)  # the shortest period that will do: no octave too low
    near = np.minimum(first[:, None] + np.arange(6), window.shape[1] - 1)
    peak = first + np.take_along_axis(window, near, axis=1).argmax(axis=1)
    voiced = (best > 0.6) & (_level(frames) > LEVEL)
    return np.where(voiced, RATE / (peak + least), 0.0)


def _cut(tones: Floats) -> float:
    """Between two clusters (Otsu's): where the spread within both is least."""
    ordered = np.sort(tones)
    many = np.arange(1, len(ordered))
    before, all_ = np.cumsum(ordered)[:-1], ordered.sum()
    between = many * (len(ordered) - many) * (before / many - (all_ - before) / (len(ordered) - many)) ** 2
    return float(ordered[int(between.argmax()) + 1])


def _spread(tones: Floats) -> float:
    return float(np.percentile(tones, 75) - np.percentile(tones, 25)) / 2


def _together(keys: list[Key], pause: float = 3.0) -> list[list[Key]]:
    groups: list[list[Key]] = []
    for one in keys:
        if groups and one.start - groups[-1][-1].end <= pause:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _frames(samples: Floats) -> Floats:
    many = max(0, (len(samples) - LENGTH) // HOP + 1)
    return np.lib.stride_tricks.sliding_window_view(samples, LENGTH)[::HOP][:many] if many else np.zeros((0, LENGTH))


def _power(frames: Floats, hertz: Floats) -> Floats:
    """The energy of each frame at each frequency, on the scale of the frame's own energy."""
    at = np.arange(LENGTH) / RATE
    waves = np.exp(-2j * np.pi * np.outer(at, hertz))
    return np.asarray(2 * np.abs(frames @ waves) ** 2 / LENGTH, np.float64)


def _level(frames: Floats) -> Floats:
    return np.asarray(np.sqrt(np.mean(frames**2, axis=1)), np.float64)


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
