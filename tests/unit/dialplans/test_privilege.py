"""No setting, plan or order makes a privileged call recordable (docs/privilege.md). What is new fails until it was looked at."""
import copy
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dialplans
from dialplans.load import load_plan, shipped_plans
from dialplans.model import Decision
from dialplans.plan import Helpline, Plan
from switch.core.facts import ContactKind, ContactState, OrderFacts, PermitKind, SignedListFacts
from switch.core.grants import Privacy
from switch.core.lists import ListFacts, ListKind, ListLevel
from switch.core.numbers import E164
from switch.ports.desk import Reach
from tests.unit.dialplans.looked_at import FILE, everything
from tests.unit.dialplans.world import FACTS, HEADER, NOT_LISTED, PLAN, ask, facts, permit

SAMARITANS, CAREERS = "116123", E164("448081570123")
LISTED = SignedListFacts(7, "Hartnell and Quill, solicitors", "")
VERIFIED = {"kind": ContactKind.PRIVILEGED, "state": ContactState.APPROVED}
PRIVILEGED = {
    "on the list": facts(listed=LISTED),
    "on the list, and a contact of the family": facts(contact={"kind": ContactKind.SOCIAL}, listed=LISTED),
    "found by staff": facts(found_privileged=True),
    "verified": facts(contact=VERIFIED),
}
"""The ways in which a number is privileged."""


def test_everything_that_there_is_was_looked_at() -> None:
    """Ask of a new line: can it let a privileged call be recorded? If not, `python -m tests.unit.dialplans.looked_at` adds it."""
    assert everything() == FILE.read_text("utf-8").split("\n")[:-1]


def silent(decision: Decision) -> bool:
    return decision.warrant() is None and decision.privacy is Privacy.PRIVILEGED


def changed(table: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The place of each value of a plan, and others that might be there."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from (((key, *place), other) for place, other in changed(value))
        elif isinstance(value, bool):
            yield (key,), not value
        elif isinstance(value, int):
            yield from (((key,), other) for other in (0, 1, 7, 10_000))
        elif isinstance(value, str):
            yield from (((key,), other) for other in ("nobody", "person", "no limit", "announce-england-wales"))
        elif isinstance(value, list) and value and isinstance(value[0], str):
            yield from (((key,), other) for other in ([], ["announce-england-wales"], ["00:00-24:00"]))


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def test_no_word_of_a_plan_makes_one_recordable() -> None:
    files, tried, whole = shipped_plans(), 0, tomllib.loads(shipped_plans()["estate.toml"])
    words = copy.deepcopy(whole)
    del words["template"], words["title"], words["country"], words["zone"]
    for place, other in changed(words):
        key = f"{'.'.join(place)} = {toml(other)}\n"
        if place[0] == "emergency":
            continue  # it is said by the header
        found = load_plan({**files, "site.toml": key + HEADER}, "site")
        if isinstance(found, Plan):
            tried += 1
            for name, known in PRIVILEGED.items():
                assert silent(ask(known, by=found)), (key, name)
            assert silent(ask(number=SAMARITANS, by=found)), key
    assert tried > 60, f"only {tried} of the changed plans could be read: the test does not ask what it says"


def test_nor_does_a_helpline_that_the_plan_lets_be_recorded() -> None:
    line = Helpline(CAREERS, "Careers line", False, "", PLAN.emergency.source)
    plan = replace(PLAN, helplines={**PLAN.helplines, CAREERS: line})
    assert ask(number=str(CAREERS), by=plan).warrant() is not None, "else nothing is shown"
    for known in (facts(listed=LISTED), facts(found_privileged=True)):
        assert silent(ask(known, number=str(CAREERS), by=plan))


@pytest.mark.parametrize("known", PRIVILEGED.values(), ids=PRIVILEGED)
def test_no_order_permit_or_list_makes_one_recordable(known: Any) -> None:
    assert silent(ask(known))
    for kind in PermitKind:
        for once in (True, False):
            assert silent(ask(replace(known, permits=(permit(kind=kind, once=once),)))), kind
    for reach in Reach:
        for too in (True, False):
            assert ask(replace(known, orders=(OrderFacts(reach, "why", too),))).warrant() is None, reach
    for entry in ListKind:
        for level in ListLevel:
            assert ask(replace(known, lists=(ListFacts("l1", entry, level, "why"),))).warrant() is None, (entry, level)


def test_the_same_call_to_a_family_is_recorded() -> None:
    """Or all of this would show nothing."""
    assert ask(replace(FACTS, listed=NOT_LISTED)).warrant() is not None


def test_the_rules_know_no_settings() -> None:
    """What decides is given a plan and facts: there is no way from a setting into it."""
    for file in Path(dialplans.__file__).parent.rglob("*.py"):
        assert "switch.settings" not in file.read_text("utf-8"), file
