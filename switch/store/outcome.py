"""What came of a call, in the one word that lists and statistics group by."""
from enum import StrEnum

from dialplans.model import Service
from switch.call.commands import Ending
from switch.core.reasons import REFUSALS, EndedBy, Why


class Outcome(StrEnum):
    CONNECTED = "connected"
    """Both talked."""
    REFUSED = "refused"
    """A rule, an order or the state of the switch said no: nothing was dialled."""
    DECLINED = "declined"
    """Answered, and hung up before or during the announcement."""
    STOPPED = "stopped"
    """The person called said that they want no more calls."""
    UNANSWERED = "unanswered"
    ABANDONED = "abandoned"
    """The person in prison hung up before the call was through."""
    MENU = "menu"
    """The person used the telephone's own menu and rang nobody."""
    FAILED = "failed"
    """The network or the switch failed it, or staff ended it before anybody talked."""


_UNANSWERED = frozenset({Why.BUSY, Why.NO_ANSWER, Why.REJECTED, Why.EMERGENCY_UNANSWERED})


def outcome(ending: Ending) -> Outcome:
    """Pure: talk outweighs how it ended, save that a stop is always told as one."""
    why = ending.reason.why
    if ending.decision and ending.decision.service is Service.MENU and ending.reason.by in (EndedBy.PERSON, EndedBy.POLICY):
        return Outcome.MENU
    if why is Why.STOPPED:
        return Outcome.STOPPED
    if ending.talked > 0:
        return Outcome.CONNECTED
    if why in REFUSALS and ending.reason.by in (EndedBy.POLICY, EndedBy.SWITCH, EndedBy.STAFF):
        return Outcome.REFUSED
    if why is Why.DECLINED:
        return Outcome.DECLINED
    if why in _UNANSWERED:
        return Outcome.UNANSWERED
    if why is Why.ABANDONED or (why is Why.HUNG_UP and ending.reason.by is EndedBy.PERSON):
        return Outcome.ABANDONED
    if why is Why.HUNG_UP and ending.reason.by is EndedBy.CALLED:
        return Outcome.DECLINED
    return Outcome.FAILED
