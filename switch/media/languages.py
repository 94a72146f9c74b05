"""The prompts of every language that a site has: which there are, and what is played where one lacks something.

The site's own recordings are in its prompt folder, those of any other language in a folder beside them of that language's code.
"""
from collections.abc import Mapping
from pathlib import Path

from dialplans.prompts.table import SOURCE, shipped_languages
from switch.media.prompts import MANIFEST, PromptAudioError, PromptLibrary, import_recording

NAME = "menu-language-name"
"""A language that cannot say its own name is none that can be chosen."""


class Languages:
    """`embedded.engine.Prompts` of several languages: `cy/enter-pin` is that prompt in Welsh, `enter-pin` in the site's own
    language. What a language lacks is said in English, and what nobody has is a KeyError."""

    def __init__(self, libraries: Mapping[str, PromptLibrary], own: str) -> None:
        self._libraries, self._own = libraries, own

    @classmethod
    def load(cls, own: str = SOURCE, folder: Path | None = None) -> "Languages":
        """All that ship and all that the site has; `own` is the site's. PromptAudioError names what cannot be played."""
        names = dict.fromkeys((own, *shipped_languages(), *site_languages(folder)))
        return cls({name: PromptLibrary.load(name, folder_of(folder, name, own)) for name in names}, own)

    @property
    def names(self) -> tuple[str, ...]:
        """Those that can be chosen: the site's own, then the others."""
        spoken = [name for name, library in self._libraries.items() if name != self._own and NAME not in library.missing]
        return (self._own, *sorted(spoken))

    @property
    def missing(self) -> dict[str, tuple[str, ...]]:
        """Prompts that each language lacks and that are said in English."""
        lacks = {name: library.missing for name, library in self._libraries.items()}
        return {name: ids for name, ids in lacks.items() if ids}

    def alaw(self, prompt_id: str, /) -> bytes:
        language, _, bare = prompt_id.rpartition("/")
        for name in (language or self._own, SOURCE):
            if (library := self._libraries.get(name)) is not None and library.has(bare):
                return library.alaw(bare)
        return self._libraries[SOURCE].alaw(bare)


def site_languages(folder: Path | None) -> list[str]:
    """Languages that the site brought recordings of, beside its own."""
    return [] if folder is None else sorted(one.parent.name for one in folder.glob(f"*/{MANIFEST}"))


def folder_of(folder: Path | None, language: str, own: str) -> Path | None:
    """Where the site's recordings of a language are."""
    if folder is None or language == own:
        return folder
    return folder / language


def import_language(source: Path, dest: Path, language: str, voice: str) -> tuple[list[str], list[str]]:
    """Take a folder of recordings, `<prompt id>.wav` each, as one language of the site: the ids that were taken, and those of the
    language that are said in English still. PromptAudioError with every file that is none, and nothing is taken then."""
    files = sorted(source.glob("*.wav"))
    if not files:
        raise PromptAudioError(f"{source}: there is no recording (<prompt id>.wav)")
    problems = []
    for file in files:
        try:
            import_recording(file, file.stem, dest, voice, language, keep=False)
        except PromptAudioError as error:
            problems.append(str(error))
    if problems:
        raise PromptAudioError("; ".join(problems))
    for file in files:
        import_recording(file, file.stem, dest, voice, language)
    return [file.stem for file in files], list(PromptLibrary.load(language, dest).missing)
