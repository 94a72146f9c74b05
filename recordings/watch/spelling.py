"""Text as tokens that can be compared: small letters, no marks, one spelling for British and American."""
import re
import unicodedata

_TOKEN = re.compile(r"£|\d+\.\d\d(?!\d)|\d+|[^\W\d_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_APOSTROPHES = str.maketrans("", "", "'’‘`")
_ENDINGS = (
    (re.compile(r"(?<=[a-z]{2})our(s|ed|ing|ite|able|ful)?$"), r"or\1"),  # colour, color
    (re.compile(r"(?<=[a-z]{2})i[sz](e|es|ed|er|ers|ing|ation|ations)$"), r"is\1"),  # organise, organize
    (re.compile(r"(?<=[a-z]{2})yze(s|d)?$"), r"yse\1"),  # analyse, analyze
    (re.compile(r"(?<=[a-z])tre(s|d)?$"), r"ter\1"),  # centre, center
    (re.compile(r"(?<=[a-z]{3})ell(ed|ing|er|ers)$"), r"el\1"),  # travelling, traveling
    (re.compile(r"(?<=[a-z]{2})ense(s|d)?$"), r"ence\1"),  # licence, license
    (re.compile(r"(?<=[a-z]{2})ogue(s)?$"), r"og\1"),  # catalogue, catalog
)
_PAIRS = {"gray": "grey", "mom": "mum", "moms": "mums", "program": "programme", "programs": "programmes", "jail": "gaol",
          "jails": "gaols", "aluminum": "aluminium", "mold": "mould", "plow": "plough", "whiskey": "whisky",
          "jewelry": "jewellery", "ok": "okay"}


def tokens(text: str) -> list[str]:
    """The words of a text without case, marks and apostrophes; hyphens and signs part them, and figures part from letters.
    Letters of any script stay, `£` is a token, and so are pounds with their pence ("2.50")."""
    plain = _THOUSANDS.sub("", text.translate(_APOSTROPHES))
    for _ in range(2):  # Unicode 3.13 D146: what is decomposed may have case of its own, as a bold capital has
        plain = unicodedata.normalize("NFKD", plain).casefold()
    return _TOKEN.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def one_spelling(token: str) -> str:
    """What both spellings of a token have in common. It need not be a word: it is only compared."""
    for ending, instead in _ENDINGS:
        token, changed = ending.subn(instead, token)
        if changed:
            break
    return _PAIRS.get(token, token)
