"""What the journal writes is what it reads."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.model import Finding, Source
from switch.core.facts import NoContactFacts
from switch.core.ids import Leg
from switch.core.numbers import Unreadable
from switch.core.openings import LocalHours, Opening
from switch.core.reasons import EndedBy, EndReason, Why
from switch.ports.media import LegReport, MediaReport
from switch.ports.records import CallRequest, ClosedCall
from switch.store import codec
from tests.unit.store.site import AT, CELL_1, SAMARITANS, decision, ended, request


@given(st.text(max_size=20), st.floats(0, 1e6), st.sampled_from(Why), st.sampled_from(EndedBy), st.booleans())
def test_a_closed_call_comes_back_whole(text: str, talked: float, why: Why, by: EndedBy, refused: bool) -> None:
    asked = request("c1", SAMARITANS if refused else request("x").dialled.number)  # type: ignore[union-attr]  # it is readable
    closed = ended(asked, None if refused else decision("c1"), talked=talked, reason=EndReason(by, why, text), recording="r1")
    closed = ClosedCall(closed.request, closed.ending, closed.closed_at + timedelta(microseconds=7),
                        MediaReport({Leg.CELL: LegReport("192.0.2.1:4000", lost=3, jitter_ms=1.5)}, closed.media.recording))
    assert codec.loads(ClosedCall, codec.dumps(closed)) == closed
    assert codec.restore(ClosedCall, codec.plain(closed)) == closed


def test_members_of_a_union_stay_apart() -> None:
    unread = CallRequest(request("c1").call, CELL_1, Unreadable("abc", "letters"), AT)
    assert codec.loads(CallRequest, codec.dumps(unread)) == unread
    assert codec.loads(CallRequest, codec.dumps(request("c1"))) == request("c1")


def test_what_an_order_leaves_open_comes_back_with_the_facts_of_a_call() -> None:
    left = Opening("left", AT, None, (LocalHours(6, 840, 900),), "Europe/London", SAMARITANS)
    order = NoContactFacts("o1", "no-contact", (SAMARITANS,), (left,))
    assert codec.loads(NoContactFacts, codec.dumps(order)) == order


def test_a_line_of_an_older_version_takes_the_defaults() -> None:
    assert codec.loads(Finding, '{"rule":"hours","allowed":true,"text":"x","source":{"file":"a.toml","line":3}}') == Finding(
        "hours", True, "x", None, Source("a.toml", 3))


@dataclass(frozen=True)
class Odd:
    what: set[str] | None
    pair: tuple[int, str] = (1, "a")


def test_what_would_not_come_back_does_not_go_in() -> None:
    with pytest.raises(TypeError):
        codec.dumps(Odd({"a"}))


@dataclass(frozen=True)
class Evidence:
    counted: Mapping[str, str | int | bool] | None = None


def test_scalars_of_several_kinds_are_told_apart_by_json_itself() -> None:
    for evidence in (Evidence(), Evidence({"about": "7", "times": 7, "live": True})):
        assert codec.loads(Evidence, codec.dumps(evidence)) == evidence
