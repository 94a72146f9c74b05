"""What a telephone proves itself with (RFC 8760 digest), in memory, so that a challenge costs no read."""
import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, select

from switch.core.ids import PhoneId
from switch.store.database import Store
from switch.store.tables import phones


@dataclass(frozen=True, slots=True)
class Credential:
    """HA1 of one SIP user for each algorithm; which one counts is the access network's choice, never the user's."""

    phone: PhoneId
    network: str
    realm: str
    ha1_md5: str
    ha1_sha256: str


def ha1(user: str, realm: str, password: str) -> tuple[str, str]:
    """MD5 and SHA-256 of `user:realm:password`, hexadecimal (RFC 7616 §3.4.2)."""
    text = f"{user}:{realm}:{password}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest(), hashlib.sha256(text).hexdigest()


def read_credentials(conn: Connection) -> dict[PhoneId, Credential]:
    rows = conn.execute(select(phones.c.id, phones.c.network, phones.c.realm, phones.c.ha1_md5, phones.c.ha1_sha256))
    return {PhoneId(row.id): Credential(PhoneId(row.id), row.network, row.realm, row.ha1_md5, row.ha1_sha256) for row in rows}


class Credentials:
    """All telephones' credentials as of the last `refresh`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[PhoneId, Credential] = {}

    async def refresh(self) -> int:
        """Read them all; how many there are. On StoreUnavailable those known before stay."""
        self._known = await self._store.read(read_credentials)
        return len(self._known)

    def find(self, user: str) -> Credential | None:
        return self._known.get(PhoneId(user))
