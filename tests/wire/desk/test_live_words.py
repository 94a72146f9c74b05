"""From end to end, with a model that hears: a watch word in a call that runs under authority is an alarm while it runs, whoever
listens reads along, and of a privileged call in which the same is said nothing is heard.

That it is told within three seconds of the word's end is proved in virtual time (tests/unit/recordings/test_live_ears.py); here
at ten times that.
"""
import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from switch.build.site import SystemClock, read_settings
from switch.build.staff import Use, at_desk
from switch.core.authority import AuthorityKind, Ground
from switch.core.ids import StaffId
from switch.demo.model import give_model
from switch.desk import authority, leads, watch_words
from switch.ports.watch import WatchKind
from switch.store.audit import verify_audit
from switch.store.tables import outbox
from tests.phones.site import Ports, Site
from tests.phones.telephone import cell, outside
from tests.unit.desk.office import good
from tests.unit.recordings.conftest import spoken
from tests.wire.desk.test_kill import talk
from tests.wire.desk.test_listening import one, private, wingline

pytestmark = pytest.mark.wire

T = TypeVar("T")

IN_TIME = 10 * 3.0
WORD = "letter"
"""The last word of the line that is said, and no silence follows it: another line does."""


async def seen(look: Any, seconds: float) -> Any:
    """What another process has written, once it has."""
    async with asyncio.timeout(seconds):
        while not (found := look()):  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.05)
    return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of its own: it has a model."""
    site = Site(tmp_path / "wick-hill", Ports())
    give_model(site.folder)
    site.up()
    try:
        yield site
    finally:
        site.drain()


@pytest.mark.timeout(180)
async def test_a_watch_word_is_told_while_the_call_runs(site: Site) -> None:
    settings = read_settings(site.folder)

    async def asked(use: Use[T], staff: str = "officer") -> T:
        clock = SystemClock(datetime.fromisoformat(site.now()) - datetime.now(UTC))
        return await asyncio.to_thread(at_desk, settings, clock, StaffId(staff), use)

    for person in ("A1001AA", "A1006AF"):
        made = await asked(lambda desk, who, at, person=person: authority.apply(  # type: ignore[misc]
            desk, who, at, AuthorityKind.MANDATORY, Ground.CRIME, "threats were made by telephone", "this person's calls alone",
            at + timedelta(hours=1), person))
        id = good(made).written.authority.id
        good(await asked(lambda desk, who, at, id=id: authority.grant(desk, who, at, id, "necessary"), "governor"))  # type: ignore[misc]
    post = good(await asked(lambda desk, who, at: watch_words.add_list(desk, who, at, "post")))
    word = good(await asked(lambda desk, who, at: watch_words.add_word(desk, who, at, post.id, WatchKind.WORDS, WORD)))
    await seen(lambda: "live-words.ready" in site.log.read_text("utf-8"), 60)

    def listens() -> list[str]:
        return [line for line in site.log.read_text("utf-8").splitlines() if "listening.began" in line and "what=heard" in line]

    async with outside(site) as family, cell(site, "101") as phone, cell(site, "102") as other:
        since = site.since()
        leg, far = await talk(site, phone, family)
        quiet, lawyer = await private(site, other, family)
        for one_leg in (leg, far, quiet, lawyer):
            one_leg.set.says = b""  # tones are no speech, and work for the engine
        call = one(site, lambda row: not row["privileged"])
        assert "kind=machine" in (await seen(listens, 30))[0]
        reader = asyncio.create_task(wingline(
            site, "listen", call, "--why", "threats", "--words", "--seconds", "25", "--out", str(site.folder / "heard.wav")))
        await seen(lambda: len(listens()) == 2, 30)
        hello, more = spoken("cell-hello"), spoken("cell-adviser")
        leg.set.says = quiet.set.says = hello + more
        ended = time.monotonic() + len(hello) / 8000
        (alarm,) = await seen(lambda: [row for row in site.alarms() if row["kind"] == "watch-word"], IN_TIME + len(hello) / 8000)
        late = time.monotonic() - ended
        assert (alarm["call"], late <= IN_TIME) == (call, True), f"{late:.1f} s after the word's end"
        print(f"the alarm was there {late:.2f} s after the word's end")  # `-s` shows it
        read = await reader
        assert WORD in read.stdout, read.stdout + read.stderr
        assert "person:" in read.stdout
        phone.hangup(leg)
        other.hangup(quiet)
        assert (await far.over(), await lawyer.over()) == ("bye", "bye")
        await since.closed(2)

    def written() -> object:
        done = select(outbox.c.id).where(
            outbox.c.kind == "transcript-ready", outbox.c.subject == call, outbox.c.done_at.is_not(None))
        return site.read(lambda conn: conn.execute(done).first())

    await seen(written, 90)
    found = [lead for lead in await asked(lambda desk, who, at: leads.listed(desk, who, at)) if lead.word == word.id]
    assert [(lead.recording, lead.live) for lead in found] == [(call, True)], "the transcript raised it once more"
    assert len(listens()) == 2, "somebody heard the privileged call"
    assert WORD not in site.log.read_text("utf-8")
    assert site.read(verify_audit) == []
