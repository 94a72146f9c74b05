"""The nightly reconciliation: every violation is planted and found, once, and nothing else is; on both databases."""
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from sqlalchemy import Connection, insert, select

from recordings.reconcile import Stores, call_of
from switch.desk import reconciling
from switch.desk.reconciling import BACK, SETTLING
from switch.ports.keeping import Found, IncidentKind
from switch.store.recordings import EraseRecording
from switch.store.stamps import stamp
from switch.store.tables import alarms, outbox, placed_attempts, placed_calls, recording_parts
from tests.unit.desk.keeping import recorded, talked
from tests.unit.desk.office import ANN, AT, GOVERNOR, OFFICER, Office, good, make_office, why

TICK = timedelta(milliseconds=1)


@pytest_asyncio.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    made = await make_office(tmp_path, url)
    await made.receive()
    yield made
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()


def sound(call: str) -> str:
    return f"2026/11/23/{call}/audio-1"


async def look(office: Office, *objects: str, spools: tuple[str, ...] = ()) -> list[Found]:
    return good(await reconciling.reconcile_calls(
        office.desk, OFFICER, AT, Stores(frozenset(spools), frozenset(objects), frozenset({"2026/11/23"}))))


async def test_what_is_as_it_should_be_is_no_incident(office: Office) -> None:
    """Both sides of each edge, of which nothing is found."""
    for call, talk, kept in (("c1", 60, 60), ("c2", 60, 61), ("c3", 60, 59), ("c4", 0.2, 0.2)):
        await talked(office, call, talk)
        await recorded(office, call, kept)
    await talked(office, "erased")
    await recorded(office, "erased")
    await office.site.store.write(EraseRecording("erased", "retention", "daily", AT))
    # nobody talked, nobody outside was rung, or it is not told yet
    await talked(office, "refused", 0, recording=None, outcome="refused", service=None)
    await talked(office, "menu", 60, recording=None, service="menu")
    await talked(office, "private", 60, recording=None, privileged=True)
    await talked(office, "fresh", 60, AT - SETTLING, recording=None)
    await talked(office, "long-ago", 60, AT - BACK - TICK, recording=None)
    await talked(office, "open", 60, closed_at=None, recording=None)
    # sealed late, of a day whose objects were not listed
    await talked(office, "late", 60, AT - BACK - TICK)
    await recorded(office, "late", 60, AT - BACK - TICK, sealed_at=AT - SETTLING - TICK)
    objects = [sound(call) for call in ("c1", "c2", "c3", "c4")]
    assert await look(office, *objects, "2026/11/23/c1/peaks-2", "audit/checkpoints/000000000001.json",
                      spools=("open",)) == []
    assert await reconciling.incidents(office.desk, OFFICER, AT, every=True) == []


async def test_a_monitored_call_without_its_recording_is_an_incident(office: Office) -> None:
    await talked(office, "none", 60, AT - SETTLING - TICK, recording=None)
    await talked(office, "helpline", 60, AT - BACK, recording=None, service="helpline", person=None)
    await talked(office, "emergency", 60, recording=None, service="emergency", person=None)
    await talked(office, "unsealed", 60)
    for call, talk, kept in (("short", 60, 58.99), ("long", 60, 61.01)):
        await talked(office, call, talk)
        await recorded(office, call, kept)
    await talked(office, "lost", 60)
    await recorded(office, "lost", 60)
    found = {one.call: (one.kind, one.establishment, one.text) for one in await look(office, sound("short"), sound("long"))}
    assert found == {
        "none": (IncidentKind.NO_RECORDING, "moor", "60.0 s were talked, and nothing was recorded"),
        "helpline": (IncidentKind.NO_RECORDING, "moor", "60.0 s were talked, and nothing was recorded"),
        "emergency": (IncidentKind.NO_RECORDING, "moor", "60.0 s were talked, and nothing was recorded"),
        "unsealed": (IncidentKind.NOT_SEALED, "moor", "60.0 s were recorded, and are not in the vault"),
        "short": (IncidentKind.LENGTH_DIFFERS, "moor", "the recording lasts 59.0 s, and the call talked for 60.0 s"),
        "long": (IncidentKind.LENGTH_DIFFERS, "moor", "the recording lasts 61.0 s, and the call talked for 60.0 s"),
        "lost": (IncidentKind.OBJECT_MISSING, "moor", "object 2026/11/23/lost/audio-1 is not in the store"),
    }


async def test_whatever_is_kept_of_a_privileged_call_is_an_incident(office: Office) -> None:
    def part(conn: Connection) -> None:
        conn.execute(insert(recording_parts), {"recording": "row", "kind": "peaks", "object": "x", "made_at": stamp(AT)})
        conn.execute(insert(outbox), [
            {"kind": kind, "subject": "work", "body": "{}", "at": stamp(AT), "attempts": 0}
            for kind in ("call-ended", "recording-sealed")])
        conn.execute(insert(placed_calls), {
            "id": "r1", "kind": "consent", "person": ANN, "number": "+447700900123", "state": "due", "requested_by": "x",
            "requested_at": stamp(AT), "not_before": stamp(AT), "attempts": 1})
        conn.execute(insert(placed_attempts), {
            "id": "asked", "request": "r1", "node": "n", "started_at": stamp(AT - SETTLING), "ring_ms": 0, "heard_ms": 0})

    for call in ("spool", "object", "row", "work"):
        await talked(office, call, privileged=True, recording=None)
    await talked(office, "named", privileged=True)
    await recorded(office, "row")
    await office.site.store.write(part)
    found = {one.call: (one.kind, one.establishment, one.text) for one in await look(
        office, "2026/11/23/object/transcript-9", sound("row"), "2026/11/23/asked/audio-1", spools=("spool", "nobodys"))}
    kept = "kept of a privileged call: "
    assert found == {
        "spool": (IncidentKind.PRIVILEGED_KEPT, "moor", kept + "its spool"),
        "object": (IncidentKind.PRIVILEGED_KEPT, "moor", kept + "object 2026/11/23/object/transcript-9"),
        "row": (IncidentKind.PRIVILEGED_KEPT, "moor",
                kept + "a row of recording_parts; a row of recordings; object 2026/11/23/row/audio-1"),
        "work": (IncidentKind.PRIVILEGED_KEPT, "moor", kept + "work recording-sealed"),
        "named": (IncidentKind.PRIVILEGED_KEPT, "moor", kept + "its record names a recording"),
        "asked": (IncidentKind.PRIVILEGED_KEPT, "moor", kept + "object 2026/11/23/asked/audio-1"),
        "nobodys": (IncidentKind.UNKNOWN_CALL, "", "of no call that is known: its spool"),
    }


async def test_an_incident_is_one_until_somebody_closes_it(office: Office) -> None:
    await talked(office, "none", recording=None)
    await talked(office, "private", privileged=True, recording=None)
    before = await office.audited()
    assert {one.id for one in await look(office, spools=("private",))} == {"no-recording:none", "privileged-kept:private"}
    assert [action for action, _, _ in await office.audit(before)] == ["alarm-raised", "incident-opened"] * 2
    assert await look(office, spools=("private",)) == []
    assert len(await reconciling.incidents(office.desk, OFFICER, AT)) == 2
    assert why(await reconciling.close(office.desk, OFFICER, AT, "no-recording:none", " ")) == ["no-reason"]
    assert why(await reconciling.close(office.desk, OFFICER, AT, "x", "seen")) == ["unknown-incident"]
    for incident in ("no-recording:none", "privileged-kept:private"):
        good(await reconciling.close(office.desk, OFFICER, AT, incident, "the disk was full"))
    assert why(await reconciling.close(office.desk, GOVERNOR, AT, "no-recording:none", "again")) == ["as-it-is"]
    assert await reconciling.incidents(office.desk, OFFICER, AT) == []
    # what nobody can mend stays closed; what may not be there and is there still is told again
    assert [one.id for one in await look(office, spools=("private",))] == ["privileged-kept:private"]
    (again,) = await reconciling.incidents(office.desk, OFFICER, AT)
    assert (again.kind, again.closed_at, again.closed_why) == (IncidentKind.PRIVILEGED_KEPT, None, "")
    told = await office.site.store.read(lambda conn: conn.execute(
        select(alarms.c.id, alarms.c.kind, alarms.c.call).order_by(alarms.c.id)).all())
    assert [tuple(row) for row in told] == [
        ("recording-incident:no-recording:none", "recording-incident", "none"),
        ("recording-incident:privileged-kept:private", "recording-incident", "private"),
        ("recording-incident:privileged-kept:private:2026-11-23", "recording-incident", "private")]


def test_an_object_is_of_the_recording_that_its_name_has() -> None:
    assert [call_of(name) for name in ("2026/11/23/c1/audio-1", "2026/11/23/c1/clip-x-1")] == ["c1", "c1"]
    assert [call_of(name) for name in ("audit/checkpoints/1.json", "2026/11/23/c1", "a/b/c/d/e")] == [None, None, None]
