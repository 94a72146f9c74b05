"""Who calls: number and PIN in a shared cell, and three failures that lock this telephone for this person and nobody else."""
import pytest

from tests.phones.site import Site
from tests.phones.telephone import Leg, Telephone, cell, outside

pytestmark = pytest.mark.wire

LOCKED, MATE = "A1003AC", "A1004AD"
"""They share cell A1-04 and its telephone, 104."""


async def identify(site: Site, phone: Telephone, number: str, person: str, pin: str) -> Leg:
    """Dial, and say who calls."""
    leg = await (await phone.dial(number, 0)).up()
    leg.set.press(site.person(person)["keyed"])
    await leg.set.hears_begin("enter-pin")
    leg.set.press(pin)
    return leg


async def test_three_wrong_pins_lock_this_person_on_this_telephone(site: Site) -> None:
    right = site.pin(LOCKED)
    wrong = next(pin for pin in ("0000", "1111", "2222", "3333") if pin not in (right, site.pin(MATE)))
    since = site.since()
    async with outside(site) as family, cell(site, "104") as phone:
        leg = await identify(site, phone, "07700900104", LOCKED, wrong)
        for _ in range(2):
            at = await leg.set.hears_begin("wrong-number-or-pin")
            leg.set.press(site.person(LOCKED)["keyed"])
            await leg.set.hears_begin("enter-pin", at)
            leg.set.heard.clear()
            leg.set.press(wrong)
        assert await leg.over() == "bye"
        assert "refused-pin-locked" in leg.set.prompts()
        assert (await since.one())["end_why"] == "pin-locked"
        alarm = site.alarms()[-1]
        assert alarm["kind"] == "pin-locked"
        assert "A1-04" in alarm["text"]

        since = site.since()
        leg = await identify(site, phone, "07700900104", LOCKED, right)
        await leg.set.hears_begin("refused-pin-locked")
        phone.hangup(leg)
        assert (await since.one())["end_why"] == "pin-locked", "the right PIN opens nothing now"
        assert family.rings.empty()

        since = site.since()
        leg = await identify(site, phone, "07700900114", MATE, site.pin(MATE))
        far = await family.ring()
        assert far.number == "+447700900114"
        phone.hangup(leg)
        assert (await since.one())["person"] == MATE, "the cell mate still calls"

        since = site.since()
        leg = await (await phone.dial("116123", 0)).up()
        far = await family.ring()
        assert far.number == "116123"
        phone.hangup(leg)
        row = await since.one()
        assert (row["person"], row["privileged"], row["charged_pence"]) == (None, True, 0)


async def test_the_network_that_asks_for_sha256(site: Site) -> None:
    """Registered, asked for a PIN, and rung: the other half of the example's telephones."""
    since = site.since()
    async with outside(site) as family, cell(site, "102") as phone:
        leg = await (await phone.dial("07700900102", 0)).up()
        leg.set.press(site.pin("A1006AF"))
        far = await family.ring()
        assert far.number == "+447700900102"
        phone.hangup(leg)
    assert (await since.one())["person"] == "A1006AF"
