"""`wingline copies`: clips and redacted copies of recordings, and files for somebody outside."""
from pathlib import Path
from typing import Annotated

import typer

from recordings.export import Format
from recordings.sound import Channel
from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, fail, print_rows, say
from switch.desk import copies
from switch.desk.copies import Covered
from switch.ports.copies import Copy

app = typer.Typer(help="Copies of recordings, for whoever may hear them.", no_args_is_help=True)

Recording = Annotated[str, typer.Argument(help="The recording's id, which is its call's.")]


@app.command()
def clip(recording: Recording, start: Annotated[float, typer.Argument(help="Seconds from the beginning.")],
         end: Annotated[float, typer.Argument(help="Where it ends, in seconds from the beginning.")], reason: Reason,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Keep a piece of a recording beside it, as it was received."""
    made = ask(folder, now, staff, lambda desk, actor, at: copies.clip(desk, actor, at, recording, start, end, reason))
    say(one_line(made))


@app.command()
def redact(recording: Recording,
           spans: Annotated[list[str], typer.Argument(help="FROM-TO in seconds; contact:FROM-TO or person:FROM-TO for one.")],
           reason: Reason, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Keep a copy in which each span is a tone beside the recording, which stays as it is."""
    covered = [_span(text) for text in spans]
    made = ask(folder, now, staff, lambda desk, actor, at: copies.redact(desk, actor, at, recording, covered, reason))
    say(one_line(made))


@app.command("list")
def list_(recording: Recording, as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """The copies of a recording, oldest first."""
    found = ask(folder, now, "", lambda desk, actor, at: copies.copies(desk, actor, at, recording))
    print_rows(((as_row("copy", one), one_line(one)) for one in found), as_json)


@app.command()
def export(recording: Recording, to: Annotated[Path, typer.Option("--to", help="The file to write; none is written over.")],
           recipient: Annotated[str, typer.Option("--recipient", help="For whom; kept with the export.")], reason: Reason,
           format: Annotated[Format, typer.Option("--format", help="As received, 16-bit WAV, FLAC or Opus.")] = Format.WAV,
           copy: Annotated[str, typer.Option("--copy", help="A copy of it instead, by its id.")] = "",
           level: Annotated[bool, typer.Option("--level", help="Make both speakers as loud.")] = False,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Write a recording, or a copy of it, to a file for somebody."""
    if to.exists():
        raise fail(f"{to} is there already, and none is written over", 2)
    made = ask(folder, now, staff, lambda desk, actor, at: copies.export(
        desk, actor, at, recording, format, recipient, reason, copy, level))
    try:
        with to.open("xb") as file:
            file.write(made.data)
    except OSError as error:
        raise fail(f"{to}: {error.strerror}") from None
    say(f"{to}  {len(made.data)} bytes  SHA-256 {made.sha256}")


def _span(text: str) -> Covered:
    side, _, span = text.rpartition(":")
    try:
        start, end = map(float, span.split("-"))
        return Covered(start, end, Channel(side) if side else Channel.BOTH)
    except ValueError:
        raise fail(f"{text!r} is no span: write it as 12.5-14, or contact:12.5-14", 2) from None


def one_line(copy: Copy) -> str:
    """A copy for a person to read."""
    return f"{copy.id}  of {copy.recording}  made {copy.made_at:%Y-%m-%d %H:%M} UTC"
