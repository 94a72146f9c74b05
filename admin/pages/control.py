"""The control room: calls turned off for a site, wing, cell or person, what is off, what needs somebody, and how the site is."""
from typing import Any, Final

from starlette.responses import Response

from admin.pages.page import ANYWHERE, Pages
from admin.pages.visit import Visit
from switch.desk import canary, control, kill
from switch.desk.alarms import acknowledge
from switch.desk.asking import Refused, refused
from switch.ports.access import Scope
from switch.ports.desk import Order, Reach
from switch.ports.staff import Place

pages = Pages("control")
NOT_THERE = refused("unknown-target", "there is none where you may turn calls off")
NO_REASON = refused("no-reason", "say why: it is kept with the order")
REACHES: Final = (Reach.PERSON, Reach.CELL, Reach.WING, Reach.SITE)
EMPTY: Final = {"reach": "", "target": "", "establishment": "", "cut": False, "reason": ""}


async def of_order(visit: Visit) -> Place | None:
    """What the order of the path was given for."""
    return await control.place_of_order(visit.desk, visit.who, visit.at, visit.path("order"))


async def of_alarm(visit: Visit) -> Place | None:
    """Where the call of the alarm of the path is."""
    return await control.place_of_alarm(visit.desk, visit.who, visit.at, visit.path("alarm"), visit.actor.within(Scope.ORDERS))


@pages.get("/control", needs=Scope.ORDERS, where=ANYWHERE)
async def room(visit: Visit) -> Response:
    return await _room(visit)


async def _room(visit: Visit, problem: Refused | None = None, asked: dict[str, object] | None = None) -> Response:
    within, desk, who, at = visit.actor.within(Scope.ORDERS), visit.desk, visit.who, visit.at
    feed = visit.house.live.feed
    values: dict[str, Any] = {
        "off": await control.off(desk, who, at, within), "alarms": await control.alarms(desk, who, at, within),
        "canaries": [one for one in await canary.read(desk, who, at) if visit.actor.at(Scope.ORDERS, one.canary.establishment)],
        "feed": feed, "nodes": sorted(feed.nodes.items()) if feed is not None else [], "reaches": REACHES,
        "asked": EMPTY | {"establishment": visit.site.id if visit.site else ""} | (asked or {}),
    }
    return visit.show("control/room.html", **values) if problem is None else visit.again("control/room.html", problem, **values)


async def _asked(visit: Visit) -> dict[str, object]:
    return {"reach": await visit.field("reach"), "target": await visit.field("target"),
            "establishment": await visit.field("establishment"), "cut": await visit.field("cut") == "yes",
            "reason": await visit.field("reason")}


async def _aim(visit: Visit, asked: dict[str, object]) -> tuple[Reach, str, str | None] | Refused:
    """What is asked for, where they may turn it off; a person is wherever they live, and a site its own establishment."""
    named = str(asked["reach"])
    if named not in list(REACHES):
        return refused("bad-reach", "say whether it is for a person, a cell, a wing or an establishment")
    reach, establishment = Reach(named), str(asked["establishment"])
    target = establishment if reach is Reach.SITE else str(asked["target"])
    place = await control.aim(visit.desk, visit.who, visit.at, reach, target, establishment)
    if place is None or not visit.actor.may(Scope.ORDERS, place):
        return NOT_THERE
    if not asked["reason"]:
        return NO_REASON
    return reach, target, establishment if reach in (Reach.WING, Reach.CELL) else None


@pages.post("/control/ask", needs=Scope.ORDERS, where=ANYWHERE)
async def ask(visit: Visit) -> Response:
    """The first click: what would be off, and for whom."""
    asked = await _asked(visit)
    aim = await _aim(visit, asked)
    if isinstance(aim, Refused):
        return await _room(visit, aim, asked)
    return visit.show("control/ask.html", asked=asked, reach=aim[0], target=aim[1])


@pages.post("/control/off", needs=Scope.ORDERS, where=ANYWHERE)
async def turn_off(visit: Visit) -> Response:
    """The second: it is off from now on."""
    asked = await _asked(visit)
    aim = await _aim(visit, asked)
    done: Order | Refused = aim if isinstance(aim, Refused) else await kill.place(
        visit.desk, visit.who, visit.at, aim[0], aim[1], str(asked["reason"]), cut=bool(asked["cut"]), establishment=aim[2])
    if isinstance(done, Refused):
        return await _room(visit, done, asked)
    return visit.to("/control", visit.say("Calls are off."))


@pages.get("/control/orders/{order}", needs=Scope.ORDERS, where=of_order)
async def order(visit: Visit) -> Response:
    return await _order(visit)


async def _order(visit: Visit, problem: Refused | None = None) -> Response:
    found = [one for one in await control.off(visit.desk, visit.who, visit.at, visit.actor.within(Scope.ORDERS))
             if one.order.id == visit.path("order")]
    if not found:
        return visit.missing()
    values: dict[str, Any] = {"one": found[0], "reason": await visit.field("reason") if problem else ""}
    return visit.show("control/order.html", **values) if problem is None else visit.again("control/order.html", problem, **values)


@pages.post("/control/orders/{order}/lift", needs=Scope.ORDERS, where=of_order)
async def lift(visit: Visit) -> Response:
    done = await kill.lift(visit.desk, visit.who, visit.at, visit.path("order"))
    if isinstance(done, Refused):
        return await _order(visit, done)
    return visit.to("/control", visit.say("Calls are on again, as far as no other order stands."))


@pages.post("/control/orders/{order}/helplines", needs=Scope.ORDERS, where=of_order)
async def helplines(visit: Visit) -> Response:
    """A second order, with a reason of its own."""
    done = await kill.stop_helplines(visit.desk, visit.who, visit.at, visit.path("order"), await visit.field("reason"))
    if isinstance(done, Refused):
        return await _order(visit, done)
    return visit.to("/control", visit.say("Helplines are off too."))


@pages.get("/control/alarms/{alarm}", needs=Scope.ORDERS, where=of_alarm)
async def alarm(visit: Visit) -> Response:
    return await _alarm(visit)


async def _alarm(visit: Visit, problem: Refused | None = None) -> Response:
    found = [one for one in await control.alarms(visit.desk, visit.who, visit.at, visit.actor.within(Scope.ORDERS))
             if one.id == visit.path("alarm")]
    if not found:
        return visit.missing()
    if problem is not None:
        return visit.again("control/alarm.html", problem, one=found[0], done=await visit.field("done"))
    return visit.show("control/alarm.html", one=found[0], done="")


@pages.post("/control/alarms/{alarm}", needs=Scope.ORDERS, where=of_alarm)
async def take_on(visit: Visit) -> Response:
    done = await acknowledge(visit.desk, visit.who, visit.at, visit.path("alarm"), await visit.field("done"))
    if isinstance(done, Refused):
        return await _alarm(visit, done)
    return visit.to("/control", visit.say("The alarm is yours, and no longer listed."))
