"""Every action that the source writes has its kind under the Data Protection Act, and nothing has two."""
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from switch.core.processing import KINDS, Processing, actions_of, kind_of, role_of

TOP = Path(__file__).parents[3]
PLACE = {"audit": 0, "append_audit": 3, "attempt": 3}
"""Where a call of this name has the action; a parameter of this name in `PASSED_ON` is one too."""


def words_in(node: ast.expr) -> Iterator[str]:
    """Actions that an expression may be, as patterns."""
    match node:
        case ast.Constant(value=str(word)):
            yield re.escape(word)
        case ast.IfExp(body=one, orelse=other):
            yield from words_in(one)
            yield from words_in(other)
        case ast.JoinedStr(values=parts):
            yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z-]+" for part in parts)


def written(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in PLACE and len(node.args) > PLACE[name]:
                yield from words_in(node.args[PLACE[name]])
        elif isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == "action" for one in node.targets):
            yield from words_in(node.value)


def test_every_action_of_the_source_has_its_kind() -> None:
    found = {word for top in ("switch", "recordings", "admin") for file in (TOP / top).rglob("*.py")
             for word in written(file.read_text("utf-8"))} - {"[a-z-]+\\-refused"}
    assert len(found) > 100, "the source is read"
    known = {action for kind in Processing for action in actions_of(kind)}
    assert sorted(word for word in found if not any(re.fullmatch(word, one) for one in known)) == []


def test_an_action_without_one_is_found() -> None:
    text = 'changes.audit("thing-done", {})\nappend_audit(conn, at, who, "a" if b else "c", {})\naction = f"x-{y}"'
    assert sorted(written(text)) == ["a", "c", r"thing\-done", r"x\-[a-z-]+"]


def test_what_was_refused_is_of_its_kind() -> None:
    assert kind_of("contact-approved-refused") is kind_of("contact-approved") is Processing.ALTERATION
    assert kind_of("contact-refused") is Processing.ALTERATION, "which is an action of its own"
    assert kind_of("never-heard-of") is None
    assert "recording-erased-refused" in actions_of(Processing.ERASURE)


def test_no_action_has_two_kinds() -> None:
    assert sum(len(actions_of(kind)) for kind in Processing) == 2 * len(KINDS)


@pytest.mark.parametrize(("actor", "role"), [
    ("j.osei", "staff"), ("j.osei@id-1", "system"), ("call:abc", "caller"), ("switch", "machine"), ("api", "unknown"),
    ("families", "family")])
def test_in_what_part_somebody_did_it(actor: str, role: str) -> None:
    assert role_of(actor) == role
