"""`kill -9` of the switch at seeded instants: at restart every call that was opened is closed once, charged to its last metered
second, recorded but for the last second, and nothing is booked twice.

A journal beat every half a second says how far a call was metered; so a record may lack up to a second of what the phones had
(`reckoning.LATE`), and never has more than they.
"""
import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Wards
from tests.faults.killing import CELL, FAMILY, Round, one_round
from tests.faults.reckoning import problems_of, problems_of_books, problems_of_journal
from tests.phones.site import Since, Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

QUICK, ALL, LANES = ((0, 1), (2, 3)), range(40), 2
STATES = {"asking_number", "asking_pin", "dialling", "announcing", "talking", "telling"}
"""States that a call stays in for so long that forty blows must meet each; the short ones are met by aiming."""


async def killed_and_reckoned(wards: Wards, seed: int) -> tuple[Round, list[dict[str, Any]], list[str]]:
    """One round on a site that can take it: what happened, what is on the record, and what is wrong with that."""
    site = await asyncio.to_thread(wards.next)
    since = site.since()
    done = await one_round(site, seed)
    await next_call(site)
    rows = [row for row in await settled(since) if (row["phone"], row["to"]) != PROBE]
    found = await asyncio.to_thread(lambda: problems_of(site, done, rows) + problems_of_books(site))  # phones run on this loop
    print(done, *(f"    {row['phone']} {row['end_by']} {row['end_why']} {row['talk_seconds']}" for row in rows), *found, sep="\n")
    return done, rows, [f"seed {seed}: {text}" for text in found]


async def settled(since: Since) -> list[dict[str, Any]]:
    """All calls since then, once none is open."""
    async with asyncio.timeout(30):
        while True:
            rows = await asyncio.to_thread(since.calls)
            if all(row["outcome"] for row in rows):
                return rows
            await asyncio.sleep(0.1)


async def retired(wards: Wards) -> list[str]:
    site = await asyncio.to_thread(wards.retire)
    return problems_of_journal(site) if site is not None else []


PROBE = ("104", "116123")


async def next_call(site: Site) -> None:
    """A helpline, asked for nothing, right after the restart."""
    async with outside(site) as family, cell(site, "104") as phone:
        leg = await (await phone.dial(PROBE[1], CELL)).up()
        far = await family.answer(await family.ring(), FAMILY)
        await leg.set.hears_tone(FAMILY)
        await far.set.hears_tone(CELL)
        phone.hangup(leg)
        await far.over()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seeds", QUICK)
async def test_a_killed_switch_loses_a_second_at_most(wards: Wards, seeds: tuple[int, ...]) -> None:
    """Four instants, one of each kind; all forty are left to `make soak`."""
    found = []
    for seed in seeds:
        _, _, wrong = await killed_and_reckoned(wards, seed)
        found += wrong
    found += await retired(wards)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_forty_instants_over_all_states(tmp_path: Path) -> None:
    """Two sites at once. Each state is met, and closing calls are cut both before and after their record was durable."""
    seeds, states, found = list(ALL), set(), []
    closed_by: Counter[str] = Counter()

    async def lane(name: str) -> None:
        wards = Wards(tmp_path / name)
        try:
            while seeds:
                done, rows, wrong = await killed_and_reckoned(wards, seeds.pop(0))
                found.extend(wrong)
                states.update(done.states.values())
                told = {(one.part.phone) for one in done.calls if one.told}
                closed_by.update("crash" if row["end_why"] == "crashed" else "itself" for row in rows if row["phone"] in told)
                if wards.worn:
                    found.extend(await retired(wards))
            found.extend(await retired(wards))
        finally:
            await asyncio.to_thread(wards.retire)

    await asyncio.gather(*(lane(f"lane-{number}") for number in range(LANES)))
    print(f"states met: {sorted(states)}; calls that were closing: {dict(closed_by)}")
    assert not found, "\n".join(found)
    assert states >= STATES
    assert closed_by["crash"], "no blow fell between a hang-up and its durable record"
    assert closed_by["itself"], "no blow fell after a durable record"
