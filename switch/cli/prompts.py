"""`wingline prompts`: what the switch says, in every language that the site has."""
from pathlib import Path
from typing import Annotated

import typer

from dialplans.prompts.table import shipped_languages, wording
from switch.build.desk import prompts_of
from switch.cli.common import HERE, Dir, fail, say
from switch.media.languages import folder_of, import_language, site_languages
from switch.media.prompts import PromptAudioError, check_audio, import_recording
from switch.settings import checks

app = typer.Typer(help="What the switch says: check, import.", no_args_is_help=True)
Language = Annotated[str, typer.Option("--language", help="Its code, such as cy or pl; the site's own when left out.")]
Voice = Annotated[str, typer.Option("--voice", help="Whose voice it is.")]


@app.command()
def check(language: Annotated[str, typer.Option("--language", help="One language alone.")] = "", folder: Dir = HERE) -> None:
    """Report prompts that are missing or older than their words, in every language. What is missing is said in English."""
    extra, own = prompts_of(folder)
    names = [language] if language else list(dict.fromkeys((own, *shipped_languages(), *site_languages(extra))))
    faulty = False
    for name in names:
        try:
            problems = check_audio(_code(name), folder_of(extra, name, own))
        except PromptAudioError as error:
            raise fail(error) from None
        for problem in problems:
            say(f"{name}: {problem}")
        if not problems:
            say(f"{name}: all {len(wording(name))} prompts are there and say what the table says")
        faulty = faulty or bool(problems)
    if faulty:
        raise typer.Exit(1)


@app.command("import")
def import_(source: Annotated[Path, typer.Argument(
                help="A PCM recording of a person speaking the prompt; or a folder of them, each called by its prompt.")],
            voice: Voice, prompt: Annotated[str, typer.Argument(help="The prompt's id, where it is one recording.")] = "",
            language: Language = "", folder: Dir = HERE) -> None:
    """Take human recordings in place of the shipped voice, for this site: one prompt, or a folder of a whole language."""
    extra, own = prompts_of(folder, make=True)
    name = _code(language or own)
    kept = folder_of(extra, name, own)
    assert kept is not None
    try:
        if not source.is_dir():
            entry = import_recording(source, prompt, kept, voice, name)
            say(f"{prompt}: {entry.seconds:.1f} s, in {kept}")
            return
        taken, missing = import_language(source, kept, name, voice)
    except (PromptAudioError, OSError) as error:
        raise fail(error) from None
    for id in missing:
        say(f"{id}: has no recording, and is said in English")
    say(f"{name}: {len(taken)} recordings taken, {len(missing)} missing, in {kept}. A switch that runs speaks them once it is "
        "started anew.")


def _code(language: str) -> str:
    if problem := checks.language(language):
        raise fail(f"--language: it {problem}", 2)
    return language
