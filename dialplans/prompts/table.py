"""The text tables, their manifests, and the check that words and audio agree. English is the source."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from dialplans.prompts.spoken import SPEECHES

SOURCE = "en"
"""The language that every prompt has words in; what another one lacks is said in it."""


CALLED = ("announce-", "stop-", "placed-")
"""How ids begin that the person called alone hears: those are said in English, or as the plan says."""


class PromptKind(StrEnum):
    """Who hears a prompt, and when; the words are those of the table's `kind`."""

    ANNOUNCEMENT = "announcement"
    CALLER = "caller"
    REFUSAL = "refusal"
    ENDING = "ending"
    TONE = "tone"
    VALUE = "value"
    """A piece of a spoken number, sum, length or moment."""


EXPLAINED = frozenset({PromptKind.REFUSAL, PromptKind.ENDING})
"""Kinds that carry a plain sentence for staff."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing the switch can play: words to say, or a tone; `plain` is the sentence staff read."""

    id: str
    say: str
    plain: str | None
    kind: PromptKind
    tone: str | None = None
    """Steps as `<Hz>[+<Hz>]@<dBFS>/<ms>`, separated by spaces; 0 Hz is silence."""

    @property
    def text_sha256(self) -> str:
        """What the audio was made from: the words, or for a tone its steps."""
        return hashlib.sha256((self.tone or self.say).encode()).hexdigest()


class PromptTableError(ValueError):
    """A table that cannot be used; `problems` has every fault found, one sentence each."""

    def __init__(self, language: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"prompt table {language!r}: " + "; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class PromptTable:
    """All prompts of one language by id."""

    language: str
    prompts: Mapping[str, Prompt]

    def __getitem__(self, prompt_id: str) -> Prompt:
        try:
            return self.prompts[prompt_id]
        except KeyError:
            raise KeyError(f"no prompt {prompt_id!r} in the {self.language!r} table") from None

    def __contains__(self, prompt_id: object) -> bool:
        return prompt_id in self.prompts

    def __iter__(self) -> Iterator[Prompt]:
        return iter(self.prompts.values())

    def __len__(self) -> int:
        return len(self.prompts)

    def plain_sentence(self, prompt_id: str) -> str:
        """The sentence that explains a refusal or ending to staff; KeyError for any other id."""
        plain = self[prompt_id].plain
        if plain is None:
            raise KeyError(f"prompt {prompt_id!r} is neither a refusal nor an ending: it has no plain sentence")
        return plain


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """Where one audio file came from: the text it says, the voice, its bytes and its length."""

    text_sha256: str
    voice: str
    """`bf_emma`, `tone`, or `human:<given name>`."""
    audio_sha256: str
    seconds: float


class ProblemKind(StrEnum):
    """What can be wrong with the audio of a prompt."""

    MISSING = "missing"
    STALE = "stale"
    CHANGED = "changed"
    UNLISTED = "unlisted"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class PromptProblem:
    """One disagreement between the table, the manifest and the audio files."""

    prompt: str
    kind: ProblemKind
    says: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.prompt}: {self.says}"


def check_prompts(
    table: PromptTable, manifest: Mapping[str, ManifestEntry], audio_hashes: Mapping[str, str]
) -> list[PromptProblem]:
    """What is wrong with the audio of a table; `audio_hashes` is SHA-256 (hex) of each file by its prompt id."""
    problems = []
    for prompt in table:
        entry, audio = manifest.get(prompt.id), audio_hashes.get(prompt.id)
        if audio is None:
            problems.append(PromptProblem(prompt.id, ProblemKind.MISSING, "has no audio file"))
        elif entry is None:
            problems.append(PromptProblem(prompt.id, ProblemKind.UNLISTED, "has an audio file that no manifest lists"))
        elif entry.audio_sha256 != audio:
            says = "audio is not the file that the manifest lists"
            problems.append(PromptProblem(prompt.id, ProblemKind.CHANGED, says))
        if entry is not None and entry.text_sha256 != prompt.text_sha256:
            says = f"audio ({entry.voice}) says an older text"
            problems.append(PromptProblem(prompt.id, ProblemKind.STALE, says))
    for stray in sorted((manifest.keys() | audio_hashes.keys()) - table.prompts.keys()):
        problems.append(PromptProblem(stray, ProblemKind.ORPHAN, "has audio but is not in the table"))
    return problems


def parse_table(language: str, *texts: str) -> PromptTable:
    """A table from TOML texts; raises PromptTableError with every fault, or tomllib.TOMLDecodeError."""
    prompts: dict[str, Prompt] = {}
    faults: list[str] = []
    for prompt_id, entry in (pair for text in texts for pair in tomllib.loads(text).items()):
        found = _faults(prompt_id, entry)
        if prompt_id in prompts:
            found.append(f"{prompt_id}: stands in two files")
        faults += found
        if not found:
            kind = PromptKind(entry["kind"])
            prompts[prompt_id] = Prompt(prompt_id, entry.get("say", ""), entry.get("plain"), kind, entry.get("tone"))
    if faults:
        raise PromptTableError(language, tuple(faults))
    return PromptTable(language, prompts)


def parse_words(source: PromptTable, language: str, *texts: str) -> PromptTable:
    """A translation from TOML texts, `id = "words"`; kinds are those of `source`; pieces of values (`say-…`) may be its own."""
    prompts: dict[str, Prompt] = {}
    faults: list[str] = []
    for prompt_id, words in (pair for text in texts for pair in tomllib.loads(text).items()):
        known = source.prompts.get(prompt_id)
        if prompt_id in prompts:
            faults.append(f"{prompt_id}: stands in two files")
        elif not isinstance(words, str) or not words.strip():
            faults.append(f"{prompt_id}: must be the words to say")
        elif known is None and not prompt_id.startswith("say-"):
            faults.append(f"{prompt_id}: is no prompt of the {source.language!r} table")
        elif known is not None and known.kind is PromptKind.TONE:
            faults.append(f"{prompt_id}: is a tone, which says nothing")
        else:
            prompts[prompt_id] = Prompt(prompt_id, words, None, known.kind if known else PromptKind.VALUE)
    if faults:
        raise PromptTableError(language, tuple(faults))
    return PromptTable(language, prompts)


def _faults(prompt_id: str, entry: Any) -> list[str]:
    if not isinstance(entry, dict) or any(not isinstance(value, str) for value in entry.values()):
        return [f"{prompt_id}: must be a table of strings"]
    try:
        kind = PromptKind(entry.get("kind", ""))
    except ValueError:
        return [f"{prompt_id}: kind must be one of {', '.join(PromptKind)}"]
    wanted = {"kind", "tone"} if kind is PromptKind.TONE else {"kind", "say"}
    wanted |= {"plain"} if kind in EXPLAINED else set()
    faults = [f"{prompt_id}: {kind} needs {key!r}" for key in sorted(wanted) if not entry.get(key)]
    return faults + [f"{prompt_id}: {kind} has no {key!r}" for key in sorted(entry.keys() - wanted)]


def parse_manifest(text: str) -> dict[str, ManifestEntry]:
    """A manifest from JSON `{id: {text_sha256, voice, audio_sha256, seconds}}`; ValueError if it is not one."""
    try:
        return {prompt_id: ManifestEntry(**entry) for prompt_id, entry in json.loads(text).items()}
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a prompt manifest: {error}") from error


def shipped(language: str) -> Traversable:
    """The package folder that holds a language's audio and manifest."""
    return files(__package__) / language


@cache
def load_table(language: str = "en") -> PromptTable:
    """The table that ships for a language: its own words alone. FileNotFoundError when there is none, PromptTableError when it is
    faulty."""
    texts = [file.read_text("utf-8") for file in table_files(language)]
    return parse_table(language, *texts) if language == SOURCE else parse_words(load_table(), language, *texts)


@cache
def shipped_languages() -> tuple[str, ...]:
    """Those that a table ships for, English first."""
    found = {file.name.partition(".")[0] for file in files(__package__).iterdir() if file.name.endswith(".toml")}
    return (SOURCE, *sorted(found - {SOURCE}))


@cache
def wording(language: str) -> PromptTable:
    """All that may be recorded in a language: its own words where it has them, else the English ones, to be translated by whoever
    speaks them. Without tones, without what the person called hears, and with its own pieces of values where it has a grammar."""
    source = load_table()
    if language == SOURCE:
        return source
    own = load_table(language).prompts if language in shipped_languages() else {}
    borrowed = {one.id: one for one in source if one.kind is not PromptKind.TONE and not one.id.startswith(CALLED)
                and (one.kind is not PromptKind.VALUE or language not in SPEECHES)}
    return PromptTable(language, {**borrowed, **own})


def named(name: str) -> Prompt | None:
    """A prompt as a plan names it: `announce-stop`, or in a language's own words `cy/announce-england-wales`; None for none."""
    language, _, prompt = name.rpartition("/")
    language = language or SOURCE
    return load_table(language).prompts.get(prompt) if language in shipped_languages() else None


def table_files(language: str) -> list[Traversable]:
    """The files of a language's table: `<language>.toml`, then those that hold a part of it, `<language>.<part>.toml`."""
    folder = files(__package__)
    parts = [file for file in folder.iterdir() if file.name.startswith(f"{language}.") and file.name.endswith(".toml")]
    whole = folder / f"{language}.toml"
    return [whole, *sorted((file for file in parts if file.name != whole.name), key=lambda file: file.name)]


@cache
def load_manifest(language: str = "en") -> Mapping[str, ManifestEntry]:
    """The manifest of the audio that ships for a language; empty for one that none ships for."""
    if language not in shipped_languages():
        return {}
    return parse_manifest((shipped(language) / "manifest.json").read_text("utf-8"))


def shipped_audio(language: str = "en") -> dict[str, bytes]:
    """Every audio file that ships for a language, whole, by prompt id."""
    if language not in shipped_languages():
        return {}
    found = (item for item in shipped(language).iterdir() if item.name.endswith(".wav"))
    return {item.name.removesuffix(".wav"): item.read_bytes() for item in sorted(found, key=lambda item: item.name)}


def plain_sentence(prompt_id: str, language: str = "en") -> str:
    """The sentence that explains a refusal or ending to staff, from the shipped table; KeyError for any other id."""
    return load_table(language).plain_sentence(prompt_id)
