"""`wingline people`: who is here, where, and with what PIN."""
from pathlib import Path
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, At, Dir, Json, Now, Reason, Staff, ask, fail, print_rows, say, warn
from switch.cli.kill import one_line as order_line
from switch.core.ids import StaffId
from switch.core.money import Millipence, pence
from switch.desk import bulk, leaving, people, pins, rolls
from switch.desk.rows import Kind
from switch.desk.shown import Shown, list_people, show
from switch.ports.desk import Flags, Person, Status

app = typer.Typer(help="People: receive, move, transfer, release, PINs, loads and exports.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Prison number, A1234BC.")]
ToCell = Annotated[str | None, typer.Option("--cell", help="The cell; may come later.")]
Yes = Annotated[bool | None, typer.Option()]
Language = Annotated[str | None, typer.Option("--language", help="Language code, such as en or pl.")]
Need = Annotated[list[str] | None, typer.Option("--need", help="Code of an accessibility need, such as hearing; several times.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report every bad row and change nothing.")]
File = Annotated[Path, typer.Argument(help="A CSV file in UTF-8, with a heading; - for standard input.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write to this file, readable by this user alone.")]


@app.command()
def receive(number: Number, name: Annotated[str, typer.Option("--name", help="First names and surname.")],
            at: Annotated[str, typer.Option("--site", help="The establishment.")], cell: ToCell = None,
            incentive: Annotated[str, typer.Option("--incentive", help="basic, standard or enhanced.")] = "standard",
            foreign_national: Yes = None, legal: Yes = None, at_risk: Yes = None, language: Language = None, need: Need = None,
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Receive somebody who was never here; prints the PIN, once."""
    flags = Flags(bool(foreign_national), bool(legal), bool(at_risk), language or "en", tuple(need or ()))
    newcomer = people.Newcomer(number, name, at, cell, incentive, flags)
    _arrived(ask(folder, now, staff, lambda desk, actor, when: people.receive(desk, actor, when, newcomer)))


@app.command()
def change(number: Number, name: Annotated[str | None, typer.Option("--name", help="First names and surname.")] = None,
           incentive: Annotated[str | None, typer.Option("--incentive", help="basic, standard or enhanced.")] = None,
           foreign_national: Yes = None, legal: Yes = None, at_risk: Yes = None, language: Language = None, need: Need = None,
           no_needs: Annotated[bool, typer.Option("--no-needs", help="No accessibility needs any more.")] = False,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Change a name, an incentive level or flags; what is not named stays."""
    new = people.FlagChanges(foreign_national, legal, at_risk, language, () if no_needs else tuple(need) if need else None)
    say(_line(ask(folder, now, staff, lambda desk, actor, when: people.change(
        desk, actor, when, number, name=name, incentive=incentive, flags=new))))


@app.command()
def move(number: Number, cell: Annotated[str, typer.Argument(help="The new cell.")], staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """Move somebody to another cell of the same establishment."""
    _moved(ask(folder, now, staff, lambda desk, actor, when: people.move(desk, actor, when, number, cell)))


@app.command()
def transfer(number: Number, to: Annotated[str, typer.Argument(help="The new establishment.")], cell: ToCell = None,
             staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Transfer somebody to another establishment; contacts, credit and PIN go with them."""
    _moved(ask(folder, now, staff, lambda desk, actor, when: people.transfer(desk, actor, when, number, to, cell)))


@app.command()
def away(number: Number, where: Annotated[str, typer.Argument(help="court or hospital")], staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """Somebody is at court or in hospital for a while."""
    if where not in ("court", "hospital"):
        raise fail(f"{where!r}: say court or hospital", 2)
    say(_line(ask(folder, now, staff, lambda desk, actor, when: leaving.go_away(desk, actor, when, number, Status(where)))))


@app.command()
def back(number: Number, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Somebody is back from court or hospital."""
    _moved(ask(folder, now, staff, lambda desk, actor, when: leaving.come_back(desk, actor, when, number)))


@app.command()
def release(number: Number, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Release somebody: account closed, credit paid out, numbers at rest for twelve months."""
    done = ask(folder, now, staff, lambda desk, actor, when: leaving.release(desk, actor, when, number))
    say(_line(done.person), f"{done.rested} numbers rest until {done.rest_until:%Y-%m-%d}")
    if done.paid is None:
        say(f"a call was still running and is cut; then say: wingline people payout {done.person.id}")
    else:
        say(f"to be paid out: {_pence(done.paid)}")


@app.command()
def payout(number: Number, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Pay out what is left on the closed account of somebody who was released."""
    paid = ask(folder, now, staff, lambda desk, actor, when: leaving.pay_out(desk, actor, when, number))
    say(f"to be paid out: {_pence(paid)}")


@app.command()
def recall(number: Number, to: Annotated[str, typer.Argument(help="The establishment.")], cell: ToCell = None, staff: Staff = "",
           folder: Dir = HERE, now: Now = None) -> None:
    """Somebody who was released is back: account and numbers as before; prints the new PIN, once."""
    _arrived(ask(folder, now, staff, lambda desk, actor, when: leaving.recall(desk, actor, when, number, to, cell)))


@app.command()
def die(number: Number, reason: Reason, undo: Annotated[bool, typer.Option("--undo", help="It was recorded by mistake.")] = False,
        second: Annotated[str, typer.Option("--second", help="With --undo: the second member of staff who says so.")] = "",
        staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Death in custody: everything is held as it is, calls end, and nothing is sent to anybody."""
    if undo:
        _moved(ask(folder, now, staff, lambda desk, actor, when: leaving.undo_death(
            desk, actor, when, number, reason, StaffId(second))))
        return
    done = ask(folder, now, staff, lambda desk, actor, when: leaving.die(desk, actor, when, number, reason))
    say(_line(done.person), f"held; order {done.order} stops every call")


@app.command()
def pin(number: Number, reason: Reason,
        duress: Annotated[bool, typer.Option("--duress", help="A second PIN that works like the first and tells staff.")] = False,
        withdraw: Annotated[bool, typer.Option("--withdraw", help="With --duress: there is no second PIN any more.")] = False,
        staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Issue or reset a PIN; prints it, once."""
    if withdraw and not duress:
        raise fail("--withdraw goes with --duress: nobody is without a first PIN", 2)
    if withdraw:
        say(f"{ask(folder, now, staff, lambda desk, actor, when: pins.withdraw_duress_pin(desk, actor, when, number, reason))}: "
            "no duress PIN any more")
        return
    issue = pins.issue_duress_pin if duress else pins.issue_pin
    made = ask(folder, now, staff, lambda desk, actor, when: issue(desk, actor, when, number, reason))
    say(f"{made.person}: {'duress ' if duress else ''}PIN {made.pin}: it is shown this once")


@app.command()
def unlock(number: Number, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Lift the lock that three wrong PINs put on somebody."""
    phones = ask(folder, now, staff, lambda desk, actor, when: pins.unlock(desk, actor, when, number, reason))
    say(f"{number.upper()} may try again on telephone {', '.join(phones)}")


@app.command("show")
def show_(number: Number, as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Show one person: place, flags, PINs, orders, tasks."""
    found = ask(folder, now, "", lambda desk, actor, when: show(desk, actor, when, number))
    print_rows([(_shown_row(found), _shown_text(found))], as_json)


@app.command("list")
def list_(at: At = "", cell: ToCell = None,
          status: Annotated[str, typer.Option("--status", help="here, court, hospital, released, dead.")] = "",
          as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """List people by number."""
    if status and status not in list(Status):
        raise fail(f"{status!r} is none of {', '.join(Status)}", 2)
    found = ask(folder, now, "", lambda desk, actor, when: list_people(desk, actor, when, at or None, cell, status or None))
    print_rows(((as_row("person", one), _line(one)) for one in found), as_json)


@app.command()
def feed(file: File, at: Annotated[str, typer.Option("--site", help="The establishment.")], dry_run: DryRun = False,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The daily feed of cells: a CSV of number,cell. One bad row, and nobody is moved."""
    text = _read(file)
    done = ask(folder, now, staff, lambda desk, actor, when: rolls.daily_feed(desk, actor, when, at, text, dry_run))
    say(*(f"{person}: {before or 'no cell'} -> {after}" for person, before, after in done.moves))
    warn(done.warnings)
    warn(f"{one} lives here, and is not in the feed" for one in done.absent)
    say(f"{'would move' if dry_run else 'moved'} {len(done.moves)}, {done.unchanged} as they were")


@app.command()
def load(kind: Kind, file: File, dry_run: DryRun = False, out: Out = None, staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """Load people, phones, contacts or cells from a CSV. One bad row, and nothing is loaded. PINs and passwords are made on the
    spot and printed once, or written to --out."""
    text = _read(file)
    if out is not None and not dry_run:
        if out.exists():
            raise fail(f"{out} is there already")
        _write(out, "")  # that it cannot be written is better known now than when the secrets are nowhere else
    try:
        done = ask(folder, now, staff, lambda desk, actor, when: bulk.load(desk, actor, when, kind, text, dry_run))
    except typer.Exit:
        if out is not None and not dry_run:
            out.unlink(missing_ok=True)
        raise
    if done.secrets:
        lines = [f"{kind.removesuffix('s') if kind is Kind.PHONES else 'number'},{done.made}", *map(",".join, done.secrets)]
        if out is not None:
            _write(out, "\n".join(lines) + "\n")
        else:
            say(*lines)
    warn(f"lines {', '.join(map(str, one.lines))}: {one.name} ({one.establishment}), "
         f"{f'one party, {one.reference!r}' if one.reference else 'look alike: give them one reference if they are one party'}"
         f"{' that is known already' if one.known else ''}" for one in done.groups)
    warn([f"{done.rows} rows {'are good; nothing was loaded' if dry_run else 'loaded'}"])


@app.command()
def export(kind: Kind, at: At = "", out: Out = None, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Export people, phones, contacts or cells as the CSV that a load reads. No PIN and no password is in it."""
    text = ask(folder, now, staff, lambda desk, actor, when: bulk.export(desk, actor, when, kind, at or None))
    if out is None:
        typer.echo(text, nl=False)
    else:
        _write(out, text)


def _arrived(done: people.Arrived) -> None:
    say(_line(done.person), f"PIN {done.pin}: it is shown this once")
    warn(done.warnings)


def _moved(done: people.Moved) -> None:
    say(_line(done.person))
    warn(done.warnings)
    warn(f"to do at {task.establishment} by {task.due_at:%Y-%m-%d}: {task.kind}" for task in done.tasks)


def _line(one: Person) -> str:
    flags = [word for word, set_ in (("foreign national", one.flags.foreign_national), ("legal", one.flags.legal),
                                     ("AT RISK", one.flags.at_risk)) if set_]
    return (f"{one.id}  {one.name}  {one.establishment} {one.cell or 'no cell'}  {one.status}  telephone {one.phone or 'none'}  "
            f"{one.incentive}{''.join(f', {word}' for word in flags)}")


def _shown_row(found: Shown) -> dict[str, object]:
    return as_row("person", found.person) | {
        "pin": found.has_pin, "duress_pin": found.has_duress_pin, "locked_on": [lock.phone for lock in found.locks],
        "balance_pence": pence(found.balance), "contacts": found.contacts, "orders": [one.id for one in found.orders],
        "tasks": [one.kind for one in found.tasks],
    }


def _shown_text(found: Shown) -> str:
    flags = found.person.flags
    lines = [_line(found.person), f"language {flags.language}; needs {', '.join(flags.needs) or 'none'}",
             f"PIN {'issued' if found.has_pin else 'NONE'}; credit {_pence(found.balance)}; {found.contacts} contacts"]
    lines += [f"LOCKED out of telephone {lock.phone} since {lock.since:%Y-%m-%d %H:%M} UTC" for lock in found.locks]
    lines += [f"ORDER {order_line(one)}" for one in found.orders]
    lines += [f"to do by {one.due_at:%Y-%m-%d}: {one.kind}" for one in found.tasks]
    return "\n".join(lines)


def _pence(amount: Millipence) -> str:
    return f"{pence(amount)} p"


def _read(file: Path) -> str:
    try:
        return (typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()).decode("utf-8")
    except OSError as error:
        raise fail(error) from None
    except UnicodeDecodeError as error:
        raise fail(f"{file}: this is not UTF-8: {error}") from None


def _write(file: Path, text: str) -> None:
    try:
        file.touch(0o600)
        file.chmod(0o600)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise fail(error) from None
