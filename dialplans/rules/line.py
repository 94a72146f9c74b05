"""Rules about what carries a call: a monitored one needs room for its recording."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def room_to_record(asked: Asked) -> Finding:
    """The spool can still record every line for the plan's reserve. Asked of monitored calls."""
    rule, reserve, room = "room-to-record", asked.plan.reserve, asked.facts.recording_room
    if asked.privileged:
        return says(asked, rule, None, "A privileged call is not recorded and needs no room.", reserve.source)
    if not room >= reserve.value:
        text = f"There is room to record every line for {room:.0f} s, and the reserve is {reserve.value} s."
        return says(asked, rule, Why.SPOOL_FULL, text, reserve.source)
    return says(asked, rule, None, f"There is room to record every line for the reserve of {reserve.value} s.", reserve.source)
