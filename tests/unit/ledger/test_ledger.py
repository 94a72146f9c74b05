"""Money only moves: whatever is booked, the sum of all accounts is zero, and the checks see every way of being wrong."""
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.model import Announcement, Decision, Limit, Rate, Recording, Service
from switch.core.grants import Privacy
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.core.reasons import Why
from switch.ledger import postings as books
from switch.ledger.charge import affordable, call_cost, call_transaction, charge
from switch.ledger.checks import duplicated, unbalanced
from switch.ledger.postings import Account, Posting, Reference, SiteAccount, Transaction, Unbalanced, move, person_account

ACCOUNTS = [*SiteAccount, *(person_account(PersonId(f"A{n}000AA")) for n in range(3))]
SUMS = st.integers(1, 10**9).map(Millipence)
RATES = st.builds(Rate, st.just("any"), st.integers(1, 60_000).map(Millipence), st.integers(0, 20_000).map(Millipence))


@st.composite
def moves(draw: st.DrawFn) -> list[Transaction]:
    booked = []
    for number in range(draw(st.integers(1, 12))):
        source, target = draw(st.permutations(ACCOUNTS))[:2]
        booked.append(move(f"r{number}", source, target, draw(SUMS)))
    return booked


@given(moves())
def test_all_accounts_together_hold_nothing(booked: list[Transaction]) -> None:
    postings = [posting for transaction in booked for posting in transaction.postings]
    assert sum(books.balance(Account(account), postings) for account in ACCOUNTS) == 0
    assert unbalanced(postings) + duplicated(postings) == []


@given(moves(), st.data())
def test_a_changed_posting_is_found(booked: list[Transaction], data: st.DataObject) -> None:
    postings = [posting for transaction in booked for posting in transaction.postings]
    spot = data.draw(st.integers(0, len(postings) - 1))
    postings[spot] = replace(postings[spot], amount=Millipence(postings[spot].amount + data.draw(SUMS)))
    assert [problem.reference for problem in unbalanced(postings)] == [postings[spot].reference]


@given(moves(), st.data())
def test_a_transaction_booked_twice_is_found(booked: list[Transaction], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(booked))
    postings = [posting for transaction in [*booked, again] for posting in transaction.postings]
    assert {problem.reference for problem in duplicated(postings)} == {again.reference}
    assert unbalanced(postings) == []  # doubled, it still sums to zero: only its reference tells


@pytest.mark.parametrize("postings", [
    (), (Posting(Account("a"), Millipence(1), Reference("r")),),
    (Posting(Account("a"), Millipence(1), Reference("r")), Posting(Account("b"), Millipence(-1), Reference("other"))),
    (Posting(Account("a"), Millipence(1), Reference("r")), Posting(Account("a"), Millipence(-1), Reference("r"))),
])
def test_no_transaction_that_does_not_balance(postings: tuple[Posting, ...]) -> None:
    with pytest.raises(Unbalanced):
        Transaction(Reference("r"), postings)


@pytest.mark.parametrize("amount", [0, -5])
def test_a_move_goes_one_way(amount: int) -> None:
    with pytest.raises(ValueError, match="no sum"):
        move("r", SiteAccount.CASH, SiteAccount.INCOME_CALLS, Millipence(amount))


def decided(rate: Rate | None, limit: float | None) -> Decision:
    return Decision(CallId("c"), Service.CONTACT, None, "", (), Privacy.MONITORED, Recording.REQUIRED, Announcement(),
                    Limit(limit, Why.CREDIT) if limit is not None else None, rate)


@given(RATES, st.integers(0, 10**7).map(Millipence), st.floats(0, 10))
def test_whatever_credit_bought_it_also_pays_however_late_the_cut(rate: Rate, credit: Millipence, late: float) -> None:
    seconds = affordable(rate, credit)
    cost = call_cost(decided(rate, seconds), seconds + late if seconds else 0.0)
    assert 0 <= cost <= credit


@given(RATES, st.floats(0.001, 20_000), st.floats(0, 100))
def test_longer_never_costs_less(rate: Rate, seconds: float, more: float) -> None:
    assert rate.minimum <= charge(rate, seconds) <= charge(rate, seconds + more)


def test_nothing_to_pay_books_nothing() -> None:
    assert call_cost(None, 60) == 0
    assert call_cost(decided(None, None), 60) == 0
    assert call_cost(decided(Rate("any", Millipence(6000), Millipence(100)), None), 0.0) == 0
    assert call_transaction(CallId("c"), PersonId("A1234BC"), Millipence(0)) is None
    assert call_transaction(CallId("c"), None, Millipence(5)) is None
    booked = call_transaction(CallId("c"), PersonId("A1234BC"), Millipence(5))
    assert booked is not None
    assert books.balance(SiteAccount.INCOME_CALLS, booked.postings) == 5  # type: ignore[arg-type]  # a site account is one by name
