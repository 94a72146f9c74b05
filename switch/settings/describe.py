"""docs/settings.md, written from the tree, so that a setting without its help is a failing test and not a gap in the page."""
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from switch.settings.tree import Help, PortRange, Secret, Settings, is_section

INTRO = """\
# Settings

Made from `switch/settings/tree.py` by `switch.settings.describe`; a test fails when this page is behind.

All settings of a node stand in one file, `wingline.toml`, in the site's folder. Relative paths start from that folder.
`wingline check-config` reports every problem with its line, and nothing starts while there is one. Each setting of a
`[section]` can be overridden by the environment: `WINGLINE_SECTION__FIELD`, two underscores between, lists separated by
commas (`WINGLINE_SIP__UDP=5070`, `WINGLINE_TRUNK__SOURCES=192.0.2.0/24,198.51.100.7/32`). A secret may stand in a file of
its own: `password_file = "trunk.secret"` in place of `password`. Default passwords are refused.
"""


def describe() -> str:
    """The whole page, Markdown."""
    lines = [INTRO]
    hints = get_type_hints(Settings, include_extras=True)
    sections = [f for f in fields(Settings) if _section(hints[f.name]) is not None]
    lines += ["## At the top of the file", "", *_table([f for f in fields(Settings) if f not in sections], hints)]
    for f in sections:
        kind = _section(hints[f.name])
        assert kind is not None
        many = get_origin(_bare(hints[f.name])) is tuple
        lines += [f"## [[{f.name}]]" if many else f"## [{f.name}]", "", " ".join((kind.__doc__ or "").split())]
        if many:
            lines[-1] += " One such table for each; the environment cannot set these."
        lines += ["", *_table(list(fields(kind)), get_type_hints(kind, include_extras=True))]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(items: list[Field[Any]], hints: dict[str, Any]) -> list[str]:
    rows = ["| setting | value | default | what it is |", "| --- | --- | --- | --- |"]
    for f in items:
        help_ = next(part for part in get_args(hints[f.name]) if isinstance(part, Help))
        rows.append(f"| `{f.name}` | {_words(_bare(hints[f.name]), help_)} | {_default(f)} | {help_.text} |")
    return [*rows, ""]


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _section(hint: Any) -> type | None:
    kind = _bare(hint)
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return kind if is_section(kind) else None


def _words(kind: Any, help_: Help) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f'`"{word}"`' for word in get_args(kind))
    if get_origin(kind) is tuple:
        return "list of texts"
    words = {bool: "true or false", int: "whole number", float: "number", Path: "path", Secret: "secret text", PortRange: "ports"}
    bounds = f", {help_.at_least:g} to {help_.at_most:g}" if help_.at_least is not None and help_.at_most is not None else ""
    return words.get(kind, "text") + bounds


def _default(f: Field[Any]) -> str:
    match f.default:
        case _ if f.default is MISSING:
            return "needed"
        case bool():
            return f"`{str(f.default).lower()}`"
        case ():
            return "`[]`"
        case int() | float():
            return f"`{f.default:g}`"
    return f'`"{str.__str__(f.default) if isinstance(f.default, str) else f.default}"`'
