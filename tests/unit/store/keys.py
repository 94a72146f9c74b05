"""A master key for tests: AES-256-GCM, as a site's is, of a secret that everybody knows."""
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class TestMaster:
    """`switch.ports.audit.KeyWrap`."""

    __test__ = False

    def __init__(self, id: str = "test-master", secret: bytes = b"m" * 32) -> None:
        self.id, self._cipher = id, AESGCM(secret)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def newest(self) -> "TestMaster":
        return self

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return self._cipher.decrypt(wrapped[:12], wrapped[12:], context)


MASTER = TestMaster()
