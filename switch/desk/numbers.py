"""Number lists: a number allowed or barred for the estate, an establishment or a person; victims' numbers; wrong numbers.

Deny wins. To allow a number lifts the bar of its class and nothing else: no approval, no stop, no bar. Helplines and emergency
codes are the plan's, and no list reaches them.
"""
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialplans.numbers.table import classify
from dialplans.tariff import rate_for
from switch.core.ids import PersonId, StaffId
from switch.core.lists import ListKind, ListLevel
from switch.core.numbers import Unreadable, read_number
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    nameless,
    place_name,
    prison_number,
    refused,
    second_name,
    telephone,
    to_ring,
    unreasoned,
)
from switch.desk.table import read_table
from switch.ports.desk import Changes
from switch.ports.numbers import Entry

NEEDED, OPTIONAL = ("number", "kind", "level", "reason"), ("target", "victim", "cut")
"""Columns of a load."""
YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Listed:
    """`entries` are as many as there were targets; none were written in a dry run."""

    entries: tuple[Entry, ...]
    dry_run: bool = False
    warnings: tuple[str, ...] = ()
    """What still stands in the way of ringing them, and what to do."""


async def add(desk: Desk, actor: StaffId, at: datetime, kind: ListKind, number: str, level: ListLevel, targets: Sequence[str],
              reason: str, *, victim: bool = False, cut: bool = True, start: datetime | None = None,
              until: datetime | None = None) -> Listed | Refused:
    """One entry for each target: the establishments or the people that it is for, none for the estate. A bar ends the
    calls that run, unless `cut` says otherwise. A victim's number bars for everybody named, always ends calls, and is told to
    nobody as what it is."""
    if problem := unreasoned(reason):
        return problem
    if until is not None and until <= (start or at):
        return refused("bad-times", "the entry would end before it begins")
    entry = Entry("", number, kind, level, None, victim, cut, reason.strip(), actor, at, start or at, until)
    found = _read(entry, targets or [""])
    if isinstance(found, Refused):
        return found
    made = tuple(replace(one, id=desk.mint.id()) for one in found)

    def work(changes: Changes) -> Listed | Refused:
        if problems := _clashes(changes, [(0, one) for one in made]):
            return Refused(tuple(problems))
        changes.add_entries(made)
        for one in made:
            changes.audit("number-listed", {"entry": one.id} | _target(one), _detail(one))
        return Listed(made, warnings=_unpriced(desk, made))

    return await attempt(desk, actor, at, "number-listed", {}, work)


async def end(desk: Desk, actor: StaffId, at: datetime, entry: str, reason: str, second: str = "") -> Entry | Refused:
    """An entry no longer stands. That of a victim takes the names of two."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Entry | Refused:
        found = changes.entry(entry)
        if found is None:
            return refused("unknown-entry", f"no entry {entry} stands: `wingline numbers list` shows those that do")
        if found.victim and (problem := second_name(actor, second, "the number is a victim's")):
            return problem
        changes.end_entry(entry)
        changes.audit("number-unlisted", {"entry": entry} | _target(found), _detail(found) | {"second": second.strip() or None},
                      reason.strip())
        return found

    return await attempt(desk, actor, at, "number-unlisted", {"entry": entry}, work)


async def listed(desk: Desk, actor: StaffId, at: datetime, number: str = "") -> list[Entry] | Refused:
    """All entries that stand, or those of one number."""
    wanted = telephone(number) if number else None
    if isinstance(wanted, Problem):
        return Refused((wanted,))
    return await desk.work.look(actor, at, lambda changes: changes.entries(wanted))


async def load(desk: Desk, actor: StaffId, at: datetime, text: str, dry_run: bool = False) -> Listed | Refused:
    """A CSV of entries: with one bad row nothing is loaded, and each bad row is told by its line."""
    if problem := nameless(actor):
        return problem
    table, problems = read_table(text, NEEDED, OPTIONAL)
    rows: list[tuple[int, Entry]] = []
    for line, row in table:
        found = _row(row, actor, at)
        if isinstance(found, Refused):
            problems += [replace(problem, line=line) for problem in found.problems]
        else:
            rows.append((line, replace(found, id=desk.mint.id())))
    if not rows and not problems:
        problems.append(Problem("empty", "there are no rows under the heading"))
    digest = hashlib.sha256(text.encode()).hexdigest()

    def work(changes: Changes) -> Listed | Refused:
        found = problems + _clashes(changes, rows)
        if found:
            return Refused(tuple(sorted(found, key=lambda one: one.line)))
        entries = tuple(one for _, one in rows)
        if not dry_run:
            changes.add_entries(entries)
            changes.audit("numbers-loaded", {}, {"rows": len(rows), "sha256": digest, "ids": " ".join(one.id for one in entries)})
        return Listed(entries, dry_run, _unpriced(desk, entries))

    if dry_run:
        return await desk.work.look(actor, at, work)
    return await attempt(desk, actor, at, "numbers-loaded", {}, work)


async def wrong(desk: Desk, actor: StaffId, at: datetime) -> dict[str, int]:
    """Numbers that whoever answered called the wrong ones, and how often; they cannot be rung until they are verified."""
    return await desk.work.look(actor, at, lambda changes: changes.wrong_numbers())


async def verify(desk: Desk, actor: StaffId, at: datetime, number: str, reason: str) -> int | Refused:
    """The number is whose it should be after all, as `reason` says how; it may be rung again. How many marks that took off it."""
    wanted = telephone(number)
    if isinstance(wanted, Problem):
        return Refused((wanted,))
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> int | Refused:
        marks = changes.verify_number(wanted)
        if not marks:
            return refused("as-it-is", "nobody there has said that it is the wrong number")
        changes.audit("number-verified", {}, {"marks": marks}, f"{wanted}: {reason.strip()}")
        return marks

    return await attempt(desk, actor, at, "number-verified", {}, work)


def _read(entry: Entry, targets: Sequence[str]) -> list[Entry] | Refused:
    """The entry for each target, every spelling made one, or all that is wrong with it."""
    problems: list[Problem] = []
    number = to_ring(entry.number) if entry.kind is ListKind.ALLOW else telephone(entry.number)
    if isinstance(number, Problem):
        problems.append(number)
    if entry.victim and entry.kind is not ListKind.BAR:
        problems.append(Problem("victim", "a victim's number can only be barred"))
    found: list[str | None] = []
    for text in dict.fromkeys(target.strip() for target in targets):
        wanted = _aim(entry.level, text)
        if isinstance(wanted, Problem):
            problems.append(wanted)
        else:
            found.append(wanted)
    if problems or isinstance(number, Problem):
        return Refused(tuple(problems))
    cut = entry.kind is ListKind.BAR and (entry.cut or entry.victim)
    return [replace(entry, number=str(number), target=target, cut=cut) for target in dict.fromkeys(found)]


def _aim(level: ListLevel, text: str) -> str | Problem | None:
    if level is ListLevel.ESTATE:
        return Problem("target", "an entry of the estate is for everybody: it names nobody") if text else None
    if level is ListLevel.PERSON:
        return prison_number(text) or bad_number(text)
    return place_name(text) or Problem("target", "say for which establishment")


def _row(row: dict[str, str], actor: StaffId, at: datetime) -> Entry | Refused:
    kind, level = row["kind"].lower(), row["level"].lower()
    victim, cut = (YES_NO.get(row.get(name, "").lower() or usual) for name, usual in (("victim", "no"), ("cut", "yes")))
    problems: list[Problem] = []
    if kind not in list(ListKind):
        problems.append(Problem("bad-kind", f"{row['kind']!r} is no list: {', '.join(ListKind)}"))
    if level not in list(ListLevel):
        problems.append(Problem("bad-level", f"{row['level']!r} is no level: {', '.join(ListLevel)}"))
    if victim is None or cut is None:
        problems.append(Problem("bad-yes-no", "victim and cut are yes or no"))
    if not row["reason"]:
        problems.append(Problem("no-reason", "say why: the reason is kept with the entry"))
    if problems:
        return Refused(tuple(problems))
    entry = Entry("", row["number"], ListKind(kind), ListLevel(level), None, bool(victim), bool(cut), row["reason"],
                  actor, at, at)
    found = _read(entry, [row.get("target", "")])
    return found if isinstance(found, Refused) else found[0]


def _clashes(changes: Changes, rows: Sequence[tuple[int, Entry]]) -> list[Problem]:
    """Targets that are not there, and entries that stand already."""
    problems: list[Problem] = []
    people = [PersonId(one.target) for _, one in rows if one.level is ListLevel.PERSON and one.target]
    known: set[str] = {str(person) for person in changes.known(people)} if people else set()
    places = {one.id for one in changes.establishments()}
    standing = {_same(one) for one in changes.entries(rows[0][1].number if len(rows) == 1 else None)} if rows else set()
    for line, one in rows:
        if one.level is ListLevel.PERSON and one.target not in known:
            problems.append(Problem("unknown-person", f"{one.target}: nobody here has this number", line))
        elif one.level is ListLevel.ESTABLISHMENT and one.target not in places:
            problems.append(Problem("unknown-establishment", f"there is no establishment {one.target}", line))
        elif _same(one) in standing:
            problems.append(Problem("as-it-is", "such an entry stands already", line))
        else:
            standing.add(_same(one))
    return problems


def _same(entry: Entry) -> tuple[object, ...]:
    return entry.number, entry.kind, entry.level, entry.target, entry.victim, entry.until


def _unpriced(desk: Desk, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Numbers that were allowed and that the plan in force has no price for, from the day on which they are: the telephone would
    refuse them for that alone."""
    if desk.plan is None:
        return ()
    found: dict[str, str] = {}
    for one in entries:
        number = read_number(one.number)
        kind = None if isinstance(number, Unreadable) else classify(number, desk.plan.country)
        if one.kind is not ListKind.ALLOW or isinstance(number, Unreadable) or kind is None:
            continue
        day = one.start.astimezone(desk.plan.zone)
        if rate_for(desk.plan, kind.name, day, number=number) is None:
            found[one.number] = (
                f"{one.number} is allowed, and cannot be rung yet: plan {desk.plan.label} has no tariff for its class"
                f' {kind.name}. Add a [[tariff]] with classes = ["{kind.name}"] to the plan, or end the entry')
    return tuple(found.values())


def _target(entry: Entry) -> dict[str, str]:
    if entry.target is None:
        return {}
    return {"person" if entry.level is ListLevel.PERSON else "establishment": entry.target}


def _detail(entry: Entry) -> dict[str, str | int | bool | None]:
    return {"kind": entry.kind, "level": entry.level, "victim": entry.victim, "cut": entry.cut}
