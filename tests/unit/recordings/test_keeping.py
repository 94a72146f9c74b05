"""What somebody holds keeps its key, whoever would erase it."""
from datetime import timedelta
from pathlib import Path

import pytest

from recordings.vault import Erased, Held
from switch.core.ids import StaffId
from switch.ports.keeping import Hold, HoldCause, HoldReach
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.site import ANN, AT, Site
from tests.vaults import keep, make_vault, voices

GOVERNOR = StaffId("governor")


async def test_a_held_recording_is_not_erased_by_anybody(site: Site, tmp_path: Path) -> None:
    vault, work = make_vault(site.store, tmp_path / "spool"), SqlUnitOfWork(site.store, {})
    audio = voices(2.5)
    await keep(vault, site.store, tmp_path / "spool", "c1", audio)
    hold = Hold("h1", HoldReach.PERSON, ANN, GOVERNOR, "x", "y", HoldCause.ASKED, GOVERNOR, AT, AT + timedelta(days=1))
    await work.run(GOVERNOR, AT, lambda changes: changes.place_hold(hold))
    with pytest.raises(Held, match="recording c1 is held and is not erased: h1"):
        await vault.erase("c1", "retention")
    assert await vault.read("c1", 0, len(audio)) == audio
    await work.run(GOVERNOR, AT, lambda changes: changes.release_hold("h1", "over"))
    assert await vault.erase("c1", "retention")
    with pytest.raises(Erased):
        await vault.read("c1", 0, 1)
