"""What each action in the audit is under section 62 of the Data Protection Act 2018, which asks for a log of the collection,
alteration, consultation, disclosure, combination and erasure of personal data.

An action that the source writes and that has no line here fails a test.
"""
from collections.abc import Mapping
from enum import StrEnum

REFUSED = "-refused"
"""What was tried and might not be: `<action>-refused` is of its action's kind."""


class Processing(StrEnum):
    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    """Somebody looked, or listened."""
    DISCLOSURE = "disclosure"
    """It left the house, or was told to somebody outside; the row has a recipient beside it."""
    COMBINATION = "combination"
    """Data of two sources were put together."""
    ERASURE = "erasure"
    NONE = "none"
    """Nothing was done to data about anybody: places, keys of systems, the site's own machinery."""


_ACTIONS: Mapping[Processing, str] = {
    Processing.COLLECTION: """
        person-received person-added people-loaded contacts-loaded contact-applied contact-added number-supplied
        call-opened call-closed placed-call-requested placed-call-opened placed-call-answered placed-call-closed
        placed-call-refused consent-recorded consent-text-received contact-name-recorded name-spoken numbers-loaded number-listed
        recording-sealed stop-requested stop-placed stop-confirmed stop-request-denied no-contact-placed wrong-number-marked
        family-code-asked family-entered family-left announcement-chosen
        connection-declared monitoring-filed monitoring-noted monitoring-bookmarked monitoring-listened pin-wrong pin-locked
        alarm-raised bundle-sold credit-added privileged-found prison-agreed prison-disagreed watch-word-added
        watch-words-loaded leads-raised incident-opened""",
    Processing.ALTERATION: """
        person-changed person-transferred person-away person-back person-released person-recalled person-died death-undone
        cell-moved cell-feed cells-moved credit-paid-out call-refunded goodwill-given subscription-begun
        subscription-cancelled subscription-lapsed subscription-ended contact-checks-begun contact-check-done contact-approved
        contact-refused contact-withdrawn contact-voice-set child-level-set party-number-changed number-unlisted number-verified
        numbers-due numbers-listed pin-issued pin-unlocked pin-cleared duress-pin-issued duress-pin-withdrawn
        permit-given permit-withdrawn emergency-call-granted order-placed order-lifted call-cut call-cut-ordered stop-undone
        stop-undone-by-staff no-contact-lifted no-contact-left-open no-contact-shut placed-call-cancelled privileged-undone
        family-number-let-ring
        speed-dial-set speed-dial-cleared language-set task-done relief-allowed relief-ended alarm-acknowledged
        authority-applied authority-granted authority-turned-down authority-reviewed authority-cancelled connection-ended
        monitoring-claimed monitoring-released monitoring-closed monitoring-translation watch-word-ended
        monitoring-moved lead-taken lead-given-back lead-decided hold-placed hold-released incident-closed""",
    Processing.CONSULTATION: """
        consulted recording-opened recording-played listening-began listening-went-on listening-ended transcripts-searched
        transcript-read""",
    Processing.DISCLOSURE: """
        people-exported contacts-exported watch-words-exported recording-exported evidence-disclosed evidence-written
        consent-text-written subject-access-given""",
    Processing.COMBINATION: "records-combined",
    Processing.ERASURE: "recording-erased contact-name-deleted name-forgotten words-erased",
    Processing.NONE: """
        establishment-added wing-added cell-added capacity-set site-opened site-closed site-reopened phone-added phone-moved
        phone-password-replaced phones-loaded phones-exported cells-loaded cells-exported bulletin-published bulletin-withdrawn
        key-issued key-revoked api-refused asked-by-key proposed proposal-declined privileged-list-accepted canary-added
        canary-removed canary-begun canary-ended canary-late reconciled transcripts-requeued audit-checkpointed
        monitoring-seed-made master-key-rotating
        master-key-rotated master-key-destroyed watch-list-added watch-list-ended user-added user-reset user-ended
        sessions-ended role-set role-given role-taken signed-in sign-in page-refused signed-out proved-again password-changed
        console-language-set""",
}
KINDS: Mapping[str, Processing] = {action: kind for kind, actions in _ACTIONS.items() for action in actions.split()}


def kind_of(action: str) -> Processing | None:
    """None for an action that no version of ours writes."""
    return KINDS.get(action) or KINDS.get(action.removesuffix(REFUSED))


def actions_of(kind: Processing) -> tuple[str, ...]:
    """Every action of a kind, and each as it is written when it was refused."""
    return tuple(name for action, one in KINDS.items() if one is kind for name in (action, action + REFUSED))


def role_of(actor: str) -> str:
    """In what part somebody did it, from the name under which rows are written: staff, a system by its key, somebody who rings,
    or the site's own machinery."""
    match actor:
        case "switch" | "vault" | "daily" | "worker" | "canary" | "init" | "transcriber":
            return "machine"
        case "api":
            return "unknown"
        case "families":
            return "family"
        case _ if actor.startswith("call:"):
            return "caller"
        case _ if "@" in actor:
            return "system"
    return "staff"
