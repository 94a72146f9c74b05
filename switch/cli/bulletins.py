"""`wingline bulletins`: news of an establishment in its telephones' menu."""
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, At, Dir, Json, Now, Staff, ask, clock_of, fail, moment, print_rows, say
from switch.desk import bulletins

app = typer.Typer(help="News in the telephones' menu: publish, list, withdraw.", no_args_is_help=True)


@app.command()
def publish(establishment: Annotated[str, typer.Argument(help="The establishment.")],
            until: Annotated[str, typer.Option("--until", help="Until then (2026-11-23T21:30:00Z or +3d).")],
            text: Annotated[str, typer.Option("--text", help="The words; spoken where there is no recording.")] = "",
            wav: Annotated[Path | None, typer.Option("--wav", help="A PCM recording of somebody saying it.")] = None,
            wing: Annotated[str, typer.Option("--wing", help="For one wing alone.")] = "",
            start: Annotated[str | None, typer.Option("--from", help="From then on; now when left out.")] = None,
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Tell it to everybody there who asks for the news."""
    at = clock_of(now).wall()
    ends, begins = moment(until, at, "--until"), moment(start, at, "--from")
    assert ends is not None
    try:
        recording = "" if wav is None else b64encode(wav.read_bytes()).decode()
    except OSError as error:
        raise fail(error) from None
    made = ask(folder, now, staff, lambda desk, actor, when: bulletins.publish_bulletin(
        desk, actor, when, establishment, ends, text=text, recording=recording, wing=wing or None, start=begins))
    say(f"{made.id}: {made.seconds:.1f} s, until {made.until:%Y-%m-%d %H:%M} UTC")


@app.command("list")
def list_(at: At = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Those in force and to come, newest first."""
    found = ask(folder, now, "", lambda desk, actor, when: bulletins.bulletins(desk, actor, when, at or None))
    print_rows(((as_row("bulletin", one), f"{one.id}  {one.establishment} {one.wing or ''}  until {one.until:%Y-%m-%d %H:%M} UTC"
                 f"  {one.seconds:.0f} s  {one.text or '(recorded)'}") for one in found), as_json)


@app.command()
def withdraw(bulletin: Annotated[str, typer.Argument(help="The bulletin's id.")], staff: Staff = "", folder: Dir = HERE,
             now: Now = None) -> None:
    """Tell it no more."""
    say(f"{ask(folder, now, staff, lambda desk, actor, at: bulletins.withdraw_bulletin(desk, actor, at, bulletin))}: withdrawn")
