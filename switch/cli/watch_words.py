"""`wingline watch-words`: what is listened out for in transcripts, by establishment and subject."""
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, At, Dir, Json, Now, Staff, ask, print_rows, say
from switch.desk import watch_words
from switch.desk.watch_words import Words
from switch.ports.watch import WatchKind, WatchWord

app = typer.Typer(help="Watch words: lists by establishment and subject, and what is in them.", no_args_is_help=True)


@app.command()
def add_list(subject: Annotated[str, typer.Argument(help="What its words are about.")], at: At = "", staff: Staff = "",
             folder: Dir = HERE, now: Now = None) -> None:
    """Begin a list, for one establishment or, without --site, for every one."""
    made = ask(folder, now, staff, lambda desk, actor, when: watch_words.add_list(desk, actor, when, subject, at or None))
    say(f"{made.id}: {made.subject}, {made.establishment or 'every establishment'}")


@app.command()
def end_list(list_: Annotated[str, typer.Argument(metavar="LIST", help="The list's id.")], staff: Staff = "", folder: Dir = HERE,
             now: Now = None) -> None:
    """Look for nothing that is in it any more; its leads stay."""
    words = ask(folder, now, staff, lambda desk, actor, at: watch_words.end_list(desk, actor, at, list_))
    say(f"{list_}: ended, with {words} words")


@app.command()
def add(list_: Annotated[str, typer.Argument(metavar="LIST", help="The list's id.")],
        text: Annotated[str, typer.Argument(help="The word, phrase, telephone number, or sum such as £500.")],
        kind: Annotated[WatchKind, typer.Option("--kind", help="What it is.")] = WatchKind.WORDS,
        language: Annotated[str, typer.Option("--language", help="en inflects, cy mutates; of others what is given.")] = "en",
        form: Annotated[list[str] | None, typer.Option("--form", help="Another way to say it; may be given again.")] = None,
        gap: Annotated[int, typer.Option("--gap", help="So many words may stand between two of a phrase.")] = 0,
        weight: Annotated[int, typer.Option("--weight", help="How much a hit matters, 1 to 100.")] = 50,
        least: Annotated[bool, typer.Option("--least", help="A sum, or more than it.")] = False,
        staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Look for one more, from the next transcript on."""
    made = ask(folder, now, staff, lambda desk, actor, at: watch_words.add_word(
        desk, actor, at, list_, kind, text, language=language, forms=form or [], gap=gap, weight=weight, least=least))
    say(one_line(made))


@app.command()
def end(word: Annotated[str, typer.Argument(help="The word's id.")], staff: Staff = "", folder: Dir = HERE,
        now: Now = None) -> None:
    """Look for it no more; its leads stay."""
    say(f"ended: {one_line(ask(folder, now, staff, lambda desk, actor, at: watch_words.end_word(desk, actor, at, word)))}")


@app.command("list")
def list_(at: At = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """The lists in use with their words, and how staff judged what each one found."""
    found = ask(folder, now, "", lambda desk, actor, when: watch_words.lists(desk, actor, when, at or None))
    for one in found:
        if not as_json:
            say(heading(one))
        print_rows(((as_row("watch-word", word) | {"subject": one.list.subject, "establishment": one.list.establishment},
                     f"  {one_line(word)}") for word in one.words), as_json)


@app.command()
def load(file: Path, dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what is wrong; change nothing.")] = False,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Words from a CSV of subject, kind, text, and establishment, language, forms, gap, weight, least where there are any."""
    text = file.read_text("utf-8")
    done = ask(folder, now, staff, lambda desk, actor, at: watch_words.load(desk, actor, at, text, dry_run))
    say(f"{done.words} words {'would be loaded' if dry_run else 'loaded'}"
        + (f"; new lists: {', '.join(done.new_lists)}" if done.new_lists else ""))


@app.command()
def export(at: At = "", staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The CSV that a load reads."""
    typer.echo(ask(folder, now, staff, lambda desk, actor, when: watch_words.export(desk, actor, when, at or None)), nl=False)


@app.command()
def example() -> None:
    """A list to begin with, as a CSV: invented, and to be changed for the place."""
    typer.echo(files("recordings.watch").joinpath("example.csv").read_text("utf-8"), nl=False)


def heading(one: Words) -> str:
    return f"{one.list.id}  {one.list.subject}  {one.list.establishment or 'every establishment'}  {len(one.words)} words"


def one_line(word: WatchWord) -> str:
    """A word for a person to read."""
    text = f"£{int(word.text) / 100:.2f}{' or more' if word.least else ''}" if word.kind is WatchKind.AMOUNT else word.text
    forms = f" ({', '.join(word.forms)})" if word.forms else ""
    gap = f"  gap {word.gap}" if word.gap else ""
    return (f"{word.id}  {word.kind}  {text}{forms}  {word.language}{gap}  weight {word.weight}"
            f"  useful {word.useful}, false {word.false}")
