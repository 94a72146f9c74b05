"""Docs fail the build when a setting has no help, or the page is behind the tree."""
import re
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from switch.settings.describe import describe
from switch.settings.tree import Help, Settings, is_section

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "settings.md"


def leaves(kind: type) -> list[tuple[str, Help | None]]:
    found: list[tuple[str, Help | None]] = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        bare: Any = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        inner = get_args(bare)[0] if get_origin(bare) is tuple else bare
        if is_section(inner):
            found += [(f"{name}.{key}", help_) for key, help_ in leaves(inner)]
        else:
            found.append((name, next((part for part in get_args(hint) if isinstance(part, Help)), None)))
    return found


def test_each_setting_has_help_in_a_whole_sentence() -> None:
    names = [name for name, help_ in leaves(Settings) if help_ is None or not help_.text.endswith(".")]
    assert names == []
    assert len(leaves(Settings)) > 30


def test_the_committed_page_has_every_setting() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name, _ in leaves(Settings) if f"| `{name.rpartition('.')[2]}` |" not in page] == []
    assert [f.name for f in fields(Settings) if f"[{f.name}]" not in page and f.name != "example"] == []
    assert page == describe(), "docs/settings.md is behind: write it anew with switch.settings.describe.describe()"


def test_each_setting_is_read_by_something() -> None:
    """A setting that changes nothing is a lie to whoever sets it."""
    sources = [path for path in (ROOT / "switch").rglob("*.py") if path.parent.name != "settings" or path.name == "tree.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    code = re.sub(r"\bn\.(?=\w+)", "network.", code)  # the one section that comes in a loop
    dotted = [name for name, _ in leaves(Settings) if "." in name]
    unread = [name for name in dotted if not re.search(rf"\b{re.escape(name)}\b", code)]
    assert unread == []
