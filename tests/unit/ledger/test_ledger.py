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
from switch.ledger.charge import Due, affordable, call_due, call_transaction, charge
from switch.ledger.checks import duplicated, problems, unbalanced
from switch.ledger.postings import Account, Posting, Reference, SiteAccount, Transaction, Unbalanced, move, person_account
from switch.ledger.told import told

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
    cost = call_due(decided(rate, seconds), seconds + late if seconds else 0.0).cost
    assert 0 <= cost <= credit


@given(RATES, st.floats(0.001, 20_000), st.floats(0, 100))
def test_longer_never_costs_less(rate: Rate, seconds: float, more: float) -> None:
    assert rate.minimum <= charge(rate, seconds) <= charge(rate, seconds + more)


def test_what_ended_uncharged_takes_neither_credit_nor_a_bundle() -> None:
    paid = replace(decided(Rate("any", Millipence(6000)), 600.0), bundle="b1", bundle_seconds=30)
    assert call_due(paid, 90.0) == Due(Millipence(6000), 30)
    assert call_due(paid, 90.0, uncharged=True) == Due()


def test_nothing_to_pay_books_nothing() -> None:
    assert call_due(None, 60) == Due()
    assert call_due(decided(None, None), 60) == Due()
    assert call_due(decided(Rate("any", Millipence(6000), Millipence(100)), None), 0.0) == Due()
    assert call_transaction(CallId("c"), PersonId("A1234BC"), Millipence(0)) is None
    assert call_transaction(CallId("c"), None, Millipence(5)) is None
    booked = call_transaction(CallId("c"), PersonId("A1234BC"), Millipence(5))
    assert booked is not None
    assert books.balance(SiteAccount.INCOME_CALLS, booked.postings) == 5  # type: ignore[arg-type]  # a site account is one by name


USUAL = "answering machine (a beep), charged as usual"
MACHINE_HEARD = "answering machine (a beep of 1000 Hz, 7.2 s after the answer), not charged"


@pytest.mark.parametrize(("by", "why", "note", "talked", "charged", "bundle", "metered", "words"), [
    ("person", "hung-up", MACHINE_HEARD, 12.0, 0, 0, True, "answering machine, not charged"),
    ("person", "abandoned", MACHINE_HEARD, 0.0, 0, 0, True, "answering machine, not charged"),
    ("person", "hung-up", USUAL, 40.0, 4000, 0, True, "answering machine, charged as usual"),
    ("person", "hung-up", USUAL, 40.0, 0, 40, True, "answering machine, charged as usual"),
    ("person", "hung-up", "", 60.0, 6000, 0, True, ""),
    ("person", "hung-up", "", 60.0, 0, 60, True, "paid by a bundle"),
    ("person", "hung-up", "", 90.0, 3000, 60, True, "partly paid by a bundle"),
    ("person", "hung-up", "", 60.0, 0, 0, False, "free"),
    ("person", "hung-up", "", 60.0, 0, 0, True, "not charged"),
    ("carrier", "busy", "", 0.0, 0, 0, True, "busy, not charged"),
    ("carrier", "no-answer", "", 0.0, 0, 0, True, "no answer, not charged"),
    ("called", "declined-announcement", "", 0.0, 0, 0, True, "they hung up during the announcement, not charged"),
    ("called", "hung-up", "", 0.0, 0, 0, True, "they hung up during the announcement, not charged"),
    ("person", "hung-up", "", 0.0, 0, 0, True, "hung up before it was through, not charged"),
    ("person", "abandoned", "", 0.0, 0, 0, True, "hung up before it was through, not charged"),
    ("called", "stopped-by-called", "", 0.0, 0, 0, True, "they asked for calls to stop, not charged"),
    ("called", "wrong-number", "", 0.0, 0, 0, True, "wrong number, not charged"),
    ("staff", "staff", "", 0.0, 0, 0, True, "ended by staff, not charged"),
    ("switch", "crashed", "its journal was lost", 0.0, 0, 0, True, "it did not get through, not charged"),
    ("carrier", "network-failure", "", 0.0, 0, 0, True, "it did not get through, not charged"),
])  # fmt: skip
def test_a_line_of_a_statement_says_what_became_of_the_call(
    by: str, why: str, note: str, talked: float, charged: int, bundle: int, metered: bool, words: str,
) -> None:
    assert told(by, why, note, talked, Millipence(charged), bundle, metered) == words


def test_charges_are_checked_only_where_there_are_records() -> None:
    booked = call_transaction(CallId("c"), PersonId("A1234BC"), Millipence(5))
    assert booked is not None
    paid = move("cash:1", SiteAccount.CASH, person_account(PersonId("A1234BC")), Millipence(5))
    lines = [*paid.postings, *booked.postings]
    assert problems(lines) == []
    assert problems(lines, charges={CallId("c"): Millipence(5)}) == []
    assert len(problems(lines, charges={CallId("c"): Millipence(4)})) == 1
