"""kill -9 at every step from the tap to the vault: what was on the disk is in the vault afterwards, and nothing in the clear."""
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from recordings.intake import Intake
from recordings.objects import folder_objects
from recordings.spool import read_spool, spool_of
from switch.core.ids import CallId
from switch.store.audit import verify_audit
from switch.store.database import Store
from switch.store.recordings import list_recordings, read_recorded_call
from tests.unit.recordings.killed import AUDIO, CALL, POINTS
from tests.vaults import MASTER, close_recorded, make_vault


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("killed")
    done = subprocess.run([sys.executable, "-m", "tests.unit.recordings.killed", str(root)], capture_output=True, text=True,
                          timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


async def taken_up(folder: Path, store: Store) -> bytes:
    """What switch and worker do when they are started again: close the call with what the tap left, seal it. Its sound."""
    spools = folder / "spool"
    about = await store.read(lambda conn: read_recorded_call(conn, CALL))
    if about is None or about.closed_at is None:
        intake = Intake(spools, MASTER)
        left = intake.salvage(CallId(CALL))
        intake.close()
        await close_recorded(store, CALL, read_spool(spool_of(spools, CALL), MASTER) if left else None)
    vault = make_vault(store, spools, objects=folder_objects(folder / "vault"))
    sealed = await vault.seal(CALL)
    if sealed is None:
        assert list(spools.iterdir()) == []
        return b""
    assert sealed is not None
    again = await vault.seal(CALL)
    assert again is not None
    assert not again.newly
    assert await vault.verify(CALL) == []
    assert list(spools.iterdir()) == []
    assert len(await store.read(list_recordings)) == 1
    await vault.sweep(timedelta(days=-1))
    assert await vault.verify(CALL) == [], "the sweep took what belongs to it"
    assert len([path for path in (folder / "vault").rglob("*") if path.is_file()]) == 2
    return await vault.read(CALL, 0, await vault.size(CALL))


@pytest.mark.parametrize("point", POINTS)
async def test_nothing_that_was_on_the_disk_is_lost(killed: Path, point: str) -> None:
    folder = killed / point.replace(" ", "-")
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(AUDIO[at : at + 16] in data for at in range(0, len(AUDIO), 400)), f"{path} has the sound in the clear"
    flushed = int((folder / "flushed").read_text() or 0)
    store = Store(f"sqlite:///{folder}/site.db", patience=60, reading=60)
    sound = await taken_up(folder, store)
    assert sound == AUDIO[: len(sound)]
    assert len(sound) >= flushed
    if POINTS.index(point) >= POINTS.index("spool closed"):
        assert sound == AUDIO
    assert await store.read(verify_audit) == []
    await store.close()
