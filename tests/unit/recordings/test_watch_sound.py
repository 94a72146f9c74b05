"""What is beyond words, on sound made here: what is found, and what only looks like it."""
from collections.abc import Callable

import numpy as np
import pytest

from recordings.transcript import Channel
from recordings.watch.sound import USUAL, Finding, Limits, findings, money_like
from switch.media.g711 import RATE, Samples, encode_alaw
from switch.ports.leads import LeadKind

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"
CARD, NO_CARD = "4000000000000002", "4000000000000003"


def tone(hertz: tuple[float, ...], seconds: float, level: float = 0.2) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return sum((level * np.sin(2 * np.pi * one * at) for one in hertz), np.zeros(len(at)))


def voice(pitch: float, seconds: float, seed: int = 1) -> np.ndarray:
    """Something like speech: a pitch that moves by two semitones with its overtones, in words of 0.3 s with pauses between."""
    at = np.arange(round(seconds * RATE)) / RATE
    bend = pitch * 2 ** (np.sin(2 * np.pi * 0.4 * at + seed) / 12)
    phase = 2 * np.pi * np.cumsum(bend) / RATE
    buzz = sum((np.sin(many * phase) / many for many in range(1, 1 + int(3400 / pitch / 1.2))), np.zeros(len(at)))
    return 0.1 * buzz * (at % 0.4 < 0.3)


def keys(digits: str, on: float = 0.08, off: float = 0.08) -> np.ndarray:
    parts = []
    for digit in digits:
        at = KEYS.index(digit)
        parts += [tone((ROWS[at // 4], COLUMNS[at % 4]), on), np.zeros(round(off * RATE))]
    return np.concatenate(parts)


def ring(times: int) -> np.ndarray:
    burst = tone((400, 450), 0.4)
    return np.concatenate([burst, np.zeros(1600), burst, np.zeros(16_000)] * times)


def hush(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def line(*parts: np.ndarray) -> np.ndarray:
    """With the noise of a telephone line over all of it."""
    sound = np.concatenate(parts)
    return sound + np.random.default_rng(7).normal(0, 0.003, len(sound))


def call(left: np.ndarray, right: np.ndarray, limits: Limits = USUAL) -> list[Finding]:
    sides = np.zeros((max(len(left), len(right)), 2))
    sides[: len(left), 0], sides[: len(right), 1] = left, right
    samples: Samples = np.clip(np.rint(sides * 32767), -32768, 32767).astype(np.int16)
    return findings(encode_alaw(samples.reshape(-1)), limits)


def kinds(found: list[Finding]) -> list[tuple[LeadKind, Channel]]:
    return [(one.kind, one.channel) for one in found]


LEFT, RIGHT = Channel.LEFT, Channel.RIGHT
TALK = voice(110, 6)


def away(seconds: float, sound: np.ndarray) -> np.ndarray:
    """The line goes dead for a while before a sound: nothing at all comes, not even its noise."""
    return np.concatenate([line(voice(200, 3)), hush(seconds), line(sound, voice(200, 3, 2))])


@pytest.mark.parametrize(("made", "found"), [
    (lambda: call(line(TALK), line(hush(1), voice(200, 4))), []),
    (lambda: call(line(TALK), away(0.3, keys("07700900123"))), [(LeadKind.DIVERT, 0.9)]),
    (lambda: call(line(TALK), away(0.02, keys("07700900123"))), [(LeadKind.DIVERT, 0.6)]),
    (lambda: call(line(TALK), away(2.0, keys("07700900123"))), [(LeadKind.DIVERT, 0.6)]),
    (lambda: call(line(TALK), line(voice(200, 3), keys("07"), voice(200, 3))), []),
    (lambda: call(line(TALK), line(voice(200, 3), keys("077"), voice(200, 3))), [(LeadKind.DIVERT, 0.6)]),
    (lambda: call(line(keys("07700900123")), line(voice(200, 4))), []),
    (lambda: call(line(TALK), away(0.3, ring(2))), [(LeadKind.DIVERT, 0.9)]),
    (lambda: call(line(TALK), line(voice(200, 3), tone((400, 450), 0.4), voice(200, 3))), []),
    (lambda: call(line(ring(2), TALK), line(voice(200, 4))), []),
    (lambda: call(line(TALK), line(voice(200, 3), tone((440,), 0.4), hush(0.2), tone((440,), 0.4), voice(200, 2))), []),
], ids=["talk", "gap and keys", "keys", "long gap", "two keys", "three keys", "keys of the person", "gap and ringing",
        "one burst", "ringing of the person", "another tone"])
def test_a_third_party_that_is_rung(made: Callable[[], list[Finding]], found: list[tuple[LeadKind, float]]) -> None:
    assert [(one.kind, one.confidence) for one in made() if one.channel is RIGHT and one.kind is LeadKind.DIVERT] == found


def test_where_it_was_and_how_often_without_a_digit() -> None:
    (one,) = [one for one in call(line(TALK), line(voice(200, 3), keys("077009"), voice(200, 3))) if one.kind is LeadKind.DIVERT]
    assert (one.start, one.end) == (pytest.approx(3.0, abs=0.05), pytest.approx(3.9, abs=0.08))
    assert one.evidence == {"sign": "keys", "times": 6, "gap": 0}
    (rings,) = [one for one in call(line(TALK), away(0.5, ring(2))) if one.kind is LeadKind.DIVERT]
    assert rings.evidence == {"sign": "ringing", "times": 4, "gap": 1}


@pytest.mark.parametrize(("digits", "kind"), [
    (CARD, "card"), (NO_CARD, ""), ("12345612345678", "account"), ("1234561234567", ""), ("07700900123", ""), ("", ""),
    ("5" * 12, ""), ("0" * 19, "card"), ("0" * 20, ""), ("79927398713", ""),
])
def test_which_digits_are_like_money(digits: str, kind: str) -> None:
    assert money_like(digits) == kind


@pytest.mark.parametrize("channel", Channel)
def test_a_card_that_is_keyed(channel: Channel) -> None:
    for digits, many in ((CARD, 1), (NO_CARD, 0)):
        sides = (line(keys(digits)), line(voice(200, 4)))
        found = [one for one in call(*(sides if channel is LEFT else sides[::-1])) if one.kind is LeadKind.DIGITS]
        assert [(one.channel, one.evidence) for one in found] == [(channel, {"kind": "card", "digits": 16})] * many
        assert digits not in str(found)


@pytest.mark.parametrize(("high", "seconds", "found"), [
    (200, 10.0, True), (148, 10.0, False), (200, 1.5, False), (110, 10.0, False),
])
def test_a_third_voice_by_its_pitch(high: float, seconds: float, found: bool) -> None:
    right = line(voice(105, 10), voice(high, seconds, 3))
    heard = [one for one in call(line(voice(200, 8)), right) if one.kind is LeadKind.THIRD_VOICE]
    assert bool(heard) is found
    for one in heard:
        assert one.start == pytest.approx(10.0, abs=0.5)
        assert one.evidence["semitones"] == pytest.approx(12 * np.log2(high / 105), abs=1.5)


@pytest.mark.parametrize(("seconds", "found"), [(5.2, 1), (4.8, 0)])
def test_a_tone_that_goes_on(seconds: float, found: int) -> None:
    heard = [one for one in call(line(tone((1000,), seconds), TALK), line(voice(200, 4))) if one.kind is LeadKind.TONE]
    assert [(one.channel, one.evidence) for one in heard] == [(LEFT, {"hertz": 1000})] * found


@pytest.mark.parametrize(("seconds", "found"), [(60.5, 1), (59.0, 0)])
def test_a_silence_on_both_sides(seconds: float, found: int) -> None:
    quiet = np.random.default_rng(1).normal(0, 0.0003, round(seconds * RATE))
    both = np.concatenate([TALK, quiet, TALK])
    heard = [one for one in call(both, both) if one.kind is LeadKind.SILENCE]
    assert len(heard) == found
    assert [one for one in call(both, line(both)) if one.kind is LeadKind.SILENCE] == [], "the other side's line is not silent"


@pytest.mark.parametrize(("kind", "limits", "more"), [
    (LeadKind.DIVERT, Limits(keys=4), Limits(keys=5)), (LeadKind.THIRD_VOICE, Limits(semitones=10), Limits(semitones=13)),
    (LeadKind.THIRD_VOICE, Limits(voice=4), Limits(voice=11)), (LeadKind.TONE, Limits(tone=2), Limits(tone=4)),
    (LeadKind.SILENCE, Limits(silence=10), Limits(silence=12)),
])
def test_the_plan_says_from_what_on(kind: LeadKind, limits: Limits, more: Limits) -> None:
    quiet = np.random.default_rng(1).normal(0, 0.0003, 11 * RATE)
    two, other = [voice(105, 10), voice(200, 10, 3)], [voice(105, 6), keys("1234"), tone((1000,), 3)]
    right = line(*(two if kind is LeadKind.THIRD_VOICE else other))
    both = [np.concatenate([side, quiet, TALK]) for side in (line(voice(180, len(right) / RATE)), right)]
    assert kind in {one.kind for one in call(*both, limits)}
    assert kind not in {one.kind for one in call(*both, more)}


def test_nothing_in_no_sound() -> None:
    assert findings(b"") == []
    assert findings(b"\xd5" * 400) == []
