"""What ends a subscription beside its cancelling: a move to another prison, a release, a death; and the command line."""
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switch.cli import app
from switch.core.ids import StaffId
from switch.desk import leaving, money, people, subscriptions
from switch.desk.asking import Desk
from switch.ports.desk import Status
from tests.ready import write_example
from tests.unit.desk.office import ANN, AT, FEN, MOOR, OFFICER, Office, good
from tests.unit.dialplans.test_subscriptions import OFFERS, PLAN

LATER = AT + timedelta(days=9)


async def begun(office: Office) -> Desk:
    desk = replace(office.desk, plan=PLAN)
    await office.receive()
    await office.credit(ANN, 1000)
    good(await subscriptions.subscribe(desk, OFFICER, AT, ANN, "an hour", "s1"))
    return desk


async def left(office: Office) -> int:
    return good(await money.balance(office.desk, OFFICER, AT, ANN)).credit.free


@pytest.mark.parametrize("how", ["transferred", "released"])
async def test_a_move_or_a_release_ends_it_at_once(office: Office, how: str) -> None:
    desk = await begun(office)
    if how == "transferred":
        good(await people.transfer(desk, OFFICER, AT, ANN, FEN))
    else:
        good(await leaving.release(desk, OFFICER, AT, ANN))
    (told,) = good(await subscriptions.subscriptions(desk, OFFICER, AT, ANN))
    assert (told.subscription.ended_at, told.subscription.why) == (AT, how)
    assert ("subscription-ended", {"person": ANN, "subscription": "s1"}, {"why": how}) in await office.audit()
    before = await left(office)
    for place in (MOOR, FEN):
        assert good(await subscriptions.renew(desk, StaffId("daily"), LATER, place)).renewed == 0
    assert await left(office) == before
    assert len(good(await money.bundles(desk, OFFICER, AT, ANN))) == 1  # what was paid for stays theirs


async def test_a_death_changes_nothing_and_nothing_is_taken_after_it(office: Office) -> None:
    desk = await begun(office)
    good(await leaving.die(desk, OFFICER, AT, ANN, "found at unlock"))
    (told,) = good(await subscriptions.subscriptions(desk, OFFICER, AT, ANN))
    assert told.subscription.ended_at is None
    assert good(await subscriptions.renew(desk, StaffId("daily"), LATER, MOOR)) == subscriptions.Renewals(0, 0, 1)
    assert await left(office) == 850_000


async def test_a_prisoner_at_court_keeps_it(office: Office) -> None:
    desk = await begun(office)
    good(await leaving.go_away(desk, OFFICER, AT, ANN, Status.COURT))
    assert good(await subscriptions.renew(desk, StaffId("daily"), LATER, MOOR)).renewed == 1


def test_from_the_command_line(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_example(site)
    (plan,) = (site / "plans").glob("*.toml")
    plan.write_text(plan.read_text("utf-8") + OFFERS[OFFERS.index("[[bundle]]"):], "utf-8")
    person = json.loads((site / "example.json").read_text("utf-8"))["people"][0]["number"]

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["money", *args, "--dir", str(site)])
        return done.exit_code, done.output

    code, text = run("subscribe", person, "texts", "--reference", "s1")
    assert (code, text.startswith(f"s1  {person}  texts. It is renewed as ")) == (0, True), text
    assert "texts: 50 texts left until" in run("bundles", person)[1].replace("s1@", "", 1)
    assert "It was cancelled, and ends as" in run("unsubscribe", "s1")[1]
    assert '"why"' in run("subscriptions", person, "--json")[1]
    assert "50 texts a month to mobile for 200p, by subscription too" in run("offers")[1]
    assert run("subscribe", person, "once", "--reference", "s2")[0] == 1
