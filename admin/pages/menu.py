"""The navigation: each subject's line with what one needs to see it; a line that leads nowhere for somebody is not there."""
from dataclasses import dataclass

from admin.entry.actor import Actor
from switch.ports.access import Scope


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    path: str
    needs: Scope | None = None


LINES = (
    Line("Home", "/"),
    Line("Live board", "/board", Scope.LIVE),
    Line("Control room", "/control", Scope.ORDERS),
    Line("Bulletins", "/bulletins", Scope.PLACES),
    Line("People", "/people", Scope.READ),
    Line("Waiting for a second", "/waiting"),
    Line("Staff", "/staff", Scope.STAFF),
)


def menu_of(actor: Actor, here: str) -> list[tuple[Line, bool]]:
    """The lines that somebody sees, and which of them they are at."""
    return [(line, here == line.path or (line.path != "/" and here.startswith(line.path + "/")))
            for line in LINES if line.needs is None or actor.may(line.needs)]
