"""The ears of the tests: a late phone is no other voice, and another voice is heard however short it is."""
import numpy as np
import pytest

from switch.media import g711
from tests.phones.ears import level_beside
from tests.phones.rtp_phone import tone

MAIN, OTHER = 3650.0, 3450.0


def frames(hz: float | tuple[float, ...], count: int = 50) -> list[np.ndarray]:
    return [g711.decode_alaw(g711.encode_alaw(tone(hz, at * 160, 160))) for at in range(count)]


@pytest.mark.parametrize("shift", [0, 57])
def test_holes_and_jumps_of_a_tone_have_nothing_of_another(shift: int) -> None:
    heard = frames(MAIN)
    for lost in (7, 8, 20):
        heard[lost] = np.zeros(160, np.int16)
    sound = np.concatenate([np.zeros(shift, np.int16), *heard[:30], heard[30][37:], *heard[31:]])
    assert level_beside(sound, OTHER, MAIN) < -45


@pytest.mark.parametrize("shift", [0, 57])
@pytest.mark.parametrize("mixed", [False, True])
def test_twenty_milliseconds_of_another_voice_are_heard(shift: int, mixed: bool) -> None:
    heard = frames(MAIN)
    heard[20] = np.zeros(160, np.int16)
    heard[21] = frames((MAIN, OTHER) if mixed else OTHER, 22)[21]
    assert level_beside(np.concatenate([np.zeros(shift, np.int16), *heard]), OTHER, MAIN) > -20
