"""`wingline alarms`: what needs somebody."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Staff, ask, say
from switch.cli.common import print_rows as _rows
from switch.desk import alarms
from switch.ports.alarms import Alarm

app = typer.Typer(help="Alarms: list, and take on.", no_args_is_help=True)


@app.command("list")
def list_(all: Annotated[bool, typer.Option("--all", help="Also those that somebody has taken on.")] = False,
          kind: Annotated[str, typer.Option("--kind", help="Of this kind alone, such as duress.")] = "",
          as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """What nobody has taken on yet, oldest first."""
    found = ask(folder, now, "", lambda desk, actor, at: alarms.list_alarms(desk, actor, at, all, kind))
    _rows(((as_row("alarm", one), one_line(one)) for one in found), as_json)


@app.command()
def acknowledge(alarm: Annotated[str, typer.Argument(help="The alarm's id, as `alarms list` shows it.")],
                done: Annotated[str, typer.Option("--done", help="What was done about it.")], staff: Staff = "",
                folder: Dir = HERE, now: Now = None) -> None:
    """Take an alarm on, and say what was done."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: alarms.acknowledge(desk, actor, at, alarm, done))))


def one_line(alarm: Alarm) -> str:
    """An alarm for a person to read."""
    taken = f"  (taken on by {alarm.acknowledged_by})" if alarm.acknowledged_by else ""
    return f"{alarm.id}  {alarm.at:%Y-%m-%d %H:%M:%S} UTC  {alarm.kind}{taken}: {alarm.text}"
