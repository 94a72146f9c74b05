"""`wingline subject-access`."""
from pathlib import Path
from typing import Annotated

import typer

from switch.build import disclosure
from switch.cli.common import HERE, Dir, Now, Reason, Staff, ask, fail, say
from switch.core.ids import StaffId
from switch.desk import subject_access


def command(
    second: Annotated[str, typer.Option("--second", help="The other member of staff who says so.")],
    recipient: Annotated[str, typer.Option("--recipient", help="To whom it is given; kept with the disclosure.")], reason: Reason,
    out: Annotated[Path, typer.Option("--out", help="A folder that is not there yet, or a file that ends in .zip.")],
    person: Annotated[str, typer.Option("--person", help="The prison number of whoever asks, A1234BC.")] = "",
    party: Annotated[str, typer.Option("--party", help="Or the id of the party outside that asks.")] = "",
    staff: Staff = "", folder: Dir = HERE, now: Now = None,
) -> None:
    """Give out what is held of somebody, on two names; what was withheld, and why, is in a log beside it."""
    if bool(person) is bool(party):
        raise fail("say either --person or --party", 2)
    if problem := disclosure.taken(out):
        raise fail(problem)
    who = StaffId(second)
    if person:
        made = ask(folder, now, staff, lambda desk, actor, at: subject_access.of_person(
            desk, actor, at, person, who, recipient, reason))
    else:
        made = ask(folder, now, staff, lambda desk, actor, at: subject_access.of_party(
            desk, actor, at, party, who, recipient, reason))
    try:
        disclosure.write(made, out)
    except OSError as error:
        raise fail(f"the disclosure {made.id} is in the audit, and could not be written whole: {error}") from None
    say(f"{made.id}: {out}, {len(made.files)} files, manifest sha256 {made.digest}",
        f"what was withheld: {disclosure.log_of(out)} (not to be given out)")
