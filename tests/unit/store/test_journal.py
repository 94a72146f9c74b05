"""The journal: what a crash leaves of it is enough to close and charge every call."""
import asyncio
import os
import random
from pathlib import Path

import pytest

from dialplans.model import Service
from switch.core.grants import Privacy
from switch.core.ids import CallId, RecordingId
from switch.core.reasons import EndedBy, Why
from switch.ports.media import SealedRecording
from switch.store.errors import JournalFailed
from switch.store.journal import Journal
from switch.store.journal_state import JournalState, closed_record, fold, line, opened_record, parse
from switch.store.listing import list_calls, show_call
from switch.store.records import Records
from switch.store.seeding import read_balance
from switch.store.stamps import stamp
from tests.unit.store.site import ANN, AT, SAMARITANS, Site, StandingClock, decision, ended, request


def opened(call: str) -> dict[str, object]:
    return opened_record(request(call), ANN, decision(call), stamp(AT))


def history(calls: int) -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    for n in range(calls):
        records += [opened(f"c{n}"), {"k": "talking", "id": f"c{n}", "up": 10.0 + n},
                    {"k": "beat", "at": stamp(AT), "up": 11.0 + n}]
    return records


def test_a_torn_last_line_is_the_crash_itself() -> None:
    whole = b"".join(map(line, history(2)))
    for cut in range(len(whole)):
        state = fold(whole[:cut])
        assert state.damaged == 0
        assert len(state.open) <= 2
    assert set(fold(whole).open) == {"c0", "c1"}


def test_a_flipped_bit_costs_its_line_and_is_counted() -> None:
    lines = [line(record) for record in history(3)]
    chance = random.Random(7)
    for spot in range(len(lines) - 1):
        hurt = bytearray(lines[spot])
        hurt[chance.randrange(len(hurt) - 1)] ^= 1 << chance.randrange(8)
        state = fold(b"".join([*lines[:spot], bytes(hurt), *lines[spot + 1:]]))
        assert state.damaged >= 1
        assert parse(lines[spot][:-1]) is not None


def test_talk_ends_with_the_last_beat() -> None:
    state = fold(b"".join(map(line, [*history(1), {"k": "beat", "at": stamp(AT), "up": 42.5}])))
    state.crash()
    (record,) = state.closed.values()
    assert record["call"]["ending"]["talked"] == 32.5
    assert record["call"]["ending"]["reason"] == {"by": "switch", "why": "crashed", "note": ""}


def test_a_call_that_never_talked_is_free() -> None:
    state = fold(line(opened("c1")) + line({"k": "beat", "at": stamp(AT), "up": 42.5}))
    state.crash()
    assert state.closed["c1"]["call"]["ending"]["talked"] == 0.0


def test_the_shortest_file_means_the_same() -> None:
    records = [*history(3), closed_record(ended(request("c1"), decision("c1"))), {"k": "settled", "id": "c2"},
               {"k": "stop", "id": "c0:person"}, {"k": "alarm", "id": "a"}, {"k": "alarm", "id": "b"},
               {"k": "settled", "id": "a"}]
    state = fold(b"".join(map(line, records)))
    again = fold(b"".join(map(line, state.lines())))
    assert again == state
    assert (set(state.open), set(state.closed), set(state.alarms)) == ({"c0"}, {"c1"}, {"b"})
    assert JournalState().lines() == []


async def test_two_switches_do_not_share_a_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal")
    with pytest.raises(JournalFailed, match="another switch"):
        Journal(tmp_path / "journal")
    await first.close()
    await Journal(tmp_path / "journal").close()


async def test_the_file_stays_small_however_many_calls_went_through(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", limit_bytes=20_000)
    for n in range(200):
        await journal.write(opened(f"c{n}"))
        if n != 100:
            journal.settled(f"c{n}")
    assert (tmp_path / "journal").stat().st_size < 30_000
    assert journal.open_calls() == {"c100"}
    await journal.close()
    again = Journal(tmp_path / "journal")
    assert [closed.request.call for closed in again.unsettled()] == ["c100"]
    await again.close()


async def test_a_journal_that_cannot_be_written_says_so_and_heals(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    await journal.write(opened("c1"))
    good, full = journal._file, os.open("/dev/full", os.O_WRONLY)
    journal._file = full
    with pytest.raises(JournalFailed, match="No space"):
        await journal.write(opened("c2"))
    assert journal.open_calls() == {"c1"}
    os.close(good)
    await journal.write(opened("c3"))  # a new file, as the old one could not be mended
    assert journal.open_calls() == {"c1", "c3"}
    await journal.close()
    assert set(fold((tmp_path / "journal").read_bytes()).open) == {"c1", "c3"}


async def crash(site: Site) -> None:
    """The process is gone and a new one starts: nothing was closed in order."""
    await site.records.stop()
    await site.journal.close()
    site.journal = Journal(site.folder / "journal", monotonic=site.clock.monotonic)
    site.records = Records(site.store, site.journal, site.clock, site.pins)


async def test_after_a_crash_the_call_is_closed_and_charged_to_its_last_beat(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    await site.records.open(request("c2", phone=request("x").phone), None, decision("c2", SAMARITANS, Service.HELPLINE, None,
                                                                                  Privacy.PRIVILEGED, None))
    site.clock.pass_by(20)
    await site.records.talking(CallId("c1"))
    site.clock.pass_by(30)
    site.journal.beat(site.clock.wall())
    site.clock.pass_by(0.9)
    await crash(site)
    site.clock.pass_by(3600)
    assert await site.records.settle() == 2
    assert await site.records.settle() == 0
    shown = await site.store.read(lambda conn: show_call(conn, "c1"))
    assert shown is not None
    assert (shown.talk_seconds, shown.charged_pence, shown.end_by, shown.end_why) == (30.0, 3, EndedBy.SWITCH, Why.CRASHED)
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 3_000
    assert await site.store.read(lambda conn: list_calls(conn, live=True)) == []


async def test_killed_between_commit_and_journal_nothing_is_charged_twice(site: Site) -> None:
    asked, decided = request("c1"), decision("c1")
    await site.records.open(asked, ANN, decided)
    await site.records.talking(asked.call)
    site.journal.note = lambda record: None  # type: ignore[method-assign]  # the process dies before the line is written
    await site.records.close(ended(asked, decided, talked=60))
    await crash(site)
    assert await site.records.settle() == 0
    assert await site.store.read(lambda conn: read_balance(conn, ANN)) == 500_000 - 6_000


async def test_a_crashed_call_keeps_the_recording_that_is_found(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    await crash(site)
    found = SealedRecording(RecordingId("r1"), "r1.wav", 29.0, "cd" * 32)
    site.records = Records(site.store, site.journal, site.clock, site.pins, salvage=lambda call: found if call == "c1" else None)
    await site.records.settle()
    shown = await site.store.read(lambda conn: show_call(conn, "c1"))
    assert shown is not None
    assert shown.recording == "r1"


async def test_a_lost_journal_leaves_no_call_open_for_ever(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    await site.journal.close()
    (site.folder / "journal").unlink()
    site.journal = Journal(site.folder / "journal")
    site.records = Records(site.store, site.journal, site.clock, site.pins)
    assert await site.records.open(request("c2"), ANN, decision("c2")) is Why.ON_CALL
    assert await site.records.settle() == 1
    assert await site.records.open(request("c3"), ANN, decision("c3")) is None
    shown = await site.store.read(lambda conn: show_call(conn, "c1"))
    assert shown is not None
    assert (shown.outcome, shown.charged_pence) == ("failed", 0)


async def test_settling_leaves_calls_that_run_alone(site: Site) -> None:
    await site.records.open(request("c1"), ANN, decision("c1"))
    assert await site.records.settle() == 0
    assert [row.id for row in await site.store.read(lambda conn: list_calls(conn, live=True))] == ["c1"]


async def test_a_beat_comes_while_somebody_talks(tmp_path: Path, site: Site) -> None:
    site.records = Records(site.store, site.journal, site.clock, site.pins, beat=0.01)
    await site.records.start()
    await site.records.open(request("c1"), ANN, decision("c1"))
    await site.records.talking(CallId("c1"))
    site.clock.pass_by(5)
    await asyncio.sleep(0.2)
    state = fold((site.folder / "journal").read_bytes())
    assert state.beat_up == 5.0
    await site.records.close(ended(request("c1"), decision("c1")))
    size = (site.folder / "journal").stat().st_size
    await asyncio.sleep(0.2)
    assert (site.folder / "journal").stat().st_size - size < 200
    assert isinstance(site.clock, StandingClock)
