"""A number found to be privileged later: one action, after which nobody hears what was recorded, and who did is told."""
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialplans.privileged import PrivilegedList, read_privileged
from switch.core.grants import Privacy
from switch.desk import privileged
from switch.ports.records import CallRequest
from switch.store.audit import append_audit
from switch.store.beside import read_words
from switch.store.facts import read_facts
from switch.store.listing import list_calls
from switch.store.outbox import TakeOutbox
from switch.store.privileged import AcceptList
from switch.store.tables import audit, audit_notes, contacts, orders
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
    cut = await site.store.read(lambda conn: conn.execute(select(orders.c.target)).scalars().all())
    assert cut == ["live"]
    assert [words["reason"] for words in (await site.store.read(
        lambda conn: read_words(conn, conn.execute(select(audit_notes.c.seq)).scalars()))).values() if words] == ["the firm rang"]
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
    assert not (await site.store.read(list_calls))[0].quarantined
    await site.close()


async def test_what_was_found_by_mistake_is_undone_by_two_and_found_again(site: Site) -> None:
    desk = number_of(site)
    await rung(site, "one")
    await rung(site, "two", timedelta(minutes=10))
    for since in (AT + timedelta(minutes=5), AT):
        good(await privileged.found_privileged(desk, OFFICER, LATER, FIRM, since, "the firm rang", GOVERNOR))
    assert why(await privileged.undo_found(desk, OFFICER, LATER, FIRM, " ", OFFICER)) == ["one-name", "no-reason"]
    assert why(await privileged.undo_found(desk, OFFICER, LATER, "12x", "mistyped", GOVERNOR)) == ["bad-telephone"]
    assert why(await privileged.undo_found(desk, OFFICER, LATER, "01632 960002", "mistyped", GOVERNOR)) == ["not-found"]
    social = update(contacts).where(contacts.c.number == str(SOLICITOR)).values(kind="social")
    await site.store.write(lambda conn: conn.execute(social))
    done = good(await privileged.undo_found(desk, OFFICER, LATER, "(01632) 960001", "mistyped", GOVERNOR))
    assert (done.number, done.calls) == (str(SOLICITOR), ("one", "two"))
    asked = request("next", SOLICITOR, CELL_1, LATER)
    assert not (await site.store.read(lambda conn: read_facts(conn, asked, ANN))).found_privileged
    rows = {row.id: row for row in await site.store.read(list_calls)}
    assert [(row.recording, row.quarantined) for row in rows.values()] == [("one", False), ("two", False)]
    row = (await site.store.read(lambda conn: conn.execute(
        select(audit).where(audit.c.action == "privileged-undone")).all()))[-1]
    assert (row.actor, json.loads(row.detail)) == (
        OFFICER, {"second": True, "findings": 2, "calls": 2, "ids": "one two"})
    assert why(await privileged.undo_found(desk, OFFICER, LATER, FIRM, "again", GOVERNOR)) == ["not-found"]
    again = good(await privileged.found_privileged(desk, OFFICER, LATER, FIRM, AT, "it is after all", GOVERNOR))
    assert [one.call for one in again.calls] == ["one", "two"]
    good(await privileged.undo_found(desk, OFFICER, LATER, FIRM, "it is not", GOVERNOR))
    left = await site.store.write(TakeOutbox(LATER, kind="recording-released"))
    assert [json.loads(row.body)["call"] for row in left] == ["one", "two"] * 2, "what follows a seal follows each time"
    good(await privileged.found_privileged(desk, OFFICER, LATER, FIRM, AT, "it is after all", GOVERNOR))
    assert (await site.store.read(lambda conn: read_facts(conn, asked, ANN))).found_privileged
    await site.close()


async def test_a_number_that_is_privileged_otherwise_is_not_undone(site: Site) -> None:
    """Ann's solicitor was verified and approved; then the number is on the signed list, too."""
    desk = number_of(site)
    await rung(site, "one")
    good(await privileged.found_privileged(desk, OFFICER, LATER, FIRM, AT, "the firm rang", GOVERNOR))
    assert why(await privileged.undo_found(desk, OFFICER, LATER, FIRM, "mistyped", GOVERNOR)) == ["verified"]
    text = f'serial = 1\n[[number]]\nnumber = "{FIRM}"\nname = "A"\nkind = "solicitor"\nsince = 2026-01-05\nverified = "x"\n'
    listed = read_privileged(text, "privileged.toml")
    assert isinstance(listed, PrivilegedList)
    await site.store.write(AcceptList(listed, "test", AT))
    assert why(await privileged.undo_found(desk, OFFICER, LATER, FIRM, "mistyped", GOVERNOR)) == ["on-the-list"]
    assert (await site.store.read(list_calls))[0].quarantined
    await site.close()
