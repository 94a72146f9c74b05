"""The form of a sealed object: chunks of 64 KiB, each authenticated, any of which can be read without the others.

AES-256-GCM in STREAM (Hoang, Reyhanitabar, Rogaway, Vizar 2015): the nonce of a chunk is a prefix, its number and whether it is
the last, so that none can be left out, moved or added. Each object is encrypted under a key of its own, derived (HKDF-SHA256,
RFC 5869) from its recording's key, a random salt and what the object is: two objects never share a nonce.

    8 bytes   b"WLSEAL1\\n"
    32 bytes  salt
    7 bytes   prefix of the nonces
    then for each 65,536 bytes of the plain object, the last shorter or empty: ciphertext and 16 bytes of tag
"""
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"WLSEAL1\n"
SALT: Final = 32
PREFIX: Final = 7
HEADER: Final = len(MAGIC) + SALT + PREFIX
CHUNK: Final = 65_536
TAG: Final = 16
_STEP: Final = CHUNK + TAG


class BadStream(ValueError):
    """A sealed object that is not what was sealed, or is of another recording, kind or key."""


def about(recording: str, kind: str) -> bytes:
    """What an object says it is; it opens as nothing else."""
    return f"wingline\0{recording}\0{kind}".encode()


def chunks(size: int) -> int:
    """How many chunks an object of so many plain bytes has: one at the least."""
    return max(1, -(-size // CHUNK))


def sealed_size(size: int) -> int:
    """How long the sealed object of so many plain bytes is."""
    return HEADER + size + TAG * chunks(size)


def seal(key: bytes, of: bytes, data: bytes | memoryview, random: bytes) -> Iterator[bytes]:
    """The sealed object in pieces. `random` is `SALT + PREFIX` fresh random bytes. Blocking: 64 KiB take about 0.05 ms."""
    header = MAGIC + random
    yield header
    cipher, view, last = _cipher(key, of, header), memoryview(data), chunks(len(data)) - 1
    for number in range(last + 1):
        yield cipher.encrypt(_nonce(header, number, number == last), view[number * CHUNK : (number + 1) * CHUNK], None)


def span(size: int, start: int, stop: int) -> tuple[int, int]:
    """Which bytes of the sealed object hold the plain bytes [start, stop) of `size`: whole chunks."""
    first, last = start // CHUNK, max(start, stop - 1) // CHUNK
    return HEADER + first * _STEP, min(HEADER + (last + 1) * _STEP, sealed_size(size))


def open_span(key: bytes, of: bytes, header: bytes, size: int, start: int, stop: int, body: bytes | memoryview) -> bytes:
    """The plain bytes [start, stop) of an object of `size`, from its header and the bytes that `span` names. BadStream."""
    cipher, last, first = _cipher(key, of, header), chunks(size) - 1, start // CHUNK
    view, plain = memoryview(body), []
    try:
        for at, number in enumerate(range(first, max(start, stop - 1) // CHUNK + 1)):
            plain.append(cipher.decrypt(_nonce(header, number, number == last), view[at * _STEP : (at + 1) * _STEP], None))
    except (InvalidTag, ValueError):
        raise BadStream(f"chunk {number} is not what was sealed") from None
    skipped = start - first * CHUNK
    return b"".join(plain)[skipped : skipped + stop - start]


def open_whole(key: bytes, of: bytes, sealed: bytes | memoryview) -> bytes:
    """The whole plain object. BadStream, also where it was cut short or something follows it."""
    body = len(sealed) - HEADER
    size = body - TAG * max(1, -(-body // _STEP))
    if size < 0 or sealed_size(size) != len(sealed):
        raise BadStream("the object was cut short")
    view = memoryview(sealed)
    return open_span(key, of, bytes(view[:HEADER]), size, 0, size, view[HEADER:])


def _cipher(key: bytes, of: bytes, header: bytes) -> AESGCM:
    if len(header) != HEADER or not header.startswith(MAGIC):
        raise BadStream("this is no sealed object")
    salt = header[len(MAGIC) : len(MAGIC) + SALT]
    return AESGCM(HKDF(SHA256(), 32, salt, of).derive(key))


def _nonce(header: bytes, number: int, last: bool) -> bytes:
    return header[-PREFIX:] + number.to_bytes(4, "big") + bytes([last])
