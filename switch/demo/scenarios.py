"""The round: who rings whom, what both sides do, and what must come of it. Data only; `switch.demo.play` plays it."""
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from switch.demo.expect import Expectation
from switch.settings import cast

PRICE = 0.125
"""Pence a second to a mobile, by the plan of the example site."""
TALK = 3.0
"""Seconds for which a cell talks before it hangs up, where nothing else ends the call."""


class Keys(Enum):
    """What the caller is asked for, and keys."""

    NOTHING = auto()
    PIN = auto()
    WRONG_THEN_RIGHT = auto()
    NUMBER_AND_PIN = auto()


class Manner(Enum):
    """What a phone outside does once it has rung."""

    TALKS = auto()
    HANGS_UP = auto()
    """In the announcement."""
    STOPS = auto()
    """Presses 9 twice in the announcement."""
    IS_BUSY = auto()
    NEVER_ANSWERS = auto()


@dataclass(frozen=True, slots=True)
class Outside:
    """A number outside: `says` is a line of the demo's speech, spoken from the moment of answering."""

    manner: Manner = Manner.TALKS
    says: str = "family"
    rings: float = 1.0
    """Seconds until it is picked up, or says that it is busy."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call. `hangs_up` is seconds into the talk at which the cell does (into the ringing where nobody answers), None never;
    `cut` is seconds into the talk at which staff end it."""

    name: str
    phone: str
    person: str
    dials: str
    keys: Keys
    expects: Expectation
    says: str = "cell-hello"
    outside: Outside = Outside()
    hangs_up: float | None = None
    cut: float | None = None
    after: str = ""
    """The scenario that must be over before."""


def national(number: str) -> str:
    """`+44...` as it is dialled inside the country."""
    return "0" + number.removeprefix("+44") if number.startswith("+44") else number


USUAL = (TALK - 0.5, TALK + 3.0)
AT_8_SECONDS = (7.9, 8.1)
LONG = (3.0, 4.5)
"""Seconds of ringing while the caller is told something first."""
BOTH_HEAR = ("announce-short", "beep")
MARSH, PRYCE, REEVE, LISLE, FOXLEY, HALE, ORR, WINTER, AMES = (
    "A1001AA", "A1006AF", "A1007AG", "A1003AC", "A1004AD", "A1005AE", "A1008AH", "A1009AJ", "A1002AB",
)


def _approved(person: str, to: str, **more: Any) -> Expectation:
    """A call that both talk on, that is announced, recorded and charged for, and that the cell ends; `more` where it differs."""
    usual = Expectation(
        person, to, "connected", "person", "hung-up", outside_hears=BOTH_HEAR, talk=USUAL, price=PRICE, recorded=True
    )
    return replace(usual, **more)


def _refused(person: str, to: str, why: str, rule: str) -> Expectation:
    """A call of which the caller hears why it is not placed, and of which nobody outside hears at all."""
    return Expectation(person, to, "refused", "policy", why, cell_hears=(f"refused-{why}",), rings=False, refused_by=rule)


ROUND = (
    Scenario(
        "approved-to-its-end", "108", AMES, national("+447700900108"), Keys.PIN,
        _approved(AMES, "+447700900108", cell_hears=("will-hear-announcement", "beep"),
                  outside_hears=("announce-england-wales", "announce-stop", "beep")),
        hangs_up=TALK,
    ),
    Scenario("wrong-pin-then-right", "101", MARSH, national(cast.MOTHER), Keys.WRONG_THEN_RIGHT,
             _approved(MARSH, cast.MOTHER), hangs_up=TALK),
    Scenario("unapproved-number", "101", MARSH, national(cast.UNAPPROVED), Keys.PIN,
             _refused(MARSH, cast.UNAPPROVED, "unapproved", "contact-approved")),
    Scenario(
        "family-is-busy", "101", MARSH, national(cast.LANDLINE), Keys.PIN,
        Expectation(MARSH, cast.LANDLINE, "unanswered", "carrier", "busy", cell_hears=("ended-busy",), answered=False),
        outside=Outside(Manner.IS_BUSY),
    ),
    Scenario(
        "emergency-999", "101", MARSH, "999", Keys.NOTHING,
        Expectation(MARSH, "999", "connected", "person", "hung-up", cell_hears=("emergency-ringing",), ring=LONG, talk=USUAL,
                    recorded=True, alarm="emergency-call"),
        says="cell-emergency", outside=Outside(says="control-room", rings=LONG[0]), hangs_up=TALK,
    ),
    Scenario(
        "solicitor", "102", PRYCE, national(cast.SOLICITOR), Keys.PIN,
        Expectation(PRYCE, cast.SOLICITOR, "connected", "person", "hung-up", privileged=True, talk=USUAL, charged=(0.05, 0.5),
                    cell_hears=("will-hear-privileged", "beep"), outside_hears=("announce-privileged", "beep")),
        says="cell-adviser", outside=Outside(says="solicitor"), hangs_up=TALK,
    ),
    Scenario(
        "cut-by-staff", "102", PRYCE, national("+447700900102"), Keys.PIN,
        _approved(PRYCE, "+447700900102", end_by="staff", end_why="staff"), cut=TALK,
    ),
    Scenario(
        "nobody-answers", "102", PRYCE, national("+447700900102"), Keys.PIN,
        Expectation(PRYCE, "+447700900102", "abandoned", "person", "abandoned", cell_hears=("ringback-uk",), answered=False,
                    ring=(3.4, 6.0)),
        outside=Outside(Manner.NEVER_ANSWERS), hangs_up=3.5,
    ),
    Scenario(
        "family-hangs-up-in-the-announcement", "103", REEVE, national("+447700900103"), Keys.NOTHING,
        Expectation(REEVE, "+447700900103", "declined", "called", "declined-announcement",
                    cell_hears=("ended-declined-announcement",)),
        outside=Outside(Manner.HANGS_UP),
    ),
    Scenario(
        "family-presses-9-twice", "103", REEVE, national(cast.SHARED), Keys.NOTHING,
        Expectation(REEVE, cast.SHARED, "stopped", "called", "stopped-by-called", cell_hears=("ended-stopped-by-called",),
                    outside_hears=("announce-short", "stop-all-done")),
        outside=Outside(Manner.STOPS),
    ),
    Scenario("two-share-a-cell-first", "104", LISLE, national("+447700900104"), Keys.NUMBER_AND_PIN,
             _approved(LISLE, "+447700900104"), hangs_up=TALK),
    Scenario("two-share-a-cell-second", "104", FOXLEY, national("+447700900114"), Keys.NUMBER_AND_PIN,
             _approved(FOXLEY, "+447700900114"), hangs_up=TALK),
    Scenario("another-person-to-the-stopped-number", "104", FOXLEY, national(cast.SHARED), Keys.NUMBER_AND_PIN,
             _refused(FOXLEY, cast.SHARED, "stopped-all", "not-stopped-for-all"), after="family-presses-9-twice"),
    Scenario(
        "short-limit", "105", HALE, national("+447700900105"), Keys.PIN,
        _approved(HALE, "+447700900105", end_by="policy", end_why="time", talk=AT_8_SECONDS, charged=(1.0, 1.0),
                  cell_hears=("beep", "warn-5", "warn-2"), outside_hears=(*BOTH_HEAR, "warn-5", "warn-2")),
    ),
    Scenario("out-of-hours", "106", ORR, national("+447700900106"), Keys.PIN,
             _refused(ORR, "+447700900106", "hours", "within-hours")),
    Scenario(
        "samaritans-out-of-hours-without-a-pin", "106", ORR, cast.HELPLINES[0], Keys.NOTHING,
        Expectation(ORR, cast.HELPLINES[0], "connected", "person", "hung-up", privileged=True, ring=LONG, talk=USUAL,
                    cell_hears=("helpline-free",)),
        says="cell-low", outside=Outside(says="samaritans", rings=LONG[0]), hangs_up=TALK,
    ),
    Scenario(
        "credit-runs-out", "107", WINTER, national("+447700900107"), Keys.PIN,
        _approved(WINTER, "+447700900107", end_by="policy", end_why="credit-used", talk=AT_8_SECONDS, charged=(1.0, 1.0)),
    ),
)
"""In the order of each telephone; telephones play side by side."""
