"""`wingline monitoring`: the queue of recorded calls to listen to."""
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from dialplans.monitoring import is_foreign
from switch.build.monitoring import monitoring_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, fail, print_rows, say
from switch.core.monitoring import ItemState, Outcome, Side, Tier, Translation
from switch.desk import drawing, monitoring, monitoring_reports
from switch.desk.monitoring import ShownItem
from switch.ports.monitoring import Item, ItemNote

app = typer.Typer(help="Recorded calls to listen to: next, list, close, note, bookmark, translate, report.", no_args_is_help=True)
Call = Annotated[str, typer.Argument(help="The call's id.")]
Where = Annotated[str, typer.Option("--site", help="The establishment.")]
Words = Annotated[str, typer.Argument(help="What there is to know, in your own words.")]
Csv = Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")]
MONTH = timedelta(days=28)


class Report(StrEnum):
    OVERDUE = "overdue"
    HEARD = "heard"


@app.command("next")
def next_(where: Where, as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The first that nobody else has in hand; it is yours for a while. Exits 1 when nothing waits."""
    found = ask(folder, now, staff, lambda desk, actor, at: monitoring.next_item(desk, actor, at, where))
    if found.item is None:
        raise fail("nothing waits that you may hear")
    _show([found.item], as_json)


@app.command()
def claim(call: Call, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Take one out of turn, or keep one for as long again."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: monitoring.claim_item(desk, actor, at, call))))


@app.command()
def release(call: Call, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Give one back, for whoever is next."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: monitoring.release_item(desk, actor, at, call))))


@app.command("list")
def list_(where: Where, state: Annotated[ItemState, typer.Option("--state", help="Those in this state.")] = ItemState.WAITING,
          tier: Annotated[Tier | None, typer.Option("--tier", help="Only these.")] = None,
          overdue: Annotated[bool, typer.Option("--overdue", help="Only what waits past its due time.")] = False,
          as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Items in the order of the queue."""
    found = ask(folder, now, staff, lambda desk, actor, at: monitoring.items(desk, actor, at, where, state, tier, overdue))
    _show(found, as_json)


@app.command()
def show(call: Call, as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """One item, with notes and bookmarks."""
    found = ask(folder, now, staff, lambda desk, actor, at: monitoring.show_item(desk, actor, at, call))
    if as_json:
        print_rows([(monitoring_row("item", found.item), "")] + [(monitoring_row("note", one), "") for one in found.notes], True)
    else:
        _told(found)


@app.command()
def close(call: Call,
          outcome: Annotated[Outcome | None, typer.Option("--listened", help="It was listened to, and this came of it.")] = None,
          not_needed: Annotated[bool, typer.Option("--not-needed", help="Nobody needs to; say why.")] = False,
          reason: Annotated[str, typer.Option("--reason", help="Why, or what was heard; kept with the item.")] = "",
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Done with an item: listened to, or not needed."""
    if (outcome is None) is not not_needed:
        raise fail("say either --listened and what came of it, or --not-needed and --reason", 2)
    if outcome is not None:
        came = outcome
        say(_line(ask(folder, now, staff, lambda desk, actor, at: monitoring.close_listened(
            desk, actor, at, call, came, reason))))
    else:
        say(_line(ask(folder, now, staff, lambda desk, actor, at: monitoring.close_not_needed(desk, actor, at, call, reason))))


@app.command()
def note(call: Call, words: Words, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Write something about the whole call."""
    _told(ask(folder, now, staff, lambda desk, actor, at: monitoring.note_item(desk, actor, at, call, words)))


@app.command()
def bookmark(call: Call, second: Annotated[int, typer.Argument(help="Seconds from the recording's beginning.")], words: Words,
             side: Annotated[Side, typer.Option("--side", help="Whose voice.")] = Side.BOTH, staff: Staff = "",
             folder: Dir = HERE, now: Now = None) -> None:
    """Mark a place in the recording."""
    _told(ask(folder, now, staff, lambda desk, actor, at: monitoring.bookmark(desk, actor, at, call, second, side, words)))


@app.command()
def translate(call: Call, decision: Annotated[Translation, typer.Argument(help="What was decided.")], reason: Reason,
              staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Say whether a call in another language was translated, is to be, or need not be."""
    say(_line(ask(folder, now, staff, lambda desk, actor, at: monitoring.translate(desk, actor, at, call, decision, reason))))


@app.command()
def report(what: Annotated[Report, typer.Argument(help="Overdue: by tier and age; heard: by week, wing and tier.")],
           where: Where,
           since: Annotated[str, typer.Option("--from", help="Local day (2026-11-25); four weeks ago when left out.")] = "",
           until: Annotated[str, typer.Option("--until", help="Before that local day; tomorrow when left out.")] = "",
           as_csv: Csv = False, as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Counts, and no names."""
    if what is Report.OVERDUE:
        late = ask(folder, now, staff, lambda desk, actor, at: monitoring_reports.overdue(desk, actor, at, where))
        if as_csv:
            typer.echo(monitoring_reports.overdue_csv(late), nl=False)
        else:
            print_rows(((monitoring_row("overdue", row), f"{row.tier:<17} {row.days:>3} days overdue  {row.items:>6}  oldest "
                         f"call {row.oldest:%Y-%m-%d %H:%M} UTC") for row in late), as_json)
        return
    today = clock_of(now).wall().date()
    last = _day(until, "--until") or today + timedelta(days=1)
    first = _day(since, "--from") or last - MONTH
    rows = ask(folder, now, staff, lambda desk, actor, at: monitoring_reports.heard(desk, actor, at, where, first, last))
    if as_csv:
        typer.echo(monitoring_reports.heard_csv(rows), nl=False)
    else:
        print_rows(((monitoring_row("heard", row), f"{row.week}  {row.wing:<6} {row.tier or 'unlisted':<17} {row.listened:>6} of "
                     f"{row.recordings} heard ({row.share / 10:.1f} %), {row.not_needed} not needed, {row.waiting} waiting")
                    for row in rows), as_json)


@app.command()
def redraw(day: Annotated[str, typer.Argument(help="The local day, 2026-11-25.")], where: Where, as_json: Json = False,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Do the random draw of a day again. Exits 1 where an item says otherwise than the draw."""
    done = ask(folder, now, staff, lambda desk, actor, at: drawing.redraw(desk, actor, at, where, day))
    print_rows([(monitoring_row("draw", done), f"{done.day}: {len(done.drawn)} of {done.recordings} recordings were drawn, seed "
                 f"sha256 {done.digest}" + "".join(f"\n{call}: its item says otherwise than the draw" for call in done.wrong)
                 + "".join(f"\n{call}: it was recorded, and has no item" for call in done.unfiled))], as_json)
    if done.wrong or done.unfiled:
        raise typer.Exit(1)


def _day(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise fail(f"{option}: {text!r} is no day; write it as 2026-11-25", 2) from None


def _show(items: list[Item], as_json: bool) -> None:
    print_rows(((monitoring_row("item", one), _line(one)) for one in items), as_json)


def _told(found: ShownItem) -> None:
    say(_line(found.item), *map(_note, found.notes))


def _line(item: Item) -> str:
    stands = item.authority or (f"lead {item.lead}" if item.lead else f"{item.percent} % of {item.plan}" if item.drawn else "")
    due = f"  due {item.due:%Y-%m-%d %H:%M} UTC" if item.due and item.state is ItemState.WAITING else ""
    hand = f"  {item.claimed_by} until {item.claimed_until:%H:%M} UTC" if item.claimed_by and item.claimed_until else ""
    foreign = is_foreign((item.language,))
    language = f"  {item.language}: {item.translation or 'no translation decision'}" if foreign else ""
    what = f"  {item.outcome}" if item.outcome else ""
    return (f"{item.call}  {item.state}{what}  {item.tier or '-'} ({stands or 'nothing'})  {item.person or '-'} to {item.number}"
            f"  {item.started_at:%Y-%m-%d %H:%M} UTC, {item.seconds:.0f} s{due}{hand}{language}")


def _note(note: ItemNote) -> str:
    place = "" if note.second is None else f" at {note.second // 60}:{note.second % 60:02} ({note.side})"
    return f"    {note.at:%Y-%m-%d %H:%M} UTC  {note.by}  {note.kind}{place}: {note.text or '(erased)'}"
