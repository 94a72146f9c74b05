"""Requests as calls of the desk, and its answers and refusals as responses; the description comes from the same shapes."""
from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from admin.acting import Note
from admin.answers import NOT_JSON, denied, is_json, told
from admin.api.offers import OFFERS, Offer
from admin.api.operation import Operation, carry_out, operation_of
from admin.api.recordings import Route, add_recordings
from admin.api.repeats import HEADER, NAME, one_answer
from admin.api.seconds import CONFIRM, CONFIRM_PATH, ConfirmRequest, confirming, put_forward
from admin.api.shapes import Shape
from admin.auth import Denied, Door
from switch.desk.asking import Desk
from switch.desk.proposals import Waiting
from switch.ports.access import Scope

REFERENCES = "#/components/schemas/{model}"
PROBLEMS = REFERENCES.format(model="Problems")
ANSWERS = {
    400: "the request is wrong, with every problem", 401: "no good key", 403: "the key is not for this",
    404: "nobody or nothing is so called", 409: "it may not be, as things stand", 413: "the body is too long",
    415: "the body is said not to be JSON", 429: "too many requests",
    503: "the database did not answer",
}
STAFF = {"name": "X-Staff", "in": "header", "required": False, "schema": {
    "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"},
    "description": "for whom a system asks, which it must say of a change; the key of a member of staff says it by itself"}
REPEAT = {"name": HEADER, "in": "header", "required": False, "schema": {"type": "string", "pattern": f"^({NAME})$"},
          "description": "a name for this request: sent again within a day, it is answered as at first and done once"}
NOBODYS = Denied(403, "no-holder", "who asks has to be proved: a member of staff asks by a key of their own, this is a system's")
Answer = Callable[[Request], Awaitable[Response]]


def add_routes(app: FastAPI, desk: Desk, now: Callable[[], datetime], door: Door) -> dict[str, Any]:
    """An operation for each offer; gives back the schemas that their descriptions refer to."""
    described, schemas = deepcopy(_all_described())  # whoever describes the application may change what it is given
    operations = {offer.name: operation_of(offer) for offer in OFFERS}
    for offer, operation in zip(OFFERS, operations.values(), strict=True):
        app.add_api_route(
            offer.path, _answer(operation, desk, now, door), methods=["GET" if offer.reads else "POST"],
            operation_id=offer.name, summary=_summary(offer), tags=[offer.path.split("/")[2]], response_model=None,
            openapi_extra=described[offer.name],
        )  # fmt: skip
    app.add_api_route(
        CONFIRM_PATH, confirming(desk, now, door, operations), methods=["POST"], operation_id=CONFIRM, tags=["proposals"],
        summary="A second member of staff confirms what the first asked for.", response_model=None,
        openapi_extra=_of_confirm(schemas),
    )  # fmt: skip
    add_recordings(app, desk, now, door, lambda route: _of_recording(route, schemas))
    return schemas


def _of_recording(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    good = {"description": "done", "content": {route.gives: {"schema": {}}}}
    answers = {"200": good} | ({"206": good, "416": _holds("no such range", {"$ref": PROBLEMS})} if route.ranges else {})
    words = f"Needs the scope `recordings`, and a key of the member of staff's own.\n\n{route.answer.__doc__}"
    described = _frame(words, answers)
    described["parameters"].append({"name": "recording", "in": "path", "required": True, "schema": {"type": "string"},
                                    "description": "its id, which is its call's"})
    if route.playing:
        described["parameters"].append({
            "name": "playing", "in": "query", "required": True, "schema": {"type": "string"},
            "description": "what was opened: over when the leave ends, or nothing was read for a while"})
    if route.body is not None:
        asked = _taken(route.body.model_json_schema(ref_template=REFERENCES), schemas)
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    return described


def _answer(operation: Operation, desk: Desk, now: Callable[[], datetime], door: Door) -> Answer:
    offer = operation.offer

    async def answer(request: Request) -> Response:
        at = now()
        key = await door.admit(request, at, offer.name, offer.scope)
        if isinstance(key, Denied):
            return denied(key)
        if offer.own_key and key.holder is None:
            return denied(await door.turn_away(request, at, offer.name, key, NOBODYS))
        actor = await door.acting(request, at, offer.name, key, offer.reads or offer.scope is Scope.PUBLIC)
        if isinstance(actor, Denied):
            return denied(actor)
        if not offer.reads and not is_json(request):
            return told(415, [NOT_JSON])
        text = b"" if offer.reads else await request.body()
        arguments = operation.shape.read(offer.reads, text, dict(request.query_params))
        if isinstance(arguments, list):
            return told(400, arguments)
        if offer.two_names and arguments["second"].strip():
            return await put_forward(request, door, desk, at, operation, key, arguments["second"].strip(), text)
        once = None if offer.reads else one_answer(request, key, offer.name, text, at, operation.answers.of_result)
        if isinstance(once, Denied):
            return denied(once)
        return await carry_out(desk, actor, at, lambda noted: offer.use(noted, actor, at, **arguments), operation.answers, once,
                               Note(key, offer.name))

    return answer


def _summary(offer: Offer) -> str:
    words = (offer.use.__doc__ or "").strip().split("\n")[0]
    return words or offer.name.replace("-", " ")


@cache
def _all_described() -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Of each offer by its name, and the schemas that they refer to: the same for every application of a process."""
    schemas: dict[str, Any] = {}
    return {offer.name: _described(offer, operation_of(offer).shape, schemas) for offer in OFFERS}, schemas


def _described(offer: Offer, shape: Shape, schemas: dict[str, Any]) -> dict[str, Any]:
    asked = _taken(shape.asked.model_json_schema(ref_template=REFERENCES), schemas)
    answer = _taken(TypeAdapter(shape.answer).json_schema(ref_template=REFERENCES, mode="serialization"), schemas)
    own = ", and a key of the member of staff's own" if offer.own_key else ""
    described = _frame(f"Needs the scope `{offer.scope}`{own}.\n\n{offer.use.__doc__ or ''}", {"200": _holds("done", answer)})
    if offer.reads:
        described["parameters"] += [
            {"name": name, "in": "query", "required": name in asked.get("required", ()), "schema": schema}
            for name, schema in asked["properties"].items()]
        return described
    described["parameters"].append(REPEAT)
    described["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    if offer.two_names:
        waits = _taken(TypeAdapter(Waiting).json_schema(ref_template=REFERENCES, mode="serialization"), schemas)
        described["responses"]["202"] = _holds("it waits for the second member of staff, whom `second` names", waits)
    return described


def _of_confirm(schemas: dict[str, Any]) -> dict[str, Any]:
    words = "Needs the scope of what is confirmed, and the key of whom it names as the second. Answers as that operation does."
    described = _frame(words, {"200": _holds("done", {})})
    described["parameters"].append(REPEAT)
    asked = _taken(ConfirmRequest.model_json_schema(ref_template=REFERENCES), schemas)
    described["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    return described


def _frame(description: str, good: dict[str, Any]) -> dict[str, Any]:
    return {
        "security": [{"key": []}], "description": description, "parameters": [STAFF],
        "responses": good | {str(status): _holds(text, {"$ref": PROBLEMS}) for status, text in ANSWERS.items()},
    }


def _holds(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _taken(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema, and what it refers to among those of the whole description."""
    schemas.update(schema.pop("$defs", {}))
    return schema
