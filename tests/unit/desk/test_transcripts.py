"""Transcripts at the desk, on both databases: found and read under authority alone, told in the audit, never in the clear."""
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from obstore.store import MemoryStore
from sqlalchemy import text as sql

from recordings.keys import FileMaster, KeyProblem
from recordings.objects import Objects
from recordings.transcribe.search import TranscriptReader, open_hasher
from recordings.transcript import Channel, Transcript, Word
from recordings.vault import Vault
from switch.core.ids import PersonId, RecordingId, StaffId
from switch.core.numbers import E164
from switch.desk import authority, connections, transcripts
from switch.desk.transcripts import FoundCall, Requeued
from switch.ports.leads import Lead, LeadKind
from switch.ports.transcripts import JobState
from switch.store.transcripts import AskTranscript, ClaimTranscript, EndTranscript, FailTranscript
from tests.postgres import PostgresServer
from tests.unit.desk.office import ANN, BEN, GOVERNOR, OFFICER, Office, good, make_office, why
from tests.unit.desk.test_authority import LISTENER, granted
from tests.unit.store.site import AT, MUM
from tests.vaults import MASTER, keep, make_vault, voices

DAD = E164("447700900456")
LATER = AT + timedelta(hours=1)
REASON = "threats were made"
LEASE = timedelta(minutes=1)


@dataclass
class Reading:
    office: Office
    vault: Vault
    spools: Path

    async def said(self, call: str, left: str, right: str = "", person: str = ANN, number: E164 = MUM, hours: int = 0) -> None:
        """A call that was recorded and transcribed so."""
        store = self.office.site.store
        await keep(self.vault, store, self.spools, call, voices(1.0), person=PersonId(person), number=number,
                   at=AT + timedelta(hours=hours))
        words = [Word(side, at, at + 0.5, word, 0.75) for side, text in ((Channel.LEFT, left), (Channel.RIGHT, right))
                 for at, word in enumerate(text.split())]
        made = Transcript("whisper", "tiny.en", "en", tuple(words), 1.0)
        await self.vault.put_part(call, "transcript", made.to_json())
        hasher = await open_hasher(store, MASTER)
        assert await store.write(AskTranscript(call, AT))
        assert await store.write(ClaimTranscript(call, "t", "w", AT, LEASE)) is not None
        assert await store.write(EndTranscript(call, "t", "whisper", "tiny.en", len(words), hasher.stretches(made), AT))

    async def look_at_words(self) -> None:
        """What autovacuum does, which is off here."""
        if not self.office.site.url.startswith("sqlite"):
            await self.office.site.store.read(lambda conn: conn.execute(sql("ANALYZE transcript_words")))

    async def search(self, text: str, who: StaffId = LISTENER, at: timedelta = timedelta(), **how: Any) -> list[FoundCall]:
        return good(await transcripts.search(self.office.desk, who, LATER + at, text, REASON, **how))

    async def found(self, text: str, who: StaffId = LISTENER, at: timedelta = timedelta(), **how: Any) -> list[str]:
        return [one.recording for one in await self.search(text, who, at, **how)]


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def reading(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reading]:
    postgres: PostgresServer | None = request.getfixturevalue("postgres") if request.param == "postgres" else None
    url = postgres.fresh() if postgres else ""
    office = await make_office(tmp_path, url)
    vault = make_vault(office.site.store, tmp_path / "spool", lambda: AT, objects=Objects(MemoryStore()))

    async def reader() -> TranscriptReader:
        return TranscriptReader(vault, await open_hasher(office.site.store, MASTER), "en")

    office = replace(office, desk=replace(office.desk, transcripts=reader))
    await office.receive()
    await office.receive(BEN, "M2", name="Ben Example")
    yield Reading(office, vault, tmp_path / "spool")
    assert await office.whole(), "the audit chain"
    office.mint.hasher.close()
    await office.site.close()
    if postgres:
        postgres.drop(url)


def with_backup(folder: Path) -> bytes:
    """Every byte of the database's files, its log and a backup of it among them."""
    source, copy = sqlite3.connect(folder / "site.db"), sqlite3.connect(folder / "backup.db")
    source.backup(copy)
    source.close()
    copy.close()
    files = list(folder.glob("*.db*"))
    assert {"site.db", "backup.db", "site.db-wal"} <= {file.name for file in files}
    return b"".join(file.read_bytes() for file in files)


async def test_words_and_phrases_are_found_with_what_stood_around_them(reading: Reading) -> None:
    await reading.said("c1", "throw the parcels over the wall tonight", "which wall do you mean")
    await reading.said("c2", "over there by the wall", hours=1)
    await granted(reading.office)
    (one,) = await reading.search('"over the walls"')
    (passage,) = one.passages
    assert (one.recording, one.person, one.number) == ("c1", ANN, str(MUM))
    assert (passage.side, passage.start, passage.before, passage.said, passage.after, passage.confidence) == (
        "person", 3.0, "throw the parcels", "over the wall", "tonight", 0.75)
    assert await reading.found("wall over") == ["c2", "c1"], "the newest first"
    assert await reading.found("wall mean") == ["c1"], "on whichever side"
    assert await reading.found("parcel") == ["c1"]
    assert await reading.found("wall", most=1) == ["c2"]
    assert await reading.found("knife") == []
    assert await reading.found('"wall over"') == []


async def test_all_of_it_is_found_in_a_call_too_long_for_one_row(reading: Reading) -> None:
    """And no phrase is said by two sides, nor by two rows."""
    await reading.said("c1", "parcel " + "yeah " * 600 + "over the wall", "throw it high " + "well " * 300 + "good night")
    await granted(reading.office)
    for _ in ("by the index of words", "and, once PostgreSQL knows that each is in every call, in the newest"):
        assert await reading.found("parcel night") == ["c1"], "the first row and the last"
        assert await reading.found('"over the wall" "throw it high" "good night" "parcel yeah"') == ["c1"]
        assert await reading.found('"the wall" parcel', person=ANN, since=AT) == ["c1"]
        assert await reading.found("wall", until=AT) == []
        assert await reading.found('"wall throw"') == []
        assert await reading.found('"over the wall" "night good"') == []
        assert await reading.found("parcel knife") == []
        await reading.look_at_words()


async def test_a_search_is_narrowed_by_person_number_place_and_time(reading: Reading) -> None:
    await reading.said("c1", "hello there")
    await reading.said("c2", "hello there", number=DAD, hours=2)
    await reading.said("c3", "hello there", person=BEN, hours=4)
    for person in (ANN, BEN):
        await granted(reading.office, person=person)
    assert await reading.found("hello") == ["c3", "c2", "c1"]
    assert await reading.found("hello", person=ANN) == ["c2", "c1"]
    assert await reading.found("hello", number=str(DAD)) == ["c2"]
    assert await reading.found("hello", person=BEN, number=str(DAD)) == []
    assert await reading.found("hello", since=AT + timedelta(hours=2)) == ["c3", "c2"]
    assert await reading.found("hello", until=AT + timedelta(hours=2)) == ["c1"]
    assert await reading.found("hello", establishment="fen") == []


async def test_nothing_is_found_without_authority_nor_of_somebody_known(reading: Reading) -> None:
    await reading.said("c1", "hello there")
    await reading.said("c2", "hello there", person=BEN)
    assert await reading.found("hello") == []
    id = await granted(reading.office)
    assert await reading.found("hello") == ["c1"]
    good(await connections.declare(reading.office.desk, OFFICER, AT, ANN, LISTENER))
    assert await reading.found("hello") == []
    assert await reading.found("hello", StaffId("third")) == ["c1"]
    good(await authority.cancel(reading.office.desk, OFFICER, AT, id, "over"))
    assert await reading.found("hello", StaffId("third")) == []
    assert await reading.found("hello", StaffId("third"), timedelta(days=400)) == []


async def test_a_draw_lets_its_recording_be_read_until_it_is_over(reading: Reading) -> None:
    await reading.said("c1", "hello there")
    await reading.said("c2", "hello there")
    until = LATER + timedelta(days=1)
    await reading.office.desk.work.run(OFFICER, AT, lambda changes: changes.draw(RecordingId("c1"), until))
    assert await reading.found("hello") == ["c1"]
    assert good(await transcripts.show(reading.office.desk, LISTENER, LATER, "c1", REASON)).authority == "random"
    assert await reading.found("hello", at=timedelta(days=1)) == []
    assert why(await transcripts.show(reading.office.desk, LISTENER, until, "c1", REASON)) == ["draw-over"]


async def test_what_is_read_is_in_the_audit_and_what_was_sought_only_beside_it(reading: Reading) -> None:
    await reading.said("c1", "hello there", "good morning")
    id = await granted(reading.office)
    before = await reading.office.audited()
    await reading.found("hello")
    shown = good(await transcripts.show(reading.office.desk, LISTENER, LATER, "c1", REASON))
    assert [(turn.side, turn.text) for turn in shown.turns] == [("person", "hello there"), ("contact", "good morning")]
    assert (shown.engine, shown.authority) == ("whisper", id)
    rows = [row for row in await reading.office.audit(before) if row[0] != "consulted"]
    assert [(action, subject) for action, subject, _ in rows] == [
        ("transcripts-searched", {}), ("transcript-read", {"recording": "c1"}), ("transcript-read", {"recording": "c1"})]
    assert all("hello" not in str(row) for row in rows)
    assert why(await transcripts.show(reading.office.desk, LISTENER, LATER, "none", REASON)) == ["unknown-call"]
    await granted(reading.office, person=BEN)
    await keep(reading.vault, reading.office.site.store, reading.spools, "c9", voices(1.0), person=PersonId(BEN), at=AT)
    assert why(await transcripts.show(reading.office.desk, LISTENER, LATER, "c9", REASON)) == ["no-transcript"]


async def test_a_lead_is_shown_with_the_words_around_it_under_the_same_authority(reading: Reading) -> None:
    office = reading.office
    desk = office.desk
    far = " ".join(f"word{number}" for number in range(30))
    await reading.said("c1", f"{far} the parcel is here {far}", "yes")
    lead = Lead("lead-w", LeadKind.TONE, "moor", "tone", 0.5, AT, (PersonId(ANN),), None, RecordingId("c1"), 31.0, 31.5, "left",
                0.75)
    counted = Lead("lead-n", LeadKind.SHARED_NUMBER, "moor", "07700900123", 0.5, AT, (PersonId(ANN),))
    await desk.work.run(OFFICER, AT, lambda changes: changes.add_leads([lead, counted]))
    assert why(await transcripts.around(desk, LISTENER, LATER, lead.id, REASON)) == ["no-authority"]
    await granted(office)
    assert why(await transcripts.around(desk, LISTENER, LATER, lead.id, " ")) == ["no-reason"]
    assert why(await transcripts.around(desk, LISTENER, LATER, "lead-x", REASON)) == ["unknown-lead"]
    before = await office.audited()
    shown = good(await transcripts.around(desk, LISTENER, LATER, lead.id, REASON))
    (turn,) = shown.turns
    assert (shown.lead, turn.side, turn.start) == (lead, "person", 23.0), "the other side's word is half a minute away"
    assert turn.text.split()[:11] == [*(f"word{at}" for at in range(23, 30)), "the", "parcel", "is", "here"]
    assert turn.text.split()[11:] == [f"word{at}" for at in range(6)]
    assert [(action, subject) for action, subject, _ in await office.audit(before)] == [("transcript-read", {"recording": "c1"})]
    assert why(await transcripts.around(desk, LISTENER, LATER, "lead-n", REASON)) == ["no-recording"]
    good(await connections.declare(desk, GOVERNOR, AT, ANN, LISTENER))
    assert why(await transcripts.around(desk, LISTENER, LATER, lead.id, REASON)) == ["unknown-lead"]


async def test_no_word_is_in_the_database_its_log_or_its_backup(reading: Reading, tmp_path: Path) -> None:
    """And once it is erased nothing is found, nor left to be found."""
    await reading.said("c1", "zanzibar parcels over the wall")
    await granted(reading.office)
    assert await reading.found("zanzibar") == ["c1"]
    if reading.office.site.url.startswith("sqlite"):
        raw = with_backup(tmp_path)
        assert b"transcript_words" in raw
        assert [word for word in (b"zanzibar", b"parcel", b"over the wall") if word in raw.lower()] == []
    await reading.vault.erase("c1", "retention")
    assert await reading.found("zanzibar") == []
    assert good(await transcripts.transcript_jobs(reading.office.desk, OFFICER, LATER)) == []


async def test_what_was_given_up_is_told_and_tried_again(reading: Reading) -> None:
    desk, store = reading.office.desk, reading.office.site.store
    await keep(reading.vault, store, reading.spools, "c1", voices(1.0), person=PersonId(ANN), at=AT)
    assert await store.write(AskTranscript("c1", AT))
    assert await store.write(ClaimTranscript("c1", "t", "w", AT, LEASE)) is not None
    assert await store.write(FailTranscript("c1", "t", "it is quarantined", AT, gone=True)) is JobState.GONE
    (job,) = good(await transcripts.transcript_jobs(desk, OFFICER, LATER, JobState.GONE))
    assert (job.recording, job.error) == ("c1", "it is quarantined")
    assert good(await transcripts.retry(desk, GOVERNOR, LATER)) == Requeued(0), "all that is dead; this is gone"
    assert good(await transcripts.retry(desk, GOVERNOR, LATER, "c1")) == Requeued(1)
    assert why(await transcripts.retry(desk, GOVERNOR, LATER, "c1")) == ["as-it-is"]


async def test_what_cannot_be_sought_is_told_whole(reading: Reading) -> None:
    desk = reading.office.desk
    assert why(await transcripts.search(desk, LISTENER, LATER, "", "", "x", "yy", "a b", LATER, AT, 0)) == [
        "bad-number", "bad-telephone", "bad-place", "bad-times", "bad-most", "no-reason", "bad-query"]
    assert why(await transcripts.show(desk, LISTENER, LATER, "c1", " ")) == ["no-reason"]
    assert why(await transcripts.transcript_jobs(desk, LISTENER, LATER, most=0)) == ["bad-most"]
    assert why(await transcripts.search(replace(desk, transcripts=None), LISTENER, LATER, "a", REASON)) == ["no-vault"]
    await open_hasher(reading.office.site.store, MASTER)
    with pytest.raises(KeyProblem):
        await open_hasher(reading.office.site.store, FileMaster(bytes(32)))
