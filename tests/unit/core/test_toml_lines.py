"""Line numbers of keys, held against tomllib: the scanner finds exactly the keys that tomllib reads."""
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from switch.core.toml_lines import line_of, positions

TEXT = '''# a comment = 1
top = "a # b = c"

[one]
"quoted key" = 'x' # [not.a.table]
dotted.key."a.b" = 1
many = [ # comment ] here
    "x", # "y"
    "]",
    ["z"],
]
[one.inner]
inline = { a = 1, b = [2, 3], c = { d = "}" } }
[[rows]]
name = """
several
[lines] = "x"
"""
[[rows]]
name = \'\'\'a
b''\'\'\'
[rows.under]
date = 2026-11-02 10:00:00
[[rows.deep]]
x = -1.5e3
[last]
'''


def paths(value: Any, base: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found: set[tuple[str | int, ...]] = set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found |= {(*base, key)} | paths(inner, (*base, key))
    return found


def test_lines_are_where_the_keys_stand() -> None:
    found = positions(TEXT)
    expected = {
        ("top",): 2, ("one",): 4, ("one", "quoted key"): 5, ("one", "dotted", "key", "a.b"): 6, ("one", "many", 0): 8,
        ("one", "many", 2): 10, ("one", "inner"): 12, ("one", "inner", "inline", "c", "d"): 13, ("rows",): 14, ("rows", 0): 14,
        ("rows", 0, "name"): 15, ("rows", 1): 19, ("rows", 1, "name"): 20, ("rows", 1, "under"): 22,
        ("rows", 1, "under", "date"): 23, ("rows", 1, "deep", 0, "x"): 25, ("last",): 26,
    }
    assert {path: found.get(path) for path in expected} == expected


def test_every_key_of_tomllib_has_a_line_and_no_other() -> None:
    assert set(positions(TEXT)) == paths(tomllib.loads(TEXT))


def test_windows_line_ends_count_once() -> None:
    assert positions("a = 1\r\n\r\n[b]\r\nc = 2\r\n")[("b", "c")] == 4


def test_no_end_of_line_at_the_end() -> None:
    assert positions("a = 1")[("a",)] == 1


VALUES = ['"a]b"', "'x#'", "[1, 2]", "0x1F", '"\\""', "[]", "true", "{ a = [ { b = 1 } ] }", "1979-05-27T07:32:00Z",
          '"""a\n[b]\n"""']


@given(st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), st.sampled_from(VALUES), max_size=8))
def test_any_table_agrees_with_tomllib(table: dict[str, str]) -> None:
    text = "".join(f"{key} = {value}\n" for key, value in table.items())
    found = positions(text)
    assert set(found) == paths(tomllib.loads(text))
    assert all(text.split("\n")[line - 1].startswith(str(path[0])) for path, line in found.items() if len(path) == 1)


def test_a_line_for_what_has_none_of_its_own() -> None:
    lines = positions("[a]\nb = {c = 1}\n")
    assert line_of(lines, ("a", "b", "missing")) == 2
    assert line_of(lines, ("nowhere",)) == 1


def test_quoted_keys_are_the_keys_they_spell() -> None:
    assert positions('"a b" = 1\n\'c.d\'."e\\u0041" = 2\n') == {("a b",): 1, ("c.d",): 2, ("c.d", "eA"): 2}
