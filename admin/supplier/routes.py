"""The seven operations of the supplier API, each a call or two of the desk."""
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, TypeVar

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from admin.acting import Note, for_request
from admin.answers import NOT_JSON, denied, is_json, status_of, told
from admin.auth import Denied, Door
from admin.supplier.shapes import AccountRequest, Body, CreditRequest, NothingRequest, NumberRequest, PersonRequest, TokenRequest
from admin.supplier.tokens import LIFETIME, Tokens
from switch.core.ids import StaffId
from switch.core.money import Millipence, whole_pence
from switch.desk import kill, money, people, shown, supplied
from switch.desk.asking import Desk, Problem, Refused, prison_number
from switch.ports.access import Key, Scope
from switch.ports.contacts import Flags
from switch.ports.desk import Reach

B = TypeVar("B", bound=Body)
NO_LIMIT = 2**31 - 1
"""What `creditLimitPence` says where there is none: the field is an int32 and must be there."""
INACTIVE = "account not active"
RELATIONSHIPS = [{"id": int(id), "description": text} for id, text in tomllib.loads(
    files("admin.supplier").joinpath("relationships.toml").read_text("utf-8")).items()]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was let in."""

    desk: Desk
    actor: StaffId
    at: datetime


Answer = dict[str, Any] | Refused
Work = Callable[[Asked, Any], Awaitable[Answer]]


def add_supplier(app: FastAPI, desk: Desk, now: Callable[[], datetime], door: Door, tokens: Tokens) -> None:
    """No token, or a bad one, is 401 on the first two and 403 on the others: so says the interface."""

    async def token(request: Request) -> Response:
        body = await _read(request, TokenRequest)
        if isinstance(body, Response):
            return body
        at = now()
        key = await door.admit_secret(request, at, "supplier-token", Scope.SUPPLIER, f"{body.clientId}.{body.clientSecret}")
        if isinstance(key, Denied):
            return denied(Denied(429 if key.status == 429 else 401, key.code, key.text))
        return JSONResponse({"accessToken": tokens.issue(key.id, at), "tokenType": "Bearer",
                             "expiresIn": int(LIFETIME.total_seconds())})

    def operation(path: str, name: str, shape: type[Body], untrusted: int, work: Work) -> None:
        async def answer(request: Request) -> Response:
            at = now()
            key = await door.admit_named(request, at, name, Scope.SUPPLIER, tokens.key_of)
            if isinstance(key, Denied):
                return denied(Denied(429 if key.status == 429 else untrusted, key.code, key.text))
            body = await _read(request, shape)
            if isinstance(body, Response):
                return body
            result = await work(Asked(for_request(desk, Note(key, name)), _actor(key), at), body)
            if not isinstance(result, Refused):
                return JSONResponse(result)
            return told(404 if status_of(result) == 404 else 400, list(result.problems))

        app.add_api_route(path, answer, methods=["POST"], operation_id=name, include_in_schema=False, response_model=None)

    app.add_api_route("/auth/token", token, methods=["POST"], include_in_schema=False, response_model=None)
    operation("/pcs/Balance", "supplier-balance", PersonRequest, 401, _balance)
    operation("/pcs/AccountCredit", "supplier-credit", CreditRequest, 403, _credit)
    operation("/pcs/Account", "supplier-account", AccountRequest, 403, _account)
    operation("/pcs/ControlledNumber", "supplier-number", NumberRequest, 403, _number)
    operation("/pcs/ControlledNumbers", "supplier-numbers", PersonRequest, 403, _numbers)
    operation("/pcs/Relationships", "supplier-relationships", NothingRequest, 403, _relationships)


async def _read(request: Request, shape: type[B]) -> B | Response:
    if not is_json(request):
        return told(400, [NOT_JSON])
    text = await request.body()
    if rb"\u0000" in text:
        return told(400, [Problem("bad-request", "no text has a NUL character")])
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        return told(400, [Problem("bad-request", f"{'.'.join(map(str, one['loc'])) or 'the body'}: {one['msg']}")
                          for one in error.errors(include_url=False, include_context=False, include_input=False)])


def _actor(key: Key) -> StaffId:
    return StaffId(f"supplier-{key.id}")


def _person(body: PersonRequest) -> Refused | None:
    """Whatever cannot be a prison number is nobody's."""
    if prison_number(body.prisonerId) is None:
        return Refused((Problem("unknown-person", "nobody here has this number"),))
    return None


def _same(body: PersonRequest) -> dict[str, Any]:
    return {"reference": body.reference, "prisonerId": body.prisonerId}


def _limit(limit: Millipence | None) -> int:
    return NO_LIMIT if limit is None else whole_pence(limit)


async def _balance(asked: Asked, body: PersonRequest) -> Answer:
    if nobody := _person(body):
        return nobody
    limit = await money.credit_limit(asked.desk, asked.actor, asked.at, body.prisonerId)
    if isinstance(limit, Refused):
        return limit
    purse = await money.balance(asked.desk, asked.actor, asked.at, body.prisonerId)
    if isinstance(purse, Refused):
        return purse
    return _same(body) | {"balancePence": whole_pence(purse.credit.free), "creditLimitPence": _limit(limit.most)}


async def _credit(asked: Asked, body: CreditRequest) -> Answer:
    if nobody := _person(body):
        return nobody
    done = await money.top_up(asked.desk, asked.actor, asked.at, body.prisonerId, body.reference, body.amountPence,
                              body.creditLimit)
    if isinstance(done, Refused):
        return done
    limit = await money.credit_limit(asked.desk, asked.actor, asked.at, body.prisonerId, body.creditLimit)
    if isinstance(limit, Refused):
        return limit
    return _same(body) | {"creditLimitPence": _limit(limit.most), "newBalancePence": whole_pence(done.balance),
                          "preBalancePence": whole_pence(Millipence(done.balance - done.amount))}


async def _account(asked: Asked, body: AccountRequest) -> Answer:
    """Received, renamed or transferred, as need be. An account that is not active places no calls: an order of its own says so,
    which is lifted when it is active again. The PIN is issued by staff."""
    desk, actor, at = asked.desk, asked.actor, asked.at
    name = " ".join(part.strip() for part in (body.firstName, body.middleName or "", body.lastName) if part.strip())
    found = await shown.show(desk, actor, at, body.prisonerId)
    result: object = None
    if isinstance(found, Refused):
        if status_of(found) != 404:
            return found
        result = await people.receive(desk, actor, at, people.Newcomer(body.prisonerId, name, body.prisonCode))
    else:
        if found.person.name != name:
            result = await people.change(desk, actor, at, body.prisonerId, name=name)
        if found.person.establishment != body.prisonCode and not isinstance(result, Refused):
            result = await people.transfer(desk, actor, at, body.prisonerId, body.prisonCode)
    if isinstance(result, Refused):
        return Refused(tuple(Problem("bad-account", one.text) for one in result.problems))
    person = prison_number(body.prisonerId)
    ours = [one for one in await kill.standing(desk, actor, at)
            if one.reach is Reach.PERSON and one.target == person and one.reason == INACTIVE]
    if body.statusActive:
        for one in ours:
            await kill.lift(desk, actor, at, one.id)
    elif not ours:
        placed = await kill.place(desk, actor, at, Reach.PERSON, body.prisonerId, INACTIVE, cut=False)
        if isinstance(placed, Refused):
            return placed
    return _same(body)


async def _number(asked: Asked, body: NumberRequest) -> Answer:
    if nobody := _person(body):
        return nobody
    flags = Flags(body.allowMonitor, body.override, body.alert, body.callAllowed, body.legal)
    done = await supplied.supply_number(asked.desk, asked.actor, asked.at, body.prisonerId, body.reference, body.name,
                                        body.number, body.relationshipId, flags, body.controlStatus)
    return done if isinstance(done, Refused) else _same(body) | {"id": done.id}


async def _numbers(asked: Asked, body: PersonRequest) -> Answer:
    if nobody := _person(body):
        return nobody
    found = await supplied.supplied_numbers(asked.desk, asked.actor, asked.at, body.prisonerId)
    if isinstance(found, Refused):
        return found
    return _same(body) | {"controlledNumbers": [
        {"id": one.id, "name": one.name, "phoneNumber": one.number, "controlStatus": one.control,
         "callAllowed": one.flags.call_allowed, "legal": one.flags.legal, "allowMonitor": one.flags.allow_monitor,
         "alert": one.flags.alert, "override": one.flags.override, "relationshipId": one.relationship} for one in found]}


async def _relationships(asked: Asked, body: NothingRequest) -> Answer:
    return {"relationships": RELATIONSHIPS}
