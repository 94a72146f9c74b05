"""What a closed call costs, as a transaction: per second from the beep, never past the limit that the person was told."""
from dialplans.model import Decision
from dialplans.tariff import affordable, charge, charge_of
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.ledger.postings import SiteAccount, Transaction, call_reference, move, person_account

__all__ = ["affordable", "call_cost", "call_transaction", "charge"]


def call_cost(decision: Decision | None, talked: float) -> Millipence:
    """The charge for `talked` seconds of a call as it was decided, in thousandths of a penny. Nothing decided, nothing to pay."""
    return Millipence(0) if decision is None else charge_of(decision, talked)


def call_transaction(call: CallId, person: PersonId | None, cost: Millipence) -> Transaction | None:
    """The postings of a call's charge; None where there is nothing to pay or nobody to pay it."""
    if cost <= 0 or person is None:
        return None
    return move(call_reference(call), person_account(person), SiteAccount.INCOME_CALLS, cost)
