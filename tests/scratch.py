"""Where tests keep their files: in memory where the machine has room for it, since a disk is waited for at every record.

Nothing that is tested differs: what is flushed is flushed, and a process that is killed leaves what it had written.
"""
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
KEPT = 3600.0
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ


def begin(config: pytest.Config) -> None:
    """A folder of this run for all temporary files, of the processes that it starts too. What a run with failures left goes when
    one begins an hour later. The path is short: a socket's may have 107 octets."""
    if IS_WORKER or config.option.basetemp is not None or not _has_room():
        return
    for left in MEMORY.glob("wl-[0-9]*"):
        gone = time.time() - left.stat().st_mtime > KEPT and not Path("/proc", left.name.removeprefix("wl-")).exists()
        if gone:
            shutil.rmtree(left, ignore_errors=True)
    folder = MEMORY / f"wl-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o755)  # PostgreSQL is another user
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.option.basetemp = str(folder / "t")


def end(failed: bool) -> None:
    folder = MEMORY / f"wl-{os.getpid()}"
    if not IS_WORKER and not failed and folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    if not os.access(MEMORY, os.W_OK):
        return False
    room = os.statvfs(MEMORY)
    return room.f_bavail * room.f_frsize > ROOM
