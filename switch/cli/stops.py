"""`wingline stops`: orders of those outside to be left alone."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, say
from switch.cli.common import print_rows as _rows
from switch.core.facts import StopScope
from switch.desk import families, stops
from switch.ports.numbers import Stop

app = typer.Typer(help="Stop contact: calls from one person, or from every prison.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The telephone number, in any spelling.")]
Person = Annotated[str, typer.Option("--person", help="Prison number of the person who may not ring; none: every prison.")]
Second = Annotated[str, typer.Option("--second", help="The second member of staff.")]
Source = Annotated[str, typer.Option("--source", help="How it was asked for, such as web or text.")]


@app.command()
def place(number: Number, reason: Reason, person: Person = "", second: Second = "", staff: Staff = "", folder: Dir = HERE,
          now: Now = None) -> None:
    """Stop calls to a number; those that run to it end within seconds."""
    placed = ask(folder, now, staff, lambda desk, actor, at: stops.place(
        desk, actor, at, number, _scope(person), reason, person, second))
    say(one_line(placed))


@app.command()
def undo(stop: Annotated[str, typer.Argument(help="The stop's id, as `stops list` shows it.")], reason: Reason, second: Second,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Undo what staff placed. What the number itself ordered is undone only from there."""
    undone = ask(folder, now, staff, lambda desk, actor, at: stops.undo(desk, actor, at, stop, reason, second))
    say(f"undone: {one_line(undone)}")


@app.command("list")
def list_(number: Annotated[str, typer.Argument(help="Of this number alone.")] = "", as_json: Json = False, folder: Dir = HERE,
          now: Now = None) -> None:
    """What stands, oldest first."""
    found = ask(folder, now, "", lambda desk, actor, at: stops.standing(desk, actor, at, number))
    _rows(((as_row("stop", one), one_line(one)) for one in found), as_json)


@app.command()
def request(number: Number, person: Person = "", source: Source = "web",
            take_back: Annotated[bool, typer.Option("--undo", help="Take back what the number itself stopped.")] = False,
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Somebody asked by text or on the web: a code goes to the number, and nothing is done before it comes back."""
    made = ask(folder, now, staff, lambda desk, actor, at: stops.request(
        desk, actor, at, number, _scope(person), source, person, undo=take_back))
    say(f"{made.request}  waits for its code until {made.until:%Y-%m-%d %H:%M} UTC")


@app.command()
def confirm(request: Annotated[str, typer.Argument(help="The request's id.")],
            code: Annotated[str, typer.Argument(help="What was sent to the number.")], staff: Staff = "", folder: Dir = HERE,
            now: Now = None) -> None:
    """The code came back from the number."""
    done = ask(folder, now, staff, lambda desk, actor, at: stops.confirm(desk, actor, at, request, code))
    say(*([one_line(done.placed)] if done.placed else [f"undone: {len(done.undone)}"]))


@app.command("let-ring")
def let_ring(number: Number, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """A number that asked not to be rung with codes for the page for families may be again."""
    lifted = ask(folder, now, staff, lambda desk, actor, at: families.let_ring(desk, actor, at, number, reason))
    say(f"{number} may be rung with codes again (it had said no {lifted} times)")


def _scope(person: str) -> StopScope:
    return StopScope.PERSON if person else StopScope.EVERYONE


def one_line(stop: Stop) -> str:
    """A stop for a person to read."""
    who = stop.person or "every prison"
    told = f": {stop.reason}" if stop.reason else ""
    return f"{stop.id}  {stop.number}  {who}  by {stop.source} ({stop.placed_by}) {stop.placed_at:%Y-%m-%d %H:%M:%S} UTC{told}"
