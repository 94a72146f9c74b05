"""`wingline what-if`: a changed plan tried on the past by several processes, each with some of the people."""
import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from multiprocessing import get_context
from operator import itemgetter

from dialplans.plan import Plan
from dialplans.replay import Effect, Past, replay
from switch.build.site import Site, up_to_date
from switch.core.ids import PersonId
from switch.core.money import Millipence, pence
from switch.store.engine import Bound, database_at
from switch.store.past import people_who_called, read_past, without_facts

PIECES = 8
"""Pieces of work for each process, so that none is left with the whole of the rest."""
Key = tuple[Effect, str, str]
"""Effect, the rule or limit behind it, wing."""


@dataclass
class Tally:
    """What a changed plan would have done. Calls, seconds and people by `Key`; people who met two rules are in both."""

    requests: int = 0
    calls: Counter[Key] = field(default_factory=Counter)
    seconds: defaultdict[Key, float] = field(default_factory=partial(defaultdict, float))
    people: Counter[Key] = field(default_factory=Counter)
    touched: int = 0
    """People with any call refused or cut."""
    charged: int = 0
    """By how many thousandths of a penny all calls together would have cost more; below zero: less."""
    without_facts: int = 0
    """Calls of before the facts were kept: not tried."""

    def add(self, other: "Tally") -> None:
        self.calls.update(other.calls)
        self.people.update(other.people)
        for key, seconds in other.seconds.items():
            self.seconds[key] += seconds
        self.requests += other.requests
        self.touched += other.touched
        self.charged += other.charged

    def rows(self) -> list[tuple[str, ...]]:
        """Effect, rule, wing, calls, minutes, people: the most calls first."""
        order = sorted(self.calls, key=lambda key: (-self.calls[key], key))
        return [(effect.value, reason, wing, str(self.calls[key]), f"{-self.seconds[key] / 60:.1f}", str(self.people[key]))
                for key in order for effect, reason, wing in (key,)]


HEADING = ("effect", "rule", "wing", "calls", "minutes", "people")


def what_if(site: Site, plan: Plan, since: datetime, processes: int = 2) -> Tally:
    """Every request since then, tried under `plan`. Blocking. StoreError when the database does not answer."""
    up_to_date(site.settings)  # the tables of this version, before anybody reads them
    return try_together(site.settings.store_url, plan, since, processes)


def try_together(url: str, plan: Plan, since: datetime, processes: int) -> Tally:
    """The people shared out among so many processes; in this one where there is nothing to share."""
    with Bound(database_at(url).reading(), database_at(url)).transaction() as conn:
        people, untried = people_who_called(conn, since), without_facts(conn, since)
    tally = Tally(without_facts=untried)
    pieces = list(_pieces(people, processes * PIECES))
    if processes == 1 or len(pieces) < 2:
        for first, last in pieces:
            tally.add(try_some(url, plan, since, first, last))
        return tally
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for some in pool.map(try_some, *zip(*((url, plan, since, *piece) for piece in pieces), strict=True)):
            tally.add(some)
    return tally


def try_some(url: str, plan: Plan, since: datetime, first: PersonId, last: PersonId) -> Tally:
    """The people from `first` to `last`, in this process."""
    tally = Tally()
    database = database_at(url)
    bound = Bound(database.reading(), database)
    try:
        with bound.transaction() as conn:
            for _, requests in groupby(read_past(conn, since, first, last), key=itemgetter(0)):
                _try_person(tally, plan, requests)
    finally:
        bound.drop()
        bound.engine.dispose()
    return tally


def _try_person(tally: Tally, plan: Plan, requests: Iterable[tuple[PersonId, Past]]) -> None:
    met: set[Key] = set()
    for outcome in replay(plan, (past for _, past in requests)):
        tally.requests += 1
        tally.charged += outcome.charged
        if outcome.effect is not Effect.UNCHANGED:
            key = (outcome.effect, outcome.reason, outcome.wing)
            tally.calls[key] += 1
            tally.seconds[key] += outcome.seconds
            met.add(key)
    tally.people.update(met)
    tally.touched += any(effect is not Effect.LET_THROUGH for effect, _, _ in met)


def _pieces(people: list[PersonId], count: int) -> Iterator[tuple[PersonId, PersonId]]:
    size = max(1, -(-len(people) // count))
    for start in range(0, len(people), size):
        some = people[start:start + size]
        yield some[0], some[-1]


def as_csv(tally: Tally) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADING)
    writer.writerows(tally.rows())
    return out.getvalue()


def as_text(tally: Tally, plan: Plan) -> list[str]:
    """For a person to read: what it comes to, then the table."""
    change = pence(Millipence(abs(tally.charged)))
    money = "as much as they did" if not tally.charged else f"{change}p {'more' if tally.charged > 0 else 'less'}"
    lines = [f"{tally.requests} requests tried under {plan.label}: {tally.touched} people would have had a call refused or cut, "
             f"and all calls together would have cost {money}."]
    if tally.without_facts:
        lines.append(f"{tally.without_facts} calls are older than the facts that are kept, and were not tried.")
    rows = [HEADING, *tally.rows()]
    if len(rows) == 1:
        return [*lines, "Nothing would have been otherwise."]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
    return lines + ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in rows]
