"""`wingline numbers`: the number lists, and numbers that were answered as the wrong ones."""
from pathlib import Path
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, moment, print_rows, say, warn
from switch.core.lists import ListKind, ListLevel
from switch.desk import numbers
from switch.ports.numbers import Entry

app = typer.Typer(help="Numbers allowed and barred: for the estate, an establishment or a person.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The telephone number, in any spelling.")]
For = Annotated[list[str] | None, typer.Option("--for", help="An establishment or person; may be given again. None: the estate.")]
Level = Annotated[ListLevel, typer.Option("--level", help="For whom it holds.")]
Until = Annotated[str | None, typer.Option("--until", help="Until then; until it is ended when left out.")]
From = Annotated[str | None, typer.Option("--from", help="From then on; now when left out.")]
Second = Annotated[str, typer.Option("--second", help="The second member of staff.")]


@app.command()
def allow(number: Number, reason: Reason, level: Level = ListLevel.ESTATE, targets: For = None, start: From = None,
          until: Until = None, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Lift the bar of the number's class; approvals, stops and bars hold all the same."""
    _add(ListKind.ALLOW, number, level, targets, reason, False, False, start, until, staff, folder, now)


@app.command()
def bar(number: Number, reason: Reason, level: Level = ListLevel.ESTATE, targets: For = None,
        victim: Annotated[bool, typer.Option("--victim", help="A victim's: never told to the caller, ended by two.")] = False,
        let_run: Annotated[bool, typer.Option("--let-run", help="Calls that run may go on to their end.")] = False,
        start: From = None, until: Until = None, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Nobody named rings the number."""
    _add(ListKind.BAR, number, level, targets, reason, victim, not let_run, start, until, staff, folder, now)


@app.command()
def end(entry: Annotated[str, typer.Argument(help="The entry's id, as `numbers list` shows it.")], reason: Reason,
        second: Second = "", staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """An entry no longer stands."""
    ended = ask(folder, now, staff, lambda desk, actor, at: numbers.end(desk, actor, at, entry, reason, second))
    say(f"ended: {one_line(ended)}")


@app.command("list")
def list_(number: Annotated[str, typer.Argument(help="Of this number alone.")] = "", as_json: Json = False, folder: Dir = HERE,
          now: Now = None) -> None:
    """What stands, by number."""
    found = ask(folder, now, "", lambda desk, actor, at: numbers.listed(desk, actor, at, number))
    print_rows(((as_row("entry", one), one_line(one)) for one in found), as_json)


@app.command()
def load(file: Path, dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what is wrong; change nothing.")] = False,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Entries from a CSV of number, kind, level, reason; target, victim, cut where there are any."""
    text = file.read_text("utf-8")
    done = ask(folder, now, staff, lambda desk, actor, at: numbers.load(desk, actor, at, text, dry_run))
    say(f"{len(done.entries)} entries {'would be loaded' if dry_run else 'loaded'}")
    warn(done.warnings)


@app.command()
def wrong(folder: Dir = HERE, now: Now = None) -> None:
    """Numbers that whoever answered called the wrong ones."""
    found = ask(folder, now, "", numbers.wrong)
    say(*(f"{number}  {often} times" for number, often in found.items()))


@app.command()
def verify(number: Number, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The number is whose it should be after all: it may be rung again."""
    marks = ask(folder, now, staff, lambda desk, actor, at: numbers.verify(desk, actor, at, number, reason))
    say(f"verified: {number}, marked {marks} times")


def _add(kind: ListKind, number: str, level: ListLevel, targets: list[str] | None, reason: str, victim: bool, cut: bool,
         start: str | None, until: str | None, staff: str, folder: Path, now: str | None) -> None:
    clock = clock_of(now).wall()
    begin, end_ = moment(start, clock, "--from"), moment(until, clock, "--until")
    added = ask(folder, now, staff, lambda desk, actor, at: numbers.add(
        desk, actor, at, kind, number, level, targets or [], reason, victim=victim, cut=cut, start=begin, until=end_))
    say(*map(one_line, added.entries))
    warn(added.warnings)


def one_line(entry: Entry) -> str:
    """An entry for a person to read."""
    where = f"{entry.level} {entry.target}" if entry.target else entry.level
    until = f" until {entry.until:%Y-%m-%d %H:%M} UTC" if entry.until else ""
    return (f"{entry.id}  {entry.number}  {entry.kind}{', VICTIM' if entry.victim else ''}  {where}"
            f" since {entry.start:%Y-%m-%d %H:%M:%S} UTC{until}, by {entry.added_by}: {entry.reason}")
