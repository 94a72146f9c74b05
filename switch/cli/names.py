"""`wingline names`: how the telephones' menu says who a contact is."""
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Staff, ask, fail, print_rows, say
from switch.desk import contact_names

app = typer.Typer(help="Names of contacts in the telephones' menu: record, list, delete.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The contact's id, as `wingline contacts list` has it.")]


@app.command()
def record(contact: Id, wav: Annotated[Path | None, typer.Option(
               "--wav", help="A PCM recording of the name; it is spoken where there is none.")] = None,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Say this contact by name, to the one person whose contact it is."""
    try:
        recording = "" if wav is None else b64encode(wav.read_bytes()).decode()
    except OSError as error:
        raise fail(error) from None
    made = ask(folder, now, staff, lambda desk, actor, at: contact_names.record_name(desk, actor, at, contact, recording))
    say(f"{contact}: {made.seconds:.1f} s")


@app.command("list")
def list_(person: Annotated[str, typer.Argument(help="Prison number.")], as_json: Json = False, folder: Dir = HERE,
          now: Now = None) -> None:
    """Which of a person's contacts are said by name."""
    found = ask(folder, now, "", lambda desk, actor, at: contact_names.recorded_names(desk, actor, at, person))
    print_rows(((as_row("contact-name", one), f"{one.contact}  {one.seconds:.1f} s  {one.made_at:%Y-%m-%d} by {one.made_by}")
                for one in found), as_json)


@app.command()
def delete(contact: Id, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Delete the sound: the contact is told by its number again."""
    say(f"{ask(folder, now, staff, lambda desk, actor, at: contact_names.delete_name(desk, actor, at, contact))}: deleted")
