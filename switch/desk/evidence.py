"""A recording given to somebody outside: on two names, with a reason, noted with who gets it before anything is made ready."""
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, attempt, refused, second_name, unreasoned
from switch.ports.desk import Changes

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Disclosing:
    """An evidence pack may be made of this recording, and that it is, is noted."""

    recording: str
    recipient: str


async def disclose(desk: Desk, actor: StaffId, at: datetime, call: str, recipient: str, reason: str, second: str
                   ) -> Disclosing | Refused:
    """Who is to get the recording of a call, and why. Not of a call that was found privileged, and not by somebody who is
    connected to whom it is of. The sound of one that was erased is in no pack: its proof is."""
    to = recipient.strip()
    if not 0 < len(to) <= LONGEST or not to.isprintable():
        return refused("no-recipient", f"say who gets it, in at most {LONGEST} characters: it is kept with the disclosure")
    if problem := unreasoned(reason) or second_name(actor, second, "a recording leaves the house"):
        return problem

    def work(changes: Changes) -> Disclosing | Refused:
        found, row = changes.kept_recording(call), changes.call(call)
        if found is None or row is None:
            return refused("unknown-recording", f"there is no recording of a call {call[:64]}")
        if row.quarantined or row.privileged:
            return refused("privileged", f"call {call} is privileged, or was found to be: nobody may have its recording")
        for name in (actor, StaffId(second.strip())):
            if found.person is not None and found.person in changes.connected(name):
                return refused("connected", f"{name} is declared to be connected to {found.person}: somebody else does this")
        changes.audit("evidence-disclosed", {"recording": call}, {"second": second.strip()}, note=reason.strip(),
                      person=found.person, recipient=to)
        return Disclosing(call, to)

    return await attempt(desk, actor, at, "evidence-disclosed", {"recording": call}, work)


async def written(desk: Desk, actor: StaffId, at: datetime, call: str, sha256: str) -> None:
    """The pack as it left: whoever has one can tell later whether it is this."""
    await desk.work.run(actor, at, lambda changes: changes.audit("evidence-written", {"recording": call}, {"sha256": sha256}))
