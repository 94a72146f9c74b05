"""The first page: what needs somebody today, as far as whoever looks may do something about it."""
from dataclasses import dataclass

from starlette.responses import Response

from admin.pages.page import ANYBODY, ANYWHERE, Pages
from admin.pages.visit import Visit
from switch.desk.asking import Refused, same_name
from switch.desk.proposals import waiting
from switch.desk.today import today
from switch.ports.access import Scope

pages = Pages("home")


@dataclass(frozen=True, slots=True)
class Line:
    """One count and where it leads; no path while there is no page of it."""

    text: str
    count: int
    path: str = ""
    late: bool = False


@pages.get("/", needs=ANYBODY, where=ANYWHERE)
async def home(visit: Visit) -> Response:
    site, actor = visit.site, visit.actor
    found = await today(visit.desk, visit.who, visit.at, site.id) if site else None
    lines: list[Line] = []
    if site is not None and found is not None and not isinstance(found, Refused):
        if actor.at(Scope.MONITORING, site.id):
            lines += [Line("recordings wait to be heard", found.waiting), Line("of them are overdue", found.overdue, late=True)]
        if actor.at(Scope.CONTACTS, site.id):
            lines.append(Line("checks of contacts are to be done", found.checks))
        if actor.at(Scope.TASKS, site.id):
            lines += [Line("other tasks are to be done", found.tasks), Line("tasks are late", found.late, late=True)]
        if actor.at(Scope.READ, site.id):
            there = "/control" if actor.may(Scope.ORDERS) else ""
            lines.append(Line("alarms wait for somebody", found.alarms, there, late=True))
    if mine := [one for one in await waiting(visit.desk, visit.who, visit.at) if same_name(one.second, visit.who)]:
        lines.insert(0, Line("wait for you to agree", len(mine), "/waiting"))
    return visit.show("home.html", lines=lines)
