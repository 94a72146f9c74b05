"""Where each key of a TOML text stands: tomllib keeps no line numbers, and a problem without a line helps nobody.

Only for texts that tomllib has accepted; it judges nothing. Keys inside an inline table or array have the line of the key that
holds them.
"""
import re
import tomllib

Path = tuple[str | int, ...]

_KEY = r'(?:"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)'
_DOTTED = re.compile(rf"[ \t]*{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*[ \t]*")
_VALUE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'" r"|#[^\n]*|[\[\]{}\n]|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def key_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every key and table header, by path: `("group", 0, "name")`."""
    lines: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    prefix: Path = ()
    at = _blank(text, 0)
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        brackets = 2 if text.startswith("[[", at) else 1 if text[at] == "[" else 0
        keys, at = _dotted(text, at + brackets)
        if brackets:
            prefix = (*_place(keys[:-1], (), counts), keys[-1])
            if brackets == 2:
                counts[prefix] = counts.get(prefix, -1) + 1
            prefix = _place(keys, (), counts)
            _note(lines, prefix, line)
            at += brackets
        else:
            _note(lines, prefix + keys, line)
            at = _skip_value(text, at + 1)
        at = _blank(text, at)
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest key that holds it."""
    return next(lines[path[:size]] for size in range(len(path), -1, -1) if path[:size] in lines)


def _note(lines: dict[Path, int], path: Path, line: int) -> None:
    for size in range(1, len(path) + 1):
        lines.setdefault(path[:size], line)


def _place(keys: Path, prefix: Path, counts: dict[Path, int]) -> Path:
    """The path of a table header, each array of tables on the way at its newest table."""
    for key in keys:
        prefix = (*prefix, key)
        if prefix in counts:
            prefix = (*prefix, counts[prefix])
    return prefix


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    assert match is not None, "the pattern fits the empty text too"
    return match.end()


def _dotted(text: str, at: int) -> tuple[Path, int]:
    match = _DOTTED.match(text, at)
    assert match is not None, "tomllib accepted this text, so a key stands here"
    inner = tomllib.loads(f"{match.group().strip()} = 0")
    keys: list[str | int] = []
    while True:
        (key, value), = inner.items()
        keys.append(key)
        if not isinstance(value, dict):
            return tuple(keys), match.end()
        inner = value


def _skip_value(text: str, at: int) -> int:
    depth = 0
    for match in _VALUE.finditer(text, at):
        token = match.group()
        if token == "\n" and depth == 0:
            return match.start()
        depth += (token in "[{") - (token in "]}")
    return len(text)
