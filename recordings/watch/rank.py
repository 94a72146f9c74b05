"""What staff's decisions make of a word: one whose leads are mostly false counts for less, and never for nothing."""

PATIENCE = 5
"""So many decisions each way are taken as given beforehand, so that the first ones prove little."""


def usefulness(useful: int, false: int) -> float:
    """1 while at least as many leads were useful as were false; below that falling towards 0 with what is mostly false."""
    return min(1.0, 2 * (useful + PATIENCE) / (useful + false + 2 * PATIENCE))


def score(weight: int, confidence: float, useful: int = 0, false: int = 0) -> float:
    """From 0 to 1: how much a hit matters (its word's weight, 1 to 100), how surely it was heard, how often it helped."""
    return weight / 100 * confidence * usefulness(useful, false)
