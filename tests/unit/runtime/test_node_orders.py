"""Orders on the control socket: what is refused before anything is done, and whom an order reaches; both sides of each edge."""
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from switch.core.facts import PhoneFacts
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.node_orders import NodeOrder, NodeReach, ends, reaches
from switch.runtime.control import ControlRefused
from switch.runtime.node_orders import read_cut, read_kill

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
ANN, BEN = PersonId("A1234BC"), PersonId("A5678DE")
HERE = PhoneFacts(PhoneId("101"), "A1-01", "A", "HMP", (ANN,))
THERE = PhoneFacts(PhoneId("201"), "A1-01", "A", "FEN", (BEN,))
KILL: dict[str, Any] = {"reach": "cell", "target": "A1-01", "establishment": "HMP", "cut": True, "staff": "officer",
                        "reason": "a fight"}


def kill(**changes: Any) -> NodeOrder:
    return read_kill(KILL | changes, AT, "o1", (HERE, THERE))


@pytest.mark.parametrize(("order", "here", "there"), [
    (kill(), True, False),
    (kill(reach="site", target="HMP", establishment=None), True, False),
    (kill(reach="site", target="FEN", establishment=None), False, True),
    (kill(reach="wing", target="A"), True, False),
    (kill(reach="wing", target="A", establishment="FEN"), False, True),
    (kill(reach="person", target="A1234BC", establishment=None), True, False),
    (kill(reach="person", target="A5678DE", establishment=None), False, True),
    (NodeOrder("c", NodeReach.CALL, "c1", StaffId("x"), "y", AT), False, False),
])
def test_whom_an_order_reaches(order: NodeOrder, here: bool, there: bool) -> None:
    assert (reaches(order, HERE, ANN), reaches(order, THERE, BEN)) == (here, there)


def test_what_an_order_ends() -> None:
    c1, c2 = CallId("c1"), CallId("c2")
    cut = read_cut({"call": "c1", "staff": "officer", "reason": "threats"}, AT, "o1")
    for contact in (True, False):
        assert (ends(cut, c1, contact, HERE, ANN, AT), ends(cut, c2, contact, HERE, ANN, AT)) == (True, False)
    assert ends(kill(), c1, True, HERE, ANN, AT)
    assert not ends(kill(), c1, False, HERE, ANN, AT), "a helpline stays on"
    assert not ends(kill(cut=False), c1, True, HERE, ANN, AT), "no new calls lets those that run be"
    assert not ends(kill(), c1, True, THERE, BEN, AT)


def test_when_an_order_is_in_force() -> None:
    order = kill(start=(AT + HOUR).isoformat(), until=(AT + 2 * HOUR).isoformat())
    moments = (AT, AT + HOUR - TICK, AT + HOUR, AT + 2 * HOUR - TICK, AT + 2 * HOUR)
    assert [order.in_force(at) for at in moments] == [False, False, True, True, False]
    assert [ends(order, CallId("c"), True, HERE, ANN, at) for at in moments] == [False, False, True, True, False]
    assert kill().in_force(AT)


@pytest.mark.parametrize(("changes", "said"), [
    ({"staff": " "}, "say who you are"), ({"staff": None}, "say who you are"), ({"reason": ""}, "say why"),
    ({"reach": "call"}, "say what is stopped"), ({"reach": "estate"}, "say what is stopped"),
    ({"target": " "}, "say what is stopped"),
    ({"target": "Z9-99"}, "no telephone that this node knows is that of cell Z9-99"),
    ({"establishment": "NOWHERE"}, "no telephone that this node knows"),
    ({"establishment": None}, "cell A1-01 is at FEN, HMP: say which"),
    ({"reach": "person", "target": "A9012FG"}, "no telephone that this node knows"),
    ({"start": "soon"}, "start is no moment"), ({"until": "2026-11-23T13:00:00"}, "until is no moment"),
    ({"until": AT.isoformat()}, "end before it begins"),
])
def test_a_kill_that_is_none(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ControlRefused, match=said):
        kill(**changes)


def test_a_node_that_knows_no_telephone_believes_who_orders() -> None:
    assert read_kill(KILL, AT, "o1", ()).target == "A1-01"


@pytest.mark.parametrize("left_out", ["staff", "reason"])
def test_a_cut_needs_a_name_and_a_reason(left_out: str) -> None:
    with pytest.raises(ControlRefused):
        read_cut({"call": "c1", "staff": "officer", "reason": "threats"} | {left_out: ""}, AT, "o1")
