"""Recordings that nobody may hear: out of the folders that anything reads, and readable by nobody; and given back."""
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


def give_back(root: Path, call: CallId, sealed_at: Path) -> bool:
    """Put a call's recording back where it was sealed, readable by its owner. Idempotent; False where there is none in either
    place. Blocking; OSError, and ValueError for a place that is not in the recordings folder."""
    place = sealed_at if sealed_at.is_absolute() else root / sealed_at
    if not place.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{sealed_at} is not in the recordings folder")
    kept = root / FOLDER / f"{call}.wav"
    if kept.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        kept.rename(place)
        place.chmod(0o600)
    return place.exists()
