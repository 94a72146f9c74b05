"""Who is where: the daily feed of cells, the roll check, and what staff have still to do."""
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, prison_number, refused
from switch.desk.people import WORDS, move_to
from switch.desk.table import read_table
from switch.ports.desk import AWAY, GONE, Changes, Person, Status, Task


@dataclass(frozen=True, slots=True)
class FeedDone:
    """What the feed moved, or would move: (number, from, to). `absent` live here by our books, and are not in the feed."""

    moves: tuple[tuple[str, str, str], ...]
    unchanged: int
    absent: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollProblem:
    """One thing that is not as it should be. `kind` is one of `KINDS`."""

    kind: str
    establishment: str
    what: str
    """The prison number, telephone or cell that it is about."""
    text: str


KINDS = ("no-cell", "no-telephone", "wrong-people", "nobody", "over-capacity", "establishment-over-capacity")


async def daily_feed(desk: Desk, actor: StaffId, at: datetime, establishment: str, text: str, dry_run: bool = False
                     ) -> FeedDone | Refused:
    """Everybody's cell as another system has it: CSV of `number,cell`. Every bad row is told by its line, and then nobody is
    moved. Whoever is missing from it is told of and left where they are."""
    table, unreadable = read_table(text, ("number", "cell"))
    if not table:
        return Refused(tuple(unreadable) or (Problem("empty", "there are no rows under the heading"),))

    def work(changes: Changes) -> FeedDone | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment}")
        here: dict[str, Person] = {one.id: one for one in changes.people(establishment)}
        cells = {one.id for one in changes.cells(establishment)}
        problems = list(unreadable)
        wanted: dict[str, tuple[Person, str]] = {}
        for line, row in table:
            found = _feed_row(row, here, cells, wanted)
            if isinstance(found, Person):
                wanted[found.id] = found, row["cell"]
            else:
                problems.append(replace(found, line=line))
        if problems:
            return Refused(tuple(sorted(problems, key=lambda one: one.line)))
        moves = [(person, cell) for person, cell in wanted.values() if person.cell != cell]
        warnings: tuple[str, ...] = ()
        if not dry_run:
            for person, cell in moves:
                warnings += move_to(changes, person, cell)[1]
        absent = tuple(one.id for one in here.values() if one.status is Status.HERE and one.id not in wanted)
        return FeedDone(tuple((person.id, person.cell or "", cell) for person, cell in moves), len(wanted) - len(moves), absent,
                        tuple(dict.fromkeys(warnings)))

    return await attempt(desk, actor, at, "cell-feed", {"establishment": establishment}, work)


async def roll_check(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None) -> list[RollProblem]:
    """People without a cell or telephone, telephones with the wrong people or none, cells and places over their capacity."""

    def look(changes: Changes) -> list[RollProblem]:
        return [problem for place in changes.establishments() if establishment in (None, place.id)
                for problem in _check(changes, place.id, place.capacity)]

    return await desk.work.look(actor, at, look)


async def waiting(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None) -> list[Task]:
    """What is still to do, first due first."""
    return await desk.work.look(actor, at, lambda changes: changes.tasks(establishment))


async def finish(desk: Desk, actor: StaffId, at: datetime, task: str) -> str | Refused:
    def work(changes: Changes) -> str | Refused:
        if any(one.id == task and one.kind.startswith("check-") for one in changes.tasks()):
            return refused("a-check", f"task {task} is a check of a contact: it is done where the check is (`contacts check`)")
        if not changes.finish_task(task):
            return refused("unknown-task", f"no task {task} waits")
        changes.audit("task-done", {"task": task})
        return task

    return await attempt(desk, actor, at, "task-done", {"task": task}, work)


def _feed_row(row: dict[str, str], here: dict[str, Person], cells: set[str], wanted: dict[str, tuple[Person, str]]
              ) -> Person | Problem:
    number = prison_number(row["number"])
    if number is None:
        return bad_number(row["number"])
    person = here.get(number)
    if person is None:
        return Problem("unknown-person", f"{number}: nobody here has this number; receive or transfer them first")
    if person.status in GONE:
        return Problem("gone", f"{number} is {WORDS[person.status]}")
    if row["cell"] not in cells:
        return Problem("unknown-cell", f"there is no cell {row['cell']!r}")
    if number in wanted:
        return Problem("twice", f"{number} is in the file twice")
    return person


def _check(changes: Changes, place: str, capacity: int | None) -> list[RollProblem]:
    everybody = [one for one in changes.people(place) if one.status not in GONE]
    found = []

    def say(kind: str, what: str, text: str) -> None:
        found.append(RollProblem(kind, place, what, text))

    has: defaultdict[str, list[Person]] = defaultdict(list)
    lives: defaultdict[str, list[str]] = defaultdict(list)
    for one in everybody:
        if one.cell is None:
            say("no-cell", one.id, f"{one.id} has no cell")
        else:
            lives[one.cell].append(one.id)
            if one.phone is None and one.status not in AWAY:
                say("no-telephone", one.id, f"{one.id} lives in {one.cell} and has no telephone")
        if one.phone is not None:
            has[one.phone].append(one)
    for phone in changes.phones(place):
        people = has.pop(phone.id, [])
        wrong = [f"{one.id} (lives in {one.cell or 'no cell'})" for one in people if one.cell != phone.cell]
        if wrong:
            say("wrong-people", phone.id, f"telephone {phone.id} in {phone.cell} is that of {', '.join(wrong)}")
        if not people and not lives[phone.cell]:
            say("nobody", phone.id, f"telephone {phone.id} in {phone.cell} is nobody's")
    for name, people in sorted(has.items()):
        say("wrong-people", name, f"telephone {name} stands elsewhere, and is that of {', '.join(one.id for one in people)}")
    for cell in changes.cells(place):
        if cell.capacity is not None and len(lives[cell.id]) > cell.capacity:
            say("over-capacity", cell.id,
                f"cell {cell.id} is for {cell.capacity}; {len(lives[cell.id])} live there: {', '.join(lives[cell.id])}")
    if capacity is not None and len(everybody) > capacity:
        say("establishment-over-capacity", place, f"{place} is for {capacity}; {len(everybody)} live there")
    return found
