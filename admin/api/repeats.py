"""A request that is sent again under the same name is done once and answered alike (`Idempotency-Key`,
draft-ietf-httpapi-idempotency-key-header-07).

The first answer is kept in the transaction of the change itself. It may hold a PIN, so it is sealed with the secret of the key
that asked: of that secret only a hash is kept, and whoever has the database reads nothing.
"""
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request

from admin.auth import Denied, bearer
from switch.ports.access import Kept, Key
from switch.ports.desk import Changes

KEPT_FOR = timedelta(days=1)
HEADER = "Idempotency-Key"
NAME = r'[A-Za-z0-9._:-]{1,128}|"[A-Za-z0-9._:-]{1,128}"'
NONCE = 12
Told = tuple[int, bytes]
"""Status and body of an answer."""


class Repeated(Exception):
    """This name was answered before: nothing was done."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept.name)
        self.kept = kept


@dataclass(slots=True)
class OneAnswer:
    """The part of a request's transactions that keeps its first answer. `told` makes it of a result, None of what is none."""

    key: str
    name: str
    asked: str
    secret: str
    until: datetime
    told: Callable[[object], Told | None]
    ran: bool = False
    mine: bool = False

    def before(self, changes: Changes) -> None:
        self.ran = True
        kept = None if self.mine else changes.kept(self.key, self.name)
        if kept is not None:
            raise Repeated(kept)

    def after(self, changes: Changes, result: object) -> None:
        answer = None if self.mine else self.told(result)
        if answer is None:
            return
        nonce = os.urandom(NONCE)
        sealed = nonce + self._cipher().encrypt(nonce, answer[1], self._about())
        changes.keep(Kept(self.key, self.name, self.asked, answer[0], sealed, self.until))
        self.mine = True

    def again(self, kept: Kept) -> Told | None:
        """What was told then; None where another request had this name."""
        if kept.asked != self.asked:
            return None
        return kept.status, self._cipher().decrypt(kept.sealed[:NONCE], kept.sealed[NONCE:], self._about())

    def _cipher(self) -> AESGCM:
        return AESGCM(hashlib.sha256(b"wingline kept answer\0" + self.secret.encode()).digest())

    def _about(self) -> bytes:
        return f"{self.key} {self.name} {self.asked}".encode()


def one_answer(request: Request, key: Key, operation: str, text: bytes, at: datetime, told: Callable[[object], Told | None]
               ) -> OneAnswer | Denied | None:
    """None where the request has no name."""
    name = request.headers.get(HEADER)
    if name is None:
        return None
    if not re.fullmatch(NAME, name):
        return Denied(400, "bad-idempotency-key", f"{HEADER} is letters, digits and . _ : -, at most 128, with or without quotes")
    asked = hashlib.sha256(operation.encode() + b"\0" + text).hexdigest()
    return OneAnswer(key.id, name.strip('"'), asked, bearer(request), at + KEPT_FOR, told)
