"""`wingline kill`: the kill switch."""
from datetime import datetime
from typing import Annotated

import typer

from switch.build import harm
from switch.build.staff import as_row
from switch.cli.common import (
    HERE,
    TRY_AGAIN,
    At,
    Dir,
    Json,
    Now,
    Reason,
    Staff,
    ask,
    clock_of,
    fail,
    moment,
    print_rows,
    say,
    warn,
)
from switch.core.ids import StaffId
from switch.desk import kill
from switch.ports.desk import Order, Reach
from switch.runtime.control import ControlRefused, NoSwitch
from switch.settings.tree import Settings

app = typer.Typer(help="No calls: for an establishment, a wing, a cell or a person. Helplines stay on.", no_args_is_help=True)

NoNew = Annotated[bool, typer.Option("--no-new", help="Refuse new calls; those that run go on.")]
Cut = Annotated[bool, typer.Option("--cut", help="Refuse new calls, and end those that run now.")]
From = Annotated[str | None, typer.Option("--from", help="From then on (2026-11-23T21:30:00Z or +3h); now when left out.")]
Until = Annotated[str | None, typer.Option("--until", help="Until then; until it is lifted when left out.")]
OrderId = Annotated[str, typer.Argument(help="The order's id, as `kill list` shows it.")]


@app.command("site")
def site_(target: Annotated[str, typer.Argument(help="The establishment.")], reason: Reason, no_new: NoNew = False,
          cut: Cut = False, start: From = None, until: Until = None, staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """No calls in a whole establishment."""
    _place(Reach.SITE, target, "", reason, no_new, cut, start, until, staff, folder, now)


@app.command()
def wing(target: Annotated[str, typer.Argument(help="The wing.")], reason: Reason, at: At = "", no_new: NoNew = False,
         cut: Cut = False, start: From = None, until: Until = None, staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """No calls on a wing."""
    _place(Reach.WING, target, at, reason, no_new, cut, start, until, staff, folder, now)


@app.command()
def cell(target: Annotated[str, typer.Argument(help="The cell.")], reason: Reason, at: At = "", no_new: NoNew = False,
         cut: Cut = False, start: From = None, until: Until = None, staff: Staff = "", folder: Dir = HERE,
         now: Now = None) -> None:
    """No calls from a cell."""
    _place(Reach.CELL, target, at, reason, no_new, cut, start, until, staff, folder, now)


@app.command()
def person(target: Annotated[str, typer.Argument(help="Prison number, A1234BC.")], reason: Reason, no_new: NoNew = False,
           cut: Cut = False, start: From = None, until: Until = None, staff: Staff = "", folder: Dir = HERE,
           now: Now = None) -> None:
    """No calls of one person, wherever they are."""
    _place(Reach.PERSON, target, "", reason, no_new, cut, start, until, staff, folder, now)


@app.command()
def helplines(order: OrderId, reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """A second order on one that stands: helplines are stopped there too."""
    placed = ask(folder, now, staff, lambda desk, actor, at: kill.stop_helplines(desk, actor, at, order, reason))
    say(one_line(placed))


@app.command()
def lift(order: OrderId, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """An order no longer stands."""
    lifted = ask(folder, now, staff, lambda desk, actor, at: kill.lift(desk, actor, at, order))
    say(*(f"lifted: {one_line(one)}" for one in lifted))


@app.command("list")
def list_(as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """What is off, since when, by whom and why."""
    orders = ask(folder, now, "", kill.standing)
    print_rows(((as_row("order", one), one_line(one)) for one in orders), as_json)


def one_line(order: Order) -> str:
    """An order for a person to read."""
    what = "cut all" if order.cut else "no new calls"
    where = order.target if order.establishment in (None, order.target) else f"{order.target} at {order.establishment}"
    until = f" until {order.until:%Y-%m-%d %H:%M} UTC" if order.until else ""
    return (f"{order.id}  {order.reach} {where}: {what}{', HELPLINES TOO' if order.helplines_too else ''}"
            f" since {order.start:%Y-%m-%d %H:%M:%S} UTC{until}, by {order.staff}: {order.reason}")


def _place(reach: Reach, target: str, at: str, reason: str, no_new: bool, cut: bool, start: str | None, until: str | None,
           staff: str, folder: Dir, now: str | None) -> None:
    if no_new == cut:
        raise fail("say which: --no-new lets calls that run go on, --cut ends them", 2)
    clock = clock_of(now).wall()
    begin, end = moment(start, clock, "--from"), moment(until, clock, "--until")

    def here(settings: Settings, who: StaffId, moment_: datetime) -> Order:
        try:
            order, kept = harm.kill_here(settings, who, moment_, reach, target, reason, cut=cut, establishment=at or None,
                                         start=begin, until=end)
        except (NoSwitch, ControlRefused) as error:
            raise fail(f"{error}: nothing is known to have been done; look, then try again", TRY_AGAIN) from None
        warn(filter(None, [harm.KEPT[kept]]))
        return order

    placed = ask(folder, now, staff, lambda desk, actor, at_: kill.place(
        desk, actor, at_, reach, target, reason, cut=cut, establishment=at or None, start=begin, until=end), here)
    say(one_line(placed))
