"""What the recordings ask of a disk, in one place, so that a test may cut its power between any two words of it."""
import os
from pathlib import Path


class Disk:
    """This machine's. Everything is blocking and raises OSError."""

    def create(self, path: Path) -> int:
        """A new file, private, open for writing; FileExistsError where there is one."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, fd: int, data: bytes) -> int:
        """Some of the data at the end of the file, on its way to the disk; how much."""
        return os.write(fd, data)

    def overwrite(self, path: Path, data: bytes) -> None:
        """Data in the place of what the file begins with, on the disk when this returns. FileNotFoundError."""
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(fd, data, 0)
            os.fdatasync(fd)
        finally:
            os.close(fd)

    def flush(self, fd: int) -> None:
        """What was written to an open file is on the disk when this returns."""
        os.fdatasync(fd)

    def sync(self, path: Path) -> None:
        """What was written to a file, or which names a folder has, is on the disk when this returns."""
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def remove(self, path: Path) -> None:
        """The file's name is gone, where there was one; on the disk with the next `sync` of its folder."""
        path.unlink(missing_ok=True)


DISK = Disk()
