"""`wingline keys`: the master key of the site replaced by a new one."""
import getpass
from typing import Annotated

import typer

from switch.build import site
from switch.cli.common import HERE, Dir, Now, Reason, Staff, clock_of, fail, say
from switch.core.ids import StaffId

app = typer.Typer(help="The master key, which wraps every other key.", no_args_is_help=True)


@app.command()
def rotate(reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Make a new master key and wrap everything under it; the old one is kept beside it. Broken off, say it again: it goes on.
    Exits 1 while anything still needs the old key."""
    from switch.build import rotation  # ciphers are needed by few commands

    try:
        done = rotation.rotate(site.read_settings(folder), clock_of(now), StaffId(staff or getpass.getuser()), reason)
    except (site.SiteProblems, *rotation.PROBLEMS) as error:
        raise fail(error) from None
    if done.begun:
        say(f"master key {done.new} is made: keep a copy offline, where nobody but you can get at it")
    say(f"wrapped by master key {done.new} instead of {done.old}: {done.done.keys} keys in the database, and of spools on this "
        f"machine {done.done.spools}", *done.done.problems)
    if done.left:
        raise fail(f"keys that need master key {done.old} still: {done.left}; it is kept. Say this again")
    say(f"nothing needs master key {done.old} any more; after a day `wingline keys retire` destroys it")


@app.command()
def retire(reason: Reason, second: Annotated[str, typer.Option("--second", help="The second member of staff who agrees.")],
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Destroy the master key that was replaced, once nothing needs it. A backup from before needs a copy of it."""
    from switch.build import rotation

    try:
        gone = rotation.retire(site.read_settings(folder), clock_of(now), StaffId(staff or getpass.getuser()), reason, second)
    except (site.SiteProblems, *rotation.PROBLEMS) as error:
        raise fail(error) from None
    say(f"master key {gone} is destroyed")
