"""`wingline access`: keys of other systems."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, moment, print_rows, say
from switch.desk import access
from switch.ports.access import Key, Scope

app = typer.Typer(help="Keys by which other systems use the JSON API: issue, revoke, list.", no_args_is_help=True)


@app.command()
def issue(name: Annotated[str, typer.Argument(help="Which system it is for.")],
          scope: Annotated[list[Scope], typer.Option("--scope", help="What it may ask for; say it once for each.")],
          until: Annotated[str | None, typer.Option("--until", help="When it ends: 2027-01-01T00:00:00Z or +90d.")] = None,
          holder: Annotated[str, typer.Option("--holder", help="The member of staff whose key it is; none: a system's.")] = "",
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Issue a key; prints it, once."""
    end = moment(until, clock_of(now).wall(), "--until")
    done = ask(folder, now, staff, lambda desk, actor, at: access.issue_key(desk, actor, at, name, tuple(scope), end,
                                                                                holder))
    say(done.token, _line(done.key))


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id: what stands before the dot.")], reason: Reason,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """From now on nobody is let in with this key."""
    done = ask(folder, now, staff, lambda desk, actor, at: access.revoke_key(desk, actor, at, key, reason))
    say(f"{done.id} of {done.name}: revoked")


@app.command("list")
def list_(as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Every key, those that ended too."""
    found = ask(folder, now, "", access.keys)
    print_rows(((as_row("key", one), _line(one)) for one in found), as_json)


def _line(one: Key) -> str:
    ended = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else f"until {one.until:%Y-%m-%d}" if one.until else "no end"
    held = f"  of {one.holder}" if one.holder else ""
    return f"{one.id}  {one.name}  {' '.join(one.scopes)}{held}  by {one.created_by}  {ended}"
