"""One operation of the API, from arguments to an answer: done once, and answered alike when it is sent again."""
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from admin.acting import NoLonger, Within, for_request
from admin.answers import status_of, told
from admin.api.offers import Offer
from admin.api.repeats import HEADER, OneAnswer, Repeated, Told
from admin.api.shapes import Shape, shape_of
from switch.core.ids import StaffId
from switch.desk.asking import Desk, Problem, Refused
from switch.ports.access import Kept


@dataclass(slots=True)
class Answers:
    """Results of one type as status and body, refusals as their problems."""

    type: Any
    status: int = 200
    adapter: TypeAdapter[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.adapter = TypeAdapter(self.type)

    def of(self, result: object) -> Told:
        if isinstance(result, Refused):
            answer = told(status_of(result), list(result.problems))
            return answer.status_code, bytes(answer.body)
        return self.status, self.adapter.dump_json(result)

    def of_result(self, result: object) -> Told | None:
        """None of what a use case only learnt on its way."""
        if not isinstance(result, Refused):
            try:
                self.adapter.validate_python(result, strict=True)
            except ValidationError:
                return None
        return self.of(result)


@dataclass(frozen=True, slots=True)
class Operation:
    """An offer with its shape, made once."""

    offer: Offer
    shape: Shape
    answers: Answers


@cache
def operation_of(offer: Offer) -> Operation:
    shape = shape_of(offer)
    return Operation(offer, shape, Answers(shape.answer))


async def carry_out(desk: Desk, actor: StaffId, at: datetime, use: Callable[[Desk], Awaitable[object]], answers: Answers,
                    once: OneAnswer | None, *parts: Within) -> Response:
    """Whoever sent it before is answered as then; of two that come at once, the second finds the first's answer."""
    if once is not None:
        kept = await desk.work.look(actor, at, lambda changes: changes.kept(once.key, once.name))
        if kept is not None:
            return again(once, kept)
        parts = (once, *parts)
    try:
        result = await use(for_request(desk, *parts))
    except Repeated as repeated:
        assert once is not None
        return again(once, repeated.kept)
    except NoLonger:
        return told(409, [Problem("void", "this waits no longer: it was confirmed, or is over")])
    if once is not None and once.ran and not once.mine:  # the last of several transactions did not hold the answer
        await desk.work.run(actor, at, lambda changes: once.after(changes, result))
    return _response(*answers.of(result))


def again(once: OneAnswer, kept: Kept) -> Response:
    """As at first; 409 where it was another request."""
    answer = once.again(kept)
    if answer is None:
        return told(409, [Problem("key-reused", f"another request came with this {HEADER}: give each its own")])
    return _response(*answer)


def _response(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")
