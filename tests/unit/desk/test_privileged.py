"""A number found to be privileged later: one action, after which nobody hears what was recorded, and who did is told."""
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from recordings.quarantine import lock_away
from switch.core.grants import Privacy
from switch.core.ids import CallId
from switch.desk import privileged
from switch.ports.records import CallRequest
from switch.store.audit import append_audit
from switch.store.facts import read_facts
from switch.store.listing import list_calls
from switch.store.privileged import is_quarantined
from switch.store.tables import audit_notes, orders, outbox
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.desk.office import GOVERNOR, OFFICER, CountingMint, good, why
from tests.unit.store.site import ANN, AT, BEN, CELL_1, CELL_2, CY, SOLICITOR, Site, decision, ended, make_site, request

LATER = AT + timedelta(hours=2)
FIRM = "01632 960001"


def number_of(site: Site) -> privileged.Desk:
    return privileged.Desk(SqlUnitOfWork(site.store, {}), CountingMint())


async def rung(site: Site, call: str, at: timedelta = timedelta(), **how: object) -> CallRequest:
    """One call to the firm that is on the record."""
    asked = request(call, SOLICITOR, at=AT + at)
    privacy = how.get("privacy", Privacy.MONITORED)
    assert isinstance(privacy, Privacy)
    decided = decision(call, SOLICITOR, privacy=privacy)
    await site.records.open(asked, ANN, decided)
    recording = None if privacy is Privacy.PRIVILEGED else call
    await site.records.close(ended(asked, decided, recording=recording))
    return asked


@pytest.fixture
async def site(tmp_path: Path) -> Site:
    return await make_site(tmp_path)


async def test_one_action_and_nobody_hears_them(site: Site) -> None:
    desk = number_of(site)
    await rung(site, "old", timedelta(minutes=-90))
    await rung(site, "edge")
    await rung(site, "new", timedelta(minutes=30))
    await rung(site, "private", timedelta(minutes=40), privacy=Privacy.PRIVILEGED)
    other = request("other", at=AT + timedelta(minutes=50))
    await site.records.open(other, BEN, decision("other"))
    await site.records.close(ended(other, decision("other"), BEN, recording="other"))
    live = request("live", SOLICITOR, CELL_2, LATER)
    await site.records.open(live, CY, decision("live", SOLICITOR))
    for who, call, action in (("listener", "new", "recording-played"), ("listener", "other", "recording-played"),
                              ("clerk", "edge", "recording-exported"), ("clerk", "edge", "call-shown")):
        await site.store.write(lambda conn, w=who, c=call, a=action: append_audit(conn, LATER, w, a, {"call": c}))
    done = good(await privileged.found_privileged(desk, OFFICER, LATER, "(01632) 960001", AT, "the firm rang", GOVERNOR))
    assert [(one.call, one.runs) for one in done.calls] == [("edge", False), ("new", False), ("live", True)]
    assert done.cut == ("live",)
    assert [(play.call, play.who, play.action) for play in done.plays] == [
        ("new", "listener", "recording-played"), ("edge", "clerk", "recording-exported")]
    rows = {row.id: row for row in await site.store.read(list_calls)}
    assert {id for id, row in rows.items() if row.quarantined} == {"edge", "new", "live"}
    assert rows["new"].recording is None
    assert rows["old"].recording == "old"
    kinds = await site.store.read(lambda conn: conn.execute(
        select(outbox.c.subject).where(outbox.c.kind == "recording-quarantined").order_by(outbox.c.id)).scalars().all())
    assert kinds == ["edge", "new", "live"]
    cut = await site.store.read(lambda conn: conn.execute(select(orders.c.target)).scalars().all())
    assert cut == ["live"]
    assert await site.store.read(lambda conn: conn.execute(select(audit_notes.c.text)).scalars().all()) == ["the firm rang"]
    again = good(await privileged.found_privileged(desk, OFFICER, LATER, FIRM, AT - timedelta(days=1), "more", GOVERNOR))
    assert [one.call for one in again.calls] == ["old"]
    await site.close()


async def test_from_then_on_the_number_is_privileged_for_everybody(site: Site) -> None:
    desk = number_of(site)
    asked = request("next", SOLICITOR, CELL_1, LATER)
    before = await site.store.read(lambda conn: read_facts(conn, asked, BEN))
    assert not before.found_privileged
    good(await privileged.found_privileged(desk, OFFICER, LATER, FIRM, AT, "the firm rang", GOVERNOR))
    for person in (ANN, BEN):
        after = await site.store.read(lambda conn, who=person: read_facts(conn, asked, who))
        assert after.found_privileged
    elsewhere = await site.store.read(lambda conn: read_facts(conn, request("x", at=LATER), ANN))
    assert not elsewhere.found_privileged
    await site.close()


async def test_malformed_or_alone_nothing_happens(site: Site) -> None:
    desk = number_of(site)
    await rung(site, "c1")
    bad = await privileged.found_privileged(desk, OFFICER, LATER, "12x", LATER + timedelta(seconds=1), " ", OFFICER)
    assert why(bad) == ["bad-telephone", "bad-times", "second-name", "no-reason"]
    naive = await privileged.found_privileged(desk, OFFICER, LATER, FIRM, AT.replace(tzinfo=None), "x", GOVERNOR)
    assert why(naive) == ["bad-times"]
    assert not await site.store.read(lambda conn: is_quarantined(conn, "c1"))
    await site.close()


def test_a_file_is_locked_away_once_and_for_all(tmp_path: Path) -> None:
    folder = tmp_path / "2026" / "11" / "23"
    folder.mkdir(parents=True)
    (folder / "c1.wav").write_bytes(b"sound")
    (folder / "c2.wav").write_bytes(b"other")
    for _ in range(2):
        assert lock_away(tmp_path, CallId("c1"))
        kept = tmp_path / "quarantine" / "c1.wav"
        assert kept.stat().st_mode & 0o777 == 0
        assert kept.stat().st_size == 5
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in folder.iterdir()] == ["c2.wav"]
    assert not lock_away(tmp_path, CallId("never-recorded"))
