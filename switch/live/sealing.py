"""What is heard, on its way to one listener: each frame encrypted to the key of their ticket, numbered, and in order.

X25519 (RFC 7748) with a key made for this listening alone, HKDF-SHA256 (RFC 5869) over both public keys, AES-256-GCM. A message
is the sender's public key (32 bytes), a counter (8 bytes, big endian), and the sealed frame; the counter is the nonce, the call
is bound in.
"""
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INFO: Final = b"wingline listen frames 1"
PUBLIC: Final = 32
COUNTER: Final = struct.Struct(">Q")
MOST_SENDERS: Final = 16
"""A switch that forgot a listening begins anew with another key; so often it does not within one."""


class BadFrame(Exception):
    """A message that is no frame for this ear: forged, altered, of another call, or heard already."""


class FrameSealer:
    """The switch's end. ValueError for a key that is none."""

    def __init__(self, call: str, key: bytes) -> None:
        private = X25519PrivateKey.generate()
        self._public = private.public_key().public_bytes_raw()
        self._cipher = _cipher(private, X25519PublicKey.from_public_bytes(key), call, self._public, key)
        self._count = 0

    def seal(self, frame: bytes) -> bytes:
        self._count += 1
        number = COUNTER.pack(self._count)
        return self._public + number + self._cipher.encrypt(bytes(4) + number, frame, None)


class FrameOpener:
    """The listener's end, with the private key that never leaves it."""

    def __init__(self, call: str) -> None:
        self._call, self._private = call, X25519PrivateKey.generate()
        self.key = self._private.public_key().public_bytes_raw()
        """What the ticket names."""
        self._senders: dict[bytes, tuple[AESGCM, int]] = {}
        """By public key: the cipher, and the newest counter."""

    def open(self, message: bytes) -> bytes:
        """The frame of a message that is newer than all before it of the same sender. BadFrame."""
        public, number, sealed = message[:PUBLIC], message[PUBLIC : PUBLIC + COUNTER.size], message[PUBLIC + COUNTER.size :]
        if len(number) < COUNTER.size:
            raise BadFrame("too short")
        try:
            cipher, before = self._senders.get(public) or (self._cipher_of(public), 0)
            frame = cipher.decrypt(bytes(4) + number, sealed, None)
        except (InvalidTag, ValueError) as error:
            raise BadFrame("it does not open") from error
        (count,) = COUNTER.unpack(number)
        if count <= before:
            raise BadFrame("it was heard already")
        self._senders[public] = cipher, count
        return frame

    def _cipher_of(self, public: bytes) -> AESGCM:
        if len(self._senders) >= MOST_SENDERS:
            raise BadFrame("too many senders")
        return _cipher(self._private, X25519PublicKey.from_public_bytes(public), self._call, public, self.key)


def _cipher(private: X25519PrivateKey, peer: X25519PublicKey, call: str, sender: bytes, listener: bytes) -> AESGCM:
    info = b"\0".join((INFO, call.encode(), sender + listener))
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(private.exchange(peer)))
