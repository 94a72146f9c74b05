"""What the worker looks for when a recording is sealed, and when its transcript is finished; both on a vault of its own."""
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recordings.transcript import KIND, Channel, Transcript
from recordings.vault import Vault
from recordings.watch.sound import PIECE
from switch.build.watching import Watching, lead_jobs
from switch.core.ids import CallId, StaffId
from switch.desk import leads, watch_words
from switch.media.g711 import encode_alaw
from switch.ports.leads import Lead, LeadKind
from switch.ports.watch import WatchKind
from tests.unit.desk.office import AT, MOOR, OFFICER, PLAN, Office, good, make_office
from tests.unit.recordings.talk import talk
from tests.unit.recordings.test_watch_sound import keys, line, voice
from tests.vaults import keep, make_vault

WORKER = StaffId("worker")


class Wall:
    def wall(self) -> object:
        return AT


@pytest.fixture
async def office_with_plan(tmp_path: Path) -> AsyncIterator[Office]:
    made = await make_office(tmp_path)
    yield replace(made, desk=replace(made.desk, plan=PLAN))
    made.mint.hasher.close()
    await made.site.close()


async def test_sound_and_words_of_a_recording_become_leads(tmp_path: Path) -> None:
    office = await make_office(tmp_path)
    await office.site.seed()
    store, desk = office.site.store, office.desk
    vault = make_vault(store, tmp_path / "spools")
    (tmp_path / "spools").mkdir()
    quiet = np.random.default_rng(3).normal(0, 0.003, (PIECE + 2) * 8000)
    side = np.concatenate([quiet, line(voice(200, 2), keys("07700900123"), voice(200, 2))])
    both = np.stack([np.resize(quiet, len(side)), side], axis=1)
    await keep(vault, store, tmp_path / "spools", "c1", encode_alaw(np.rint(both * 32767).astype(np.int16).reshape(-1)))

    async def opened() -> Vault:
        return vault

    watching = Watching(desk, Wall(), WORKER, opened)  # type: ignore[arg-type]  # the wall clock is all that is asked
    for _ in range(2):
        await watching.sealed(CallId("c1"))
        (lead,) = await leads.listed(desk, OFFICER, AT)
        assert (lead.kind, lead.channel, lead.establishment) == (LeadKind.DIVERT, "right", "HMP")
        assert lead.start == pytest.approx(PIECE + 4, abs=0.1), "after the seam of two pieces"
    made = good(await watch_words.add_list(desk, OFFICER, AT, "packages"))
    good(await watch_words.add_word(desk, OFFICER, AT, made.id, WatchKind.WORDS, "parcel"))
    await watching.transcribed("c1", "{}")
    assert len(await leads.listed(desk, OFFICER, AT)) == 1, "there is no transcript yet"
    read_out = "the parcel (4.0) sort code one two three four five six then double one two two double three four four"
    heard = Transcript("e", "m", "en", tuple(talk(read_out, Channel.LEFT, 30.0)))
    await vault.put_part("c1", KIND, heard.to_json())
    assert list(watching.steps()) == ["transcript-ready"]
    for _ in range(2):
        await watching.steps()["transcript-ready"]("c1", "{}")
        assert sorted(one.kind for one in await leads.listed(desk, OFFICER, AT)) == ["digits", "divert", "word"]
    await vault.erase("c1", "retention")
    assert await leads.listed(desk, OFFICER, AT) == []
    await watching.sealed(CallId("c1"))
    await watching.transcribed("c1", "{}")
    await watching.sealed(CallId("unknown"))
    assert await leads.listed(desk, OFFICER, AT) == []
    office.mint.hasher.close()
    await office.site.close()


async def test_the_night_looks_at_the_records(office_with_plan: Office) -> None:
    (job,) = lead_jobs(office_with_plan.desk, WORKER)
    assert (job.name, job.estate) == ("look-for-leads", False)
    await job.work(MOOR, AT)
    with pytest.raises(RuntimeError, match="there is no establishment nowhere"):
        await job.work("nowhere", AT)
    assert await leads.listed(office_with_plan.desk, OFFICER, AT) == list[Lead]()
