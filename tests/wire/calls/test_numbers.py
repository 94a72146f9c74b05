"""Every spelling of a number: one that nobody approved is refused aloud and rings nowhere, an approved one rings as itself."""
import asyncio

import pytest

from tests.phones.site import Site
from tests.phones.telephone import Telephone, cell, outside

pytestmark = pytest.mark.wire

UNAPPROVED = (
    "07700900999", "+447700900999", "00447700900999", "447700900999", "%2B447700900999", "07700%20900%20999", "07700-900-999",
    "07700.900.999", "(07700)900999", "+44(0)7700900999", "+44-7700-900999",
)
"""The number on nobody's list, which A1007AG has not either."""
UNREADABLE = (
    "07700900103,,07700900999", "07700900103p5", "07700900103w07700900999", "07700900103*5", "07700900103%2307700900999",
    "07700900103x5", "07700900103ext5", "07700900103;5", "07700900103;ext=5", "++447700900103", "07700+900103", "0770090DRAMA",
    "sister", "07700900103%00", "0770090010%D9%A3", "7700900103", "0",
)
"""Letters, pause digits and extensions after an approved number, a second plus, other digits than ours, and half numbers."""
CODES = (
    "1471", "1470", "1475", "141", "1571", "*%2321%23", "**21*07700900103%23", "%2331%2307700900103", "*67", "14107700900103",
    "147007700900103",
)
"""Call return, diversion and withheld numbers, some of them before a number that is approved."""
APPROVED = (
    "07700900103", "+447700900103", "00447700900103", "447700900103", "%2B447700900103", "07700%20900%20103", "07700-900-103",
    "07700.900103", "+44(0)7700900103",
)


@pytest.mark.parametrize(("spellings", "why"), [
    (UNAPPROVED, "unapproved"), (UNREADABLE, "unreadable-number"), (CODES, "number-class"),
], ids=["unapproved", "unreadable", "codes"])
async def test_no_spelling_gets_round_the_list(site: Site, spellings: tuple[str, ...], why: str) -> None:
    since = site.since()
    async with outside(site) as family, cell(site, "103") as phone:
        await asyncio.gather(*(_refused(phone, spelling, why) for spelling in spellings))
        rows = await since.closed(len(spellings))
        assert family.rings.empty(), "a telephone outside was rung"
    assert {(row["outcome"], row["end_by"], row["end_why"]) for row in rows} == {("refused", "policy", why)}
    assert all(row["charged_pence"] == 0 and row["recording"] is None for row in rows)


async def _refused(phone: Telephone, spelling: str, why: str) -> None:
    leg = await phone.dial(spelling, 0)
    leg.set.silent = True
    await leg.up()
    assert await leg.over() == "bye", spelling
    assert leg.set.prompts() == {f"refused-{why}"}, spelling


async def test_every_spelling_of_an_approved_number_rings_it(site: Site) -> None:
    async with outside(site) as family, cell(site, "103") as phone:
        for spelling in APPROVED:
            since = site.since()
            leg = await phone.dial(spelling, 0)
            far = await family.ring()
            assert far.number == "+447700900103", spelling
            phone.hangup(leg)
            assert await far.over() == "InviteCancelled"
            row = await since.one()
            assert (row["to"], row["end_why"]) == ("+447700900103", "abandoned")
