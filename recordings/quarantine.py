"""Recordings that nobody may hear: out of the folders that anything reads, and readable by nobody."""
from pathlib import Path

from switch.core.ids import CallId

FOLDER = "quarantine"


def lock_away(root: Path, call: CallId) -> bool:
    """Move a call's recording into `<root>/quarantine` and take every leave to read it. Idempotent; False where there is none in
    either place. Blocking; OSError."""
    kept = root / FOLDER / f"{call}.wav"
    found = next(iter(root.glob(f"*/*/*/{call}.wav")), None)
    if found is not None:
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        found.chmod(0)
        found.rename(kept)
    return kept.exists()
