"""The keys of the recordings: the master key that wraps every other, and the key that signs what was kept.

Neither is ever in SQL or in the object store. They come from files that only the roles may read: made by `wingline init`, or
given by systemd as credentials (docs/recordings.md).
"""
import fcntl
import hashlib
import hmac
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
MASTER = "the master key of the recordings"
_NONCE = 12


class KeyProblem(ValueError):
    """A key that is missing, or is not the right one; the text says which and what to do."""


class MasterKey(Protocol):
    """What wraps the keys of recordings: a file here, a KMS or a PKCS#11 token elsewhere."""

    @property
    def id(self) -> str:
        """Names the key without telling it; stands beside everything that it wrapped. At most 64 characters of ASCII."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """A key, unreadable but for this master key and the same context. Blocking; KeyProblem."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """What was wrapped. Blocking; KeyProblem for another master key, another context or a changed byte."""

    def opens(self, kek: str) -> bool:
        """Whether it opens what the master key of this id wrapped."""

    def newest(self) -> "MasterKey":
        """The one key that wraps from now on: its `id` and what it wraps belong together. Blocking; KeyProblem."""


class FileMaster:
    """A master key of 32 bytes: AES-256-GCM (NIST SP 800-38D) with a random nonce for each key that it wraps."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyProblem(f"a master key is {KEY_BYTES} bytes; this one is {len(secret)}")
        self._cipher = AESGCM(secret)
        self.id = hmac.digest(secret, b"wingline master key", "sha256")[:8].hex()

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context)
        except (InvalidTag, ValueError):
            raise KeyProblem(f"master key {self.id} does not open this key: it was wrapped by another, or was changed") from None

    def opens(self, kek: str) -> bool:
        return kek == self.id

    def newest(self) -> "FileMaster":
        return self


class MasterFiles:
    """The master key of a file and, while there is one in `old_of` that file, the key before it: the first wraps, both open. The
    files are looked at each time, so that a process which runs has a new key as soon as it is there. Files that go away
    meanwhile, or cannot be read, change nothing for who has read them. KeyProblem where there is no key yet."""

    def __init__(self, file: Path) -> None:
        self._files = file, old_of(file)
        self._known: tuple[tuple[object, ...], tuple[FileMaster, ...]] | None = None
        self._keys()

    @property
    def id(self) -> str:
        return self.newest().id

    def newest(self) -> FileMaster:
        return self._keys()[0]

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return self.newest().wrap(key, context)

    def opens(self, kek: str) -> bool:
        return any(one.id == kek for one in self._keys())

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        newest, *older = self._keys()
        for one in older:
            try:
                return one.unwrap(wrapped, context)
            except KeyProblem:
                continue
        return newest.unwrap(wrapped, context)

    def _keys(self) -> tuple[FileMaster, ...]:
        known, marks = self._known, tuple(map(_mark, self._files))
        if known is not None and (marks == known[0] or marks[0] is None):
            return known[1]
        try:
            keys = [FileMaster(_read(self._files[0], MASTER))]
            if marks[1] is not None:
                keys.append(FileMaster(_read(self._files[1], "the master key before it")))
        except KeyProblem:
            if known is None:
                raise
            return known[1]
        self._known = marks, tuple(keys)
        return self._known[1]


class Signer:
    """The key that signs manifests: Ed25519 (RFC 8032)."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes(pem.Encoding.Raw, pem.PublicFormat.Raw)
        self.id = hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, text: bytes) -> bytes:
        return self._key.sign(text)


def fits(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether a signature is that of the key, 32 bytes, over exactly this text."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_master(file: Path) -> None:
    """A new master key. KeyProblem where a file is there already: what it wrapped would be lost for ever."""
    _write(file, os.urandom(KEY_BYTES))


def make_signer(file: Path) -> None:
    """A new signing key in PEM, its public key beside it in `.pub`. KeyProblem where either is there already."""
    public = file.with_suffix(".pub")
    if public.exists():
        raise KeyProblem(f"{public} is there already, and no key is ever written over")
    key = Ed25519PrivateKey.generate()
    _write(file, key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo))


def load_master(file: Path) -> MasterFiles:
    """The master key of a file, and the one before it while that is kept. KeyProblem."""
    return MasterFiles(file)


def old_of(file: Path) -> Path:
    """Where the master key before the one in `file` is kept until it wraps nothing any more."""
    return file.with_name(file.name + ".old")


def replace_master(file: Path) -> None:
    """A new master key in the place of the one in `file`, which is kept as `old_of` it: first the old is kept, then the new put
    in its place, each on the disk before the next. Broken off anywhere it may be begun again, and at no moment is either missing.
    One process at a time (`alone_with`). KeyProblem, OSError."""
    old, new = old_of(file), file.with_name(file.name + ".new")
    if not old.exists():
        load_master(file)  # it can be read
        os.link(file, old)
        _sync(file.parent)
    new.unlink(missing_ok=True)  # of one that was broken off: nothing was ever wrapped by it
    make_master(new)
    _sync(file.parent)
    new.rename(file)
    _sync(file.parent)


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """While somebody replaces the master key nobody else does, on this machine. KeyProblem where somebody is at it, OSError."""
    folder = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise KeyProblem("somebody else is replacing the master key now: wait until that is done") from None
    finally:
        os.close(folder)


def destroy_master(file: Path) -> None:
    """A key that is needed no more: overwritten on the disk, then gone. OSError."""
    file.chmod(0o600)
    with file.open("r+b") as out:
        out.write(bytes(KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())
    file.unlink()
    _sync(file.parent)


def load_signer(file: Path) -> Signer:
    """The signing key of a file. KeyProblem."""
    try:
        key = pem.load_pem_private_key(_read(file, "the key that signs recordings"), None)
    except (ValueError, TypeError) as error:
        if isinstance(error, KeyProblem):
            raise
        raise KeyProblem(f"{file} is no private key in PEM: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyProblem(f"{file} is not an Ed25519 key")
    return Signer(key)


def _mark(file: Path) -> tuple[int, int, int] | None:
    """What tells one content of a file from another; None where there is no file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _sync(folder: Path) -> None:
    found = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(found)
    finally:
        os.close(found)


def _read(file: Path, what: str) -> bytes:
    try:
        with file.open("rb") as source:
            if os.fstat(source.fileno()).st_mode & stat.S_IRWXO:
                raise KeyProblem(f"{file}, {what}, may be read by everybody on this machine: chmod 0400 {file}")
            return source.read()
    except FileNotFoundError:
        raise KeyProblem(f"{file}, {what}, is not there: put it back; a new site makes one with `wingline init`") from None
    except OSError as error:
        raise KeyProblem(f"{file}, {what}, cannot be read: {error.strerror}") from None


def _write(file: Path, secret: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    except FileExistsError:
        raise KeyProblem(f"{file} is there already, and no key is ever written over") from None
    with open(out, "wb") as sink:
        sink.write(secret)
        sink.flush()
        os.fsync(sink.fileno())
