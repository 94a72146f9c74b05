"""Recordings as sound: cut, covered, levelled and written as files, with what each ear hears and does not hear."""
from io import BytesIO

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from recordings.export import OPUS_LEVEL, Format, exported
from recordings.loudness import MOST_GAIN, PEAK, TARGET, levelled, loudness
from recordings.sound import RATE, Channel, Span, clip, decoded, encoded, redacted
from switch.media.g711 import ALAW_SILENCE

SECONDS = 4
AT = np.arange(SECONDS * RATE) / RATE


def tone(hz: float, level: float = 8000.0) -> NDArray[np.float64]:
    return level * np.sin(2 * np.pi * hz * AT)


def stereo(left: NDArray[np.float64], right: NDArray[np.float64]) -> bytes:
    return encoded(np.stack([left, right], axis=1).astype(np.int16))


def heard(samples: NDArray[np.float64], hz: float) -> float:
    """Amplitude of one frequency."""
    at = np.arange(len(samples)) / RATE
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * hz * at))))


BOTH = stereo(tone(440), tone(620))


def test_every_code_comes_back_as_it_was() -> None:
    every = bytes(range(256)) * 2
    assert encoded(decoded(every)) == every


@pytest.mark.parametrize(("start", "end", "at", "to"), [
    (0, 4, 0, 64000), (1, 2, 16000, 32000), (0.0001, 0.0002, 2, 4), (1.99999, 2, 32000, 32000), (3, 9, 48000, 64000),
    (-1, 1, 0, 16000), (2, 1, 0, 0)])
def test_a_clip_is_the_bytes_of_whole_frames(start: float, end: float, at: int, to: int) -> None:
    assert clip(BOTH, start, end) == BOTH[at:to]


@pytest.mark.parametrize(("channel", "covered"), [(Channel.PERSON, (0,)), (Channel.CONTACT, (1,)), (Channel.BOTH, (0, 1))])
def test_a_redacted_span_is_a_tone_and_nothing_else_of_it_is_left(channel: Channel, covered: tuple[int, ...]) -> None:
    before = bytes(BOTH)
    copy = decoded(redacted(BOTH, [Span(1.0005, 2.25, channel)])).astype(float)
    first, last = 8004, 18000
    for side, own in ((0, 440), (1, 620)):
        inside = copy[first:last, side]
        if side in covered:
            assert heard(inside, own) < 100
            assert heard(inside, 1000) > 2000
        else:
            assert heard(inside, own) > 7000
            assert heard(inside, 1000) < 100
        original = decoded(BOTH)[:, side]
        assert (copy[:first, side] == original[:first]).all()
        assert (copy[last:, side] == original[last:]).all()
    assert before == BOTH


def test_a_redacted_copy_is_as_long_as_the_original_and_may_have_many_spans() -> None:
    odd = BOTH[:-6]
    copy = redacted(odd, [Span(0, 0.5), Span(0.25, 1, Channel.PERSON), Span(3.9, 60), Span(2, 2)])
    assert len(copy) == len(odd)
    assert clip(copy, 1, 3.9) == clip(odd, 1, 3.9)
    assert redacted(odd, []) == odd


def test_loudness_is_that_of_the_recommendation() -> None:
    """A full-scale 997 Hz sine on one channel is -3.01 LUFS (ITU-R BS.1770-5, annex 1)."""
    person, contact = loudness(stereo(tone(997, 32767), tone(997, 32767 / 10)))
    assert person == pytest.approx(-3.01, abs=0.1)
    assert contact == pytest.approx(-23.01, abs=0.1)


def test_silence_between_words_does_not_count() -> None:
    half = tone(997, 3276.7)
    half[len(half) // 2 :] = 0
    person, contact = loudness(stereo(half, 0 * half))
    assert person == pytest.approx(-23.01, abs=0.5)
    assert contact == -np.inf


def test_a_levelled_copy_makes_both_speakers_as_loud() -> None:
    copy = levelled(stereo(tone(500, 600), tone(700, 16000)))
    assert loudness(copy) == pytest.approx((TARGET, TARGET), abs=0.5)


def test_levelling_goes_no_further_than_its_bounds() -> None:
    quiet = tone(500, 30)
    clicks = tone(700, 60)
    clicks[::4000] = 20000
    before, copy = stereo(quiet, clicks), levelled(stereo(quiet, clicks))
    assert loudness(copy)[0] == pytest.approx(loudness(before)[0] + MOST_GAIN, abs=0.5)
    assert 20 * np.log10(np.abs(decoded(copy)[:, 1]).max() / 32768) <= PEAK + 0.3
    silent = ALAW_SILENCE * 2 * RATE
    assert levelled(silent) == silent


def read(file: bytes) -> tuple[NDArray[np.int16], int]:
    samples, rate = soundfile.read(BytesIO(file), dtype="int16")
    return samples, rate


@pytest.mark.parametrize("format", [Format.WAV, Format.PCM, Format.FLAC])
def test_a_file_that_loses_nothing_decodes_to_the_very_samples(format: Format) -> None:
    samples, rate = read(exported(BOTH, format))
    assert rate == RATE
    assert encoded(samples) == BOTH


def test_the_file_as_received_holds_the_very_bytes() -> None:
    file = exported(BOTH, Format.WAV)
    assert file.endswith(BOTH)
    assert soundfile.info(BytesIO(file)).subtype == "ALAW"
    assert soundfile.info(BytesIO(exported(BOTH, Format.PCM))).subtype == "PCM_16"


def crosstalk(file: bytes) -> float:
    """What of the person's tone is on the contact's channel, in dB below it."""
    samples, _ = read(file)
    own, other = (heard(samples[RATE : 3 * RATE, side].astype(float), 440) for side in (0, 1))
    return 20 * float(np.log10(max(other, 1e-9) / own))


NOISE = np.random.default_rng(4).normal(size=len(AT)) * 100
"""A floor, as on any line: with digital silence a coder has nothing to hide the other party under."""


@pytest.mark.parametrize("floor", [0 * NOISE, NOISE], ids=["silence", "noise"])
def test_one_party_is_not_heard_on_the_others_channel_in_opus(floor: NDArray[np.float64]) -> None:
    said = stereo(tone(440), floor)
    assert crosstalk(exported(said, Format.OPUS)) < -55
    samples, rate = read(exported(said, Format.OPUS))
    assert (rate, len(samples)) == (RATE, SECONDS * RATE)


def test_the_crosstalk_test_hears_it_where_opus_joins_the_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recordings.export.OPUS_LEVEL", OPUS_LEVEL + 0.02)
    assert crosstalk(exported(stereo(tone(440), NOISE), Format.OPUS)) > -40
