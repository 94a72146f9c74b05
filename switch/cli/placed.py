"""`wingline placed` and `wingline relief`: calls that the switch places itself, and in what words a contact is told who calls."""
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.call.placed import PlacedKind
from switch.cli.common import HERE, Dir, Json, Now, Staff, ask, clock_of, fail, moment, print_rows, say
from switch.core.facts import Voice
from switch.desk import names, placed
from switch.desk.placed import Placing
from switch.ports.names import Whose

app = typer.Typer(help="Calls that the switch places itself: consent, and whether a number is right.", no_args_is_help=True)
relief_app = typer.Typer(help="The short announcement for contacts who agreed, and words for a child.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="Prison number, A1234BC.")]
Number = Annotated[str, typer.Argument(help="The contact's number.")]
Site = Annotated[str, typer.Argument(help="The establishment.")]
Whose_ = Annotated[Whose, typer.Argument(help="establishment or person.")]
Of = Annotated[str, typer.Argument(help="Its code, or the prison number.")]


@app.command()
def request(kind: Annotated[PlacedKind, typer.Argument(help="consent, or verify for a number that was agreed to before.")],
            person: Person, number: Number,
            after: Annotated[str | None, typer.Option("--after", help="Not before this moment.")] = None, staff: Staff = "",
            folder: Dir = HERE, now: Now = None) -> None:
    """Have the switch ring a contact's number and ask."""
    start = moment(after, clock_of(now).wall(), "--after")
    made = ask(folder, now, staff, lambda desk, actor, at: placed.request(
        desk, actor, at, kind, person, number, not_before=start))
    say(f"{made.id} {made.kind} of {made.number} for {made.person}: waits until {made.not_before:%Y-%m-%d %H:%M} UTC at least")


@app.command("list")
def list_(person: Annotated[str | None, typer.Option("--person", help="Only those about this person.")] = None,
          as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Every request and what came of it, oldest first."""
    found = ask(folder, now, "", lambda desk, actor, at: placed.show(desk, actor, at, person))
    print_rows(((as_row("placed-call", one), _line(one)) for one in found), as_json)


@app.command()
def cancel(id: Annotated[str, typer.Argument(help="The request's id.")], staff: Staff = "", folder: Dir = HERE,
           now: Now = None) -> None:
    """Take back a request that waits."""
    ask(folder, now, staff, lambda desk, actor, at: placed.cancel(desk, actor, at, id))
    say(f"{id}: cancelled")


@app.command("name")
def name(whose: Whose_, of: Of,
         text: Annotated[str, typer.Option("--text", help="As it is said; as it is written otherwise.")] = "",
         wav: Annotated[Path | None, typer.Option("--wav", help="A PCM recording of it; else it is spoken.")] = None,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Give an establishment's or a person's name the sound in which these calls say it, where the plan lets them."""
    try:
        recording = "" if wav is None else b64encode(wav.read_bytes()).decode()
    except OSError as error:
        raise fail(error) from None
    made = ask(folder, now, staff, lambda desk, actor, at: names.give_name(
        desk, actor, at, whose, of, text=text, recording=recording))
    say(f"{made.of}: named in {made.seconds:.1f} s")


@app.command("names")
def names_(as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Every name that has a sound."""
    found = ask(folder, now, "", names.names)
    print_rows(((as_row("name", one), f"{one.whose:<14} {one.of:<16} {one.seconds:4.1f} s  {one.text or '(as on record)'}")
                for one in found), as_json)


@app.command("forget-name")
def forget_name(whose: Whose_, of: Of, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Say a name no more."""
    say(f"{ask(folder, now, staff, lambda desk, actor, at: names.forget_name(desk, actor, at, whose, of))}: named no more")


@relief_app.command("allow")
def allow(site: Site, by: Annotated[str, typer.Option("--authorised-by", help="The name of who answers for it.")],
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Leave for an establishment to use the short announcement; its plan says for how long after a consent."""
    made = ask(folder, now, staff, lambda desk, actor, at: placed.allow_relief(desk, actor, at, site, by))
    say(f"{made.establishment}: relief allowed, authorised by {made.authorised_by}")


@relief_app.command("end")
def end(site: Site, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """From the next call on everybody hears the whole announcement."""
    ended = ask(folder, now, staff, lambda desk, actor, at: placed.end_relief(desk, actor, at, site))
    say(f"{ended.establishment}: relief ended")


@relief_app.command("voice")
def voice(person: Person, number: Number, words: Annotated[Voice, typer.Argument(help="usual or child.")], staff: Staff = "",
          folder: Dir = HERE, now: Now = None) -> None:
    """Announce calls to this contact in words for a child, or in the usual ones."""
    ask(folder, now, staff, lambda desk, actor, at: placed.set_voice(desk, actor, at, person, number, words))
    say(f"{person}: {words} words")


def _line(one: Placing) -> str:
    call = one.call
    agreed = f"  agreed {one.consented_at:%Y-%m-%d}" if one.consented_at else ""
    return (f"{call.id} {call.kind:<8} {call.person or '-':<7} {call.number:<16} {call.state:<9} "
            f"{call.answer or call.why or '':<14} tries {call.attempts}{agreed}")
