"""What takes two members of staff: the first asks and names the second, the second's own key confirms it.

A key acts for its holder, so that nobody can be both. Whatever is tried beside that is turned away and noted.
"""
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from admin.acting import Agreed, Note
from admin.answers import NOT_JSON, denied, is_json, told
from admin.api.operation import Answers, Operation, again, carry_out
from admin.api.repeats import OneAnswer, one_answer
from admin.auth import Denied, Door, no_scope
from switch.core.ids import StaffId
from switch.desk.access import STAFF, STAFF_WORDS, named
from switch.desk.accounts import holds
from switch.desk.asking import Desk, Problem, same_name
from switch.desk.proposals import Waiting, propose
from switch.ports.access import Key, Proposal

CONFIRM, CONFIRM_PATH = "proposals-confirm", "/api/proposals/confirm"
WAITING = Answers(Waiting, 202)
NOBODYS = Denied(403, "no-holder", "this takes two members of staff, each by a key of their own, and this key is a system's")
NOT_YOURS = Denied(403, "not-the-second", "this waits for somebody else, and only their own key confirms it")
UNKNOWN = Problem("unknown-proposal", "nothing of this name waits: it was confirmed, is over, or never was")


class ConfirmRequest(BaseModel):
    """What is confirmed. Nothing of it can be changed on the way."""

    model_config = ConfigDict(extra="forbid", strict=True)

    proposal: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


async def put_forward(request: Request, door: Door, desk: Desk, at: datetime, operation: Operation, key: Key, second: str,
                      text: bytes) -> Response:
    """The request waits, for half a day, for the one whom it names as the second."""
    name = operation.offer.name
    if key.holder is None:
        return denied(await door.turn_away(request, at, name, key, NOBODYS))
    if not STAFF.fullmatch(second):
        return told(400, [Problem("bad-staff", f"second: a member of staff is {STAFF_WORDS}")])
    if same_name(second, key.holder):
        own = Denied(403, "one-name", f"{key.holder} asks already: a second member of staff confirms it, by a key of their own")
        return denied(await door.turn_away(request, at, name, key, own))
    once = one_answer(request, key, name, text, at, WAITING.of_result)
    if isinstance(once, Denied):
        return denied(once)
    holder, id = key.holder, key.id
    return await carry_out(
        desk, holder, at, lambda noted: propose(noted, holder, at, name, text.decode(), id, StaffId(second)), WAITING, once,
        Note(key, name))


@dataclass(frozen=True, slots=True)
class Confirming:
    """One request to confirm something, by the key of a member of staff."""

    request: Request
    door: Door
    desk: Desk
    at: datetime
    key: Key
    second: StaffId

    async def turned_away(self, why: Denied) -> Response:
        return denied(await self.door.turn_away(self.request, self.at, CONFIRM, self.key, why))


def confirming(desk: Desk, now: Callable[[], datetime], door: Door, operations: Mapping[str, Operation]
               ) -> Callable[[Request], Awaitable[Response]]:
    async def confirm(request: Request) -> Response:
        at = now()
        key = await door.admit(request, at, CONFIRM, None)
        if isinstance(key, Denied):
            return denied(key)
        if key.holder is None:
            return denied(await door.turn_away(request, at, CONFIRM, key, NOBODYS))
        second = await door.acting(request, at, CONFIRM, key, True)
        if isinstance(second, Denied):
            return denied(second)
        if not is_json(request):
            return told(415, [NOT_JSON])
        text = await request.body()
        try:
            id = ConfirmRequest.model_validate_json(text).proposal
        except ValidationError:
            return told(400, [Problem("bad-request", 'say which proposal, as {"proposal": "..."}, and nothing else')])
        once = one_answer(request, key, CONFIRM, text, at, lambda _: None)
        if isinstance(once, Denied):
            return denied(once)
        return await _confirm(Confirming(request, door, desk, at, key, second), operations, id, once)

    return confirm


async def _confirm(asked: Confirming, operations: Mapping[str, Operation], id: str, once: OneAnswer | None) -> Response:
    desk, at = asked.desk, asked.at
    found, kept = await desk.work.look(asked.second, at, lambda changes: (
        changes.proposal(id), changes.kept(once.key, once.name) if once else None))
    if once is not None and kept is not None:
        return again(once, kept)
    operation = operations.get(found.operation) if found else None
    if found is None or operation is None:
        return told(404, [UNKNOWN])
    offer = operation.offer
    if offer.scope not in asked.key.scopes:
        return await asked.turned_away(no_scope(offer.scope))
    if not same_name(asked.second, found.second):
        return await asked.turned_away(NOT_YOURS)
    if not await still_theirs(desk, at, found, operation):
        return told(409, [Problem("void", "whoever asked for this may do so no longer")])
    arguments = operation.shape.read(False, found.asked.encode(), {})
    if isinstance(arguments, list):
        return told(409, arguments)  # it was asked of another version of this switch
    if once is not None:
        once.told = operation.answers.of_result
    first, both = found.staff, arguments | {"second": asked.second}
    note = Note(asked.key, offer.name, {"proposal": id, "first": found.key or found.staff})
    return await carry_out(desk, first, at, lambda noted: offer.use(noted, first, at, **both), operation.answers, once,
                           Agreed(id), note)


async def still_theirs(desk: Desk, at: datetime, found: Proposal, operation: Operation) -> bool:
    """Whether whoever asked, by key or by account, may do so still."""
    if found.key is None:
        return await holds(desk, at, found.staff, operation.offer.scope)
    first = await named(desk, at, found.key)
    return (first is not None and first.holder is not None and same_name(first.holder, found.staff)
            and operation.offer.scope in first.scopes)
