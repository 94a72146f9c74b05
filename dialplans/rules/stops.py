"""Rules about orders of those outside: whoever asked not to be rung is not rung."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.facts import StopScope
from switch.core.reasons import Why


def not_stopped_for_all(asked: Asked) -> Finding:
    """Nobody at this number has stopped calls from every prison."""
    if StopScope.EVERYONE in asked.facts.stops:
        return says(asked, "not-stopped-for-all", Why.STOPPED_ALL, "The person called has stopped calls from every prison.")
    return says(asked, "not-stopped-for-all", None, "Nobody there has stopped calls from every prison.")


def not_stopped_for_person(asked: Asked) -> Finding:
    """Nobody at this number has stopped calls from this person."""
    if StopScope.PERSON in asked.facts.stops:
        return says(asked, "not-stopped-for-person", Why.STOPPED_PERSON, "The person called has stopped calls from this person.")
    return says(asked, "not-stopped-for-person", None, "Nobody there has stopped calls from this person.")


def helpline_not_stopped(asked: Asked) -> Finding:
    """Two members of staff have not written down that the helpline itself stopped calls; nobody else's stop closes one."""
    if asked.facts.stopped_by_two:
        return says(asked, "helpline-not-stopped", Why.STOPPED_ALL, "This helpline has stopped calls from every prison.")
    return says(asked, "helpline-not-stopped", None, "This helpline has not stopped calls.")
