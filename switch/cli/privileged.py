"""`wingline privileged`: the signed list of numbers that nobody may listen to."""
import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from switch.build import list_desk, site
from switch.build.signing import make_keys
from switch.build.staff import StoreError
from switch.cli.common import HERE, TRY_AGAIN, Dir, Json, Now, Reason, Staff, ask, clock_of, fail, moment, say
from switch.core.ids import StaffId
from switch.desk import privileged as desk_privileged
from switch.settings.tree import Settings
from switch.store.privileged import ListLost

app = typer.Typer(help="The signed list of privileged numbers.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The list; its signature is beside it, with .sig after the name.")]


def _settings(folder: Path) -> Settings:
    try:
        return site.read_settings(folder)
    except site.SiteProblems as error:
        raise fail(error) from None


@app.command()
def keygen(private: Annotated[Path, typer.Argument(help="Where the signing key goes: not on a node.")],
           public: Annotated[Path, typer.Argument(help="Where the public key goes, for every node.")]) -> None:
    """Make a pair of keys. Neither file may be there already."""
    try:
        make_keys(private, public)
    except (OSError, ValueError) as error:
        raise fail(error) from None
    say(f"{private}: the signing key, readable by you alone; keep it apart from every node", f"{public}: the public key")


@app.command()
def sign(file: File, key: Annotated[Path, typer.Option("--key", help="The signing key.")],
         before: Annotated[Path | None, typer.Option("--before", help="The list that it follows: nothing is lost of it.")] = None
         ) -> None:
    """Sign a list that has no fault; needs no site."""
    try:
        found = list_desk.sign_list(file, key, before)
    except (OSError, ValueError) as error:
        raise fail(error) from None
    say(f"{file}: list {found.serial}, {len(found.numbers)} numbers, signed")


@app.command()
def verify(file: Annotated[Path | None, typer.Argument(help="A list that is to follow; the site's own when left out.")] = None,
           folder: Dir = HERE) -> None:
    """Say whether a list can be trusted here: signature, text, and what it has lost. Exits 1 with every problem."""
    try:
        found = list_desk.standing(_settings(folder), file)
    except StoreError as error:
        raise fail(error, TRY_AGAIN) from None
    if found.list is None:
        raise fail("\n".join(found.problems))
    say(f"list {found.list.serial} stands: {len(found.list.numbers)} numbers")


@app.command()
def show(as_json: Json = False, folder: Dir = HERE) -> None:
    """Every number of the site's list, and every removal."""
    try:
        found = list_desk.read_text(_settings(folder).privileged.list)
    except (OSError, ValueError) as error:
        raise fail(error) from None
    for one in found.numbers.values():
        row = {"record": "privileged", "number": str(one.number), "name": one.name, "kind": one.kind.value,
               "since": one.since.isoformat(), "verified": one.verified}
        say(json.dumps(row, ensure_ascii=False) if as_json else f"{one.number}  {one.kind}  {one.name}  since {one.since}")
    for gone in found.removed.values():
        row = {"record": "removed", "number": str(gone.number), "order": gone.order, "name": gone.name}
        say(json.dumps(row, ensure_ascii=False) if as_json else f"{gone.number}  REMOVED by {gone.order}, {gone.name}")


@app.command()
def found(number: Annotated[str, typer.Argument(help="The number that is privileged.")],
          since: Annotated[str, typer.Option("--since", help="From when its calls may not be heard (2026-01-05T00:00:00Z).")],
          second: Annotated[str, typer.Option("--second", help="The other member of staff who says so.")], reason: Reason,
          staff: Staff = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """A number was found to be privileged: nobody hears its earlier recordings any more. Lists the calls, and who played them."""
    start = moment(since, clock_of(now).wall(), "--since")
    assert start is not None
    done = ask(folder, now, staff, lambda desk, actor, at: desk_privileged.found_privileged(
        desk, actor, at, number, start, reason, StaffId(second)))
    for one in done.calls:
        row = {"record": "quarantined", "call": one.call, "started_at": one.started_at.isoformat(), "cut": one.call in done.cut}
        say(json.dumps(row) if as_json else f"{one.call}  {one.started_at:%Y-%m-%d %H:%M:%S}  in quarantine"
            + ("; it ran, and is cut" if one.runs else ""))
    for play in done.plays:
        row = {"record": "play", "call": play.call, "who": play.who, "at": play.at.isoformat(), "action": play.action}
        say(json.dumps(row) if as_json else f"{play.call}  {play.action} by {play.who} at {play.at:%Y-%m-%d %H:%M:%S}")
    if not as_json:
        say(f"{done.number} is privileged from now on: {len(done.calls)} recordings in quarantine, {len(done.plays)} plays")


@app.command("not-found")
def not_found(number: Annotated[str, typer.Argument(help="The number that is not privileged after all.")],
              second: Annotated[str, typer.Option("--second", help="The other member of staff who says so.")], reason: Reason,
              staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """A number was found to be privileged by mistake: calls to it are what they were before, and recordings are given back."""
    done = ask(folder, now, staff, lambda desk, actor, at: desk_privileged.undo_found(
        desk, actor, at, number, reason, StaffId(second)))
    say(f"{done.number} is what it was before: {len(done.calls)} recordings are out of quarantine")


@app.command("import")
def import_(file: File, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Take a signed list in place of the one before. One that lost a number without an order is refused."""
    try:
        taken = list_desk.take(_settings(folder), clock_of(now), staff or getpass.getuser(), file)
    except (ListLost, OSError) as error:
        raise fail(error) from None
    except StoreError as error:
        raise fail(f"{error}: the old list stays", TRY_AGAIN) from None
    say(f"list {taken.serial} is in place: {len(taken.numbers)} numbers")
