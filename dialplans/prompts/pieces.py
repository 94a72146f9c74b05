"""What every language shares when it puts a value together from recorded pieces: how sums and lengths are parted."""

Said = tuple[str, ...]
"""Ids of prompts, in the order in which they are played."""
PENNY = 1000
"""Thousandths of a penny."""


def pounds_and_pence(amount: int) -> tuple[int, int]:
    """A sum in thousandths of a penny, to the whole penny below; less than nothing is nothing."""
    pounds, pence = divmod(max(0, amount) // PENNY, 100)
    return pounds, pence


def parts_of(seconds: float) -> list[tuple[int, str]]:
    """Hours, minutes and seconds of a length that are not nought; from an hour on, to the minute."""
    hours, rest = divmod(max(0, int(seconds)), 3600)
    minutes, left = divmod(rest, 60)
    return [part for part in ((hours, "hour"), (minutes, "minute"), (0 if hours else left, "second")) if part[0]]
