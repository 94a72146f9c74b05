"""What takes two members of staff, on pages: the first asks and names the second, who agrees signed in and with a fresh code.

A page that takes two calls `put_forward` where it would have called the use case; what the first asked for cannot be changed on
the way, and it is done in their name once the second agrees.
"""
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from admin.acting import Agreed, NoLonger, for_request
from admin.api.offers import OFFERS, PAGES_ONLY, Offer
from admin.api.operation import Operation, operation_of
from admin.api.seconds import still_theirs
from admin.pages.page import ANYBODY, ANYWHERE, Pages
from admin.pages.visit import Visit
from switch.core.ids import StaffId
from switch.desk.accounts import holds
from switch.desk.asking import Problem, Refused, refused, same_name
from switch.desk.proposals import Waiting, decline, propose, waiting
from switch.ports.access import Proposal

pages = Pages("seconds")
VOID = refused("void", "whoever asked for this may do so no longer")
OVER = refused("void", "this waits no longer: it was confirmed, or is over")


@cache
def offer_of(use: Callable[..., Awaitable[Any]]) -> Offer:
    """The one line that says which permission a use case takes. LookupError for one that nobody offers."""
    found = next((one for one in (*OFFERS, *PAGES_ONLY) if one.use is use), None)
    if found is None:
        raise LookupError(f"{use.__name__} has no line in admin/api/offers.py")
    return found


@cache
def _operations() -> dict[str, Operation]:
    return {one.name: operation_of(one) for one in (*OFFERS, *PAGES_ONLY) if one.two_names}


async def put_forward(visit: Visit, use: Callable[..., Awaitable[Any]], second: str, **arguments: Any) -> Waiting | Refused:
    """`use` waits, for half a day, for the account that is named as the second and holds the same permission."""
    offer, second = offer_of(use), second.strip().lower()
    if same_name(second, visit.who):
        return refused("one-name", "name somebody else: you ask for this yourself")
    if not second or not await holds(visit.desk, visit.at, second, offer.scope):
        return refused("bad-second", "the second is not the name of an account that may do the same")
    try:
        asked = _operations()[offer.name].shape.asked(**arguments, second=second)
    except ValidationError as error:
        return Refused(tuple(Problem("bad-request", f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
                             for one in error.errors(include_url=False, include_context=False, include_input=False)))
    return await propose(visit.desk, visit.who, visit.at, offer.name, asked.model_dump_json(), None, StaffId(second))


@pages.get("/waiting", needs=ANYBODY, where=ANYWHERE)
async def listed(visit: Visit) -> Response:
    found = await waiting(visit.desk, visit.who, visit.at)
    mine = [one for one in found if same_name(one.second, visit.who)]
    return visit.show("seconds/list.html", mine=mine, others=[one for one in found if one not in mine])


@pages.get("/waiting/{proposal}", needs=ANYBODY, where=ANYWHERE, fresh=True)
async def one(visit: Visit) -> Response:
    found = await _mine(visit)
    return _shown(visit, found)


@pages.post("/waiting/{proposal}/agree", needs=ANYBODY, where=ANYWHERE, fresh=True)
async def agree(visit: Visit) -> Response:
    found = await _mine(visit)
    if not same_name(found.second, visit.who):
        return visit.missing()
    operation = _operations()[found.operation]
    if not visit.actor.may(operation.offer.scope):
        return _shown(visit, found, refused("no-scope", "none of your roles allows this any more"))
    if not await still_theirs(visit.desk, visit.at, found, operation):
        return _shown(visit, found, VOID)
    arguments = operation.shape.read(False, found.asked.encode(), {})
    if isinstance(arguments, list):
        return _shown(visit, found, Refused(tuple(arguments)))  # it was asked of another version of this switch
    desk = for_request(visit.desk, Agreed(found.id))
    try:
        done = await operation.offer.use(desk, found.staff, visit.at, **arguments | {"second": visit.who})
    except NoLonger:
        done = OVER
    if isinstance(done, Refused):
        return _shown(visit, found, done)
    return visit.to("/waiting", visit.say("It was done, in both your names."))


@pages.post("/waiting/{proposal}/decline", needs=ANYBODY, where=ANYWHERE)
async def declined(visit: Visit) -> Response:
    found = await _mine(visit)
    done = await decline(visit.desk, visit.who, visit.at, found.id, await visit.field("reason"))
    if isinstance(done, Refused):
        return _shown(visit, found, done)
    return visit.to("/waiting", visit.say("It waits no longer, and nothing was done."))


async def _mine(visit: Visit) -> Proposal:
    """What waits for this member of staff, or was asked by them; 404 for anything else."""
    found = await visit.desk.work.look(visit.who, visit.at, lambda changes: changes.proposal(visit.path("proposal")))
    theirs = found is not None and (same_name(found.second, visit.who) or same_name(found.staff, visit.who))
    if found is None or not theirs or found.operation not in _operations():
        raise HTTPException(404)
    return found


def _shown(visit: Visit, found: Proposal, wrong: Refused | None = None) -> Response:
    arguments = _operations()[found.operation].shape.read(False, found.asked.encode(), {})
    rows = [] if isinstance(arguments, list) else [
        (name, value) for name, value in arguments.items() if name != "second" and value not in (None, "")]
    return visit.show("seconds/one.html", 422 if wrong else 200, found=found, rows=rows, problems=wrong.problems if wrong else (),
                      for_me=same_name(found.second, visit.who))
