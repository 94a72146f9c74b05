"""`wingline recordings` and `wingline init` on an example site: keys, lists, and every difference told by the exit code."""
import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recordings.keys import load_master
from recordings.spool import spool_of, write_spool
from switch.build.site import SystemClock, read_settings
from switch.build.vault import open_vault
from switch.cli import app
from switch.core.ids import PersonId
from switch.store.database import Store
from tests.phones.site import NOON
from tests.ready import write_example
from tests.unit.store.site import AT
from tests.vaults import close_recorded, voices

AUDIO = voices(3.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site with two recordings in its vault."""
    write_example(tmp_path / "site")
    settings = read_settings(tmp_path / "site")
    master = load_master(settings.recordings.master_key)

    async def work() -> None:
        store = Store(settings.store_url)
        vault = await asyncio.to_thread(open_vault, settings, store, SystemClock().wall)
        for call in ("c1", "c2"):
            await asyncio.to_thread(write_spool, spool_of(settings.recordings.spools, call), call, AT, AUDIO, master)
            await close_recorded(store, call, AUDIO, person=PersonId("A1001AA"))
            assert await vault.seal(call)
        await store.close()

    asyncio.run(work())
    return tmp_path / "site"


def wingline(folder: Path, *args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["recordings", *args, "--dir", str(folder), "--now", NOON])
    return done.exit_code, done.output


def test_what_is_sealed_is_listed_and_verified(folder: Path) -> None:
    assert wingline(folder, "verify", "--all") == (0, "recordings verified: 2, of which 0 differ from what was sealed\n")
    code, said = wingline(folder, "list", "--json")
    rows = [json.loads(line) for line in said.splitlines()]
    assert (code, [(row["id"], row["seconds"], row["person"]) for row in rows]) == (
        0, [("c1", 3.5, "A1001AA"), ("c2", 3.5, "A1001AA")])
    assert wingline(folder, "list", "--person", "A9999ZZ") == (0, "")
    assert "c1  2026-11-23 10:00:00  A1001AA" in wingline(folder, "list", "--since", "2026-11-23")[1]
    assert wingline(folder, "list", "--until", "2026-11-23T10:00:00Z") == (0, "")

    (sound,) = (folder / "recordings" / "vault").rglob("c2/audio-*")
    data = bytearray(sound.read_bytes())
    data[30_000] ^= 1
    sound.write_bytes(data)
    assert wingline(folder, "verify", "c1")[0] == 0
    code, said = wingline(folder, "verify", "--all")
    assert code == 1
    assert "c2  its sound is not what was sealed: chunk 0" in said
    code, said = wingline(folder, "verify", "c2", "--json")
    assert (code, json.loads(said)["recording"]) == (1, "c2")
    assert wingline(folder, "verify", "c3") == (1, "there is no recording c3\n")
    assert wingline(folder, "verify")[0] == wingline(folder, "verify", "c1", "--all")[0] == 2


def test_keys_that_are_gone_are_told_and_never_made_anew_over_recordings(folder: Path) -> None:
    keys = folder / "keys"
    (keys / "master.key").rename(keys / "elsewhere")
    code, said = wingline(folder, "verify", "--all")
    assert code == 1
    assert "the master key of the recordings, is not there: put it back" in said
    done = CliRunner().invoke(app, ["init", str(folder)])
    assert done.exit_code == 1
    assert "put it back" in done.output
    assert not (keys / "master.key").exists()
    (keys / "elsewhere").rename(keys / "master.key")
    for file in ("signing.key", "signing.pub"):
        (keys / file).unlink()
    done = CliRunner().invoke(app, ["init", str(folder)])
    assert (done.exit_code, "signing.key is made" in done.output) == (0, True)
    assert "is signed by another key" in wingline(folder, "verify", "c1")[1]
    done = CliRunner().invoke(app, ["init", str(folder)])
    assert (done.exit_code, done.output) == (1, "there is a database already: it is as it was\n")
