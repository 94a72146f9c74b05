"""`wingline models`: what speech is turned into text with. Nothing is ever downloaded: a model is a folder that you have."""
from pathlib import Path
from typing import Annotated

import typer

from recordings.transcribe import models
from recordings.transcribe.engine import EngineProblem
from recordings.transcribe.models import ModelState
from switch.build import site
from switch.cli.common import HERE, Dir, fail, say
from switch.settings.tree import Settings

app = typer.Typer(help="Models of speech recognition: check, add.", no_args_is_help=True)


@app.command()
def check(name: Annotated[str, typer.Argument(help="One model alone.")] = "", folder: Dir = HERE) -> None:
    """Compare each model's files with the hashes of when it was added, and load it. Exits 1 where one may not be used."""
    settings = _settings(folder)
    told = settings.transcription
    names = [name] if name else models.added(told.models)
    if told.model in names and (other := models.engine_of(told.models / told.model)) not in (None, settings.transcription.engine):
        raise fail(f"transcription.engine is {told.engine}, and {told.model} is a model of {other}: nothing is transcribed")
    found = [models.check(told.models, one, told.language) for one in names]
    for one in found:
        say(_line(one, one.name == told.model))
    if not told.model:
        say("no model is configured (transcription.model): nothing is transcribed, and calls go on")
    elif told.model not in names and not name:
        raise fail(f"there is no model {told.model} in {told.models}, so nothing is transcribed, and calls go on")
    if any(one.problems for one in found):
        raise typer.Exit(1)


@app.command()
def add(name: Annotated[str, typer.Argument(help="What it shall be called in transcription.model.")],
        source: Annotated[Path, typer.Argument(help="The folder of a model of vosk or of faster-whisper (CTranslate2).")],
        sums: Annotated[Path | None, typer.Option("--sums", help="Hashes of its files, as sha256sum writes them.")] = None,
        repeatable: Annotated[bool, typer.Option("--repeatable", help="vosk writes the same words every time.")] = False,
        folder: Dir = HERE) -> None:
    """Copy a model into the site's folder of models, if its hashes are right and it loads."""
    settings = _settings(folder)
    try:
        made = models.add(settings.transcription.models, name, source, settings.transcription.language, sums, repeatable)
    except (EngineProblem, OSError, UnicodeDecodeError) as error:
        raise fail(error) from None
    say(_line(made, name == settings.transcription.model))
    if name != settings.transcription.model:
        say(f'to use it: [transcription] engine = "{made.engine}", model = "{name}"; then start the worker anew')


def _settings(folder: Path) -> Settings:
    try:
        return site.read_settings(folder)
    except site.SiteProblems as error:
        raise fail(error) from None


def _line(one: ModelState, used: bool) -> str:
    whose = f"  {one.known}" if one.known else ""
    state = "; ".join(one.problems) or "as it was added, and loads"
    return f"{one.name}  {one.engine or '?'}  {one.octets / 1e6:.0f} MB{whose}{'  in use' if used else ''}: {state}"
