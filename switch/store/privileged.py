"""What the database remembers of privileged numbers: the newest list accepted, and what was found later."""
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, inspect, select

from dialplans.privileged import Accepted, PrivilegedList, accepted, lost
from switch.store.audit import append_audit, canonical
from switch.store.errors import StoreError
from switch.store.prepared import Later, Prepared
from switch.store.stamps import stamp
from switch.store.tables import privileged_lists, quarantine_undoings, quarantined_calls, quarantines


class ListLost(StoreError):
    """The list of privileged numbers cannot be trusted, so nothing goes on that leans on it; the text has a line a problem."""


_NEWEST = select(privileged_lists).order_by(privileged_lists.c.serial.desc()).limit(1)


def read_accepted(conn: Connection) -> Accepted | None:
    """The newest list that was accepted; None where none ever was."""
    row = conn.execute(_NEWEST).first()
    return None if row is None else Accepted(row.serial, row.digest, frozenset(json.loads(row.numbers)))


def read_listed_name(conn: Connection, number: str) -> str | None:
    """Whose number it is by that list; None where it is not on it."""
    row = conn.execute(_NEWEST).first()
    name = None if row is None else json.loads(row.numbers).get(number)
    return None if name is None else str(name)


def is_quarantined(conn: Connection, call: str) -> bool:
    """Whether nobody may hear a call any more. Whatever reads a recording asks this first."""
    return conn.execute(select(quarantined_calls.c.call).where(quarantined_calls.c.call == call)).first() is not None


_UNDONE = select(quarantine_undoings.c.quarantine).where(quarantine_undoings.c.quarantine == quarantines.c.id).exists()
_FOUND = Prepared(select(quarantines.c.id).where(quarantines.c.number == bindparam("number"), ~_UNDONE).limit(1))


def ask_found(conn: Connection, number: str) -> Later[bool]:
    """Whether staff found that a number is privileged, on the signed list or not."""
    asked = _FOUND.run(conn, {"number": number})
    return lambda: asked.fetchone() is not None


def standing_quarantines(conn: Connection, number: str) -> list[str]:
    """Findings about a number that were not undone, oldest first."""
    asked = select(quarantines.c.id).where(quarantines.c.number == number, ~_UNDONE)
    return list(conn.execute(asked.order_by(quarantines.c.found_at, quarantines.c.id)).scalars())


def remembered(conn: Connection) -> Accepted | None:
    """As `read_accepted`, of a database that may be older than this table."""
    return read_accepted(conn) if inspect(conn).has_table(privileged_lists.name) else None


@dataclass(frozen=True, slots=True)
class AcceptList:
    """Unit: a list that was verified is remembered. False where it is already. ListLost for one that may not follow the last."""

    list: PrivilegedList
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        before, now = read_accepted(conn), accepted(self.list)
        if before == now:
            return False
        if before is not None and (problems := lost(before, self.list)):
            raise ListLost("\n".join(map(str, problems)))
        numbers = {str(number): one.name for number, one in self.list.numbers.items()}
        conn.execute(insert(privileged_lists), {
            "serial": now.serial, "digest": now.digest, "numbers": canonical(numbers), "accepted_at": stamp(self.at),
            "accepted_by": self.by,
        })
        old = before.numbers if before else frozenset()
        append_audit(conn, self.at, self.by, "privileged-list-accepted", {"list": str(now.serial)}, {
            "sha256": now.digest, "numbers": len(numbers), "added": len(now.numbers - old), "removed": len(old - now.numbers),
        })
        return True
