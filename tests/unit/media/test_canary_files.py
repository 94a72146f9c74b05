"""What the recordings' folder has of a call that may not be there is found by its name and by its sound, and nothing else is."""
import os
import time
from pathlib import Path

import pytest

from recordings.canary import traces_of
from switch.softphone.ring import CELL, OUTSIDE, proof_sounds

SOUNDS = proof_sounds("run 1")
HEARD = tuple(SOUNDS.values())
OTHER = proof_sounds("run 2")[CELL]


def stereo(left: bytes, right: bytes) -> bytes:
    return bytes(code for pair in zip(left, right, strict=True) for code in pair)


def looked(root: Path, since: float = 0.0) -> list[str]:
    return traces_of(root, "call-1", since, HEARD, 60.0)


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
    (tmp_path / "quarantine").mkdir()
    named, old = tmp_path / "quarantine" / "call-1.wav.enc", tmp_path / "old.wav"
    named.touch()
    old.write_bytes(SOUNDS[CELL])
    os.utime(old, (1000.0, 1000.0))
    assert looked(tmp_path, since=time.time() - 60) == [f"{named} (its name)"]
    assert looked(tmp_path / "nothing-here") == []
