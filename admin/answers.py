"""Answers as both APIs give them: a refusal's status, and what is wrong in one form."""
from http import HTTPStatus

from fastapi.responses import JSONResponse
from starlette.requests import Request

from admin.auth import Denied
from switch.desk.asking import Problem, Refused

MALFORMED = frozenset({"no-actor", "no-reason", "empty", "too-long"})
"""With everything that begins with `bad-`: the request itself is wrong, whatever the books hold."""


NOT_JSON = Problem("bad-content-type", "send JSON, and say so: Content-Type: application/json")


def is_json(request: Request) -> bool:
    """Whether a body is said to be JSON, or nothing is said of it."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in ("", "application/json")


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
