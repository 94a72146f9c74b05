"""What becomes of the first letter of a Welsh word: the soft, nasal and aspirate mutations, and h before vowels."""

_MUTATIONS = {
    "p": ("b", "mh", "ph"), "t": ("d", "nh", "th"), "c": ("g", "ngh", "ch"),
    "b": ("f", "m"), "d": ("dd", "n"), "g": ("", "ng"),
    "m": ("f",), "ll": ("l",), "rh": ("r",),
}
"""Soft first, then nasal, then aspirate, where a letter has them."""
_LETTERS = ("ch", "dd", "ff", "ng", "ll", "ph", "rh", "th")
"""Two signs, one letter: a word that begins with `ch` does not begin with `c`."""
_VOWELS = "aeiouwy"


def mutations(word: str) -> frozenset[str]:
    """The word and every mutation of it; small letters without marks in, the same out."""
    first = word[:2] if word[:2] in _LETTERS else word[:1]
    forms = {word, *(instead + word[len(first):] for instead in _MUTATIONS.get(first, ()))}
    if first and first in _VOWELS:
        forms.add("h" + word)
    return frozenset(form for form in forms if form) or frozenset((word,))
