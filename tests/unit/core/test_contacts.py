"""Several approvals of one number are judged as one, by what is least allowed."""
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.core.contacts import together
from switch.core.facts import Consent, ContactFacts, ContactKind, ContactState

MUM = ContactFacts("Mum", ContactKind.SOCIAL, ContactState.APPROVED, consent=Consent.GIVEN)
LAWYER = ContactFacts("Lawyer", ContactKind.PRIVILEGED, ContactState.APPROVED, organisation=True)
A, P, R, F, W, S = (ContactState.APPROVED, ContactState.PENDING, ContactState.RECEIVED, ContactState.REFUSED,
                    ContactState.WITHDRAWN, ContactState.STOPPED)
ANY = st.builds(
    ContactFacts, st.just("x"), st.sampled_from(ContactKind), st.sampled_from(ContactState), st.booleans(), st.booleans(),
    st.sampled_from(Consent), st.booleans(), st.none() | st.integers(1, 4), st.booleans(), st.booleans(), st.booleans())


def test_none_and_one() -> None:
    assert together([]) is None
    assert together([MUM]) == MUM
    barred = together([replace(MUM, call_allowed=False)])
    assert barred is not None
    assert barred.state is F


@pytest.mark.parametrize(("first", "second", "state"), [
    (A, A, A), (A, P, A), (A, F, A), (A, W, A), (A, S, S), (P, R, P), (R, F, R), (F, W, F), (W, W, W), (W, S, S),
])
def test_the_state_of_two(first: ContactState, second: ContactState, state: ContactState) -> None:
    for rows in ((first, second), (second, first)):
        found = together([replace(MUM, state=one) for one in rows])
        assert found is not None
        assert found.state is state


def test_a_bar_of_one_is_that_of_all_unless_it_was_withdrawn() -> None:
    barred = together([MUM, replace(MUM, call_allowed=False)])
    assert barred is not None
    assert barred.state is F
    gone = together([MUM, replace(MUM, call_allowed=False, state=W)])
    assert gone is not None
    assert gone.state is A


@pytest.mark.parametrize(("rows", "kind"), [
    ((LAWYER, LAWYER), "privileged"), ((LAWYER, MUM), "social"),
    ((LAWYER, replace(LAWYER, kind=ContactKind.OFFICIAL)), "official"),
    ((LAWYER, replace(MUM, state=P)), "privileged"), ((replace(LAWYER, state=P), MUM), "social"),
    ((replace(LAWYER, state=P), replace(MUM, state=P)), "social"),
])
def test_privileged_only_where_every_approved_party_is(rows: tuple[ContactFacts, ...], kind: str) -> None:
    found = together(rows)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(("said", "told"), [
    (("given", "not-asked"), "given"), (("given", "denied"), "denied"), (("not-asked", "denied"), "denied"),
    (("not-asked", "not-asked"), "not-asked"),
])
def test_one_consent_is_enough_and_one_denial(said: tuple[str, ...], told: str) -> None:
    found = together([replace(MUM, consent=Consent(one)) for one in said])
    assert found is not None
    assert found.consent == told


@pytest.mark.parametrize(("days", "told"), [((3,), 3), ((3, 1), 1), ((3, None), None), ((None, None), None)])
def test_who_agreed_there_is_as_old_as_the_oldest_and_all_must_have(days: tuple[int | None, ...], told: int | None) -> None:
    when = {day: None if day is None else datetime(2026, 11, day, tzinfo=UTC) for day in (*days, told)}
    found = together([replace(MUM, consented_at=when[day]) for day in days])
    assert found is not None
    assert found.consented_at == when[told]


@pytest.mark.parametrize(("levels", "told"), [((4, 3), 3), ((4, None), None), ((1, 4), 1)])
def test_of_children_the_lowest_level(levels: tuple[int | None, ...], told: int | None) -> None:
    found = together([MUM, *(replace(MUM, child=True, child_level=level) for level in levels)])
    assert found is not None
    assert (found.child, found.child_level) == (True, told)


def test_in_prison_all_must_agree() -> None:
    inside = replace(MUM, in_prison=True, both_agree=True)
    for rows, agreed in (((MUM, inside), True), ((inside, replace(inside, both_agree=False)), False)):
        found = together(rows)
        assert found is not None
        assert (found.in_prison, found.both_agree) == (True, agreed)


@given(st.lists(ANY, min_size=1, max_size=4))
def test_what_no_row_allows_the_whole_does_not(rows: list[ContactFacts]) -> None:
    found = together(rows)
    assert found is not None
    if found.state is A:
        assert any(one.state is A and one.call_allowed for one in rows)
        assert not any(one.state is S for one in rows)
        if found.kind is ContactKind.PRIVILEGED:
            assert all(one.kind is ContactKind.PRIVILEGED for one in rows if one.state is A)
        if found.consent is Consent.GIVEN:
            assert not any(one.state is A and one.consent is Consent.DENIED for one in rows)
