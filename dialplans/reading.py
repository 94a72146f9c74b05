"""Reading a plan's tables: every value knows its file and line, and every fault is noted, not raised."""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from dialplans.model import Source
from switch.core.toml_lines import Path, line_of, positions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing wrong with a plan: where, and what to do about it."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A value of a plan and the line that it stands on."""

    value: T
    source: Source


@dataclass(frozen=True, slots=True)
class Node:
    """A TOML value with its place: a table (dict of nodes), an array of tables (list of nodes), or anything else as it is."""

    value: Any
    source: Source


def nodes(data: Mapping[str, Any], text: str, file: str) -> Node:
    """What tomllib read, every key with its place."""
    lines = positions(text)

    def build(value: Any, path: Path) -> Node:
        source = Source(file, line_of(lines, path))
        if isinstance(value, dict):
            return Node({key: build(inner, (*path, key)) for key, inner in value.items()}, source)
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            return Node([build(item, (*path, index)) for index, item in enumerate(value)], source)
        return Node(value, source)

    return build(data, ())


def merged(base: Node, over: Node, whole: frozenset[str] = frozenset()) -> Node:
    """A plan over the plan that it extends: tables key by key, arrays of tables one after the other, all else replaced.

    Tables named in `whole` are replaced as one: a day that the base plan opened must not stay open by surprise.
    """
    table = dict(base.value)
    for key, node in over.value.items():
        old = table.get(key)
        if old is not None and isinstance(old.value, dict) and isinstance(node.value, dict) and key not in whole:
            node = merged(old, node)
        elif old is not None and _tables(old.value) and _tables(node.value):
            node = Node(old.value + node.value, node.source)
        table[key] = node
    return Node(table, over.source)


def _tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Node) for item in value)


def _all(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(item) is kind for item in value)


class Section:
    """One table being read. Getters note a problem and return None where the value is absent or wrong; `close` names strays."""

    def __init__(self, node: Node, name: str, problems: list[PlanProblem]) -> None:
        self._table: dict[str, Node] = node.value
        self.source = node.source
        self.name = name
        self.problems = problems
        self._known: list[str] = []

    def complain(self, text: str, source: Source | None = None) -> None:
        """Note a problem at a key, or at the table's own line."""
        source = source or self.source
        self.problems.append(PlanProblem(source.file, source.line, text))

    def _label(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def has(self, key: str) -> bool:
        return key in self._table

    def says(self, key: str, value: object) -> bool:
        """Whether a key stands here with exactly this value."""
        return key in self._table and self._table[key].value == value

    def _get(self, key: str, right: Callable[[Any], bool], want: str, needed: bool) -> Sourced[Any] | None:
        self._known.append(key)
        node = self._table.get(key)
        if node is None:
            if needed:
                self.complain(f"`{self._label(key)}` is missing: give {want}")
            return None
        if not right(node.value):
            self.complain(f"`{self._label(key)}` must be {want}", node.source)
            return None
        return Sourced(node.value, node.source)

    def integer(self, key: str, low: int, high: int, unit: str, needed: bool = False) -> Sourced[int] | None:
        def right(value: Any) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

        return self._get(key, right, f"a whole number of {unit} from {low} to {high}", needed)

    def text(self, key: str, want: str = "a text in quotes", needed: bool = False) -> Sourced[str] | None:
        return self._get(key, lambda value: isinstance(value, str) and value.strip() != "", want, needed)

    def truth(self, key: str, needed: bool = False) -> Sourced[bool] | None:
        return self._get(key, lambda value: isinstance(value, bool), "true or false", needed)

    def day(self, key: str, needed: bool = False) -> Sourced[date] | None:
        return self._get(key, lambda value: type(value) is date, "a date such as 2025-05-01, without quotes", needed)

    def texts(self, key: str, want: str = "a list of texts in quotes", needed: bool = False) -> Sourced[tuple[str, ...]] | None:
        found = self._get(key, lambda value: _all(value, str), want, needed)
        return None if found is None else Sourced(tuple(found.value), found.source)

    def integers(self, key: str, want: str, needed: bool = False) -> Sourced[tuple[int, ...]] | None:
        found = self._get(key, lambda value: _all(value, int), want, needed)
        return None if found is None else Sourced(tuple(found.value), found.source)

    def section(self, key: str) -> "Section":
        """The table under a key; an empty one where there is none."""
        found = self._get(key, lambda value: isinstance(value, dict), "a table", False)
        node = Node({}, self.source) if found is None else Node(found.value, found.source)
        return Section(node, self._label(key), self.problems)

    def sections(self, key: str) -> list["Section"]:
        """The array of tables under a key, in order."""
        found = self._get(key, lambda value: value == [] or _tables(value), f"an array of tables: [[{key}]]", False)
        return [Section(node, key, self.problems) for node in (found.value if found else [])]

    def rest(self) -> Iterable[tuple[str, Node]]:
        """The keys that nobody asked for."""
        return [(key, node) for key, node in self._table.items() if key not in self._known]

    def close(self) -> None:
        """Note every key that nobody asked for, with the nearest known one."""
        for key, node in self.rest():
            near = get_close_matches(key, self._known, 1)
            hint = f": did you mean `{near[0]}`?" if near else f": known here are {', '.join(sorted(self._known))}"
            self.complain(f"`{self._label(key)}` is not a key of a plan{hint}", node.source)
