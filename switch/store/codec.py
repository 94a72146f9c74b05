"""Frozen dataclasses as JSON and back, by their own type hints: what the journal and the JSON columns of a CDR hold.

A union is written with the class name (`{"E164": {…}}`) where more than one of its members is an object. Sets and unknown types
are a TypeError when written, so that nothing goes in that would not come out.
"""
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Way = Callable[[Any], Any]
_known: dict[Any, tuple[Way, Way]] = {}


def dumps(value: object, hint: Any | None = None) -> str:
    """Compact JSON of a value of type `hint` (its own class if none is given)."""
    return json.dumps(_ways(hint or type(value))[0](value), separators=(",", ":"), ensure_ascii=False)


def lean(value: object) -> str:
    """As `dumps`, without the fields that stand at their defaults: for facts, whose defaults say "none of it" for good."""
    return json.dumps(_bare(value), separators=(",", ":"), ensure_ascii=False)


def loads(hint: type[T], text: str) -> T:
    """The value back. ValueError, KeyError or TypeError when the text is no such value."""
    value: T = _ways(hint)[1](json.loads(text))
    return value


def plain(value: object) -> Any:
    """The value as lists, dicts and scalars, for a line of JSON that holds more than it."""
    return _ways(type(value))[0](value)


def restore(hint: type[T], value: Any) -> T:
    """The value back from what `plain` gave."""
    result: T = _ways(hint)[1](value)
    return result


_barely: dict[type, list[tuple[str, Any, Way]]] = {}


def _bare(value: Any) -> dict[str, Any]:
    """A record's fields that say something, each written as ever; records inside it are bare too."""
    kind = type(value)
    if (known := _barely.get(kind)) is None:
        hints = get_type_hints(kind)
        known = _barely[kind] = [(field.name, field.default, _ways(hints[field.name])[0]) for field in fields(kind)]
    said = {}
    for name, default, way in known:
        held = getattr(value, name)
        if default is MISSING or held != default:
            said[name] = _bare(held) if is_dataclass(held) and not isinstance(held, type) and way is not _same else way(held)
    return said


def _same(value: Any) -> Any:
    return value


def _ways(hint: Any) -> tuple[Way, Way]:
    """How values of this type are written and read; worked out once."""
    if (known := _known.get(hint)) is None:
        known = _known[hint] = _work_out(hint)
    return known


def _work_out(hint: Any) -> tuple[Way, Way]:
    if isinstance(hint, NewType):
        return _ways(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union(args)
    if origin is tuple:
        if len(args) != 2 or args[1] is not Ellipsis:
            raise TypeError(f"{hint}: only tuples of one type")
        write, read = _ways(args[0])
        return (lambda items: [write(item) for item in items]), (lambda items: tuple(read(item) for item in items))
    if origin in (dict, Mapping):
        (key_out, key_in), (write, read) = _ways(args[0]), _ways(args[1])
        return ((lambda items: {key_out(key): write(item) for key, item in items.items()}),
                (lambda items: {key_in(key): read(item) for key, item in items.items()}))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return (lambda item: item.value), {item.value: item for item in hint}.__getitem__
    if hint is datetime:
        return datetime.isoformat, datetime.fromisoformat
    if hint is date:
        return date.isoformat, date.fromisoformat
    if is_dataclass(hint) and isinstance(hint, type):
        return _record(hint)
    if hint is float:
        return _same, float
    if hint in (str, int, bool, NoneType):
        return _same, _same
    raise TypeError(f"{hint} has no way into JSON")


def _record(kind: type[Any]) -> tuple[Way, Way]:
    hints = get_type_hints(kind)
    ways = [(field.name, *_ways(hints[field.name])) for field in fields(kind)]
    writers = [(name, write) for name, write, _ in ways]
    names = frozenset(hints)
    readers = {name: read for name, _, read in ways if read is not _same}

    def write(value: Any) -> dict[str, Any]:
        return {name: way(getattr(value, name)) for name, way in writers}

    def read(found: dict[str, Any]) -> Any:
        # a journal of an older version lacks the fields that came later, whose defaults stand, and may have some that went
        said = found.copy() if found.keys() <= names else {name: value for name, value in found.items() if name in names}
        for name in said.keys() & readers.keys():
            said[name] = readers[name](said[name])
        return kind(**said)

    return write, read


def _union(members: tuple[Any, ...]) -> tuple[Way, Way]:
    kinds = [member for member in members if member is not NoneType]
    if len(kinds) == 1:
        write, read = _ways(kinds[0])
        return (lambda item: None if item is None else write(item)), (lambda item: None if item is None else read(item))
    if all(kind in (str, int, bool) for kind in kinds):
        return _same, _same  # JSON itself tells them apart
    if not all(is_dataclass(kind) for kind in kinds):
        raise TypeError(f"{members}: a union of other things than dataclasses cannot be told apart")
    by_name = {kind.__name__: _ways(kind) for kind in kinds}

    def tagged(item: Any) -> Any:
        if item is None:
            return None
        name = type(item).__name__
        return {name: by_name[name][0](item)}

    def untagged(found: Any) -> Any:
        if found is None:
            return None
        (name, body), = found.items()
        return by_name[name][1](body)

    return tagged, untagged
