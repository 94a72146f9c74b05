"""The forms that an English word takes, by rule, and those of the irregular words that matter here."""

_IRREGULAR = (
    ("bring", "brought"), ("buy", "bought"), ("catch", "caught"), ("come", "came"), ("cut", "cutting"), ("deal", "dealt"),
    ("dig", "dug", "digging"), ("drive", "drove", "driven"), ("fight", "fought"), ("fly", "flew", "flown"), ("get", "got",
    "gotten"), ("give", "gave", "given"), ("go", "went", "gone"), ("hide", "hid", "hidden"), ("hit", "hitting"), ("hold",
    "held"), ("keep", "kept"), ("leave", "left"), ("lend", "lent"), ("lose", "lost"), ("make", "made"), ("meet", "met"),
    ("owe", "owing"), ("pay", "paid"), ("put", "putting"), ("run", "ran", "running"), ("say", "said"), ("sell", "sold"),
    ("send", "sent"), ("shoot", "shot"), ("sneak", "snuck"), ("spend", "spent"), ("stab", "stabbed", "stabbing"), ("steal",
    "stole", "stolen"), ("swallow", "swallowed"), ("take", "took", "taken"), ("tell", "told"), ("throw", "threw", "thrown"),
    ("write", "wrote", "written"), ("knife", "knives"), ("leaf", "leaves"), ("man", "men"), ("woman", "women"), ("child",
    "children"), ("wife", "wives"), ("mouse", "mice"), ("foot", "feet"), ("person", "people"),
)
_OF = {words[0]: words[1:] for words in _IRREGULAR}
_VOWELS = "aeiou"


def inflections(word: str) -> frozenset[str]:
    """The word itself, its plural or third person, its past and its -ing; small letters without marks in, the same out.

    Rules make forms that no dictionary has, too: what is never said is never found. Of words under three letters, and of what is
    no run of Latin letters, the only form is the word.
    """
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return frozenset((word,))
    forms = {word, *_OF.get(word, ())}
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        forms |= {word + "es", word + "s"}
    elif word.endswith("y") and word[-2] not in _VOWELS:
        forms.add(word[:-1] + "ies")
    else:
        forms.add(word + "s")
    if word.endswith("e"):
        forms |= {word + "d", word[:-1] + "ing"}
    elif word.endswith("y") and word[-2] not in _VOWELS:
        forms |= {word[:-1] + "ied", word + "ing"}
    else:
        forms |= {word + "ed", word + "ing"}
    if _doubles(word):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return frozenset(forms)


def _doubles(word: str) -> bool:
    """Whether the last letter may double: one consonant after one vowel (rob, robbed)."""
    last, vowel, before = word[-1], word[-2], word[-3]
    return last not in _VOWELS + "wxy" and vowel in _VOWELS and (before not in _VOWELS or word[-3:-1] == "ui")
