"""A use case's signature as the shape of a request and of an answer."""
import inspect
from dataclasses import dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, create_model

from admin.api.offers import Offer
from switch.desk.asking import Problem, Refused

Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
Whole = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
MOST_TEXT = 10_000
LONG = frozenset({"text", "recording"})
"""Files and sound, as long as a body may be."""
GIVEN = ("desk", "actor", "at")
"""What the API itself knows; the other arguments are the request's."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`asked` has a field for each argument, and no others are taken; `answer` is the result without its refusal."""

    asked: type[BaseModel]
    answer: Any

    def read(self, reads: bool, text: bytes, query: dict[str, str]) -> dict[str, Any] | list[Problem]:
        """The arguments, or everything that is wrong with them."""
        if rb"\u0000" in text or any("\0" in value for value in query.values()):
            return [Problem("bad-request", "no text has a NUL character")]
        try:
            found = self.asked.model_validate_strings(query) if reads else self.asked.model_validate_json(text, strict=True)
        except ValidationError as error:
            return [Problem("bad-request", f"{'.'.join(map(str, one['loc'])) or 'the body'}: {one['msg']}")
                    for one in error.errors(include_url=False, include_context=False, include_input=False)]
        return {name: getattr(found, name) for name in self.asked.model_fields}


def shape_of(offer: Offer) -> Shape:
    hints = get_type_hints(offer.use)
    fields: dict[str, Any] = {
        name: (_bounded(name, hints[name]), ... if one.default is inspect.Parameter.empty else one.default)
        for name, one in inspect.signature(offer.use).parameters.items() if name not in GIVEN
    }
    asked = create_model(offer.name, __config__=ConfigDict(extra="forbid"), **fields)
    return Shape(asked, _without_refusal(hints["return"]))


def _bounded(name: str, hint: Any) -> Any:
    """A moment names its zone; it, a number and a text lie within what the books can hold."""
    if hint is datetime:
        return Moment
    if hint is int:
        return Whole
    if name not in LONG and (hint is str or getattr(hint, "__supertype__", None) is str):
        return Annotated[hint, Field(max_length=MOST_TEXT)]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_bounded(name, one) for one in get_args(hint))]  # noqa: UP007  # made from a list
    return hint


def _without_refusal(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    return Union[tuple(one for one in get_args(hint) if one is not Refused)]  # noqa: UP007  # made from a list
