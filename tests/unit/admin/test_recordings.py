"""Recordings over HTTP: heard under leave alone, by ranges that decrypt no more than is asked, and copies accounted for."""
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest_asyncio
import soundfile
from obstore.store import MemoryStore

from admin.api.ranges import asked_range
from recordings.access import Access
from recordings.looks import wav_header
from recordings.objects import Objects
from recordings.sound import decoded
from recordings.vault import Vault
from switch.core.ids import RecordingId
from switch.ports.access import Scope
from switch.ports.copies import Shelf
from tests.unit.admin.counter import Counter, codes, open_counter
from tests.unit.desk.office import OFFICER
from tests.unit.store.site import AT
from tests.vaults import keep, make_vault, voices

AUDIO = voices(40)
WAV = wav_header(len(AUDIO)) + AUDIO
CHUNK = 65_536 + 16
UNTIL = AT + timedelta(hours=1)


class CountingObjects(Objects):
    """Objects in memory, and how many bytes of them were fetched."""

    fetched = 0

    async def spans(self, name: str, spans: Sequence[tuple[int, int]]) -> list[bytes]:
        self.fetched += sum(stop - start for start, stop in spans)
        return await super().spans(name, spans)


@dataclass
class Library:
    counter: Counter
    objects: CountingObjects
    vault: Vault
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, path: str, body: Any = None, who: str = "officer", **more: Any) -> httpx.Response:
        if who not in self.tokens:
            self.tokens[who] = await self.counter.key(Scope.RECORDINGS, Scope.READ, holder=who)
        return await self.counter.ask(f"/api/recordings/c1/{path}", body, self.tokens[who], headers={"X-Staff": ""} | more.pop(
            "headers", {}), **more)

    async def open(self, who: str = "officer") -> str:
        answer = await self.ask("open", {"why": "rule 35A(4)"}, who)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["playing"])

    async def range(self, playing: str, wanted: str, **headers: str) -> httpx.Response:
        return await self.ask(f"audio?playing={playing}", headers={"Range": wanted} | headers)

    async def draw(self) -> None:
        """Leave to hear it, for an hour."""
        await self.counter.office.desk.work.run(OFFICER, AT, lambda changes: changes.draw(RecordingId("c1"), UNTIL))

    async def audited(self, *actions: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        return [row for row in await self.counter.office.audit() if row[0] in actions]


@pytest_asyncio.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    shelves: list[Shelf] = []
    async with open_counter(tmp_path, shelf=lambda: shelves[0] if shelves else None) as counter:
        office, objects = counter.office, CountingObjects(MemoryStore())
        vault = make_vault(office.site.store, tmp_path / "spool", counter.clock.wall, objects=objects)
        await office.receive()
        await keep(vault, office.site.store, tmp_path / "spool", "c1", AUDIO, at=AT - timedelta(hours=1))
        access = Access(office.desk.work, vault, counter.clock.wall, office.mint.id)
        shelves.append(Shelf(access, vault))
        yield Library(counter, objects, vault)
        await access.aclose()


async def test_nobody_hears_anything_without_leave(library: Library) -> None:
    refused = await library.ask("open", {"why": "I would like to"})
    assert refused.status_code == 403
    assert [action for action, _, _ in await library.audited("recording-opened-refused")] == ["recording-opened-refused"]
    for method, path, body in (("GET", "audio?playing=x", None), ("GET", "peaks?playing=x", None),
                               ("POST", "close", {"playing": "x"})):
        assert codes(await library.ask(path, body, method=method)) == ["unknown-playing"], path
    assert (await library.ask("export", {"recipient": "the court", "reason": "asked"})).status_code == 409
    for use, more in (("clip", {"start": 0, "end": 1}), ("redact", {"spans": [{"start": 0, "end": 1}]})):
        tried = await library.counter.ask(f"/api/copies/{use}", {"recording": "c1", "reason": "x"} | more,
                                          library.tokens["officer"], headers={"X-Staff": ""})
        assert tried.status_code == 409, tried.text
    actions = ("recording-exported-refused", "recording-clipped-refused", "recording-redacted-refused")
    assert [action for action, _, _ in await library.audited(*actions)] == list(actions)
    assert library.objects.fetched == 0


async def test_only_a_member_of_staffs_own_key_opens_anything(library: Library) -> None:
    await library.draw()
    system = await library.counter.key()
    nobodys = await library.counter.ask("/api/recordings/c1/open", {"why": "x"}, system)
    assert (nobodys.status_code, codes(nobodys)) == (403, ["no-holder"])
    reader = await library.counter.key(Scope.READ, holder="reader")
    scopeless = await library.counter.ask("/api/recordings/c1/open", {"why": "x"}, reader, headers={"X-Staff": ""})
    assert codes(scopeless) == ["no-scope"]
    assert codes(await library.ask("open", {"why": " "})) == ["no-reason"]
    assert codes(await library.ask("open", {"why": "x", "more": 1})) == ["bad-request"]
    assert (await library.counter.ask("/api/recordings/c9/open", {"why": "x"}, library.tokens["officer"],
                                      headers={"X-Staff": ""})).status_code in (403, 404)
    mine = await library.open()
    assert codes(await library.ask(f"audio?playing={mine}", who="other")) == ["unknown-playing"]


async def test_a_range_is_the_very_bytes_and_nothing_else_is_decrypted(library: Library) -> None:
    await library.draw()
    opened = (await library.ask("open", {"why": "x"})).json()
    assert opened | {"playing": ""} == {
        "playing": "", "recording": "c1", "bytes": len(WAV), "seconds": 40.0, "authority": "random",
        "until": UNTIL.isoformat().replace("+00:00", "Z")}
    playing = opened["playing"]
    whole = await library.ask(f"audio?playing={playing}")
    assert (whole.status_code, whole.headers["content-type"], whole.headers["accept-ranges"]) == (200, "audio/wav", "bytes")
    assert whole.content == WAV
    for wanted, chunks in (("bytes=0-99", 1), ("bytes=0-57", 0), ("bytes=200000-200099", 1), ("bytes=65500-65700", 2),
                           ("bytes=-10", 1), ("bytes=57-58", 1), ("bytes=300000-", 6)):
        before = library.objects.fetched
        part = await library.range(playing, wanted)
        span = asked_range(wanted, len(WAV))
        assert span is not None
        assert (part.status_code, part.headers["content-range"], part.content) == (
            206, span.content_range, WAV[span.start : span.stop]), wanted
        assert library.objects.fetched - before <= chunks * CHUNK, wanted
    none = await library.range(playing, f"bytes={len(WAV)}-")
    assert (none.status_code, none.headers["content-range"], codes(none)) == (416, f"bytes */{len(WAV)}", ["bad-range"])
    assert (await library.range(playing, "bytes=0-1", **{"If-Range": '"c1"'})).status_code == 206
    assert (await library.range(playing, "bytes=0-1", **{"If-Range": '"other"'})).status_code == 200


async def test_it_stops_where_leave_ends_in_the_middle_of_playing(library: Library) -> None:
    await library.draw()
    playing = await library.open()
    library.counter.clock.at = UNTIL - timedelta(seconds=1)
    assert (await library.range(playing, "bytes=100-199")).status_code == 206
    library.counter.clock.at = UNTIL
    assert (await library.range(playing, "bytes=100-199")).status_code in (403, 404)
    assert (await library.ask("open", {"why": "once more"})).status_code == 403
    ((_, subject, detail),) = await library.audited("recording-played")
    assert (subject["call"], subject["playing"], detail["seconds"]) == ("c1", playing, 1)


async def test_peaks_are_seen_and_closing_is_kept(library: Library) -> None:
    await library.draw()
    playing = await library.open()
    peaks = (await library.ask(f"peaks?playing={playing}")).json()
    assert (peaks["a_second"], len(peaks["person"]), len(peaks["contact"])) == (10, 400, 400)
    assert 80 < min(peaks["person"]) <= max(peaks["person"]) < 110
    assert (await library.ask("close", {"playing": playing})).status_code == 200
    assert codes(await library.ask("close", {"playing": playing})) == ["unknown-playing"]
    assert len(await library.audited("recording-opened", "recording-played")) == 2


async def test_a_clip_and_a_redacted_copy_leave_the_original_as_it_was(library: Library) -> None:
    await library.draw()
    await library.open()
    key = library.tokens["officer"]

    async def make(use: str, **more: Any) -> Any:
        made = await library.counter.ask(f"/api/copies/{use}", {"recording": "c1", "reason": "for the court"} | more, key,
                                         headers={"X-Staff": ""})
        return made.json()["id"] if made.status_code == 200 else codes(made)

    piece = await make("clip", start=1.5, end=2)
    covered = await make("redact", spans=[{"start": 1, "end": 2, "channel": "contact"}])
    assert await library.vault.part("c1", f"clip:{piece}") == AUDIO[24_000:32_000]
    copy = await library.vault.part("c1", f"clip:{covered}") or b""
    assert len(copy) == len(AUDIO)
    assert (copy[:16_000], copy[32_000:]) == (AUDIO[:16_000], AUDIO[32_000:])
    assert (copy[16_000:32_000:2], copy[16_001:32_000:2] != AUDIO[16_001:32_000:2]) == (AUDIO[16_000:32_000:2], True)
    assert await library.vault.read("c1", 0, len(AUDIO)) == AUDIO
    assert await library.vault.verify("c1") == []
    kept = (await library.counter.ask("/api/copies/copies?recording=c1", key=key, headers={"X-Staff": ""})).json()
    assert sorted(one["id"] for one in kept) == sorted([piece, covered])
    told = [(action, subject["copy"], detail) for action, subject, detail in await library.audited(
        "recording-clipped", "recording-redacted")]
    assert [(action, copy, detail["sha256"]) for action, copy, detail in told] == [
        ("recording-clipped", piece, hashlib.sha256(AUDIO[24_000:32_000]).hexdigest()),
        ("recording-redacted", covered, hashlib.sha256(copy).hexdigest())]
    for use, more in (("clip", {"start": 2, "end": 2}), ("clip", {"start": -1, "end": 2}), ("clip", {"start": 50, "end": 60}),
                      ("clip", {"start": 0, "end": 1.8e305}),
                      ("redact", {"spans": []}), ("redact", {"spans": [{"start": 2, "end": 1}]})):
        assert await make(use, **more) == ["bad-span"], (use, more)


async def test_a_file_that_leaves_the_house_is_accounted_for_first(library: Library) -> None:
    await library.draw()
    await library.open()
    asked = {"recipient": "Crown Court at Wickham", "reason": "ordered on 20 November"}
    file = await library.ask("export", asked)
    assert (file.status_code, file.headers["content-type"], file.content) == (200, "audio/wav", WAV)
    assert file.headers["content-disposition"] == 'attachment; filename="c1.wav"'
    flac = await library.ask("export", asked | {"format": "flac", "level": False})
    samples, rate = soundfile.read(BytesIO(flac.content), dtype="int16")
    assert (flac.headers["content-type"], rate) == ("audio/flac", 8000)
    assert np.array_equal(samples, decoded(AUDIO))
    exported = await library.audited("recording-exported")
    assert [(subject["call"], detail["format"], detail["sha256"]) for _, subject, detail in exported] == [
        ("c1", "wav", hashlib.sha256(WAV).hexdigest()), ("c1", "flac", hashlib.sha256(flac.content).hexdigest())]
    assert "Crown Court" not in json.dumps(exported)
    for more, code in (({"recipient": " "}, "bad-recipient"), ({"reason": " "}, "no-reason"), ({"copy_id": "x"}, "unknown-copy")):
        assert codes(await library.ask("export", asked | more)) == [code]
    await library.vault.erase("c1", "its time was over")
    assert (await library.ask("export", asked)).status_code in (403, 409)
