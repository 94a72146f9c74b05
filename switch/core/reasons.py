"""Who ended a call and why: the one closed list that statistics group by and that prompts and sentences are written for.

Each `Why` has a spoken prompt (`refused-…` or `ended-…`) and a plain sentence in `dialplans/prompts/en.toml`; a test
fails when one has none.
"""
from dataclasses import dataclass
from enum import StrEnum


class EndedBy(StrEnum):
    PERSON = "person"
    """The person in prison."""
    CALLED = "called"
    """Whoever was called."""
    POLICY = "policy"
    """A rule of the plan: a refusal, or a limit reached."""
    STAFF = "staff"
    CARRIER = "carrier"
    """The network outside did not put the call through."""
    SWITCH = "switch"
    """We did: a fault, a restart."""


class Why(StrEnum):
    """One word for how a call ended."""

    HUNG_UP = "hung-up"
    ABANDONED = "abandoned"
    """The person hung up before the call was through."""
    DECLINED = "declined-announcement"
    """Whoever was called hung up before or during the announcement."""
    STOPPED = "stopped-by-called"
    WRONG_NUMBER = "wrong-number"
    """Whoever answered pressed 7: they are not who was called."""
    # the network outside (RFC 3261 §21, mapped in `from_status`)
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REJECTED = "rejected"
    NOT_IN_SERVICE = "not-in-service"
    UNREACHABLE = "unreachable"
    NETWORK_FAILURE = "network-failure"
    MOVED = "moved"
    EMERGENCY_UNANSWERED = "emergency-unanswered"
    # limits
    LENGTH = "time"
    ALLOWANCE = "allowance-used"
    WEEK = "week-used"
    SPEND = "spend-used"
    CREDIT = "credit-used"
    HOURS = "hours-ended"
    MENU_OVER = "menu-over"
    """Nothing was pressed in the telephone's own menu, or its time was up."""
    # staff and switch
    CUT = "staff"
    RECORDER = "recorder"
    CLOSING = "closing"
    CRASHED = "crashed"
    FAULT = "fault"
    SILENT_TIMEOUT = "media-lost"
    # refusals: one for each rule that may say no
    UNAPPROVED = "unapproved"
    CONTACT_PENDING = "contact-pending"
    CONTACT_REFUSED = "contact-refused"
    PERMIT_OVER = "permit-over"
    NO_CONTACT = "no-contact"
    """An order forbids it. The caller is told no more than that: neither which order, nor whom it protects."""
    NO_CONSENT = "no-consent"
    CHILD_CONTACT = "child-contact"
    BETWEEN_PRISONS = "between-prisons"
    STOPPED_PERSON = "stopped-person"
    STOPPED_ALL = "stopped-all"
    NUMBER_CLASS = "number-class"
    BARRED = "barred"
    UNVERIFIED = "number-to-verify"
    UNREADABLE = "unreadable-number"
    OUT_OF_HOURS = "hours"
    NO_ALLOWANCE = "allowance"
    NO_WEEK = "week-allowance"
    SPENT = "spend-limit"
    TOO_SOON = "too-soon"
    TOO_MANY = "too-many-calls"
    NO_CREDIT = "credit"
    SITE_CLOSED = "site-closed"
    ORDERS = "orders"
    ON_CALL = "already-on-call"
    PIN_LOCKED = "pin-locked"
    PIN_WRONG = "pin-wrong"
    NOT_YOUR_PHONE = "not-your-phone"
    UNKNOWN_PERSON = "unknown-person"
    ACCOUNT_CLOSED = "account-closed"
    UNAVAILABLE = "service-unavailable"
    NO_RECORD = "no-record"
    SPOOL_FULL = "spool-full"
    PLAN_INVALID = "plan-invalid"
    PRIVILEGED_LIST = "privileged-list"
    RELAY = "relay-not-approved"
    LINES_BUSY = "lines-busy"
    DRAINING = "draining"


REFUSALS = frozenset(list(Why)[list(Why).index(Why.UNAPPROVED) :])
"""The reasons for which a call is never dialled."""


MACHINE = "answering machine"
"""How the note of a call's ending begins to tell of one: for its record, and for who reads it."""


@dataclass(frozen=True, slots=True)
class EndReason:
    """Who ended a call, why, and for a person reading the record, in whose words."""

    by: EndedBy
    why: Why
    note: str = ""


def prompt_of(why: Why) -> str:
    """The prompt that tells the caller, by its id in the prompt table."""
    return f"refused-{why}" if why in REFUSALS else f"ended-{why}"


def from_status(status: int) -> Why:
    """The named ending for a final SIP response from the trunk (RFC 3261 §21)."""
    match status:
        case 486 | 600:
            return Why.BUSY
        case 408 | 480 | 487:
            return Why.NO_ANSWER
        case 404 | 410 | 484 | 485 | 604:
            return Why.NOT_IN_SERVICE
        case 603 | 607 | 608 | 403:
            return Why.REJECTED
        case _ if 300 <= status < 400:
            return Why.MOVED
        case 503 | 502 | 504:
            return Why.UNREACHABLE
    return Why.NETWORK_FAILURE
