"""One supervisor on a state folder: a lock that the kernel lets go of when its holder dies, however it died."""
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderTaken(Exception):
    """Another process has the claim; the text is its process id, as far as it got to write it."""


@contextmanager
def claimed(file: Path) -> Iterator[None]:
    """Hold `file` for as long as this lasts; no child inherits it. Raises FolderTaken, or OSError when it cannot be written."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(os.pread(lock, 32, 0).decode("ascii", "replace").strip()) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(lock)


def is_held(file: Path) -> bool:
    """Whether some process has the lock `file` now. One that is not there, nobody has."""
    try:
        lock = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
