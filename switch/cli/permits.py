"""`wingline permits`: leave to ring one number free."""
from typing import Annotated

import typer

from switch.cli.common import HERE, Dir, Now, Reason, Staff, ask, moment, say
from switch.core.facts import PermitKind
from switch.core.ids import StaffId
from switch.desk import permits
from switch.ports.permits import Permit

app = typer.Typer(help="Leave to ring one number free: first call, emergency, bereavement and more.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="Prison number, A1234BC.")]
To = Annotated[str, typer.Argument(help="The telephone number outside.")]


@app.command()
def give(number: Number, to: To, kind: Annotated[PermitKind, typer.Argument(help="Why.")],
         until: Annotated[str, typer.Option("--until", help="Until then (2026-11-23T21:30:00Z or +3h).")],
         second: Annotated[str, typer.Option("--second", help="The other member of staff who agreed.")],
         start: Annotated[str | None, typer.Option("--from", help="From then on; now when left out.")] = None,
         often: Annotated[bool, typer.Option("--often", help="For as many calls as the window holds, not for one.")] = False,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """On two names, for a window."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: permits.give_permit(
        desk, actor, at, number, to, kind, moment(start, at, "--from") or at, moment(until, at, "--until") or at, StaffId(second),
        once=not often))))


@app.command("first-call")
def first_call(number: Number, to: To, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Of somebody's first day: one number, once, within 24 hours, at public expense."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: permits.give_first_call(desk, actor, at, number, to))))


@app.command()
def emergency(number: Number, to: To, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """For somebody at risk, in one step: one free call to an approved contact, within two hours."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: permits.grant_emergency_call(
        desk, actor, at, number, to, reason))))


@app.command()
def withdraw(permit: Annotated[str, typer.Argument(help="The permit's id.")], staff: Staff = "", folder: Dir = HERE,
             now: Now = None) -> None:
    """Leave no longer stands."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: permits.withdraw_permit(desk, actor, at, permit))))


@app.command("list")
def list_(number: Number, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """What leave somebody has."""
    for permit in ask(folder, now, staff, lambda desk, actor, at: permits.list_permits(desk, actor, at, number)):
        say(one_line(permit))


def one_line(permit: Permit) -> str:
    names = permit.given_by if permit.agreed_by is None else f"{permit.given_by} and {permit.agreed_by}"
    state = "  used" if permit.used else ""
    return (f"{permit.id}  {permit.person}  {permit.number}  {permit.kind}  {permit.since:%Y-%m-%d %H:%M} to "
            f"{permit.until:%Y-%m-%d %H:%M} UTC  {'once' if permit.once else 'often'}  {names}{state}")
