"""Key 7: whoever answered says that it is the wrong number. A part of `flow`, under its rules."""
from dataclasses import replace

from dialplans.model import Service
from switch.call import commands as do
from switch.call.ending import tell
from switch.call.model import Call, State, Step
from switch.call.stopping import may_stop
from switch.core.reasons import EndedBy, EndReason, Why


def may_be_wrong(call: Call, now: float) -> bool:
    """In the announcement of any call to a contact, a privileged one too: a stranger must not be taken for a solicitor. After it
    only for as long as key 9 still stops calls."""
    if call.decision is None or call.decision.service is not Service.CONTACT:
        return False
    return call.state in (State.ANNOUNCING, State.ARMING) or may_stop(call, now)


def wrong_number(call: Call, now: float) -> Step:
    """The number is marked, whoever answered is let go at once, and the caller is told why."""
    shut: list[do.Command] = [do.Unbridge()] if call.state is State.TALKING else []
    until = now if call.state is State.TALKING else call.talked_until
    call, told = tell(replace(call, talked_until=until), EndReason(EndedBy.CALLED, Why.WRONG_NUMBER), now)
    return call, [*shut, do.MarkWrongNumber(), *told]
