"""Calls that are not to a contact's plain number: the control room, a helpline at night, and Relay UK."""
import pytest

from tests.phones.ears import level_of
from tests.phones.site import Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

CELL, ROOM = 3650.0, 3850.0
HEARD = -25.0


@pytest.mark.parametrize("code", ["999", "112", "18000"])
async def test_an_emergency_code_rings_the_control_room(site: Site, code: str) -> None:
    """From a cell where it is out of hours, with no PIN; free, recorded, and staff are told which cell it is."""
    since = site.since()
    async with outside(site) as room, cell(site, "106") as phone:
        leg = await phone.dial(code, CELL)
        far = await room.ring()
        assert far.number == "control-room"
        await leg.set.hears_prompt("emergency-ringing")
        await room.answer(far, ROOM)
        both = max(await far.set.hears_tone(CELL), await leg.set.hears_tone(ROOM))
        await leg.set.packets(25)
        assert level_of(leg.ear(both), ROOM) > HEARD
        phone.hangup(leg)
        assert await far.over() == "bye"
        assert far.set.prompts() == set(), "no announcement stands before help"
    row = await since.one()
    assert (row["outcome"], row["to"], row["charged_pence"], row["privileged"]) == ("connected", code, 0, False)
    assert len(site.sound(row["id"]))
    (alarm,) = (alarm for alarm in site.alarms() if alarm["call"] == row["id"])
    assert alarm["kind"] == "emergency-call"
    assert "N1-01" in alarm["text"]
    assert "A1008AH" in alarm["text"]


async def test_relay_uk_is_the_number_dialled_with_its_prefix(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("1800101632960111", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.ring()
        assert far.number == "1800101632960111"
        await family.answer(far, ROOM)
        await far.set.hears_tone(CELL)
        phone.hangup(leg)
        await far.over()
    row = await since.one()
    assert (row["outcome"], row["to"]) == ("connected", "+441632960111")
    assert any(finding["rule"] == "relay-approved" and "+441632960111" in finding["text"] for finding in row["findings"])


async def test_relay_uk_is_refused_where_it_was_not_approved(site: Site) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("1800207700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        assert await leg.over() == "bye"
        assert "refused-relay-not-approved" in leg.set.prompts()
        assert family.rings.empty()
    assert (await since.one())["end_why"] == "relay-not-approved"


async def test_the_command_line_tells_of_the_same_calls(site: Site) -> None:
    """`wingline calls --json` prints what these tests read."""
    import json

    since = site.since()
    async with cell(site, "106") as phone:
        leg = await (await phone.dial("07700900106", CELL)).up()
        await leg.set.hears_begin("enter-pin")
        phone.hangup(leg)
    row = await since.one()
    done = site.wingline("calls", "show", row["id"], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(row))
