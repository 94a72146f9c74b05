"""The menu's code: what it is in a plan, what may be wrong with it, and what is decided when it is dialled."""
import pytest

from dialplans.decide import ask_for, decide_without_plan, service_of
from dialplans.explain import explain
from dialplans.load import load_plan, shipped_plans
from dialplans.model import Ask, Recording, Service
from dialplans.plan import Plan
from switch.core.numbers import ShortCode, read_dialled
from switch.core.reasons import Why
from tests.unit.dialplans.world import CALL, FACTS, HEADER, PHONE, PLAN, ask, plan


def test_the_estate_has_it() -> None:
    assert PLAN.menu == ShortCode("GB", "100")


def test_the_menu_is_let_through_and_nothing_of_it_is_recorded_or_charged() -> None:
    decision = ask(number="100")
    assert (decision.service, decision.refusal, decision.recording, decision.rate) == (Service.MENU, None, Recording.NEVER, None)
    assert (decision.warrant(), decision.dial) == (None, "")
    assert any("own menu" in line for line in explain(decision, PLAN))


def test_the_menu_asks_who_calls_as_a_call_does() -> None:
    assert service_of(PLAN, read_dialled("100")) is Service.MENU
    assert ask_for(PLAN, PHONE, Service.MENU) is Ask.PIN


def test_through_relay_or_without_a_plan_it_is_no_menu() -> None:
    assert service_of(PLAN, read_dialled("18001100")) is Service.CONTACT
    refusal = decide_without_plan(FACTS, CALL, read_dialled("100")).refusal
    assert refusal is not None
    assert refusal.why is Why.PLAN_INVALID


def test_another_code() -> None:
    other = plan('[menu]\ncode = "123"\n')
    assert service_of(other, read_dialled("123")) is Service.MENU
    assert service_of(other, read_dialled("100")) is Service.CONTACT


@pytest.mark.parametrize(("code", "says"), [
    ("1", "`menu.code` must be a short code"), ("07700900123", "`menu.code` must be a short code"),
    ("*1", "`menu.code` must be a short code"), ("999", "cannot be the menu"), ("116123", "cannot be the menu"),
])
def test_a_code_that_cannot_be_the_menu(code: str, says: str) -> None:
    found = load_plan({**shipped_plans(), "site.toml": f'{HEADER}[menu]\ncode = "{code}"\n'}, "site")
    assert not isinstance(found, Plan)
    (problem,) = found
    assert (problem.file, problem.line) == ("site.toml", HEADER.count("\n") + 2)
    assert says in problem.text


def test_a_plan_may_have_none() -> None:
    estate = shipped_plans()["estate.toml"].replace('[menu]\ncode = "100"', "")
    found = load_plan({"estate.toml": estate, "site.toml": HEADER}, "site")
    assert isinstance(found, Plan)
    assert found.menu is None
    assert service_of(found, read_dialled("100")) is Service.CONTACT
