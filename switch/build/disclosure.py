"""A disclosure as a folder or a zip, readable by this user alone, and the controller's log beside it."""
import os
import zipfile
from pathlib import Path

from switch.desk.subject_access import Disclosure
from switch.desk.table import write_table

LOG_HEADING = ("file", "what", "items", "exemption", "told")


def log_of(out: Path) -> Path:
    """Where the log of what was withheld goes: beside what is given out, never in it."""
    return out.with_name(f"{out.name}.withheld.csv")


def taken(out: Path) -> str:
    """Why nothing can be written there; empty where it can."""
    for path in (out, log_of(out)):
        if path.exists():
            return f"{path} is there already: a disclosure is never written over"
    return "" if out.parent.is_dir() else f"there is no folder {out.parent}"


def write(disclosure: Disclosure, out: Path) -> None:
    """A zip where the name ends so, else a folder. OSError where the disk does not take it."""
    if out.suffix == ".zip":
        with os.fdopen(_new(out), "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in disclosure.files:
                info = zipfile.ZipInfo(one.name, disclosure.made_at.timetuple()[:6])
                archive.writestr(info, one.text.encode(), zipfile.ZIP_DEFLATED)
    else:
        out.mkdir(mode=0o700)
        for one in disclosure.files:
            _write(out / one.name, one.text)
    _write(log_of(out), write_table(LOG_HEADING, [
        (one.file, one.what, str(one.items), one.exemption, "yes" if one.told else "no") for one in disclosure.withheld]))


def _write(path: Path, text: str) -> None:
    with os.fdopen(_new(path), "w", encoding="utf-8", newline="") as file:
        file.write(text)


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
