"""Words that are nearly alike: one slip of the hand apart, as names are typed."""


def pieces(word: str) -> tuple[str, ...]:
    """Three parts of a word. A slip touches at most two of them that are neighbours, so that whatever is nearly this word holds
    one of these. Of fewer than four letters there are none: too much is like them."""
    if len(word) < 4:
        return ()
    third, more = divmod(len(word), 3)
    first, second = third + (more > 0), 2 * third + (more > 0) + (more > 1)
    return word[:first], word[first:second], word[second:]


def nearly(one: str, other: str) -> bool:
    """Whether one slip makes one of the other: a letter too many, one too few, another one, or two neighbours changed over
    (Damerau). Two words that are the same are nearly so."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1]
    return one[at + 1 :] == other[at + 1 :] or (swapped and one[at + 2 :] == other[at + 2 :])


def all_nearly(words: list[str], name: list[str]) -> bool:
    """Whether each word is nearly some word of a name."""
    return all(any(nearly(word, part) for part in name) for word in words)
