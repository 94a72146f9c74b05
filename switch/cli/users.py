"""`wingline users`: accounts of staff for the console, their roles and where they hold them."""
import json
from typing import Annotated

import typer

from switch.cli.common import HERE, Dir, Now, Reason, Staff, ask, clock_of, fail, moment, say
from switch.demo.welcome import code_of
from switch.desk import accounts
from switch.desk.proving import address_of
from switch.ports.access import Scope
from switch.ports.staff import Grant

app = typer.Typer(help="Accounts of staff for the console: add, give and take roles, reset, end, sign out, list.",
                  no_args_is_help=True)
User = Annotated[str, typer.Argument(help="The account's name.")]
Second = Annotated[str, typer.Option("--second", help="A second member of staff who agreed, where it takes two.")]


@app.command()
def add(user: User, name: Annotated[str, typer.Argument(help="Their own name.")],
        language: Annotated[str, typer.Option("--language", help="en or cy.")] = "en",
        staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Make an account; prints its password and its secret, once. It may do nothing until a role is given."""
    _told(ask(folder, now, staff, lambda desk, actor, at: accounts.add_user(desk, actor, at, user, name, language=language)))


@app.command()
def reset(user: User, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """A new password and a new secret, for whoever lost theirs; prints them, once."""
    _told(ask(folder, now, staff, lambda desk, actor, at: accounts.reset_user(desk, actor, at, user, reason)))


@app.command()
def end(user: User, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Nobody enters by this account again."""
    done = ask(folder, now, staff, lambda desk, actor, at: accounts.end_user(desk, actor, at, user, reason))
    say(f"{done.id}: ended")


@app.command("sign-out")
def sign_out(user: User, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Every browser of theirs, at once."""
    done = ask(folder, now, staff, lambda desk, actor, at: accounts.end_sessions(desk, actor, at, user, reason))
    say(f"{done.user.id}: signed out everywhere")


@app.command()
def give(user: User, role: Annotated[str, typer.Argument(help="Which role.")], reason: Reason,
         site: Annotated[str, typer.Option("--site", help="At this establishment; everywhere when left out.")] = "",
         wing: Annotated[str, typer.Option("--wing", help="On this wing of it alone.")] = "",
         until: Annotated[str | None, typer.Option("--until", help="When it ends: 2027-01-01T00:00:00Z or +90d.")] = None,
         second: Second = "", staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Give a role."""
    over = moment(until, clock_of(now).wall(), "--until")
    done = ask(folder, now, staff, lambda desk, actor, at: accounts.give_role(
        desk, actor, at, user, role, reason, site, wing, over, second))
    say(_grant(done))


@app.command()
def take(grant: Annotated[str, typer.Argument(help="What `users list` shows of it.")], reason: Reason,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Take a role away again; it ends at the next request of whoever held it."""
    done = ask(folder, now, staff, lambda desk, actor, at: accounts.take_role(desk, actor, at, grant, reason))
    say(f"{done.user}: no longer {done.role}")


@app.command()
def role(name: Annotated[str, typer.Argument(help="Which role.")],
         permission: Annotated[list[Scope], typer.Option("--permission", help="What it allows; say it once for each.")],
         reason: Reason, second: Second = "", staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Say what a role allows from now on."""
    done = ask(folder, now, staff, lambda desk, actor, at: accounts.set_role(
        desk, actor, at, name, tuple(permission), reason, second))
    say(f"{done.name}: {' '.join(sorted(done.permissions))}")


@app.command()
def code(user: User, folder: Dir = HERE, now: Now = None) -> None:
    """On an example site: the code that the authenticator of one of its accounts shows now."""
    file = folder / "example.json"
    try:
        found = code_of(json.loads(file.read_text("utf-8")), user, clock_of(now).wall())
    except OSError:
        raise fail(f"{file} is not there: only an example site knows the secrets of its staff") from None
    if found is None:
        raise fail(f"nobody of the example is called {user}")
    say(found)


@app.command()
def roles(folder: Dir = HERE, now: Now = None) -> None:
    """Every role and what it allows."""
    for one in ask(folder, now, "", accounts.roles):
        say(f"{one.name:<20} {' '.join(sorted(one.permissions))}")


@app.command("list")
def list_(everyone: Annotated[bool, typer.Option("--all", help="Those that ended too.")] = False,
          folder: Dir = HERE, now: Now = None) -> None:
    """Every account with its roles."""
    for one in ask(folder, now, "", lambda desk, actor, at: accounts.users(desk, actor, at, everyone)):
        state = "ended" if one.user.ended_at else "locked" if one.user.locked_until else f"{one.sessions} signed in"
        say(f"{one.user.id:<20} {one.user.name}  {state}")
        for grant in one.grants:
            say(f"    {_grant(grant)}")


def _grant(one: Grant) -> str:
    where = "everywhere" if one.establishment is None else one.establishment + (f", wing {one.wing}" if one.wing else "")
    ends = f", until {one.until:%Y-%m-%d}" if one.until else ""
    return f"{one.id}  {one.user}: {one.role}, {where}{ends}"


def _told(made: accounts.NewProofs) -> None:
    say(f"account    {made.user.id}", f"password   {made.password}", f"secret     {made.totp_secret}",
        f"as address {address_of(made.user.id, made.totp_secret)}")
