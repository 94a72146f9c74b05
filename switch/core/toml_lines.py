"""On which line each key of a TOML text stands: tomllib keeps no positions, and a problem without a line is no help.

Works on text that tomllib has already read without error, so it only has to find keys, not to judge grammar (TOML 1.0.0).
"""
import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Keys and array indices from the root: `("network", 0, "sources")`."""

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = re.compile(rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*")
_PART = re.compile(_KEY)
_STRING = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL)
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def positions(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every key, table header and element of an array of tables in a valid TOML text."""
    scan = _Scan(text.replace("\r\n", "\n"))
    scan.document()
    return scan.found


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest key that holds it; 1 for the text as a whole."""
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), 1)


class _Scan:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def blank(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def keys(self) -> tuple[str, ...]:
        match = _DOTTED.match(self.text, self.at)
        assert match is not None, "tomllib accepted this text, so a key stands here"
        self.at = match.end()
        return tuple(_unquoted(part) for part in _PART.findall(match.group()))

    def note(self, base: Path, keys: tuple[str, ...], line: int) -> Path:
        """Every prefix of a dotted key is a table too; the first mention gives its line."""
        path = base
        for key in keys:
            path = self.current((*path, key))
            self.found.setdefault(path, line)
        return path

    def current(self, path: Path) -> Path:
        """A name that is an array of tables stands for its newest element."""
        return (*path, self.counts[path] - 1) if path in self.counts else path

    def document(self) -> None:
        base: Path = ()
        while True:
            self.blank()
            if self.at >= len(self.text):
                return
            line = self.line()
            if self.text.startswith("[[", self.at):
                self.at += 2
                self.blank()
                *outer, last = self.keys()
                name: Path = (*self.note((), tuple(outer), line), last)
                self.found.setdefault(name, line)
                self.counts[name] = self.counts.get(name, 0) + 1
                base = (*name, self.counts[name] - 1)
                self.found[base] = line
                self.at = self.text.index("]]", self.at) + 2
            elif self.text[self.at] == "[":
                self.at += 1
                self.blank()
                base = self.note((), self.keys(), line)
                self.at = self.text.index("]", self.at) + 1
            else:
                self.pair(base)

    def pair(self, base: Path) -> None:
        line = self.line()
        path = self.note(base, self.keys(), line)
        self.at = self.text.index("=", self.at) + 1
        self.blank()
        self.value(path)

    def value(self, path: Path) -> None:
        opener = self.text[self.at]
        if opener == "{":
            self.items(path, "}", table=True)
        elif opener == "[":
            self.items(path, "]", table=False)
        elif match := _STRING.match(self.text, self.at):
            self.at = match.end()
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def items(self, path: Path, closer: str, *, table: bool) -> None:
        self.at += 1
        index = 0
        while True:
            self.blank()
            if self.text[self.at] == closer:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
            elif table:
                self.pair(path)
            else:
                self.found[(*path, index)] = self.line()
                self.value((*path, index))
                index += 1


def _unquoted(part: str) -> str:
    if part[0] == "'":
        return part[1:-1]
    if part[0] == '"':
        return str(tomllib.loads(f"key = {part}")["key"])
    return part
