"""A new master key: nothing unreadable on the way, gone on with after kill -9 at every step, and the old one destroyed only when
nothing needs it."""
import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recordings.intake import Intake
from recordings.keys import FileMaster, KeyProblem, MasterKey, alone_with, load_master, make_master, old_of
from recordings.spool import read_head, read_spool, spool_of
from recordings.transcribe.search import open_hasher
from switch.build import example, rotation
from switch.build.keys import SiteKeys
from switch.build.site import SystemClock, read_settings
from switch.build.vault import look_for_master, open_vault
from switch.cli import app
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId, PersonId
from switch.settings.tree import Settings
from switch.store.audit import verify_audit
from switch.store.beside import read_words
from switch.store.database import Store
from switch.store.tables import audit
from switch.store.wrapped import wrapped_by
from tests.unit.recordings.rotated import AUDIO, LIVE, REASON, WHO, WORDS, fill
from tests.vaults import close_recorded


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    store = Store(settings.store_url, keys=SiteKeys(settings))
    try:
        yield store
    finally:
        await store.close()


async def everything(settings: Settings, store: Store, master: MasterKey) -> None:
    """All that the site keeps can be read; what was erased cannot."""
    vault = await asyncio.to_thread(open_vault, settings, store, SystemClock().wall)
    for call in ("c1", "c2"):
        assert await vault.verify(call) == []
        assert await vault.read(call, 0, len(AUDIO)) == AUDIO
    row = await vault.recording("c3")
    assert row is not None
    assert row.key is None
    assert read_spool(spool_of(settings.recordings.spools, LIVE), master) == AUDIO
    await open_hasher(store, master)
    words = await store.read(lambda conn: read_words(conn, range(1, 100)))
    assert {"reason": WORDS} in words.values()


async def noted(store: Store, action: str) -> int:
    return len(await store.read(lambda conn: conn.execute(audit.select().where(audit.c.action == action)).all()))


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("rotated")
    done = subprocess.run([sys.executable, "-m", "tests.unit.recordings.rotated", str(root)], capture_output=True, text=True,
                          timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(root.glob("step-*"), key=lambda path: int(path.name[5:]))


async def test_kill_9_at_any_step_leaves_all_readable_and_is_gone_on_with(killed: list[Path]) -> None:
    assert len(killed) > 20
    for folder in killed:
        settings = read_settings(folder)
        file = settings.recordings.master_key
        async with opened(settings) as store:
            await everything(settings, store, load_master(file))
            done = await asyncio.to_thread(rotation.rotate, settings, SystemClock(), WHO, REASON)
            assert (done.left, done.done.problems) == (0, ()), folder.name
            new = FileMaster(file.read_bytes())
            assert list(await store.read(wrapped_by)) == [new.id] != [done.old]
            await everything(settings, store, new)
            assert [await noted(store, f"master-key-{what}") for what in ("rotating", "rotated")] == [1, 1], folder.name
            assert await store.read(verify_audit) == []
        assert {path.name for path in file.parent.glob("master*")} == {"master.key", "master.key.old"}


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    await asyncio.to_thread(example.write, tmp_path / "site")
    await fill(tmp_path / "site")
    return read_settings(tmp_path / "site")


async def test_who_runs_meanwhile_goes_on(settings: Settings) -> None:
    """A console, a worker and a switch of before, with a call that is recorded while the key is replaced under it."""
    spools = settings.recordings.spools
    async with opened(settings) as store:
        vault = await asyncio.to_thread(open_vault, settings, store, SystemClock().wall)
        master, running = load_master(settings.recordings.master_key), asyncio.Event()
        intake = Intake(spools)
        assert await look_for_master(intake, settings.recordings, store) == ""
        file = intake.open(RecordingWarrant(CallId("c9"), Privacy.MONITORED), running.set, print)
        await running.wait()
        file.write(AUDIO[:16_000])
        await asyncio.to_thread(rotation.rotate, settings, SystemClock(), WHO, REASON)
        file.write(AUDIO[16_000:])
        await file.seal()
        with spool_of(spools, "c9").open("rb") as source:
            assert read_head(source).kek == master.id == FileMaster(settings.recordings.master_key.read_bytes()).id
        await close_recorded(store, "c9", AUDIO, person=PersonId("A1001AA"))
        assert await vault.seal("c9")
        row = await vault.recording("c9")
        assert row is not None
        assert row.kek == master.id
        await everything(settings, store, master)
        assert await vault.read("c9", 0, len(AUDIO)) == AUDIO
        intake.close()


async def test_a_wrong_key_is_told_and_nothing_is_done(settings: Settings) -> None:
    file = settings.recordings.master_key
    right, before = load_master(file).id, file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(b"x" * 32)
    with pytest.raises(KeyProblem, match=f"there are keys that it does not open: .* under {right}.*nothing was done"):
        await asyncio.to_thread(rotation.rotate, settings, SystemClock(), WHO, REASON)
    assert not old_of(file).exists()
    file.write_bytes(before)
    file.chmod(0o400)
    with alone_with(file), pytest.raises(KeyProblem, match="somebody else"):
        await asyncio.to_thread(rotation.rotate, settings, SystemClock(), WHO, REASON)


async def test_where_the_database_may_be_others_too_the_keys_are_put_there_by_hand(settings: Settings) -> None:
    """On each machine: none is made where another could not read what it wraps."""
    file = settings.recordings.master_key
    with pytest.raises(KeyProblem, match=rf"keep this key as {old_of(file)}, put the new one .* at {file}"):
        rotation.may_make(replace(settings, store=replace(settings.store, url="postgresql://there/site")))
    with pytest.raises(KeyProblem, match="nothing can be written to /nowhere"):  # as where systemd gives credentials
        rotation.may_make(replace(settings, recordings=replace(settings.recordings, master_key=Path("/nowhere/master.key"))))
    old = load_master(file).id
    file.rename(old_of(file))
    make_master(file)
    done = await asyncio.to_thread(rotation.rotate, settings, SystemClock(), WHO, REASON)
    assert (done.begun, done.old, done.new, done.left) == (False, old, FileMaster(file.read_bytes()).id, 0)
    old_of(file).unlink()
    async with opened(settings) as store:
        await everything(settings, store, load_master(file))


async def test_a_key_that_nothing_opens_is_told_and_the_old_key_kept(settings: Settings) -> None:
    spool = spool_of(settings.recordings.spools, LIVE)
    with spool.open("r+b") as changed:
        changed.seek(100)
        changed.write(b"\xff\xff\xff")
    done = await asyncio.to_thread(rotation.rotate, settings, SystemClock(), WHO, REASON)
    assert (done.left, [LIVE in problem for problem in done.done.problems]) == (1, [True])
    with pytest.raises(KeyProblem, match=f"1 under {done.old}"):
        await asyncio.to_thread(rotation.retire, settings, SystemClock(), WHO, REASON, "K. Marsh")
    assert old_of(settings.recordings.master_key).exists()


def test_the_old_key_is_destroyed_a_day_later_on_two_names(settings: Settings, tmp_path: Path) -> None:
    def wingline(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["keys", *args, "--reason", REASON, "--staff", WHO, "--dir", str(tmp_path / "site")])
        return done.exit_code, done.output

    file = settings.recordings.master_key
    old = load_master(file).id
    assert "no master key is kept" in wingline("retire", "--second", "K. Marsh")[1]
    code, said = wingline("rotate")
    assert code == 0, said
    assert "keep a copy offline" in said
    assert f"nothing needs master key {old} any more" in said
    assert "wrapped by master key" in wingline("rotate")[1]
    assert wingline("retire", "--second", WHO)[0] == 1
    code, said = wingline("retire", "--second", "K. Marsh")
    assert (code, "may still need it" in said) == (1, True)
    kept = os.open(old_of(file), os.O_RDONLY)
    code, said = wingline("retire", "--second", "K. Marsh", "--now", "+25h")
    assert (code, f"master key {old} is destroyed\n" in said) == (0, True), said
    assert os.pread(kept, 64, 0) == bytes(32)
    os.close(kept)
    assert not old_of(file).exists()

    async def after() -> None:
        async with opened(settings) as store:
            await everything(settings, store, FileMaster(file.read_bytes()))
            (row,) = await store.read(lambda conn: conn.execute(audit.select().where(
                audit.c.action == "master-key-destroyed")).all())
            words = await store.read(lambda conn: read_words(conn, [row.seq]))
            assert words == {row.seq: {"reason": REASON, "second": "K. Marsh"}}

    asyncio.run(after())
