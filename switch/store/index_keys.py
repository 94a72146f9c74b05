"""Keys of searchable hashes, each wrapped by the master key: one row an index, made once."""
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from switch.store.tables import index_keys


@dataclass(frozen=True, slots=True)
class IndexKey:
    """`key` is base64, wrapped by the master key `kek`."""

    name: str
    kek: str
    key: str


def read_index_key(conn: Connection, name: str) -> IndexKey | None:
    row = conn.execute(select(index_keys).where(index_keys.c.name == name)).first()
    return IndexKey(row.name, row.kek, row.key) if row else None


@dataclass(frozen=True, slots=True)
class KeepIndexKey:
    """Unit: the key of an index, unless there is one: the one that stands."""

    key: IndexKey

    def __call__(self, conn: Connection) -> IndexKey:
        if found := read_index_key(conn, self.key.name):
            return found
        conn.execute(insert(index_keys), {"name": self.key.name, "kek": self.key.kek, "key": self.key.key})
        return self.key
