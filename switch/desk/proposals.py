"""What takes two members of staff: one asks and names the second, and only the second confirms it: over the API by a key of their
own, in the console signed in, with a fresh code."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, attempt, refused, same_name, unreasoned
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


async def propose(desk: Desk, actor: StaffId, at: datetime, operation: str, asked: str, key: str | None, second: StaffId
                  ) -> Waiting | Refused:
    """By the holder of a key, or by an account on a page, to a second member of staff."""
    made = Proposal(desk.mint.id(), operation, asked, actor, key, second, at, at + WAITS_FOR)

    def work(changes: Changes) -> Waiting:
        changes.add_proposal(made)
        changes.audit("proposed", {"proposal": made.id, "operation": operation, "second": second})
        return _shown(made)

    return await attempt(desk, actor, at, "proposed", {}, work)


async def decline(desk: Desk, actor: StaffId, at: datetime, proposal: str, reason: str) -> Waiting | Refused:
    """The second does not agree, or the first thought better of it: it waits no longer, and nothing was done."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Waiting | Refused:
        found = changes.proposal(proposal)
        if found is None or not (same_name(found.second, actor) or same_name(found.staff, actor)):
            return refused("unknown-proposal", "nothing of this name waits for you")
        changes.finish_proposal(proposal)
        changes.audit("proposal-declined", {"proposal": proposal, "operation": found.operation}, note=reason.strip())
        return _shown(found)

    return await attempt(desk, actor, at, "proposal-declined", {"proposal": proposal}, work)


def _shown(one: Proposal) -> Waiting:
    return Waiting(one.id, one.operation, one.asked, one.staff, one.second, one.until)
