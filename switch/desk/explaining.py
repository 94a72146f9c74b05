"""Why: the whole trace of a decision, past as it was stored or asked for now, every rule's finding included."""
from dataclasses import dataclass, replace
from datetime import datetime

from dialplans.decide import decide
from dialplans.explain import explain
from switch.core.ids import CallId, StaffId
from switch.core.numbers import read_dialled
from switch.desk.asking import Desk, Refused, bad_number, prison_number, refused
from switch.ports.desk import Changes


@dataclass(frozen=True, slots=True)
class Explained:
    """`lines` are for people to read, the findings among them in the order in which a refusal is told."""

    allowed: bool
    lines: tuple[str, ...]


async def explain_call(desk: Desk, actor: StaffId, at: datetime, call: str) -> Explained | Refused:
    """The decision of a past call as it was made, whatever the plan says today."""
    found = await desk.work.look(actor, at, lambda changes: changes.decided(CallId(call)))
    if found is None:
        return refused("unknown-call", f"{call[:64]}: no such call, or nothing was decided about it")
    decision, facts = found
    return Explained(decision.refusal is None, tuple(explain(decision, None, facts)))


async def explain_request(desk: Desk, actor: StaffId, at: datetime, number: str, to: str) -> Explained | Refused:
    """What the plan would decide if this person dialled this now."""
    person, dialled, plan = prison_number(number), read_dialled(to), desk.plan
    if person is None:
        return Refused((bad_number(number),))
    if plan is None:
        return refused("no-plan", "the plan cannot be read, and only helplines and emergency calls are placed: see check-plan")

    def look(changes: Changes) -> Explained | Refused:
        facts = changes.facts_now(person, dialled)
        if facts is None:
            return refused("unknown-person", f"{person}: no such person with a telephone here")
        facts = replace(facts, listed=desk.on_list(changes.accepted_list(), dialled))
        decision = decide(plan, facts, CallId("explained"), dialled)
        return Explained(decision.refusal is None, tuple(explain(decision, plan, facts)))

    return await desk.work.look(actor, at, look)
