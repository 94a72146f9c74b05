"""The worker's part of the canary: when one is due, what is kept where no switch runs, and who is told that it is late."""
import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from switch.build import canary as built
from switch.build.canary import CanaryWatch, run_canary
from switch.build.site import SystemClock, open_store, read_site
from switch.build.staff import SystemMint, make_desk
from switch.core.ids import StaffId
from switch.desk import canary
from switch.ports.canary import Verdict
from switch.settings.cast import CANARY
from switch.settings.example import ExamplePorts
from switch.settings.tree import CanarySettings, NetworkSettings, Settings
from switch.store.pins import PinHasher
from switch.store.tables import alarms
from tests.ready import write_example
from tests.unit.desk.office import good, why

WHO, SITE = StaffId("officer"), "wick-hill"


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = datetime.fromisoformat("2026-11-23T12:00:00+00:00")

    def wall(self) -> datetime:
        return self.at


@pytest_asyncio.fixture
async def watch(tmp_path: Path) -> AsyncIterator[CanaryWatch]:
    """An example site with a canary, and no switch."""
    folder = tmp_path / "site"
    await asyncio.to_thread(write_example, folder, ExamplePorts(5062, 5092, 21000, 21199))
    settings = read_site(folder, SystemClock()).settings
    clock: Any = Clock()
    store, mint = await asyncio.to_thread(open_store, settings), SystemMint(PinHasher())
    desk = make_desk(settings, store, mint)
    good(await canary.add(desk, WHO, clock.at, SITE, "cells-md5", CANARY, "governor"))
    yield CanaryWatch(settings, desk, clock)
    await store.close()
    mint.close()


async def rung(watch: CanaryWatch) -> list[Any]:
    return list(good(await canary.runs(watch.desk, WHO, watch.clock.wall(), SITE)))


async def test_it_is_rung_an_hour_after_it_was_added_and_each_hour_until_it_passes(watch: CanaryWatch) -> None:
    clock: Any = watch.clock
    for after, runs in ((59, 0), (60, 1), (119, 1), (120, 2)):
        clock.at = datetime.fromisoformat("2026-11-23T12:00:00+00:00") + timedelta(minutes=after)
        await watch.look()
        assert len(await rung(watch)) == runs, after
    newest = (await rung(watch))[0]
    assert newest.verdict is Verdict.NOT_RUN
    assert newest.problems[0].startswith("no switch runs here")
    begun = good(await canary.begin(watch.desk, WHO, clock.at, SITE))
    seen = canary.Seen(talked=True, cell_heard=99, outside_heard=99, looked=1, files=("x",))
    assert good(await canary.record(watch.desk, WHO, clock.at, begun.run.id, seen)).verdict is Verdict.FAILED
    clock.at += timedelta(hours=26)
    await watch.look()
    (state,) = good(await canary.read(watch.desk, WHO, clock.at))
    assert (state.fresh, state.passed_at) == (False, None)


async def test_who_is_late_is_told_though_it_cannot_be_rung(watch: CanaryWatch) -> None:
    clock: Any = watch.clock
    clock.at += canary.GOOD_FOR + timedelta(seconds=1)
    await watch.look()
    store = watch.desk.work._store  # type: ignore[attr-defined]  # the desk's own database
    rows = await store.read(lambda conn: conn.execute(select(alarms.c.kind, alarms.c.text)).all())
    ((kind, text),) = rows
    assert kind == "canary-late"
    assert "no switch runs here" in text


async def test_what_is_not_set_up_is_not_rung(watch: CanaryWatch, monkeypatch: Any) -> None:
    settings: Any = watch.settings
    for changed, problem in (
        ({"canary": CanarySettings(number="+441632960198")}, f"the settings answer +441632960198, and it is to ring {CANARY}"),
        ({"network": (NetworkSettings(name="cells-md5", sources=("192.0.2.0/24",)),)},
         "no address of this machine is in the network cells-md5"),
    ):
        other = Settings(**{name: getattr(settings, name) for name in settings.__dataclass_fields__} | changed)
        done = good(await run_canary(other, watch.desk, WHO, watch.clock, SITE))
        assert (done.verdict, done.problems) == (Verdict.NOT_RUN, (problem,))
    bare = Settings(**{name: getattr(settings, name) for name in settings.__dataclass_fields__} | {"canary": CanarySettings()})
    assert why(await run_canary(bare, watch.desk, WHO, watch.clock, SITE)) == ["no-number"]


def test_its_own_address_is_one_that_its_network_has() -> None:
    def host(*sources: str, sip: str = "10.1.0.5") -> str | None:
        settings: Any = type("S", (), {"network": (NetworkSettings(name="n", sources=sources),), "sip_address": sip})
        return built._host(settings, "n")

    assert host("127.0.0.1/32") == "127.0.0.1"
    assert host("10.1.0.0/16") == "10.1.0.5"
    assert host("192.0.2.0/24", "127.0.0.2/32") == "127.0.0.2"
    assert host("192.0.2.0/24") is None
