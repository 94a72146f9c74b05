"""`wingline tasks` and `wingline roll-check`: what staff have still to do, and what is not as it should be."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, At, Dir, Json, Now, Staff, ask, print_rows, say
from switch.desk import rolls

app = typer.Typer(help="What waits for staff: list, done.", no_args_is_help=True)


@app.command("list")
def list_(at: At = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """What is still to do, first due first."""
    tasks = ask(folder, now, "", lambda desk, actor, when: rolls.waiting(desk, actor, when, at or None))
    print_rows(((as_row("task", one), f"{one.id}  due {one.due_at:%Y-%m-%d %H:%M} UTC  {one.establishment}  {one.kind}  "
                 f"{one.person or ''}") for one in tasks), as_json)


@app.command()
def done(task: Annotated[str, typer.Argument(help="The task's id.")], staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """A task is done."""
    say(f"{ask(folder, now, staff, lambda desk, actor, at: rolls.finish(desk, actor, at, task))}: done")


def roll_check(at: At = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """People without a telephone, telephones with the wrong people or none, cells over capacity. Exits 1 when there are any."""
    found = ask(folder, now, "", lambda desk, actor, when: rolls.roll_check(desk, actor, when, at or None))
    print_rows(((as_row("roll-problem", one), f"{one.kind:<14} {one.text}") for one in found), as_json)
    if found:
        raise typer.Exit(1)
    if not as_json:
        say("everybody has a telephone, and every telephone its people")
