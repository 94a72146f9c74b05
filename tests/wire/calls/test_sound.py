"""Who hears whom, and when, through the whole switch: each phone sends its own tone, and an FFT says where it arrived.

Both tones lie above all speech (no prompt has more than -60 dBFS there), so that an announcement cannot hide one.
"""
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.phones.ears import level_of
from tests.phones.rtp_phone import Weather
from tests.phones.site import Site
from tests.phones.telephone import Leg, Telephone, cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY = 3650.0, 3850.0
HEARD, SILENT, APART = -25.0, -55.0, -45.0
"""dBFS at which a tone sent with -12 is surely there, surely not, and not beside another tone of the same channel: a gap in that
one, which a busy machine cuts, sounds at every pitch."""
Channel = NDArray[np.int16]


def recording(site: Site, row: dict[str, Any]) -> tuple[Channel, Channel]:
    """Left (the person in prison) and right (the contact) of a call's recording."""
    sound = site.sound(row["id"])
    return sound[:, 0], sound[:, 1]


def power_of(sound: Channel) -> float:
    """The power of a recording as a share of that of an unbroken tone of -12 dBFS."""
    return float((sound.astype(np.float64) ** 2).mean() / ((10 ** (-12 / 20) * 32767) ** 2 / 2))


async def talk(site: Site, phone: Telephone, family: Telephone, number: str, pin: str, weather: Weather | None = None,
               early: bool = False) -> tuple[Leg, Leg, float]:
    """A call up to the moment at which both hear each other; that moment."""
    leg = await (await phone.dial(number, CELL, weather)).up()
    if pin:
        leg.set.press(pin)
    far = await family.ring()
    if early:
        await family.early(far, FAMILY)
        await leg.set.hears_tone(400.0)  # ringback goes on over it
    await family.answer(far, FAMILY, weather)
    return leg, far, max(await far.set.hears_tone(CELL), await leg.set.hears_tone(FAMILY))


async def test_neither_hears_the_other_before_the_gate(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg, far, both = await talk(site, phone, family, "07700900101", site.pin("A1001AA"), early=True)
        announced = await far.set.hears_prompt("announce-short")
        beeped = min(one.at for one in leg.set.heard if one.at > announced)
        for ear, stranger in ((leg.ear(0, announced), FAMILY), (far.ear(0, announced), CELL)):
            assert len(ear)
            assert level_of(ear, stranger) < SILENT, "heard through a closed gate"
        assert beeped < both
        assert far.set.sent > len(far.set.heard), "the family did not speak before it was answered"
        await leg.set.hears_prompt("beep")
        await far.set.hears_prompt("beep")
        await leg.set.packets(20)
        assert level_of(leg.ear(both), FAMILY) > HEARD
        assert level_of(far.ear(both), CELL) > HEARD
        assert level_of(leg.ear(both), CELL) < SILENT, "nobody hears himself"
        assert level_of(far.ear(both), FAMILY) < SILENT, "nobody hears himself"
        phone.hangup(leg)
        assert await far.over() == "bye"
    row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "person", "hung-up")
    left, right = recording(site, row)
    assert level_of(left, CELL) > HEARD
    assert level_of(left, FAMILY) < APART, "the contact is on the person's channel"
    assert level_of(right, FAMILY) > HEARD
    assert level_of(right, CELL) < APART, "the person is on the contact's channel"


@pytest.mark.parametrize("loss", [0.0, 0.1])
async def test_a_recording_is_as_long_as_the_talk(site: Site, loss: float) -> None:
    """A gap is silence: the file's clock is the call's clock, packets lost or not."""
    since, weather = site.since(), Weather(loss=loss, jitter=0.005 if loss else 0.0)
    async with outside(site) as family, cell(site, "101") as phone:
        leg, far, _ = await talk(site, phone, family, "07700900101", site.pin("A1001AA"), weather)
        await leg.set.packets(150)
        phone.hangup(leg)
        await far.over()
    row = await since.one()
    left, right = recording(site, row)
    assert 2.5 < row["talk_seconds"] < 6.0
    assert len(left) / 8000 == pytest.approx(row["talk_seconds"], abs=1.0)
    assert len(left) == len(right)
    for channel, tone in ((left, CELL), (right, FAMILY)):
        assert level_of(channel, tone) > HEARD
        assert power_of(channel) == pytest.approx(1.0 - loss, abs=0.08), "what was lost is silence, and nothing else is"


async def test_a_privileged_call_leaves_nothing_to_hear(site: Site) -> None:
    since = site.since()
    async with outside(site) as solicitor, cell(site, "101") as phone:
        leg, far, both = await talk(site, phone, solicitor, "020 7946 0130".replace(" ", ""), site.pin("A1001AA"))
        await leg.set.packets(50)
        assert level_of(leg.ear(both), FAMILY) > HEARD
        solicitor.hangup(far)
        assert await leg.over() == "bye"
    row = await since.one()
    assert (row["outcome"], row["end_by"], row["privileged"], row["recording"]) == ("connected", "called", True, None)
    assert row["talk_seconds"] > 0.9
    assert site.traces(row["id"]) == []
