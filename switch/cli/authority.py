"""`wingline authority`: leave in writing to listen to calls; `wingline connections`: who knows somebody, and may not."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, moment, print_rows, say
from switch.core.authority import AuthorityKind, Ground, Standing
from switch.desk import authority as desk_authority
from switch.desk import connections as desk_connections
from switch.desk.authority import Shown
from switch.ports.listening import Connection

app = typer.Typer(help="Authorisations to listen: apply, grant, refuse, review, cancel, list.", no_args_is_help=True)
connections_app = typer.Typer(help="Staff who know somebody in prison, and hear nothing of their calls.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The authorisation's id.")]
Why = Annotated[str, typer.Option("--why", help="Why; kept with the authorisation.")]
Person = Annotated[str, typer.Option("--person", help="Prison number, A1234BC.")]
Number = Annotated[str, typer.Option("--number", help="A telephone number outside.")]


@app.command()
def apply(kind: Annotated[AuthorityKind, typer.Argument(help="What it is for.")],
          ground: Annotated[Ground, typer.Argument(help="Which of the six grounds of rule 35A(4).")],
          necessity: Annotated[str, typer.Option("--necessity", help="Why it is necessary.")],
          proportionality: Annotated[str, typer.Option("--proportionality", help="Why it is no more than is needed.")],
          until: Annotated[str, typer.Option("--until", help="Until then (2026-11-23T21:30:00Z or +30d).")],
          person: Person = "", number: Number = "",
          start: Annotated[str | None, typer.Option("--from", help="From then on; now when left out.")] = None,
          renews: Annotated[str, typer.Option("--renews", help="The authorisation that this one follows.")] = "",
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Ask for one in writing; somebody else grants it."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: desk_authority.apply(
        desk, actor, at, kind, ground, necessity, proportionality, moment(until, at, "--until") or at, person, number,
        moment(start, at, "--from"), renews))))


@app.command()
def grant(authority: Id, why: Why, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Somebody else than who applied grants it."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: desk_authority.grant(desk, actor, at, authority, why))))


@app.command()
def refuse(authority: Id, why: Why, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Somebody else than who applied turns it down."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: desk_authority.refuse(desk, actor, at, authority, why))))


@app.command()
def review(authority: Id, why: Why, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Somebody else than who applied finds it necessary still."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: desk_authority.review(desk, actor, at, authority, why))))


@app.command()
def cancel(authority: Id, why: Why, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Nobody listens by it any more; whoever listens now stops."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: desk_authority.cancel(desk, actor, at, authority, why))))


@app.command("list")
def list_(person: Person = "", number: Number = "",
          state: Annotated[Standing | None, typer.Option("--standing", help="Only those that stand so.")] = None,
          as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """All there ever were, oldest first."""
    found = ask(folder, now, "", lambda desk, actor, at: desk_authority.authorities(desk, actor, at, person, number, state))
    print_rows(((as_row("authority", one), _line(one)) for one in found), as_json)


@app.command()
def show(authority: Id, as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """One of them, in full."""
    found = ask(folder, now, "", lambda desk, actor, at: desk_authority.show(desk, actor, at, authority))
    print_rows([(as_row("authority", found), "\n".join(_lines(found)))], as_json)


@connections_app.command()
def declare(person: Annotated[str, typer.Argument(help="Prison number, A1234BC.")],
            of: Annotated[str, typer.Option("--of", help="Who is connected, where it is not who asks.")] = "",
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Who asks, or `--of`, is connected to this person and hears nothing of their calls from now on."""
    say(_connection(ask(folder, now, staff, lambda desk, actor, at: desk_connections.declare(desk, actor, at, person, of))))


@connections_app.command()
def end(connection: Annotated[str, typer.Argument(help="The connection's id.")], reason: Reason,
        second: Annotated[str, typer.Option("--second", help="The other member of staff who agreed.")],
        staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """It is so no longer, on the word of two others."""
    found = ask(folder, now, staff, lambda desk, actor, at: desk_connections.end(desk, actor, at, connection, reason, second))
    say(f"{_connection(found)}: ended")


@connections_app.command("list")
def list_connections(of: Annotated[str, typer.Option("--of", help="Only of this member of staff.")] = "", person: Person = "",
                     as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Those that stand."""
    found = ask(folder, now, "", lambda desk, actor, at: desk_connections.connections(desk, actor, at, of, person))
    print_rows(((as_row("connection", one), _connection(one)) for one in found), as_json)


def _line(shown: Shown) -> str:
    one = shown.written.authority
    whom = " to ".join(text for text in (one.person, one.number) if text)
    names = one.applied_by if one.decided_by is None else f"{one.applied_by}, decided by {one.decided_by}"
    review = f"  review by {one.review_by:%Y-%m-%d %H:%M}" if one.review_by else ""
    return (f"{one.id}  {whom}  {one.kind}  {one.ground}  {one.since:%Y-%m-%d %H:%M} to {one.until:%Y-%m-%d %H:%M} UTC  "
            f"{shown.standing}{review}  {names}")


def _lines(shown: Shown) -> list[str]:
    written = shown.written
    lines = [_line(shown), f"necessity        {written.necessity}", f"proportionality  {written.proportionality}"]
    if written.renews:
        lines.append(f"renews           {written.renews}")
    if written.decided_at:
        lines.append(f"decided          {written.decided_at:%Y-%m-%d %H:%M}  {written.decided_why}")
    lines += [f"reviewed         {one.at:%Y-%m-%d %H:%M}  {one.by}  {one.text}" for one in written.reviews]
    if written.cancelled_at:
        lines.append(f"cancelled        {written.cancelled_at:%Y-%m-%d %H:%M}  {written.cancelled_by}  {written.cancelled_why}")
    return lines


def _connection(one: Connection) -> str:
    return f"{one.id}  {one.staff}  {one.person}  declared {one.declared_at:%Y-%m-%d} by {one.declared_by}"
