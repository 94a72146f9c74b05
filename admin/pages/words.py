"""The console's two languages. Templates and pages are written in English; `words.cy.toml` has the Welsh of each sentence."""
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "cy": "Cymraeg"}
Say = Callable[..., str]


@cache
def catalogue(language: str, package: str = "admin.pages") -> dict[str, str]:
    if language == "en":
        return {}
    found = tomllib.loads(files(package).joinpath(f"words.{language}.toml").read_text("utf-8"))
    return {english: welsh for english, welsh in found.items() if isinstance(welsh, str)}


def speaker(language: str, package: str = "admin.pages") -> Say:
    """What turns an English sentence into one of this language; a sentence that nobody translated yet stays English. `{names}`
    are filled in after."""
    known = catalogue(language, package)

    def say(text: str, **values: object) -> str:
        said = known.get(text, text)
        return said.format(**values) if values else said

    return say


def language_of(asked: str, accepted: str) -> str:
    """What was chosen, else the first language of the browser's that we have."""
    if asked in LANGUAGES:
        return asked
    for one in accepted.split(","):
        code = one.partition(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "en"
