"""What one member of staff sees of the board: lines of the calls where they may look, as they asked for them."""
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from switch.core.ids import StaffId
from switch.desk import board
from switch.desk.asking import Desk
from switch.ports.calls import Brief, Parties
from switch.ports.staff import Place

AGAIN: Final = 15.0
"""Seconds after which it is asked anew by what authority calls may be heard: each is asked for once more when somebody begins."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is filtered for; empty and false: everything."""

    establishment: str = ""
    wing: str = ""
    risk: bool = False
    authority: bool = False

    def takes(self, one: Brief) -> bool:
        return (self.establishment in ("", one.establishment) and self.wing in ("", one.wing)
                and (not self.risk or one.at_risk) and (not self.authority or bool(one.authority)))


@dataclass(frozen=True, slots=True)
class Line:
    """One call as the board shows it. Seconds since 1970; `limit` seconds of talk; `rate` thousandths of a penny a minute."""

    brief: Brief
    state: str
    privileged: bool
    kind: str
    since: datetime
    talking: datetime | None
    limit: float | None
    rate: int | None
    free: int

    @property
    def id(self) -> str:
        return self.brief.call

    @property
    def place(self) -> Place:
        return board.place_of(self.brief)

    @property
    def mark(self) -> str:
        """Another one for whatever is shown otherwise."""
        return f"{zlib.crc32(repr(self).encode()):08x}"

    @property
    def audible(self) -> bool:
        """Whether somebody with leave could hear it now; whether there is leave is asked when they begin."""
        return self.talking is not None and bool(self.brief.authority) and not self.privileged


@dataclass(slots=True)
class View:
    """Briefs are read once for each call, and anew when its person or number changes; each look is noted in the audit, as it is
    the reader's. `now` is the wall clock."""

    desk: Desk
    who: StaffId
    now: Callable[[], datetime]
    within: tuple[Place, ...] | None
    wanted: Wanted = Wanted()
    _briefs: dict[Parties, Brief | None] = field(default_factory=dict)
    _asked_at: datetime | None = None

    async def lines(self, rows: Iterable[Mapping[str, Any]]) -> list[Line]:
        """Of those rows that are theirs to see and that they want, newest first."""
        parties = {_parties(row): row for row in rows}
        if new := [one for one in parties if one not in self._briefs]:
            found = {one.call: one for one in await board.brief(self.desk, self.who, self.now(), new, self.within)}
            self._briefs.update({one: found.get(one.call) for one in new})
        lines = [_line(brief, row) for one, row in parties.items()
                 if (brief := self._briefs[one]) is not None and self.wanted.takes(brief)]
        return sorted(lines, key=lambda line: (line.since, line.id), reverse=True)

    async def refresh(self, rows: Iterable[Mapping[str, Any]]) -> set[str]:
        """The calls whose authority changed since it was asked last; what is over is forgotten."""
        at, before = self.now(), self._asked_at
        if before is not None and (at - before).total_seconds() < AGAIN:
            return set()
        self._asked_at = at
        standing = {_parties(row) for row in rows}
        self._briefs = {one: brief for one, brief in self._briefs.items() if one in standing}
        held = [(one, brief) for one, brief in self._briefs.items() if brief is not None]
        kinds = await board.authorities(self.desk, self.who, at, [one for one, _ in held]) if held else []
        changed = set()
        for (one, brief), kind in zip(held, kinds, strict=True):
            if brief.authority != kind:
                self._briefs[one] = replace(brief, authority=kind)
                changed.add(one.call)
        return changed

    def wings(self) -> list[str]:
        """Of the calls that they may see."""
        return sorted({one.wing for one in self._briefs.values() if one is not None and one.wing})


def _parties(row: Mapping[str, Any]) -> Parties:
    return Parties(str(row["id"]), str(row.get("phone") or ""), row.get("person"), str(row.get("to") or ""))


def _line(brief: Brief, row: Mapping[str, Any]) -> Line:
    talking = row.get("talking_since")
    return Line(brief, str(row.get("state", "")), row.get("privileged") is not False, str(row.get("kind", "call")),
                datetime.fromisoformat(row["since"]), datetime.fromisoformat(talking) if talking else None,
                row.get("seconds_left"), row.get("rate"), row.get("free_seconds") or 0)
