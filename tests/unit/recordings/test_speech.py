"""Speech cut into stretches: nothing that is speech is left out, and each stretch is where it was."""
import numpy as np
import pytest

from recordings.transcribe.speech import MARGIN, Cutter, Stretch

QUIET, LOUD, HUSHED = b"\xd5" * 160, b"\x2a" * 160, b"\x95" * 160
"""Frames of 20 ms: silence, the loudest, and one that is speech but quiet."""


def loud(samples: bytes) -> bool:
    return bool(np.abs(np.frombuffer(samples, np.int16).astype(int)).max() > 20)


def cut(sound: bytes, pause: float = 0.6, longest: float = 5.0, step: int = 160) -> list[Stretch]:
    cutter = Cutter(loud, pause, longest)
    found = [one for at in range(0, len(sound), step) for one in cutter.feed(sound[at : at + step])]
    return found + list(cutter.end())


def test_a_stretch_has_a_little_silence_around_it() -> None:
    (found,) = cut(QUIET * 100 + LOUD * 50 + QUIET * 100)
    assert found.start == pytest.approx((100 - MARGIN) * 0.02)
    assert found.alaw == QUIET * MARGIN + LOUD * 50 + QUIET * MARGIN


def test_a_short_pause_is_no_end_and_a_long_one_is() -> None:
    assert len(cut(LOUD * 10 + QUIET * 29 + LOUD * 10)) == 1
    first, second = cut(LOUD * 10 + QUIET * 31 + LOUD * 10)
    assert second.start == pytest.approx((41 - MARGIN) * 0.02)
    assert second.alaw.endswith(LOUD * 10)
    assert LOUD not in second.alaw[: MARGIN * 160 - 1]
    assert first.alaw.count(b"\x2a") == 10 * 160


def test_what_goes_on_is_cut_at_its_quietest_and_nothing_is_lost() -> None:
    sound = LOUD * 230 + HUSHED + LOUD * 219 + QUIET * 40
    stretches = cut(sound)
    assert stretches[0].alaw == LOUD * 230 + HUSHED
    assert stretches[1].start == pytest.approx(231 * 0.02)
    assert b"".join(one.alaw for one in stretches).rstrip(b"\xd5") == sound.rstrip(b"\xd5")
    assert all(len(one.alaw) <= 5 * 8000 for one in stretches)


@pytest.mark.parametrize("step", [1, 7, 160, 333, 100_000])
def test_the_pieces_change_nothing(step: int) -> None:
    sound = QUIET * 20 + LOUD * 400 + QUIET * 40 + LOUD * 3 + b"\x2a" * 77
    assert cut(sound, step=step) == cut(sound)


def test_an_end_in_the_middle_of_a_word_and_of_a_frame() -> None:
    (found,) = cut(LOUD * 3 + b"\x2a" * 80)
    assert found.alaw == LOUD * 3 + b"\x2a" * 80 + b"\xd5" * 80
    assert cut(QUIET * 5 + b"\xd5" * 3) == []
