"""Where keys stand, whatever TOML they are written in."""
import tomllib
from typing import Any

import pytest

from dialplans.load import shipped_plans
from dialplans.toml_lines import Path, key_lines, line_of

TEXT = '''# a comment [not] = "a table"
title = "one" # = two
"quoted key" = 'lite[ral'
a.b . c = 1

[hours]
monday = ["06:00-12:00", # a ] in a comment
  "14:00-24:00",
]
long = """
[inside] = "a" ""string
""" # after
literal = \'\'\'
[[also]]
x = 1\'\'\'
inline = { x = 1, y = [ { z = 2 } ] }

[[group]]
name = "first"
[group.length]
social = 8
[[group]]
name = "second"
[[group.part]]
size = 1
[[group.part]]
size = 2
[ last . "one" ]
end = true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1), (("title",), 2), (("quoted key",), 3), (("a", "b", "c"), 4), (("a", "b"), 4), (("hours",), 6),
        (("hours", "monday"), 7), (("hours", "long"), 10), (("hours", "literal"), 13), (("hours", "inline"), 16),
        (("hours", "inline", "y", 0, "z"), 16), (("group",), 18), (("group", 0), 18), (("group", 0, "name"), 19),
        (("group", 0, "length", "social"), 21), (("group", 1, "name"), 23), (("group", 1, "part", 0, "size"), 25),
        (("group", 1, "part", 1, "size"), 27), (("last", "one"), 28), (("last", "one", "end"), 29), (("nowhere",), 1),
    ],
)  # fmt: skip
def test_each_key_has_its_line(path: Path, line: int) -> None:
    assert line_of(key_lines(TEXT), path) == line


def paths(value: Any, path: Path = ()) -> list[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [deeper for key, item in inner if isinstance(item, dict | list) or isinstance(value, dict)
                     for deeper in paths(item, (*path, key))]


@pytest.mark.parametrize("text", [TEXT, *shipped_plans().values(), "", "a = 1", "\r\n[x]\r\ny = 2\r\n"])
def test_nothing_is_found_that_tomllib_does_not_know(text: str) -> None:
    assert set(key_lines(text)) <= set(paths(tomllib.loads(text)))


def test_line_ends_of_other_machines_count_too() -> None:
    assert key_lines("a = 1\r\n[x]\r\ny = 2\r\n") == {(): 1, ("a",): 1, ("x",): 2, ("x", "y"): 3}
