"""What takes two members of staff, over the API: one asks and names the second, and only the second's own key confirms it."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, attempt, same_name
from switch.ports.access import Proposal
from switch.ports.desk import Changes

WAITS_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is done yet. `asked` is the request as it came, in JSON."""

    proposal: str
    operation: str
    asked: str
    staff: StaffId
    second: StaffId
    until: datetime


async def waiting(desk: Desk, actor: StaffId, at: datetime) -> list[Waiting]:
    """What waits for whoever asks, and what they asked for that waits for somebody else."""
    found = await desk.work.look(actor, at, lambda changes: changes.proposals())
    return [_shown(one) for one in found if same_name(one.second, actor) or same_name(one.staff, actor)]


async def propose(desk: Desk, actor: StaffId, at: datetime, operation: str, asked: str, key: str, second: StaffId
                  ) -> Waiting | Refused:
    """By the holder of a key, to a second member of staff."""
    made = Proposal(desk.mint.id(), operation, asked, actor, key, second, at, at + WAITS_FOR)

    def work(changes: Changes) -> Waiting:
        changes.add_proposal(made)
        changes.audit("proposed", {"proposal": made.id, "operation": operation, "second": second})
        return _shown(made)

    return await attempt(desk, actor, at, "proposed", {}, work)


def _shown(one: Proposal) -> Waiting:
    return Waiting(one.id, one.operation, one.asked, one.staff, one.second, one.until)
