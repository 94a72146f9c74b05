"""`wingline places`: establishments, wings, cells and telephones."""
from datetime import datetime
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, At, Dir, Json, Now, Reason, Staff, ask, print_rows, say
from switch.core.ids import StaffId
from switch.desk import places
from switch.desk.asking import Desk
from switch.ports.desk import Cell, Changes, Establishment, Phone

app = typer.Typer(help="Establishments, wings, cells, telephones.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="The establishment.")]
Capacity = Annotated[int | None, typer.Option("--capacity", help="How many people it is for.")]
PhoneName = Annotated[str, typer.Argument(help="The telephone: its SIP user.")]


@app.command("list")
def list_(at: At = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Establishments with their cells and telephones."""

    def everything(changes: Changes) -> list[Establishment | Cell | Phone]:
        found: list[Establishment | Cell | Phone] = []
        for place in changes.establishments():
            if at in ("", place.id):
                found += [place, *changes.cells(place.id), *changes.phones(place.id)]
        return found

    async def look(desk: Desk, actor: StaffId, when: datetime) -> list[Establishment | Cell | Phone]:
        return await desk.work.look(actor, when, everything)

    found: list[Establishment | Cell | Phone] = ask(folder, now, "", look)
    print_rows((_row(one) for one in found), as_json)


@app.command("add")
def add(code: Code, name: Annotated[str, typer.Option("--name", help="As staff write it, such as HMP Wick Hill.")],
        zone: Annotated[str, typer.Option("--zone", help="Time zone.")] = "Europe/London", capacity: Capacity = None,
        staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Add an establishment."""
    made = ask(folder, now, staff, lambda desk, actor, at: places.add_establishment(desk, actor, at, code, name, zone, capacity))
    say(_row(made)[1])


@app.command("add-wing")
def add_wing(code: Code, wing: Annotated[str, typer.Argument(help="The wing.")], staff: Staff = "", folder: Dir = HERE,
             now: Now = None) -> None:
    """Add a wing."""
    say(f"wing {ask(folder, now, staff, lambda desk, actor, at: places.add_wing(desk, actor, at, code, wing))} of {code}")


@app.command("add-cell")
def add_cell(code: Code, wing: Annotated[str, typer.Argument(help="The wing.")],
             cell: Annotated[str, typer.Argument(help="The cell.")], capacity: Capacity = None, staff: Staff = "",
             folder: Dir = HERE, now: Now = None) -> None:
    """Add a cell."""
    say(_row(ask(folder, now, staff, lambda desk, actor, at: places.add_cell(desk, actor, at, code, wing, cell, capacity)))[1])


@app.command("capacity")
def capacity_(code: Code, capacity: Annotated[int, typer.Argument(help="How many people it is for.")],
              cell: Annotated[str | None, typer.Option("--cell", help="Of this cell, not of the whole.")] = None,
              staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Say how many people an establishment or a cell is for."""
    if cell is None:
        say(_row(ask(folder, now, staff, lambda desk, actor, at: places.set_capacity(desk, actor, at, code, capacity)))[1])
    else:
        say(_row(ask(folder, now, staff, lambda desk, actor, at: places.set_cell_capacity(
            desk, actor, at, code, cell, capacity)))[1])


@app.command("close")
def close(code: Code, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Place no new calls to contacts here."""
    say(_row(ask(folder, now, staff, lambda desk, actor, at: places.close_or_open(desk, actor, at, code, False, reason)))[1])


@app.command("open")
def open_(code: Code, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Place calls again."""
    say(_row(ask(folder, now, staff, lambda desk, actor, at: places.close_or_open(desk, actor, at, code, True, reason)))[1])


@app.command("add-phone")
def add_phone(phone: PhoneName, code: Annotated[str, typer.Option("--site", help="The establishment.")],
              cell: Annotated[str, typer.Option("--cell", help="Where it stands.")],
              network: Annotated[str, typer.Option("--network", help="The access network of the settings that it is in.")],
              no_pin: Annotated[bool, typer.Option("--no-pin", help="Ask for no PIN: a cell of one person only.")] = False,
              staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Add a telephone; prints its password, once."""
    _tell(ask(folder, now, staff, lambda desk, actor, at: places.add_phone(
        desk, actor, at, phone, code, cell, network, not no_pin)))


@app.command("move-phone")
def move_phone(phone: PhoneName, cell: Annotated[str, typer.Argument(help="Where it stands from now on.")], staff: Staff = "",
               folder: Dir = HERE, now: Now = None) -> None:
    """Move a telephone to another cell."""
    say(_row(ask(folder, now, staff, lambda desk, actor, at: places.move_phone(desk, actor, at, phone, cell)))[1])


@app.command("password")
def password(phone: PhoneName, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Give a telephone another password; prints it, once."""
    _tell(ask(folder, now, staff, lambda desk, actor, at: places.replace_password(desk, actor, at, phone, reason)))


def _tell(made: places.NewPhone) -> None:
    say(_row(made.phone)[1], f"SIP user {made.phone.id}, password {made.password}: it is shown this once")


def _row(one: Establishment | Cell | Phone) -> tuple[dict[str, object], str]:
    match one:
        case Establishment():
            state = "open" if one.open else f"CLOSED ({one.reason})"
            text = f"{one.id}  {one.name}, {one.zone}, for {_capacity(one.capacity)}, {state}"
            return as_row("establishment", one), text
        case Cell():
            return as_row("cell", one), f"  cell {one.id} on wing {one.wing}, for {_capacity(one.capacity)}"
        case Phone():
            pin = "" if one.pin_required else ", no PIN"
            return as_row("phone", one), f"  telephone {one.id} in {one.cell}, network {one.network}{pin}"


def _capacity(capacity: int | None) -> str:
    return "an unknown number" if capacity is None else str(capacity)
