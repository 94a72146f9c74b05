"""Who is in the example site: an invented prison, its telephones, people and the numbers that they may or may not ring.

Numbers lie in Ofcom's ranges for drama, names are invented. Each person has one part to play; the shipped plan `example` gives
some of them a rule of their own, by prison number or wing, and `tests/unit/settings/test_example.py` holds the two together.
"""
from dataclasses import dataclass

from switch.core.facts import ContactKind, ContactState

ESTABLISHMENT = "wick-hill"
ESTABLISHMENT_NAME = "HMP Wick Hill"
ZONE = "Europe/London"
REALM = "wick-hill.example"
CLI = "+441632960100"
MD5_NETWORK, SHA256_NETWORK = "cells-md5", "cells-sha256"

UNAPPROVED = "+447700900999"
"""On nobody's list."""
BARRED = "+441632960666"
"""Barred by the plan: a victim asked for it."""
CANARY = "+441632960199"
"""Nobody's: the machine answers it itself, and it is on the signed list."""
HELPLINES = ("116123", "0800555111")
"""Samaritans and Crimestoppers, as the plan has them."""


@dataclass(frozen=True, slots=True)
class Telephone:
    user: str
    cell: str
    wing: str
    digest: str = "MD5"
    pin_required: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    number: str
    name: str
    phone: str
    part: str
    """What this person is here to show."""
    credit_pence: int = 500


@dataclass(frozen=True, slots=True)
class Contact:
    person: str
    number: str
    name: str
    kind: ContactKind = ContactKind.SOCIAL
    state: ContactState = ContactState.APPROVED
    organisation: bool = False
    relay: bool = False


PHONES = (
    Telephone("101", "A1-01", "A"),
    Telephone("102", "A1-02", "A", digest="SHA-256"),
    Telephone("103", "A1-03", "A", pin_required=False),
    Telephone("104", "A1-04", "A"),
    Telephone("105", "A1-05", "A"),
    Telephone("106", "N1-01", "night"),
    Telephone("107", "A1-07", "A"),
    Telephone("108", "A1-08", "A"),
)
PEOPLE = (
    Person("A1001AA", "Daniel Marsh", "101", "every kind of contact, one cell to himself, a PIN"),
    Person("A1006AF", "Owen Pryce", "102", "the network that asks for SHA-256"),
    Person("A1007AG", "Callum Reeve", "103", "no PIN asked; whoever he rings is offered to stop calls"),
    Person("A1003AC", "Aaron Lisle", "104", "shares a cell, so number and PIN are asked"),
    Person("A1004AD", "Ben Foxley", "104", "shares that cell, and knows a number that A1007AG knows too"),
    Person("A1005AE", "Marcus Hale", "105", "calls of 8 seconds, warned at 5 and 2"),
    Person("A1008AH", "Stephen Orr", "106", "a wing where it is always out of hours"),
    Person("A1009AJ", "Lee Winter", "107", "a penny of credit, spent in about 8 seconds to a mobile", credit_pence=1),
    Person("A1002AB", "Joseph Ames", "108", "the full announcement, with the offer to stop calls"),
)
MOTHER, LANDLINE, SOLICITOR, ADVICE = "+447700900101", "+441632960111", "+442079460130", "+441632960150"
PENDING, REFUSED, SHARED = "+447700900198", "+447700900197", "+447700900177"
CONTACTS = (
    Contact("A1001AA", MOTHER, "Margaret Marsh"),
    Contact("A1001AA", LANDLINE, "Ruth Marsh", relay=True),
    Contact("A1001AA", SOLICITOR, "Hartnell and Quill, solicitors", ContactKind.PRIVILEGED),
    Contact("A1001AA", ADVICE, "Wick Hill Advice Centre", ContactKind.OFFICIAL, organisation=True),
    Contact("A1001AA", PENDING, "Gary Marsh", state=ContactState.PENDING),
    Contact("A1001AA", REFUSED, "Tom Bexley", state=ContactState.REFUSED),
    Contact("A1006AF", "+447700900102", "Sian Pryce"),
    Contact("A1006AF", SOLICITOR, "Hartnell and Quill, solicitors", ContactKind.PRIVILEGED),
    Contact("A1007AG", "+447700900103", "Fiona Reeve"),
    Contact("A1007AG", SHARED, "Karen Dale"),
    Contact("A1003AC", "+447700900104", "Joy Lisle"),
    Contact("A1004AD", "+447700900114", "Peter Foxley"),
    Contact("A1004AD", SHARED, "Karen Dale"),
    Contact("A1005AE", "+447700900105", "Anna Hale"),
    Contact("A1008AH", "+447700900106", "Moira Orr"),
    Contact("A1009AJ", "+447700900107", "Jean Winter"),
    Contact("A1002AB", "+447700900108", "Esther Ames"),
)


@dataclass(frozen=True, slots=True)
class User:
    """A member of staff who enters the console, by the role that they hold."""

    id: str
    name: str
    role: str
    everywhere: bool = False


USERS = (
    User("governor", "Helen Marlow", "governor"),
    User("listener", "Tariq Osei", "listener"),
    User("officer", "Dawn Prior", "officer"),
    User("hub", "Colin Webb", "business-hub"),
    User("protection", "Nia Bowen", "public-protection"),
    User("auditor", "Ruth Cole", "auditor", everywhere=True),
    User("administrator", "Sam Ives", "administrator", everywhere=True),
)
