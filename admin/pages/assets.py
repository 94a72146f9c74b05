"""Files that pages load, by name: ours with the hash of what they hold, others' from the manifest of `admin/static/vendor`."""
import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path

STATIC = Path(str(files("admin"))) / "static"
VENDOR = STATIC / "vendor"


@cache
def asset(name: str) -> str:
    """The address of a file, another one whenever it changes, so that it may be kept for ever. KeyError for none such."""
    ours = STATIC / name
    if ours.is_file():
        return f"/static/{name}?{hashlib.sha256(ours.read_bytes()).hexdigest()[:12]}"
    return "/static/vendor/" + _vendored()[name]


@cache
def _vendored() -> dict[str, str]:
    rows = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    return {row["path"].rpartition("/")[2]: row["path"] for row in rows if not row["path"].endswith("LICENSE")}
