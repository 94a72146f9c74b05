"""News in the telephones' menu: what is told, told anew, and withdrawn."""
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from admin.pages.page import ANYWHERE, Pages
from admin.pages.visit import Visit
from switch.desk import control
from switch.desk.asking import Refused, refused
from switch.desk.bulletins import publish_bulletin, withdraw_bulletin
from switch.ports.access import Scope
from switch.ports.staff import Place

pages = Pages("bulletins")
EMPTY = {"establishment": "", "wing": "", "text": "", "hours": "24"}
MOST_HOURS = 24 * 28


async def of_bulletin(visit: Visit) -> Place | None:
    """Where the bulletin of the path is told."""
    return await control.place_of_bulletin(visit.desk, visit.who, visit.at, visit.path("bulletin"))


@pages.get("/bulletins", needs=Scope.PLACES, where=ANYWHERE)
async def bulletins(visit: Visit) -> Response:
    return await _list(visit)


async def _list(visit: Visit, problem: Refused | None = None, asked: dict[str, str] | None = None) -> Response:
    told = await control.news(visit.desk, visit.who, visit.at, visit.actor.within(Scope.PLACES))
    here = {"establishment": visit.site.id if visit.site else ""}
    values: dict[str, Any] = {"told": told, "asked": EMPTY | here | (asked or {})}
    return (visit.show("control/bulletins.html", **values) if problem is None
            else visit.again("control/bulletins.html", problem, **values))


@pages.post("/bulletins", needs=Scope.PLACES, where=ANYWHERE)
async def publish(visit: Visit) -> Response:
    asked = {name: await visit.field(name) for name in EMPTY}
    establishment, wing = asked["establishment"], asked["wing"] or None
    until = _until(visit.at, asked["hours"])
    if not visit.actor.may(Scope.PLACES, Place(establishment, wing)):
        return await _list(visit, refused("unknown-place", "there is none where you may tell news"), asked)
    if until is None:
        return await _list(visit, refused("bad-hours", f"say for how many hours, from 1 to {MOST_HOURS}"), asked)
    done = await publish_bulletin(visit.desk, visit.who, visit.at, establishment, until, text=asked["text"], wing=wing)
    if isinstance(done, Refused):
        return await _list(visit, done, asked)
    return visit.to("/bulletins", visit.say("It is told from now on."))


@pages.post("/bulletins/{bulletin}/withdraw", needs=Scope.PLACES, where=of_bulletin)
async def withdraw(visit: Visit) -> Response:
    done = await withdraw_bulletin(visit.desk, visit.who, visit.at, visit.path("bulletin"))
    if isinstance(done, Refused):
        return await _list(visit, done)
    return visit.to("/bulletins", visit.say("It is told no more."))


def _until(at: datetime, hours: str) -> datetime | None:
    good = hours.isascii() and hours.isdecimal() and 1 <= int(hours[:5]) <= MOST_HOURS
    return at + timedelta(hours=int(hours)) if good else None
