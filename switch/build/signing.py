"""Ed25519 (RFC 8032) over the list of privileged numbers and over tickets to listen: keys in PEM.

A list's signature lies beside it in base64; `openssl pkeyutl -verify -rawin` checks the same. Its signing key is kept apart
from every node: whoever has a node cannot shorten a list.
"""
import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

UNFIT = "the signature does not fit: the text was changed since, or another key signed it"


class KeyProblem(ValueError):
    """A key or a signature that cannot be used; the text says which and what to do."""


def signature_of(file: Path) -> Path:
    """Where the signature of a list lies: `privileged.toml.sig`."""
    return file.with_name(file.name + ".sig")


def make_keys(private: Path, public: Path) -> None:
    """A new pair. KeyProblem where a file is there already: a key that is written over signs nothing any more."""
    for file in (private, public):
        if file.exists():
            raise KeyProblem(f"{file} is there already, and no key is ever written over")
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    private.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as out:
        out.write(secret)
    public.write_bytes(key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo))


def make_missing_keys(private: Path, public: Path) -> list[Path]:
    """A new pair where neither file is there yet; the files that were made. OSError."""
    if private.exists() or public.exists():
        return []
    make_keys(private, public)
    return [private, public]


def sign(text: bytes, private: Path) -> bytes:
    """The signature as it is written to the file. KeyProblem, OSError."""
    return base64.b64encode(signature(text, private)) + b"\n"


def signature(text: bytes, private: Path) -> bytes:
    """The 64 bytes themselves. KeyProblem, OSError."""
    try:
        key = pem.load_pem_private_key(private.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise KeyProblem(f"{private} is no private key in PEM: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyProblem(f"{private} is not an Ed25519 key")
    return key.sign(text)


def check(text: bytes, signature: bytes, public: bytes) -> None:
    """KeyProblem unless the signature, as in a file, is that of the key over exactly these bytes."""
    try:
        raw = base64.b64decode(signature, validate=False)
    except binascii.Error:
        raise KeyProblem(UNFIT) from None
    check_raw(text, raw, public)


def check_raw(text: bytes, signature: bytes, public: bytes) -> None:
    """As `check`, for the 64 bytes themselves."""
    try:
        key = pem.load_pem_public_key(public)
    except ValueError:
        raise KeyProblem("the public key is no key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyProblem("the public key is not an Ed25519 key")
    try:
        key.verify(signature, text)
    except InvalidSignature:
        raise KeyProblem(UNFIT) from None
