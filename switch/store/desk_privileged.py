"""The list of privileged numbers as a use case asks it (`switch.ports.privileged.PrivilegedChanges`), on one connection."""
from sqlalchemy import Connection

from dialplans.privileged import Accepted
from switch.store.privileged import read_accepted, read_listed_name


class PrivilegedWork:
    """The part of a transaction that is about privileged numbers."""

    conn: Connection

    def accepted_list(self) -> Accepted | None:
        return read_accepted(self.conn)

    def listed_name(self, number: str) -> str | None:
        return read_listed_name(self.conn, number)
