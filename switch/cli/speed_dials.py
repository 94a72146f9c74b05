"""`wingline speed-dials`: the keys 1 to 9 of a person's telephone menu."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Staff, ask, print_rows, say
from switch.desk import speed_dials

app = typer.Typer(help="Speed-dial keys of a person's telephone menu: list, set, clear.", no_args_is_help=True)
Person = Annotated[str, typer.Argument(help="Prison number, A1234BC.")]
Key = Annotated[int, typer.Argument(help="The key, 1 to 9.")]


@app.command("list")
def list_(person: Person, as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """What is on the keys."""
    dials = ask(folder, now, "", lambda desk, actor, at: speed_dials.speed_dials(desk, actor, at, person))
    print_rows(((as_row("speed-dial", one), f"{one.slot}  {one.number}") for one in dials), as_json)


@app.command("set")
def set_(person: Person, key: Key, number: Annotated[str, typer.Argument(help="A number among their contacts.")],
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Put a number on a key."""
    dial = ask(folder, now, staff, lambda desk, actor, at: speed_dials.set_speed_dial(desk, actor, at, person, key, number))
    say(f"{dial.person}: {dial.number} is on key {dial.slot}")


@app.command()
def clear(person: Person, key: Key, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Take a number off a key."""
    who = ask(folder, now, staff, lambda desk, actor, at: speed_dials.clear_speed_dial(desk, actor, at, person, key))
    say(f"{who}: nothing is on key {key} now")
