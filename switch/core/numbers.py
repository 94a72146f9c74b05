"""Telephone numbers: every spelling of one number is one value, and what is not a number is refused at the edge.

`phonenumbers` gives the country and the length only: it calls Ofcom's drama ranges and 116123 invalid, reads
`07700900123,,5` as the plain number and turns letters into digits, so the characters are judged here first
(architecture, rule 8). The class of a number is the plan's table (`dialplans.numbers`), not this module's business.
"""
import re
from dataclasses import dataclass

import phonenumbers


@dataclass(frozen=True, slots=True, order=True)
class E164:
    """A full international number, digits only, without the plus (ITU-T E.164: 7 to 15 digits here)."""

    digits: str

    def __str__(self) -> str:
        return f"+{self.digits}"


@dataclass(frozen=True, slots=True, order=True)
class ShortCode:
    """A number that exists only inside one country: 999, 116123, 18000."""

    country: str
    digits: str

    def __str__(self) -> str:
        return self.digits


Number = E164 | ShortCode


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was dialled is not a number; `why` is a plain English fragment for the log and the finding."""

    text: str
    why: str
    code: bool = False
    """It is a code of the network instead: call return, diversion, withheld numbers. No plan lets anybody dial one."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """What a telephone asked for: a number, and Relay UK's prefix (18001 text, 18002 voice) where one stood before it."""

    number: Number
    relay: str | None = None


RELAY_PREFIXES = ("18001", "18002")
_PLAIN = re.compile(r"\+?[0-9(][0-9 ().\-]*")
_SEPARATORS = str.maketrans("", "", " ().-")
SHORT_CODES = re.compile(r"(?:999|112|101|105|111|119|116\d{3}|1800[0-2]|18000|123|1\d{2}|118\d{3}|147\d|1571)")
"""United Kingdom: Ofcom's National Telephone Numbering Plan, part A (types of special short code)."""
_KEYED = re.compile(r"[*#][0-9*#]*")
"""A code that begins with a key: *#21# asks for a diversion, **21*...# sets one, #31#... shows a number (3GPP TS 22.030)."""
_BEFORE = re.compile(r"(?:141|147\d)(?:0\d{3,18}|118\d{3}|116\d{3})")
"""Codes that stand before a number: 141 withholds ours, 1470 shows it. What follows is a number by its first digits."""
NETWORK_CODE = "a call-return or diversion code of the network, which nobody may dial"


def read_number(text: str, country: str = "GB") -> Number | Unreadable:
    """One number from any spelling: +44…, 0044…, 44…, national, with spaces, dots, hyphens or brackets.

    Letters, `,` `;` `*` `#`, a second plus and extensions are refusals, not noise to drop. A code of the network is told apart.
    """
    if len(text) > 40:
        return Unreadable(text[:40], "longer than any number")
    if _KEYED.fullmatch(text.translate(_SEPARATORS)):
        return Unreadable(text, NETWORK_CODE, code=True)
    if not _PLAIN.fullmatch(text.strip()):
        return Unreadable(text, "only digits, one leading + and visual separators make a number")
    digits = text.translate(_SEPARATORS).strip()
    plus = digits.startswith("+")
    digits = digits.removeprefix("+")
    if country == "GB" and not plus and SHORT_CODES.fullmatch(digits):
        return ShortCode(country, digits)
    if country == "GB" and not plus and _BEFORE.fullmatch(digits):
        return Unreadable(text, NETWORK_CODE, code=True)
    code = str(phonenumbers.country_code_for_region(country))
    if plus:
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    elif digits.startswith("0"):
        international = code + digits[1:]
    elif digits.startswith(code) and len(digits) >= len(code) + 9:
        international = digits
    else:
        return Unreadable(text, "neither a national number, an international one nor a short code")
    if international.startswith(code + "0"):
        international = code + international[len(code) + 1 :]  # +44 (0)1632 960000
    if not 7 <= len(international) <= 15:
        return Unreadable(text, "too short or too long for a number")
    try:
        parsed = phonenumbers.parse("+" + international, None)
    except phonenumbers.NumberParseException:
        return Unreadable(text, "no country has this code")
    if not phonenumbers.is_possible_number(parsed):
        return Unreadable(text, "no number of its country has this length")
    return E164(international)


def read_dialled(text: str, country: str = "GB") -> Dialled | Unreadable:
    """What a telephone dialled, Relay UK's prefix taken off the front of a full number."""
    bare = text.strip().translate(_SEPARATORS)
    for prefix in RELAY_PREFIXES:
        if country == "GB" and bare.startswith(prefix) and len(bare) > len(prefix):
            number = read_number(bare[len(prefix) :], country)
            return number if isinstance(number, Unreadable) else Dialled(number, prefix)
    number = read_number(text, country)
    return number if isinstance(number, Unreadable) else Dialled(number)
