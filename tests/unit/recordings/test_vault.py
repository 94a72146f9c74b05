"""The vault on both databases: what is sealed is read back piece by piece, by nobody that may not, by nobody once erased."""
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from obstore.store import MemoryStore
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from recordings.keys import FileMaster, KeyProblem
from recordings.looks import wav_header
from recordings.manifest import opened
from recordings.objects import Objects
from recordings.spool import spool_of, write_spool
from recordings.vault import Damaged, Erased, NotKept, Quarantined, Vault, VaultProblem
from switch.media import g711
from switch.store.audit import verify_audit
from switch.store.calls import OpenCall, request_row
from switch.store.recordings import list_recordings, read_parts
from switch.store.tables import audit, quarantined_calls, quarantines, recordings
from tests.unit.store.site import ANN, AT, Site, decision, request
from tests.vaults import MASTER, SIGNER, close_recorded, keep, make_vault, voices

AUDIO = voices(10.25)


@dataclass
class Kept:
    site: Site
    vault: Vault
    objects: Objects
    spools: Path

    async def seal(self, call: str, audio: bytes = AUDIO) -> None:
        await keep(self.vault, self.site.store, self.spools, call, audio)

    async def run(self, work: Callable[[Connection], object]) -> None:
        await self.site.store.write(work)


@pytest_asyncio.fixture
async def kept(site: Site, tmp_path: Path) -> AsyncIterator[Kept]:
    objects = Objects(MemoryStore())
    spools = tmp_path / "spool"
    yield Kept(site, make_vault(site.store, spools, site.clock.wall, objects=objects, keep=timedelta(days=90)), objects, spools)


async def test_a_recording_is_read_back_whole_and_in_pieces(kept: Kept) -> None:
    await kept.seal("c1")
    assert await kept.vault.size("c1") == len(AUDIO)
    for start, stop in ((0, len(AUDIO)), (0, 1), (65_530, 65_540), (65_536, 131_072), (len(AUDIO) - 1, len(AUDIO)),
                        (5, 5), (9, 3), (len(AUDIO) - 4, len(AUDIO) + 99), (-5, 4)):
        assert await kept.vault.read("c1", start, stop) == AUDIO[max(0, start):max(0, stop)]
    assert await kept.vault.verify("c1") == []
    assert not spool_of(kept.spools, "c1").exists()


async def test_its_row_manifest_and_audit_say_what_it_is(kept: Kept) -> None:
    await kept.seal("c1")
    (row,) = await kept.site.store.read(list_recordings)
    assert (row.id, row.establishment, row.person, row.number, row.started_at) == ("c1", "HMP", ANN, "+447700900123", AT)
    assert (row.seconds, row.samples) == (10.25, 82_000)
    assert row.audio_sha256 == hashlib.sha256(AUDIO).hexdigest()
    assert row.wav_sha256 == hashlib.sha256(wav_header(len(AUDIO)) + AUDIO).hexdigest()
    assert row.erase_at is not None
    assert row.erase_at - AT == timedelta(days=90, seconds=20.25)
    body = opened(row.manifest, SIGNER.public)
    assert {"call": "c1", "person": ANN, "device": "cell-1", "node": "node-1", "software": "0.1.0", "number": "+447700900123",
            "started_at": "2026-11-23T10:00:00+00:00", "talk_ms": 10_250, "gaps": []}.items() <= body.items()
    assert row.key is not None
    assert MASTER.id == row.kek
    trail = await kept.site.store.read(lambda conn: conn.execute(select(audit).where(audit.c.action == "recording-sealed")).all())
    assert [(json.loads(one.subject), json.loads(one.detail)["manifest_sha256"]) for one in trail] == [
        ({"recording": "c1"}, row.manifest_sha256)]
    assert await kept.site.store.read(verify_audit) == []


async def test_sealing_again_changes_nothing(kept: Kept) -> None:
    await kept.seal("c1")
    again = await kept.vault.seal("c1")
    assert again is not None
    assert not again.newly
    assert len(await kept.objects.every()) == 2
    assert await kept.vault.seal("never-recorded") is None


async def test_nothing_that_was_said_is_in_the_store_or_the_database(kept: Kept) -> None:
    await kept.seal("c1")
    await kept.vault.put_part("c1", "transcript", b"bring the parcel on Tuesday")
    for one in await kept.objects.every():
        data = await kept.objects.get(one.name)
        assert not any(AUDIO[at : at + 16] in data for at in range(0, len(AUDIO), 160))
        assert b"parcel" not in data


async def test_peaks_are_made_at_sealing_and_gaps_told(kept: Kept) -> None:
    quiet = bytearray(voices(1) + g711.ALAW_SILENCE * 16_000 * 3 + voices(1.05))
    await kept.seal("c1", bytes(quiet))
    peaks = await kept.vault.part("c1", "peaks")
    assert peaks is not None
    assert len(peaks) == 2 * 51
    assert min(peaks[:20]) > 80
    assert set(peaks[20:80]) == {0}
    row = await kept.vault.recording("c1")
    assert row is not None
    assert opened(row.manifest)["gaps"] == [
        {"side": side, "from_sample": 8_000, "to_sample": 32_000} for side in ("left", "right")]


async def test_a_copy_in_opus_is_made_where_a_site_wants_one(kept: Kept) -> None:
    vault = make_vault(kept.site.store, kept.spools, objects=kept.objects, opus=True)
    await keep(vault, kept.site.store, kept.spools, "c1", AUDIO)
    copy = await kept.vault.part("c1", "opus")
    assert copy is not None
    assert copy[:4] == b"OggS"
    assert 1_000 < len(copy) < len(AUDIO) / 2
    assert await kept.vault.read("c1", 0, len(AUDIO)) == AUDIO
    assert await kept.vault.verify("c1") == []
    assert len(await kept.objects.every()) == 3


async def test_parts_are_kept_beside_it_and_replaced(kept: Kept) -> None:
    await kept.seal("c1")
    assert await kept.vault.part("c1", "transcript") is None
    await kept.vault.put_part("c1", "transcript", b"{}")
    await kept.vault.put_part("c1", "clip:9", b"")
    await kept.vault.put_part("c1", "transcript", b'{"words": []}')
    assert await kept.vault.part("c1", "transcript") == b'{"words": []}'
    assert await kept.vault.part("c1", "clip:9") == b""
    parts = await kept.site.store.read(lambda conn: read_parts(conn, "c1"))
    assert [part.kind for part in parts] == ["clip:9", "peaks", "transcript"]
    assert len(await kept.objects.every()) == 4
    assert await kept.vault.verify("c1") == []


async def test_erased_is_erased_and_its_proof_stays(kept: Kept) -> None:
    await kept.seal("c1")
    await kept.vault.put_part("c1", "transcript", b"{}")
    assert await kept.vault.erase("c1", "retention", "daily")
    assert not await kept.vault.erase("c1", "retention", "daily")
    for asked in (kept.vault.read("c1", 0, 9), kept.vault.part("c1", "peaks"), kept.vault.size("c1"),
                  kept.vault.put_part("c1", "transcript", b"{}")):
        with pytest.raises(Erased, match=r"was erased on 2026-11-23: retention"):
            await asked
    assert await kept.objects.every() == []
    row = await kept.vault.recording("c1")
    assert row is not None
    assert (row.key, row.erased_why, row.erased_at) == (None, "retention", AT)
    assert await kept.vault.verify("c1") == []
    detail = await kept.site.store.read(lambda conn: conn.execute(
        select(audit.c.detail).where(audit.c.action == "recording-erased", audit.c.actor == "daily")).scalar_one())
    assert json.loads(detail) == {"manifest_sha256": row.manifest_sha256, "why": "retention"}
    assert await kept.vault.seal("c1") is not None


async def test_what_was_erased_while_a_part_was_made_takes_none(kept: Kept) -> None:
    await kept.seal("c1")

    class Slow(Objects):
        async def put(self, name: str, data: bytes) -> None:
            await super().put(name, data)
            await kept.vault.erase("c1", "order")

    slow = make_vault(kept.site.store, kept.spools, objects=Slow(kept.objects._store))
    with pytest.raises(Erased):
        await slow.put_part("c1", "transcript", b"{}")
    assert await kept.objects.every() == []


async def test_a_quarantined_recording_is_read_by_nobody_and_verified_all_the_same(kept: Kept) -> None:
    await kept.seal("c1")

    def lock(conn: Connection) -> None:
        conn.execute(insert(quarantines), {"id": "q1", "number": "+447700900123", "since": "x", "found_at": "x", "found_by": "x",
                                           "agreed_by": "y"})
        conn.execute(insert(quarantined_calls), {"call": "c1", "quarantine": "q1"})

    await kept.run(lock)
    for asked in (kept.vault.read("c1", 0, 9), kept.vault.part("c1", "peaks"), kept.vault.size("c1")):
        with pytest.raises(Quarantined):
            await asked
    assert await kept.vault.verify("c1") == []


async def test_what_was_never_kept_is_told(kept: Kept) -> None:
    for asked in (kept.vault.read("c1", 0, 9), kept.vault.part("c1", "peaks"), kept.vault.size("c1"), kept.vault.verify("c1"),
                  kept.vault.put_part("c1", "peaks", b"")):
        with pytest.raises(NotKept, match="there is no recording c1"):
            await asked


async def test_every_change_is_found(kept: Kept) -> None:
    await kept.seal("c1")
    row = await kept.vault.recording("c1")
    assert row is not None
    (peaks,) = await kept.site.store.read(lambda conn: read_parts(conn, "c1"))
    for name, said in ((row.object, "its sound is not what was sealed"), (peaks.object, "part peaks of recording c1 is not as")):
        whole = await kept.objects.get(name)
        for bad in (whole[:-1], whole[:99] + bytes([whole[99] ^ 1]) + whole[100:], b""):
            await kept.objects.remove(name)
            await kept.objects.put(name, bad)
            (told,) = await kept.vault.verify("c1")
            assert said in told
        await kept.objects.remove(name)
        assert len(await kept.vault.verify("c1")) == 1
        await kept.objects.put(name, whole)
    assert await kept.vault.verify("c1") == []
    await kept.objects.remove(row.object)
    with pytest.raises(Damaged):
        await kept.vault.read("c1", 0, 9)


async def test_the_sound_of_another_recording_is_found_out(kept: Kept) -> None:
    await kept.seal("c1")
    await kept.seal("c2")
    one, other = await kept.vault.recording("c1"), await kept.vault.recording("c2")
    assert one is not None
    assert other is not None
    data = await kept.objects.get(other.object)
    await kept.objects.remove(one.object)
    await kept.objects.put(one.object, data)
    assert len(await kept.vault.verify("c1")) == 1
    with pytest.raises(Damaged):
        await kept.vault.read("c1", 0, 9)


async def test_the_database_refuses_to_change_what_was_sealed(kept: Kept) -> None:
    await kept.seal("c1")
    for change in (update(recordings).values(audio_sha256="ab"), update(recordings).values(person=None),
                   update(recordings).values(manifest="{}"), delete(recordings)):
        with pytest.raises(DatabaseError):
            await kept.run(lambda conn, change=change: conn.execute(change))  # type: ignore[misc]  # mypy's inference of a default
    await kept.vault.erase("c1", "retention")
    with pytest.raises(DatabaseError):  # and no key comes back
        await kept.run(lambda conn: conn.execute(update(recordings).values(key="AAAA")))


async def test_a_manifest_that_was_changed_is_found(kept: Kept) -> None:
    await kept.seal("c1")
    row = await kept.vault.recording("c1")
    assert row is not None
    forged = row.manifest.replace(ANN, "A9999ZZ")

    def force(conn: Connection) -> None:  # whoever owns the database can take its triggers away
        drop = "DROP TRIGGER recordings_UPDATE" + (" ON recordings" if conn.dialect.name == "postgresql" else "")
        conn.execute(text(drop))
        conn.execute(update(recordings).values(manifest=forged, person="A9999ZZ"))

    await kept.run(force)
    assert await kept.vault.verify("c1") == ["the signature of the manifest does not fit"]


async def test_another_master_key_is_told_and_nothing_is_lost(kept: Kept) -> None:
    await kept.seal("c1")
    wrong = make_vault(kept.site.store, kept.spools, objects=kept.objects, master=FileMaster(b"x" * 32))
    write_spool(spool_of(kept.spools, "c2"), "c2", AT, AUDIO, MASTER)
    await close_recorded(kept.site.store, "c2", AUDIO)
    for asked in (wrong.read("c1", 0, 9), wrong.part("c1", "peaks"), wrong.seal("c2"), wrong.verify("c1"),
                  wrong.put_part("c1", "transcript", b"")):
        with pytest.raises(KeyProblem, match=f"needs master key {MASTER.id}"):
            await asked
    sealed = await kept.vault.seal("c2")
    assert sealed is not None
    assert sealed.newly
    assert await kept.vault.read("c1", 0, len(AUDIO)) == AUDIO


async def test_a_spool_that_is_not_what_the_record_says_is_not_sealed(kept: Kept) -> None:
    write_spool(spool_of(kept.spools, "c1"), "c1", AT, voices(10.25, left=700), MASTER)
    await close_recorded(kept.site.store, "c1", AUDIO)
    with pytest.raises(Damaged, match="its SHA-256 is another"):
        await kept.vault.seal("c1")
    assert spool_of(kept.spools, "c1").exists()
    assert await kept.objects.every() == []
    with pytest.raises(NotKept):
        await kept.vault.size("c1")


async def test_a_call_that_runs_or_is_privileged_is_not_sealed(kept: Kept) -> None:
    for call, decided in (("c1", decision("c1")), ("c2", None)):
        write_spool(spool_of(kept.spools, call), call, AT, AUDIO, MASTER)
        if decided is not None:
            await kept.run(OpenCall(request(call), request_row(request(call), ANN, decided, "node-1")))
        with pytest.raises(VaultProblem, match="is not closed"):
            await kept.vault.seal(call)
        assert spool_of(kept.spools, call).exists()


async def test_what_a_broken_seal_left_is_swept_once_it_is_old(kept: Kept) -> None:
    await kept.seal("c1")
    await kept.objects.put("2026/11/23/c2/audio-left", b"unreadable")
    assert await kept.vault.sweep(timedelta(days=30 * 365)) == 0
    kept.site.clock.at += timedelta(days=30 * 365)  # objects are as old as the test; the standing clock is what moves
    assert await kept.vault.sweep(timedelta(0)) == 1
    assert await kept.vault.read("c1", 0, len(AUDIO)) == AUDIO


async def test_an_empty_recording_is_kept_as_one(kept: Kept) -> None:
    await kept.seal("c1", b"")
    assert await kept.vault.size("c1") == 0
    assert await kept.vault.read("c1", 0, 99) == await kept.vault.part("c1", "peaks") == b""
    assert await kept.vault.verify("c1") == []
