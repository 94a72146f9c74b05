"""The cookies of the console: the session, which establishment is looked at, and one message for the next page."""
import json
from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION, SITE, SAID, LANGUAGE = "wingline", "wingline-site", "wingline-said", "wingline-language"
LONGEST_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Cookies:
    """`secure`: browsers come by https, and the names say so (`__Host-`): no other host can set them."""

    secure: bool

    def get(self, request: HTTPConnection, name: str) -> str:
        return request.cookies.get(self._name(name), "")

    def put(self, answer: Response, name: str, value: str) -> None:
        answer.set_cookie(self._name(name), value, path="/", secure=self.secure, httponly=True, samesite="strict")

    def drop(self, answer: Response, name: str) -> None:
        answer.delete_cookie(self._name(name), path="/", secure=self.secure, httponly=True, samesite="strict")

    def say(self, answer: Response, text: str, kind: str = "success") -> None:
        """One message, shown on the next page."""
        self.put(answer, SAID, quote(json.dumps([kind, text[:LONGEST_MESSAGE]])))

    def said(self, request: HTTPConnection) -> tuple[str, str] | None:
        """(kind, text)"""
        try:
            kind, text = json.loads(unquote(self.get(request, SAID)))
        except (ValueError, TypeError):
            return None
        return (str(kind), str(text)) if kind in ("success", "information") else None

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name
