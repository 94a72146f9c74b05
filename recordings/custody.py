"""Recordings after the call: what a crash left is taken up, and what was sealed is read again and compared."""
import hashlib
import os
from pathlib import Path

from recordings.intake import BYTES_A_SECOND, HEADER_BYTES
from switch.core.ids import CallId, RecordingId
from switch.ports.media import SealedRecording


def salvage(root: Path, call: CallId) -> SealedRecording | None:
    """What a tap left of a call that nobody closed, after `intake.recover`: hashed; None where nothing was recorded. Blocking."""
    found = next(iter(root.glob(f"*/*/*/{call}.wav")), None)
    if found is None or found.stat().st_size <= HEADER_BYTES:
        return None
    return _read(found)


def _read(path: Path) -> SealedRecording:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.fstat(file.fileno()).st_size
    return SealedRecording(RecordingId(path.stem), str(path), (size - HEADER_BYTES) / BYTES_A_SECOND, digest)


def differs(sealed: SealedRecording) -> str | None:
    """What is wrong with a sealed recording on the disk, in a sentence; None when it is as it was sealed. Blocking."""
    path = Path(sealed.path)
    if not path.is_file():
        return f"recording {sealed.id} is not where it was sealed: {path.name}"
    now = _read(path)
    if now.sha256 != sealed.sha256:
        return f"recording {sealed.id} is not as it was sealed: its SHA-256 is another"
    return None
