"""Watch words: lists by establishment and subject, what is in them, and their CSV. What a hit is worth is `switch.desk.leads`'s.

The words themselves are intelligence: the audit has the ids of lists and words, never a word.
"""
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recordings.watch.said import sums
from recordings.watch.spelling import tokens
from switch.core.ids import StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_place, nameless, place_name, refused, telephone
from switch.desk.table import read_table, write_table
from switch.ports.desk import Changes
from switch.ports.watch import WatchKind, WatchList, WatchWord

NEEDED, OPTIONAL = ("subject", "kind", "text"), ("establishment", "language", "forms", "gap", "weight", "least")
"""Columns of a load and an export. `forms` are parted by `|`."""
YES_NO = {"yes": True, "no": False, "": False}
LONGEST_TEXT = 200
MOST_FORMS = 50
MOST_GAP = 10


@dataclass(frozen=True, slots=True)
class Words:
    """A list with the words in use in it."""

    list: WatchList
    words: tuple[WatchWord, ...]


@dataclass(frozen=True, slots=True)
class WordsLoaded:
    """How many words, and for which lists that were not there before. Nothing was changed in a dry run."""

    words: int
    new_lists: tuple[str, ...]
    dry_run: bool


async def add_list(desk: Desk, actor: StaffId, at: datetime, subject: str, establishment: str | None = None
                   ) -> WatchList | Refused:
    """An empty list for one establishment, or for every one where it names none."""
    problems = _bad_list(subject, establishment)
    if problems:
        return Refused(tuple(problems))
    made = WatchList(f"watch-{desk.mint.id()}", establishment, subject.strip(), at, actor)

    def work(changes: Changes) -> WatchList | Refused:
        if establishment is not None and changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment}")
        if _same(changes.watch_lists(), made) is not None:
            return refused("taken", "there is a list of this subject there already")
        changes.add_watch_list(made)
        changes.audit("watch-list-added", _subject(made))
        return made

    return await attempt(desk, actor, at, "watch-list-added", {}, work)


async def end_list(desk: Desk, actor: StaffId, at: datetime, list: str) -> int | Refused:
    """It and its words are looked for no more; leads that they made stay. How many words that were."""

    def work(changes: Changes) -> int | Refused:
        found = changes.watch_list(list)
        if found is None:
            return _no_list(list)
        ended = changes.end_watch_list(list)
        changes.audit("watch-list-ended", _subject(found), {"words": ended})
        return ended

    return await attempt(desk, actor, at, "watch-list-ended", {"list": list}, work)


async def lists(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None) -> Sequence[Words]:
    """The lists in use with their words; with an establishment, all that hold there."""

    def look(changes: Changes) -> list[Words]:
        found = changes.watch_lists(establishment)
        words = changes.watch_words([one.id for one in found])
        return [Words(one, tuple(word for word in words if word.list == one.id)) for one in found]

    return await desk.work.look(actor, at, look)


async def add_word(desk: Desk, actor: StaffId, at: datetime, list: str, kind: WatchKind, text: str, *, language: str = "en",
                   forms: Sequence[str] = (), gap: int = 0, weight: int = 50, least: bool = False) -> WatchWord | Refused:
    """One word, phrase, telephone number or sum (`£500`, or "five hundred pounds"), looked for from the next transcript on."""
    given = WatchWord(f"word-{desk.mint.id()}", list, kind, text, language, tuple(forms), gap, weight, least)
    made = _read(given)
    if isinstance(made, Refused):
        return made

    def work(changes: Changes) -> WatchWord | Refused:
        found = changes.watch_list(list)
        if found is None:
            return _no_list(list)
        if any(_key(one) == _key(made) for one in changes.watch_words([list])):
            return refused("taken", "it is in this list already")
        changes.add_watch_words([made])
        changes.audit("watch-word-added", {"list": list, "word": made.id}, {"kind": kind, "weight": weight})
        return made

    return await attempt(desk, actor, at, "watch-word-added", {"list": list}, work)


async def end_word(desk: Desk, actor: StaffId, at: datetime, word: str) -> WatchWord | Refused:
    """It is looked for no more; leads that it made stay."""

    def work(changes: Changes) -> WatchWord | Refused:
        found = changes.watch_word(word)
        if found is None:
            return refused("unknown-word", f"no watch word {word} is in use: `wingline watch-words list` shows those that are")
        changes.end_watch_word(word)
        changes.audit("watch-word-ended", {"list": found.list, "word": word}, {"useful": found.useful, "false": found.false})
        return found

    return await attempt(desk, actor, at, "watch-word-ended", {"word": word}, work)


async def load(desk: Desk, actor: StaffId, at: datetime, text: str, dry_run: bool = False) -> WordsLoaded | Refused:
    """A CSV of words; lists that are not there are made. With one bad row nothing is loaded, and each is told by its line. What a
    list has already is a bad row."""
    if problem := nameless(actor):
        return problem
    table, problems = read_table(text, NEEDED, OPTIONAL)
    rows: list[tuple[int, WatchList, WatchWord]] = []
    for line, row in table:
        found = _row(row)
        if isinstance(found, Refused):
            problems += [replace(one, line=line) for one in found.problems]
        else:
            wanted = WatchList("", row.get("establishment") or None, row["subject"], at, actor)
            rows.append((line, wanted, replace(found, id=f"word-{desk.mint.id()}")))
    if not rows and not problems:
        problems.append(Problem("empty", "there are no rows under the heading"))
    ids = [f"watch-{desk.mint.id()}" for _ in dict.fromkeys((one.establishment, one.subject) for _, one, _ in rows)]
    digest = hashlib.sha256(text.encode()).hexdigest()

    def work(changes: Changes) -> WordsLoaded | Refused:
        found, fresh, words = _placed(changes, rows, ids)
        if problems or found:
            return Refused(tuple(sorted(problems + found, key=lambda one: one.line)))
        if not dry_run:
            for one in fresh:
                changes.add_watch_list(one)
            changes.add_watch_words(words)
            changes.audit("watch-words-loaded", {}, {"rows": len(words), "sha256": digest,
                                                     "lists": " ".join(dict.fromkeys(one.list for one in words))})
        return WordsLoaded(len(words), tuple(one.subject for one in fresh), dry_run)

    if dry_run:
        return await desk.work.look(actor, at, work)
    return await attempt(desk, actor, at, "watch-words-loaded", {}, work)


async def export(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None) -> str | Refused:
    """The table that a load reads; who took it out is in the audit."""

    def work(changes: Changes) -> str | Refused:
        found = {one.id: one for one in changes.watch_lists(establishment)}
        words = changes.watch_words(tuple(found))
        changes.audit("watch-words-exported", {"establishment": establishment} if establishment else {}, {"rows": len(words)})
        return write_table((*NEEDED, *OPTIONAL), [_row_of(found[one.list], one) for one in words])

    return await attempt(desk, actor, at, "watch-words-exported", {}, work)


def _placed(changes: Changes, rows: Sequence[tuple[int, WatchList, WatchWord]], ids: Sequence[str]
            ) -> tuple[list[Problem], list[WatchList], list[WatchWord]]:
    """Each word in its list, and the lists that are to be made; and whatever is there already, by its line."""
    standing = list(changes.watch_lists())
    places = {one.id for one in changes.establishments()}
    taken = {(one.list, *_key(one)): 0 for one in changes.watch_words([one.id for one in standing])}
    problems, fresh, words = [], list[WatchList](), list[WatchWord]()
    for line, wanted, word in rows:
        if wanted.establishment is not None and wanted.establishment not in places:
            problems.append(Problem("unknown-establishment", f"there is no establishment {wanted.establishment!r}", line))
            continue
        there = _same([*standing, *fresh], wanted)
        if there is None:
            there = replace(wanted, id=ids[len(fresh)])
            fresh.append(there)
        key = (there.id, *_key(word))
        if key in taken:
            before = f"on line {taken[key]}" if taken[key] else "in this list"
            problems.append(Problem("taken", f"it is {before} already", line))
            continue
        taken[key] = line
        words.append(replace(word, list=there.id))
    return problems, fresh, words


def _same(standing: Sequence[WatchList], wanted: WatchList) -> WatchList | None:
    return next((one for one in standing if one.establishment == wanted.establishment
                 and one.subject.casefold() == wanted.subject.casefold()), None)


def _key(word: WatchWord) -> tuple[str, str, str, bool]:
    return word.kind, word.language, word.text.casefold(), word.least


def _bad_list(subject: str, establishment: str | None) -> list[Problem]:
    problems = _bad_text("subject", subject.strip(), 60)
    if establishment is not None and place_name(establishment) != establishment:
        problems.append(bad_place("establishment", establishment))
    return problems


def _bad_text(what: str, text: str, most: int = LONGEST_TEXT) -> list[Problem]:
    if not 0 < len(text) <= most:
        return [Problem("bad-text", f"a {what} has 1 to {most} characters")]
    if not text.isprintable() or text[0] in "=+-@" or "|" in text:
        return [Problem("bad-text", f"a {what} has no control characters and no |, and begins with none of = + - @")]
    return []


def _read(word: WatchWord) -> WatchWord | Refused:
    """The word as it is kept, or everything that is wrong with it."""
    text, forms = word.text.strip(), tuple(form.strip() for form in word.forms)
    problems: list[Problem] = []
    if word.kind is WatchKind.NUMBER:
        number = telephone(text)
        problems += [number] if isinstance(number, Problem) else []
        text = str(number)
    elif word.kind is WatchKind.AMOUNT:
        said = sums(tokens(text if text.startswith("£") or not text.replace(".", "").isdecimal() else f"£{text}"))
        if len(said) != 1:
            problems.append(Problem("bad-amount", f"{text!r} is no sum of money such as £500"))
        text = str(said[0].pence) if said else text
    else:
        problems += [problem for one in (text, *forms) for problem in _bad_text("word or phrase", one)]
        if not problems and not all(map(tokens, (text, *forms))):
            problems.append(Problem("bad-text", "there is nothing in it that could be said"))
    if forms and word.kind is not WatchKind.WORDS:
        problems.append(Problem("bad-forms", "numbers and sums have no other forms: every way to say them is known"))
    if len(forms) > MOST_FORMS:
        problems.append(Problem("bad-forms", f"a word has at most {MOST_FORMS} other forms"))
    if not (2 <= len(word.language) <= 3 and word.language.isascii() and word.language.islower()):
        problems.append(Problem("bad-language", f"{word.language!r} is no code of a language, such as en or cy"))
    if not 0 <= word.gap <= MOST_GAP:
        problems.append(Problem("bad-gap", f"from 0 to {MOST_GAP} words may stand between two of a phrase"))
    if not 1 <= word.weight <= 100:
        problems.append(Problem("bad-weight", "a weight is from 1 to 100"))
    if word.least and word.kind is not WatchKind.AMOUNT:
        problems.append(Problem("bad-least", "only a sum can be a least one"))
    return Refused(tuple(problems)) if problems else replace(word, text=text, forms=forms)


def _row(row: dict[str, str]) -> WatchWord | Refused:
    problems = _bad_list(row["subject"], row.get("establishment") or None)
    figures = {name: row.get(name, "") or usual for name, usual in (("gap", "0"), ("weight", "50"))}
    for name, text in figures.items():
        if not (text.isascii() and text.isdecimal() and len(text) < 4):
            problems.append(Problem(f"bad-{name}", f"{text!r} is no {name}: a whole number"))
    kind, least = row["kind"].lower(), YES_NO.get(row.get("least", "").lower())
    if kind not in list(WatchKind):
        problems.append(Problem("bad-kind", f"{row['kind']!r} is no kind of watch word: {', '.join(WatchKind)}"))
    if least is None:
        problems.append(Problem("bad-yes-no", "least is yes or no"))
    if problems or least is None:
        return Refused(tuple(problems))
    forms = tuple(form for form in row.get("forms", "").split("|") if form.strip())
    return _read(WatchWord("", "", WatchKind(kind), row["text"], row.get("language") or "en", forms, int(figures["gap"]),
                           int(figures["weight"]), least))


def _row_of(one: WatchList, word: WatchWord) -> list[str]:
    text = f"£{int(word.text) / 100:.2f}" if word.kind is WatchKind.AMOUNT else word.text
    return [one.subject, word.kind, text, one.establishment or "", word.language, "|".join(word.forms), str(word.gap),
            str(word.weight), "yes" if word.least else "no"]


def _subject(one: WatchList) -> dict[str, str]:
    return {"list": one.id} | ({"establishment": one.establishment} if one.establishment else {})


def _no_list(id: str) -> Refused:
    return refused("unknown-list", f"there is no list {id} in use: `wingline watch-words list` shows those that are")
