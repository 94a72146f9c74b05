"""Keys as a use case changes them (`switch.ports.access.AccessChanges`)."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from switch.core.ids import StaffId
from switch.ports.access import Key, Scope
from switch.store.stamps import stamp, unstamp
from switch.store.tables import access_keys as KEYS


class AccessWork:
    """The part of a transaction that is about keys."""

    conn: Connection
    actor: StaffId
    at: datetime

    def access_key(self, key: str) -> tuple[Key, str] | None:
        row = self.conn.execute(select(KEYS).where(KEYS.c.id == key)).first()
        return (_key(row), row.hash) if row else None

    def access_keys(self) -> list[Key]:
        return [_key(row) for row in self.conn.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id))]

    def add_key(self, key: Key, hashed: str) -> None:
        self.conn.execute(insert(KEYS), {
            "id": key.id, "name": key.name, "hash": hashed, "scopes": " ".join(key.scopes), "created_by": key.created_by,
            "created_at": stamp(key.created_at), "until_at": stamp(key.until) if key.until else None})

    def revoke_key(self, key: str) -> None:
        self.conn.execute(update(KEYS).where(KEYS.c.id == key).values(
            revoked_at=stamp(self.at), revoked_by=self.actor))


def _key(row: Row[*tuple[Any, ...]]) -> Key:
    scopes = tuple(Scope(word) for word in row.scopes.split() if word in set(Scope))  # a word that is no more opens nothing
    return Key(row.id, row.name, scopes, StaffId(row.created_by), unstamp(row.created_at),
               unstamp(row.until_at) if row.until_at else None, unstamp(row.revoked_at) if row.revoked_at else None)
