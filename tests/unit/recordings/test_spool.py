"""A spool reads up to its last whole frame, wherever a crash tore it; what was changed is told from what was torn."""
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recordings.keys import FileMaster, KeyProblem
from recordings.spool import HEADER, BadSpool, destroy, frames, read_head, spool_of, write_spool
from tests.vaults import MASTER, voices

AT = datetime(2026, 11, 23, 10, 0, 0, 250_000, UTC)
FRAME = 4 + 16_000 + 16
AUDIO = voices(3.5)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    path = spool_of(tmp_path / "spool", "c1")
    write_spool(path, "c1", AT, AUDIO, MASTER)
    return path


def read(path: Path, master: FileMaster = MASTER) -> list[bytes]:
    with path.open("rb") as source:
        return list(frames(source, read_head(source), master))


def test_what_was_written_is_read(spool: Path) -> None:
    assert b"".join(read(spool)) == AUDIO
    assert [len(frame) for frame in read(spool)] == [16_000, 16_000, 16_000, 8_000]
    with spool.open("rb") as source:
        head = read_head(source)
    assert (head.call, head.began, head.kek) == ("c1", AT, MASTER.id)
    assert spool.stat().st_mode & 0o777 == 0o600


def test_nothing_of_it_is_in_the_clear(spool: Path) -> None:
    data = spool.read_bytes()
    assert not any(AUDIO[at : at + 16] in data for at in range(0, len(AUDIO), 160))


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 19, 20, 21, 8_000, FRAME - 1])
def test_a_torn_frame_is_left_out(spool: Path, cut: int) -> None:
    data = spool.read_bytes()
    for whole in range(4):
        spool.write_bytes(data[: HEADER + whole * FRAME + (cut if whole < 3 else min(cut, 8_019))])
        assert b"".join(read(spool)) == AUDIO[: whole * 16_000]


def test_a_tail_of_zeros_is_torn(spool: Path) -> None:
    data = spool.read_bytes()
    spool.write_bytes(data[: HEADER + 2 * FRAME] + bytes(FRAME))
    assert b"".join(read(spool)) == AUDIO[:32_000]


@pytest.mark.parametrize("at", [HEADER, HEADER + 3, HEADER + 4, HEADER + FRAME + 100, HEADER + 2 * FRAME])
def test_a_changed_frame_is_not_taken_for_a_torn_one(spool: Path, at: int) -> None:
    data = bytearray(spool.read_bytes())
    data[at] ^= 0x40
    spool.write_bytes(data)
    with pytest.raises(BadSpool, match="was changed"):
        read(spool)


def test_frames_cannot_change_places_or_spools(spool: Path, tmp_path: Path) -> None:
    data = spool.read_bytes()
    one, two = (data[HEADER + at * FRAME : HEADER + (at + 1) * FRAME] for at in (0, 1))
    spool.write_bytes(data[:HEADER] + two + one + data[HEADER + 2 * FRAME :])
    with pytest.raises(BadSpool):
        read(spool)
    other = spool_of(tmp_path / "spool", "c2")
    write_spool(other, "c2", AT, AUDIO, MASTER)
    spool.write_bytes(data[:HEADER] + other.read_bytes()[HEADER:])
    with pytest.raises(BadSpool):
        read(spool)


def test_another_master_key_is_told_by_its_name(spool: Path) -> None:
    with pytest.raises(KeyProblem, match=f"needs master key {MASTER.id}"):
        read(spool, FileMaster(b"x" * 32))


def test_a_spool_whose_key_is_destroyed_is_read_by_nobody(spool: Path, tmp_path: Path) -> None:
    kept = tmp_path / "copy"
    kept.hardlink_to(spool)  # what a disk still has of a file that is gone
    destroy(spool)
    destroy(spool)
    assert not spool.exists()
    assert kept.read_bytes()[:HEADER] == bytes(HEADER)
    with pytest.raises(BadSpool, match="its key was destroyed"):
        read(kept)
    kept.write_bytes(b"")
    with pytest.raises(BadSpool, match="this is no spool"):
        read(kept)
