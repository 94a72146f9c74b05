"""What is known of those whom a person may ring: consent, levels of contact with a child, orders against contact."""
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from switch.core.facts import Consent, ContactFacts, ContactKind, ContactState


class Check(StrEnum):
    """What a plan may ask for before a contact is approved."""

    NUMBER = "number"
    """The number is that of the contact."""
    CONSENT = "consent"
    """The contact agrees to be rung; asked for at each call too."""
    PUBLIC_PROTECTION = "public-protection"
    CHILD_LEVEL = "child-level"
    """Where the contact is a child: a level of contact, by two members of staff; asked for at each call too."""
    GENUINE = "genuine"
    """The contact is the lawyer or office that it claims to be."""


class RefusalReason(StrEnum):
    """Why staff refused a contact, as the person may be told."""

    PUBLIC_PROTECTION = "public-protection"
    NO_CONSENT = "no-consent"
    NUMBER = "number-not-verified"
    CHILD = "child-contact"
    ORDER = "court-order"
    NOT_GENUINE = "not-genuine"
    OTHER = "other"


TELEPHONE_FROM = 3
"""Child contact levels (HMPPS Public Protection Manual): 1 none, 2 writing, 3 writing and telephone, 4 no restriction."""
CHILD_LEVELS = (1, 2, 3, 4)


def together(approvals: Sequence[ContactFacts]) -> ContactFacts | None:
    """Several approvals of one number by one person as one: whoever answers, what is least allowed holds.

    A stop, or a bar of one of them, is that of all. One approved party is enough to be rung, with nobody's consent denied; the
    call is privileged only where every approved party is (where none is approved, every party).
    """
    if len(approvals) < 2:
        return next((_barred(one) for one in approvals), None)
    rows = [_barred(one) for one in approvals if one.state is not ContactState.WITHDRAWN] or list(approvals)
    if against := next((one for one in rows if one.state is ContactState.STOPPED or not one.call_allowed), None):
        state = against.state
    else:
        state = next(state for state in _FIRST if any(one.state is state for one in rows))
    told = [one for one in rows if one.state is ContactState.APPROVED] or rows
    children = [one for one in told if one.child]
    levels = [one.child_level for one in children]
    return replace(
        told[0], state=state, kind=_kind(told), organisation=all(one.organisation for one in told),
        relay=any(one.relay for one in told), call_allowed=all(one.call_allowed for one in rows), consent=_consent(told),
        consented_at=_consented_at(told),
        child=bool(children), child_level=None if None in levels else min((level for level in levels if level), default=None),
        in_prison=any(one.in_prison for one in told), both_agree=all(one.both_agree for one in told if one.in_prison),
    )


_FIRST = (ContactState.APPROVED, ContactState.PENDING, ContactState.RECEIVED, ContactState.REFUSED, ContactState.WITHDRAWN)


def _barred(one: ContactFacts) -> ContactFacts:
    """What the supplier's flag bars reads as refused, whatever else its state allowed."""
    if one.call_allowed or one.state in (ContactState.STOPPED, ContactState.WITHDRAWN):
        return one
    return replace(one, state=ContactState.REFUSED)


def _kind(told: Sequence[ContactFacts]) -> ContactKind:
    kinds = {one.kind for one in told}
    if len(kinds) == 1:
        return told[0].kind
    return ContactKind.SOCIAL if ContactKind.SOCIAL in kinds else ContactKind.OFFICIAL


def _consent(told: Sequence[ContactFacts]) -> Consent:
    said = {one.consent for one in told}
    return next(one for one in (Consent.DENIED, Consent.GIVEN, Consent.NOT_ASKED) if one in said)


def _consented_at(told: Sequence[ContactFacts]) -> datetime | None:
    """The oldest of all, and none where one has none."""
    times = [one.consented_at for one in told if one.consented_at is not None]
    return min(times) if len(times) == len(told) else None
