"""What spools, store and vault have of a call that may not be there is found, by its name and by its sound; nothing else is."""
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from recordings.canary import files_of, objects_of, recordings_of
from recordings.keys import FileMaster
from recordings.objects import Objects, folder_objects
from recordings.spool import spool_of, write_spool
from switch.softphone.ring import CELL, OUTSIDE, proof_sounds
from tests.unit.store.site import AT, Site
from tests.vaults import MASTER, keep, make_vault

SOUNDS = proof_sounds("run 1")
HEARD = tuple(SOUNDS.values())
OTHER = proof_sounds("run 2")[CELL]


def stereo(left: bytes, right: bytes) -> bytes:
    return bytes(code for pair in zip(left, right, strict=True) for code in pair)


def looked(root: Path, since: float = 0.0) -> list[str]:
    return files_of(root, MASTER, "call-1", since, HEARD, 60.0)


def test_two_runs_and_the_two_ends_of_one_sound_otherwise() -> None:
    assert len({SOUNDS[CELL], SOUNDS[OUTSIDE], OTHER}) == 3
    assert proof_sounds("run 1") == SOUNDS


def packets(*ways: bytes) -> bytes:
    """Both directions in one file, packet by packet."""
    return b"".join(way[at : at + 160] for at in range(0, len(ways[0]), 160) for way in ways)


@pytest.mark.parametrize("data", [
    packets(OTHER, SOUNDS[OUTSIDE]), SOUNDS[CELL], b"RIFF header" + SOUNDS[OUTSIDE], b"x" + SOUNDS[CELL][1234:6000],
    stereo(SOUNDS[CELL], OTHER), b"odd" * 2 + stereo(OTHER, SOUNDS[OUTSIDE]), b"\xd5" * 700_000 + stereo(SOUNDS[CELL], OTHER),
])
def test_a_file_with_its_sound_is_found_whatever_it_is_called(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "2026" / "11" / "anything.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    assert looked(tmp_path) == [f"{file} (its sound)"]


@pytest.mark.parametrize("data", [b"", b"x", OTHER, stereo(OTHER, OTHER), SOUNDS[CELL][:1279], b"\xd5" * 64_000])
def test_other_calls_and_silence_are_no_trace(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "another-call.wav").write_bytes(data)
    assert looked(tmp_path) == []


def test_a_file_of_its_name_is_found_though_it_is_empty_and_old_ones_are_not_listened_to(tmp_path: Path) -> None:
    (tmp_path / "vault" / "call-1").mkdir(parents=True)
    named, old = tmp_path / "vault" / "call-1" / "audio-0011", tmp_path / "old.wav"
    named.touch()
    old.write_bytes(SOUNDS[CELL])
    os.utime(old, (1000.0, 1000.0))
    assert looked(tmp_path, since=time.time() - 60) == [f"{named} (its name)"]
    assert looked(tmp_path / "nothing-here") == []


def test_its_sound_is_found_in_a_spool_of_another_name(tmp_path: Path) -> None:
    path = spool_of(tmp_path, "another-call")
    write_spool(path, "another-call", AT, stereo(SOUNDS[CELL], OTHER), MASTER)
    write_spool(spool_of(tmp_path, "third-call"), "third-call", AT, stereo(OTHER, OTHER), MASTER)
    assert looked(tmp_path) == [f"{path} (its sound)"]
    (told, other) = files_of(tmp_path, FileMaster(b"x" * 32), "call-1", 0.0, HEARD, 60.0)
    assert told.startswith(f"{path} (cannot be read: the spool of call another-call needs master key")
    assert "third-call" in other


async def test_its_sound_is_found_in_what_was_sealed_meanwhile_and_its_name_in_the_store(site: Site, tmp_path: Path) -> None:
    objects = Objects(MemoryStore())
    vault = make_vault(site.store, tmp_path, site.clock.wall, objects=objects)
    await keep(vault, site.store, tmp_path, "another-call", stereo(OTHER, SOUNDS[OUTSIDE]))
    await keep(vault, site.store, tmp_path, "third-call", stereo(OTHER, OTHER))
    assert await recordings_of(vault, AT, HEARD, 60.0) == ["recording another-call (its sound)"]
    assert await recordings_of(vault, AT + timedelta(seconds=1), HEARD, 60.0) == []
    assert await objects_of(objects, "call-1", (AT,)) == []
    assert len(await objects_of(objects, "third-call", (AT,))) == 2
    for one in await objects.every():
        await objects.remove(one.name)
    assert len(await recordings_of(vault, AT, HEARD, 60.0)) == 2, "what cannot be read is told"
    (tmp_path / "a").touch()
    assert await objects_of(folder_objects(tmp_path / "b"), "call-1", (AT,)) == []
