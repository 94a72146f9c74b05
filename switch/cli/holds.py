"""`wingline holds`: what keeps recordings past the end of their time. `wingline incidents`: what reconciliation found."""
from datetime import datetime
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, moment, print_rows, say
from switch.core.ids import StaffId
from switch.desk import holding, reconciling
from switch.ports.keeping import Hold, HoldCause, HoldReach, Incident

app = typer.Typer(help="Keep recordings past the end of their time.", no_args_is_help=True)
incidents_app = typer.Typer(help="Calls and recordings that do not agree.", no_args_is_help=True)


@app.command()
def place(reach: Annotated[HoldReach, typer.Argument(help="One recording, or all of a person or to a number.")],
          target: Annotated[str, typer.Argument(help="The recording's id (its call's), a prison number, or a telephone number.")],
          governor: Annotated[str, typer.Option("--governor", help="The governor whose decision it is.")],
          necessity: Annotated[str, typer.Option("--necessity", help="Why it is necessary; kept with the hold.")],
          proportionality: Annotated[str, typer.Option("--proportionality", help="Why it is proportionate; kept likewise.")],
          until: Annotated[str, typer.Option("--until", help="When it is to end: 2026-11-23T21:30:00Z, or +30d.")],
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Hold recordings: they are not erased before somebody lets go."""
    at = clock_of(now).wall()
    end = moment(until, at, "--until") or at
    placed = ask(folder, now, staff, lambda desk, actor, at: holding.place(
        desk, actor, at, reach, target, StaffId(governor), necessity, proportionality, end))
    say(one_line(placed, at))


@app.command()
def release(hold: Annotated[str, typer.Argument(help="The hold's id, as `holds list` shows it.")], reason: Reason,
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Let go: what nothing else holds is erased in the night after its time is over."""
    at = clock_of(now).wall()
    let_go = ask(folder, now, staff, lambda desk, actor, at: holding.release(desk, actor, at, hold, reason))
    say(f"released: {one_line(let_go, at)}")


@app.command("list")
def list_(overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose end is past.")] = False,
          as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Holds that stand, oldest first."""
    at = clock_of(now).wall()
    found = ask(folder, now, "", lambda desk, actor, at: holding.standing(desk, actor, at, overdue))
    print_rows(((as_row("hold", one), one_line(one, at)) for one in found), as_json)


@incidents_app.command("list")
def list_incidents(every: Annotated[bool, typer.Option("--all", help="Those that were closed too.")] = False,
                   as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Open incidents, oldest first."""
    found = ask(folder, now, "", lambda desk, actor, at: reconciling.incidents(desk, actor, at, every))
    print_rows(((as_row("incident", one), incident_line(one)) for one in found), as_json)


@incidents_app.command()
def close(incident: Annotated[str, typer.Argument(help="The incident's id, as `incidents list` shows it.")], reason: Reason,
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Close an incident: somebody looked, and says what came of it."""
    closed = ask(folder, now, staff, lambda desk, actor, at: reconciling.close(desk, actor, at, incident, reason))
    say(f"closed: {incident_line(closed)}")


def one_line(hold: Hold, at: datetime) -> str:
    """A hold for a person to read."""
    late = "OVERDUE " if hold.overdue(at) else ""
    why = f"{hold.necessity} {hold.proportionality}" if hold.cause is HoldCause.ASKED else "a death in custody"
    return f"{hold.id}  {late}{hold.reach} {hold.target}  until {hold.until:%Y-%m-%d}  by {hold.governor}: {why}"


def incident_line(incident: Incident) -> str:
    """An incident for a person to read."""
    closed = f"  closed by {incident.closed_by}: {incident.closed_why}" if incident.closed_at else ""
    where = incident.establishment or "-"
    return f"{incident.id}  {where}  found {incident.found_at:%Y-%m-%d %H:%M} UTC: {incident.text}{closed}"
