"""What became of a call, in the few plain words that a line of a statement has room for. Pure."""
from switch.core.money import Millipence
from switch.core.reasons import MACHINE, EndedBy, Why

_UNANSWERED = {
    Why.BUSY: "busy", Why.NO_ANSWER: "no answer", Why.REJECTED: "turned down", Why.NOT_IN_SERVICE: "number not in service",
    Why.DECLINED: "they hung up during the announcement", Why.ABANDONED: "hung up before it was through",
    Why.STOPPED: "they asked for calls to stop", Why.WRONG_NUMBER: "wrong number", Why.CUT: "ended by staff",
}
"""Endings before anybody talked; any other is told as a call that did not get through."""


def told(by: str, why: str, note: str, talked: float, charged: Millipence, bundle_seconds: int, metered: bool) -> str:
    """Plain words on a call that is over; empty where it was simply charged. `by`, `why` and `note` as its record has them,
    seconds of talk, thousandths of a penny, seconds paid by a bundle, whether it had a price at all."""
    if MACHINE in note:
        return f"{MACHINE}, {'charged as usual' if charged or bundle_seconds else 'not charged'}"
    if talked > 0:
        return _answered(charged, bundle_seconds, metered)
    if why == Why.HUNG_UP:
        words = _UNANSWERED[Why.ABANDONED if by == EndedBy.PERSON else Why.DECLINED]
    else:
        words = next((said for known, said in _UNANSWERED.items() if known == why), "it did not get through")
    return f"{words}, not charged"


def _answered(charged: Millipence, bundle_seconds: int, metered: bool) -> str:
    if bundle_seconds:
        return "partly paid by a bundle" if charged else "paid by a bundle"
    if charged:
        return ""
    return "not charged" if metered else "free"
