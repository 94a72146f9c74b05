"""Whoever is signed in, and what they may where: roles as they stand at this request."""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from switch.core.ids import StaffId
from switch.desk.entering import Visitor
from switch.ports.access import Scope
from switch.ports.staff import Grant, Place, User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Actor:
    """Deny by default: what no role in force allows may not be done."""

    visitor: Visitor

    @property
    def id(self) -> StaffId:
        """In whose name the desk is asked."""
        return self.visitor.user.id

    @property
    def user(self) -> User:
        return self.visitor.user

    def may(self, permission: Scope, place: Place | None = None) -> bool:
        """At a place; anywhere at all where none is given."""
        return any(place is None or one.covers(place) for one in self._grants(permission))

    def within(self, permission: Scope) -> tuple[Place, ...] | None:
        """Every place where they may; None where they may everywhere. What a list shows is narrowed by this."""
        found = [one for one in self._grants(permission)]
        if any(one.establishment is None for one in found):
            return None
        return tuple(Place(one.establishment or "", one.wing) for one in found)

    def at(self, permission: Scope, establishment: str) -> bool:
        """Somewhere in an establishment, if only on one wing of it."""
        return any(one.establishment in (None, establishment) for one in self._grants(permission))

    def roles(self) -> list[str]:
        return sorted({one.role for one in self.visitor.grants})

    def establishments(self) -> frozenset[str] | None:
        """Of which they hold any role; None for all."""
        if any(one.establishment is None for one in self.visitor.grants):
            return None
        return frozenset(one.establishment for one in self.visitor.grants if one.establishment)

    def _grants(self, permission: Scope) -> Iterable[Grant]:
        return (one for one in self.visitor.grants if permission in one.permissions)
