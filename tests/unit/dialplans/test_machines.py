"""What a plan says about answering machines: whom it is for, and how far the figures may go."""
import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.model import MachineTerms
from switch.core.facts import ContactKind
from tests.unit.dialplans.world import HEADER, ask, facts, plan


def test_the_estate_listens_on_social_and_official_calls() -> None:
    assert ask().machines == MachineTerms(20.0, 30.0)
    assert ask(facts(contact={"kind": ContactKind.OFFICIAL})).machines == MachineTerms(20.0, 30.0)


def test_never_on_a_privileged_call_nor_to_a_helpline_or_an_emergency() -> None:
    assert ask(facts(contact={"kind": ContactKind.PRIVILEGED})).machines is None
    assert ask(number="116123").machines is None
    assert ask(number="999").machines is None


def test_a_group_may_switch_it_off_or_be_stricter() -> None:
    off = plan('[[group]]\nname = "off"\nwings = ["B"]\n[group.call]\nanswering_machines = false\n')
    assert ask(by=off).machines is None
    strict = plan("[call]\nmachine_hang_up_seconds = 5\nmachine_talk_seconds = 15\n")
    assert ask(by=strict).machines == MachineTerms(5.0, 15.0)


@pytest.mark.parametrize("line", [
    "machine_hang_up_seconds = 4", "machine_hang_up_seconds = 21", "machine_talk_seconds = 14", "machine_talk_seconds = 31",
    'answering_machines = "yes"',
])
def test_figures_beyond_their_bounds_are_a_problem(line: str) -> None:
    problems = load_plan({**shipped_plans(), "site.toml": f"{HEADER}[call]\n{line}\n"}, "site")
    assert isinstance(problems, tuple)
    assert [problem.line for problem in problems] == [5]
    assert line.split(" ")[0] in problems[0].text
