"""People: found, and one person with what is in force for them."""
from starlette.responses import Response

from admin.pages.page import ANYWHERE, Pages
from admin.pages.visit import Visit
from switch.desk.asking import Refused
from switch.desk.finding import MOST, find_people, whereabouts
from switch.desk.parties import standing
from switch.desk.shown import show
from switch.ports.access import Scope
from switch.ports.staff import Place

pages = Pages("people")


async def of_person(visit: Visit) -> Place | None:
    """Where the person of the path lives."""
    return await whereabouts(visit.desk, visit.who, visit.at, visit.path("number"))


@pages.get("/people", needs=Scope.READ, where=ANYWHERE)
async def people(visit: Visit) -> Response:
    words = visit.query("words")
    found = await find_people(visit.desk, visit.who, visit.at, words, visit.actor.within(Scope.READ))
    return visit.show("people/list.html", words=words, people=found, most=MOST)


@pages.get("/people/{number}", needs=Scope.READ, where=of_person)
async def person(visit: Visit) -> Response:
    number = visit.path("number")
    shown = await show(visit.desk, visit.who, visit.at, number)
    contacts = await standing(visit.desk, visit.who, visit.at, number)
    if isinstance(shown, Refused) or isinstance(contacts, Refused):
        return visit.missing()
    return visit.show("people/person.html", shown=shown, contacts=contacts)
