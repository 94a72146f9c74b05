"""Money: integers in thousandths of a penny inside, pence at the edge."""
from typing import NewType

Millipence = NewType("Millipence", int)
"""Thousandths of a penny, so that a second at 2.47p a minute is still an integer."""

PENNY = Millipence(1000)


def from_pence(pence: int) -> Millipence:
    """Whole pence as they cross the edge."""
    return Millipence(pence * PENNY)


def whole_pence(amount: Millipence) -> int:
    """Pence for those who know no parts of one: what is left over is not shown, so that nobody is promised it."""
    return amount // PENNY


def pence(amount: Millipence) -> int | float:
    """The amount in pence for people and JSON: an integer where it is whole, else to the thousandth."""
    whole, rest = divmod(amount, PENNY)
    return whole if rest == 0 else amount / PENNY
