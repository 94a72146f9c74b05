"""Words and names beside the audit: encrypted under a key of their own for each row, so that one row's can be erased for good and
the chain stands.

AES-256-GCM; the row's number is what is authenticated with it, so that words of one row never pass for another's. The key is
wrapped by the site's master key; erasing sets it to NULL. A store without a master key keeps no words: it refuses what has any.
"""
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, insert, select, update

from switch.ports.audit import KeyWrap
from switch.store.errors import StoreError
from switch.store.stamps import stamp
from switch.store.tables import audit_notes

KEYS = "keys"
"""`conn.info`: the master key of the site (`Store`)."""
PERSONAL = ("second", "recipient", "applied_by", "authorised_by")
"""Details of a row that are names of people: they are kept beside it, and the row says only that there are such."""
_ONCE = bytes(12)
"""The nonce: each key encrypts one text, once."""


class WordsLocked(StoreError):
    """Words cannot be kept or read without the master key; the text says what to do."""


class NoKeys:
    """What wraps nothing: a store that was given no master key."""

    id = ""

    def __init__(self, why: str = "this store has no master key") -> None:
        self._why = why

    def wrap(self, key: bytes, context: bytes) -> bytes:
        raise WordsLocked(f"{self._why}: reasons and names cannot be kept, and nothing was done")

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        raise WordsLocked(f"{self._why}: reasons and names cannot be read")

    def newest(self) -> KeyWrap:
        return self


@dataclass(frozen=True, slots=True)
class Sealed:
    """Words as they stand: which master key, the key that it wrapped, the text that this sealed."""

    kek: str
    key: bytes
    sealed: bytes


def seal(keys: KeyWrap, seq: int, text: str) -> Sealed:
    """Words of one row. WordsLocked."""
    key, about, keys = AESGCM.generate_key(256), words_context(seq), keys.newest()
    return Sealed(keys.id, keys.wrap(key, about), AESGCM(key).encrypt(_ONCE, text.encode(), about))


def seal_words(conn: Connection, seq: int, words: Mapping[str, str]) -> Sealed:
    """Words for a row that is about to be written. WordsLocked."""
    return seal(conn.info.get(KEYS, NoKeys()), seq, json.dumps(dict(words), ensure_ascii=False, sort_keys=True))


def words_digest(sealed: bytes) -> str:
    """What a row says of the words beside it: SHA-256, in hex, of what was sealed, which tells nothing of them."""
    return hashlib.sha256(sealed).hexdigest()


def keep_words(conn: Connection, seq: int, kept: Sealed, person: str | None) -> None:
    """In the transaction of their row."""
    conn.execute(insert(audit_notes), {"seq": seq, "person": person, "kek": kept.kek, "key": kept.key, "sealed": kept.sealed})


def kept_between(conn: Connection, first: int, last: int) -> dict[int, bytes | None]:
    """What stands sealed beside rows [first, last], by their number; None where it was erased."""
    asked = select(audit_notes.c.seq, audit_notes.c.sealed).where(audit_notes.c.seq.between(first, last))
    return {row.seq: row.sealed for row in conn.execute(asked)}


def unreadable_words(conn: Connection) -> list[int]:
    """The rows whose words the site's master key does not open; none where it is not here to be asked."""
    keys = conn.info.get(KEYS, NoKeys())
    try:
        if not keys.newest().id:
            return []
    except WordsLocked:
        return []
    found, after = list[int](), -(2**62)
    while rows := conn.execute(select(audit_notes.c.seq).where(audit_notes.c.seq > after, audit_notes.c.key.is_not(None))
                               .order_by(audit_notes.c.seq).limit(500)).scalars().all():
        after = rows[-1]
        try:
            read_words(conn, rows)
        except (WordsLocked, InvalidTag):
            found += [one for one in rows if not _opens(conn, one)]
    return found


def _opens(conn: Connection, seq: int) -> bool:
    try:
        read_words(conn, [seq])
    except (WordsLocked, InvalidTag):
        return False
    return True


def read_words(conn: Connection, seqs: Iterable[int]) -> dict[int, dict[str, str] | None]:
    """By the row's number; None where they were erased. WordsLocked, and what the master key raises."""
    keys, found = conn.info.get(KEYS, NoKeys()), dict[int, dict[str, str] | None]()
    wanted = list(seqs)
    for start in range(0, len(wanted), 500):
        for row in conn.execute(select(audit_notes).where(audit_notes.c.seq.in_(wanted[start : start + 500]))):
            found[row.seq] = None
            if row.key is not None:
                about = words_context(row.seq)
                found[row.seq] = json.loads(AESGCM(keys.unwrap(row.key, about)).decrypt(_ONCE, row.sealed, about))
    return found


def erase_words(conn: Connection, seq: int, at: datetime) -> bool:
    """The key and what it sealed are gone. False where there was nothing (any more)."""
    gone = update(audit_notes).where(audit_notes.c.seq == seq, audit_notes.c.key.is_not(None))
    return bool(conn.execute(gone.values(key=None, sealed=None, erased_at=stamp(at))).rowcount)


def words_context(seq: int) -> bytes:
    """What the key of a row's words is wrapped with beside the master key, and the words are bound to."""
    return f"wingline audit words {seq}".encode()
