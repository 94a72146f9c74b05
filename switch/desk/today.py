"""What needs somebody today at one establishment, as counts: nobody is shown, so nothing is noted as looked at."""
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, refused
from switch.ports.desk import Changes

MOST_ALARMS = 1000
CHECK = "check-"


@dataclass(frozen=True, slots=True)
class Today:
    """`overdue` are recordings past the time by which they should have been heard; `checks` are tasks of applications to be a
    contact; `late` are tasks of any kind that are past due. `alarms` are of the whole site."""

    waiting: int
    overdue: int
    checks: int
    tasks: int
    late: int
    alarms: int


async def today(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> Today | Refused:
    """Of one establishment."""

    def look(changes: Changes) -> Today | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        tasks = changes.tasks(establishment)
        kinds = Counter(one.kind.startswith(CHECK) for one in tasks)
        return Today(changes.waiting_items(establishment), sum(one.items for one in changes.overdue_items(establishment)),
                     kinds[True], kinds[False], sum(one.due_at < at for one in tasks),
                     len(changes.alarms(False, "", MOST_ALARMS)))

    return await desk.work.look(actor, at, look)
