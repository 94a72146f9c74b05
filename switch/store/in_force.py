"""When an entry of the number lists holds: the same words for a new call and for those that run."""
from typing import Any

from sqlalchemy import and_, bindparam, or_
from sqlalchemy.sql.elements import ColumnElement

from switch.store.tables import number_lists


def lists_in_force(establishment: Any, person: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions on `number_lists` for an establishment and a person (columns or parameters) at the parameter `now`."""
    return (
        number_lists.c.ended_at.is_(None), number_lists.c.from_at <= bindparam("now"),
        or_(number_lists.c.until_at.is_(None), number_lists.c.until_at > bindparam("now")),
        or_(
            number_lists.c.level == "estate",
            and_(number_lists.c.level == "establishment", number_lists.c.target == establishment),
            and_(number_lists.c.level == "person", number_lists.c.target == person),
        ),
    )
