"""Signed checkpoints of the audit: its head, kept where the database cannot reach it, each bound to the one before.

The chain in the database shows a changed row; that its end was cut off, or all of it written anew, shows only against a head kept
elsewhere. A checkpoint is a small text, signed with the site's Ed25519 key (RFC 8032), written once into the store of objects as
`audit/checkpoints/000000000001.json` and never over. `check` is pure; `switch.build.audit` writes one every few minutes.
"""
import base64
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Protocol

from switch.store.audit import GENESIS, AuditHead, canonical

FOLDER = "audit/checkpoints"
FORMAT = "wingline-audit-checkpoint/1"
Fits = Callable[[bytes, bytes, bytes], bool]
"""Public key, signature, text."""


class Signing(Protocol):
    """The site's signing key (`recordings.keys.Signer`)."""

    public: bytes

    def sign(self, text: bytes) -> bytes: ...


class BadCheckpoint(ValueError):
    """A file that is no checkpoint of ours; the text says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the audit at a moment. `rows` is how many there were, counted; `previous` the SHA-256 of the checkpoint before,
    as it was written."""

    number: int
    seq: int
    hash: str
    rows: int
    at: str
    previous: str

    @property
    def head(self) -> AuditHead:
        return AuditHead(self.seq, self.hash)

    @property
    def name(self) -> str:
        return f"{FOLDER}/{self.number:012d}.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """Checkpoints that can be believed, oldest first, the digest of each by its number, and every problem."""

    good: tuple[Checkpoint, ...]
    digests: Mapping[int, str]
    problems: tuple[str, ...]


def following(last: "Checkpoint | None", last_digest: str, head: AuditHead, rows: int, at: datetime) -> Checkpoint:
    """What is to be signed next."""
    return Checkpoint(last.number + 1 if last else 1, head.seq, head.hash, rows, at.isoformat(timespec="seconds"),
                      last_digest if last else GENESIS)


def written(checkpoint: Checkpoint, key: Signing) -> bytes:
    """The file of a checkpoint: its fields, the public key and the signature over their canonical text."""
    body = _body(checkpoint)
    return _file(body, key.public, key.sign(canonical(body).encode()))


def read(text: bytes, keys: Collection[bytes], fits: Fits) -> Checkpoint:
    """The checkpoint of a file that is signed by one of these public keys. BadCheckpoint."""
    try:
        outer = json.loads(text)
        body = dict(outer["body"])
        key, signature = base64.b64decode(outer["key"]), base64.b64decode(outer["signature"])
        found = Checkpoint(**{name: value for name, value in body.items() if name != "format"})
    except (ValueError, TypeError, KeyError):
        raise BadCheckpoint("is no checkpoint") from None
    if text != _file(body, key, signature) or body != _body(found) or any(
            type(getattr(found, one.name)) is not one.type for one in fields(Checkpoint)):
        raise BadCheckpoint("is not written as a checkpoint is")
    if key not in keys or not fits(key, signature, canonical(body).encode()):
        raise BadCheckpoint("is not signed by the site's key")
    return found


def _body(checkpoint: Checkpoint) -> dict[str, object]:
    return {"format": FORMAT} | asdict(checkpoint)


def _file(body: Mapping[str, object], key: bytes, signature: bytes) -> bytes:
    outer = {"body": body, "key": base64.b64encode(key).decode(), "signature": base64.b64encode(signature).decode()}
    return canonical(outer).encode()


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def check(files: Iterable[tuple[str, bytes]], keys: Collection[bytes], fits: Fits) -> Checked:
    """Files by name, in any order, against the public keys that are trusted: each signed, none missing between the first and the
    last, each bound to the one before."""
    good: list[Checkpoint] = []
    digests: dict[int, str] = {}
    problems: list[str] = []
    number, before, seq, rows = 0, GENESIS, 0, 0
    for name, text in sorted(files):
        try:
            found = read(text, keys, fits)
        except BadCheckpoint as error:
            problems.append(f"{name} {error}")
            continue
        if name.rpartition("/")[2] != found.name.rpartition("/")[2]:
            problems.append(f"{name} is checkpoint {found.number}, under another name")
        if found.number != number + 1:
            problems.append(f"checkpoints {number + 1} to {found.number - 1} are missing" if found.number > number + 1
                            else f"checkpoint {found.number} is there twice")
        elif found.previous != before:
            problems.append(f"checkpoint {found.number} does not follow the one before it")
        if found.seq < seq or found.rows < rows:
            problems.append(f"checkpoint {found.number} knows fewer rows than the one before it")
        digests[found.number] = before = digest(text)
        number, seq, rows = found.number, found.seq, found.rows
        good.append(found)
    return Checked(tuple(good), digests, tuple(problems))
