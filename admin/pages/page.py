"""How a page is declared, which cannot be done without its guard: what it needs, and where that has to be held.

    pages = Pages("people")

    @pages.get("/people/{number}", needs=Scope.READ, where=of_person)
    async def person(visit: Visit) -> Response: ...

Whoever is not signed in is sent to sign in; without the permission the answer is 403; what is elsewhere than they may look does
not exist for them (404); `fresh` asks for a code again where the last one is older than the settings say.
"""
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.responses import Response

from admin.pages.visit import Visit
from switch.ports.access import Scope
from switch.ports.staff import Place

Answer = Callable[[Visit], Awaitable[Response]]
Listen = Callable[[Visit], Awaitable[None]]
Whereabouts = Callable[[Visit], Awaitable[Place | None]]
"""Finds the place that a request is about; None for what does not exist."""


@dataclass(frozen=True, slots=True)
class Anywhere:
    """The permission held anywhere will do: the page narrows what it shows by `visit.actor.within`, or is about no place."""


ANYWHERE = Anywhere()
Where = Anywhere | Whereabouts


@dataclass(frozen=True, slots=True)
class Anybody:
    """Whoever is signed in, whatever they hold: their own page, and signing out."""


ANYBODY = Anybody()


@dataclass(frozen=True, slots=True)
class Guard:
    """`fresh`: asks for a code again; for export, erasure, roles and keys."""

    needs: Scope | Anybody
    where: Where
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One declared page: a path with its method, its guard, and what answers."""

    subject: str
    path: str
    method: str
    guard: Guard
    answer: Answer

    @property
    def name(self) -> str:
        return f"{self.subject}.{getattr(self.answer, '__name__', '?')}"


@dataclass(frozen=True, slots=True)
class Socket:
    """A WebSocket, by the same guard. `listen` accepts it; what it holds is looked at again by `visit.still()`."""

    subject: str
    path: str
    guard: Guard
    listen: Listen

    @property
    def name(self) -> str:
        return f"{self.subject}.{getattr(self.listen, '__name__', '?')}"


@dataclass(slots=True)
class Pages:
    """The pages of one subject."""

    subject: str
    pages: list[Page] = field(default_factory=list)
    sockets: list[Socket] = field(default_factory=list)

    def get(self, path: str, *, needs: Scope | Anybody, where: Where, fresh: bool = False) -> Callable[[Answer], Answer]:
        return self._declare("GET", path, Guard(needs, where, fresh))

    def post(self, path: str, *, needs: Scope | Anybody, where: Where, fresh: bool = False) -> Callable[[Answer], Answer]:
        return self._declare("POST", path, Guard(needs, where, fresh))

    def socket(self, path: str, *, needs: Scope | Anybody, where: Where) -> Callable[[Listen], Listen]:
        def declared(listen: Listen) -> Listen:
            self.sockets.append(Socket(self.subject, path, Guard(needs, where), listen))
            return listen

        return declared

    def _declare(self, method: str, path: str, guard: Guard) -> Callable[[Answer], Answer]:
        def declared(answer: Answer) -> Answer:
            self.pages.append(Page(self.subject, path, method, guard, answer))
            return answer

        return declared
