"""Requests as calls of the desk, and its answers and refusals as responses; the description comes from the same shapes."""
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from admin.acting import for_key
from admin.api.offers import OFFERS, Offer
from admin.api.shapes import Shape, shape_of
from admin.auth import Denied, Door, staff_of
from switch.desk.asking import Desk, Problem, Refused

REFERENCES = "#/components/schemas/{model}"
PROBLEMS = REFERENCES.format(model="Problems")
MALFORMED = frozenset({"no-actor", "no-reason", "empty", "too-long"})
"""With everything that begins with `bad-`: the request itself is wrong, whatever the books hold."""
ANSWERS = {
    400: "the request is wrong, with every problem", 401: "no good key", 403: "the key is not for this",
    404: "nobody or nothing is so called", 409: "it may not be, as things stand", 429: "too many requests",
    503: "the database did not answer",
}
Answer = Callable[[Request], Awaitable[Response]]


def status_of(refused: Refused) -> int:
    """400 where anything is malformed, 404 where what is named is unknown, else 409."""
    codes = [problem.code for problem in refused.problems]
    if any(code.startswith("bad-") or code in MALFORMED for code in codes):
        return 400
    return 404 if all(code.startswith("unknown-") for code in codes) else 409


def told(status: int, problems: list[Problem]) -> JSONResponse:
    body = {"problems": [{"code": one.code, "text": one.text, "line": one.line} for one in problems]}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(body, status, headers)


def denied(why: Denied) -> JSONResponse:
    return told(why.status, [Problem(why.code, why.text)])


def add_routes(app: FastAPI, desk: Desk, now: Callable[[], datetime], door: Door) -> dict[str, Any]:
    """An operation for each offer; gives back the schemas that their descriptions refer to."""
    schemas: dict[str, Any] = {}
    for offer in OFFERS:
        shape = shape_of(offer)
        app.add_api_route(
            offer.path, _answer(offer, shape, desk, now, door), methods=["GET" if offer.reads else "POST"],
            operation_id=offer.name, summary=_summary(offer), tags=[offer.path.split("/")[2]], response_model=None,
            openapi_extra=_described(offer, shape, schemas),
        )  # fmt: skip
    return schemas


def _answer(offer: Offer, shape: Shape, desk: Desk, now: Callable[[], datetime], door: Door) -> Answer:
    adapter: TypeAdapter[Any] = TypeAdapter(shape.answer)

    async def answer(request: Request) -> Response:
        at = now()
        key = await door.admit(request, at, offer.name, offer.scope)
        if isinstance(key, Denied):
            return denied(key)
        actor = staff_of(request, key, offer.reads)
        if isinstance(actor, Denied):
            return denied(actor)
        arguments = shape.read(offer.reads, b"" if offer.reads else await request.body(), dict(request.query_params))
        if isinstance(arguments, list):
            return told(400, arguments)
        result = await offer.use(for_key(desk, key, offer.name), actor, at, **arguments)
        if isinstance(result, Refused):
            return told(status_of(result), list(result.problems))
        return Response(adapter.dump_json(result), media_type="application/json")

    return answer


def _summary(offer: Offer) -> str:
    words = (offer.use.__doc__ or "").strip().split("\n")[0]
    return words or offer.name.replace("-", " ")


def _described(offer: Offer, shape: Shape, schemas: dict[str, Any]) -> dict[str, Any]:
    asked = _taken(shape.asked.model_json_schema(ref_template=REFERENCES), schemas)
    answer = _taken(TypeAdapter(shape.answer).json_schema(ref_template=REFERENCES, mode="serialization"), schemas)
    staff = {"name": "X-Staff", "in": "header", "required": not offer.reads, "description": "in whose name",
             "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"}}
    described: dict[str, Any] = {
        "security": [{"key": []}], "description": f"Needs the scope `{offer.scope}`.\n\n{offer.use.__doc__ or ''}",
        "parameters": [staff],
        "responses": {"200": {"description": "done", "content": {"application/json": {"schema": answer}}}} | {
            str(status): {"description": text, "content": {"application/json": {"schema": {"$ref": PROBLEMS}}}}
            for status, text in ANSWERS.items()} | {"413": {"description": "the body is too long"}},
    }
    if offer.reads:
        described["parameters"] += [
            {"name": name, "in": "query", "required": name in asked.get("required", ()), "schema": schema}
            for name, schema in asked["properties"].items()]
    else:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    return described


def _taken(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema, and what it refers to among those of the whole description."""
    schemas.update(schema.pop("$defs", {}))
    return schema
