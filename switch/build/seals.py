"""Short secrets sealed under this site's own token key (`switch.ports.staff.Seals`), AES-256-GCM."""
import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


@dataclass(frozen=True, slots=True)
class TokenSeals:
    """`file` is read each time it is needed, and made where there is none."""

    file: Path

    def seal(self, text: str, about: str) -> str:
        nonce = os.urandom(NONCE)
        return base64.b64encode(nonce + self._cipher().encrypt(nonce, text.encode(), about.encode())).decode()

    def unseal(self, sealed: str, about: str) -> str | None:
        raw = base64.b64decode(sealed)
        try:
            return self._cipher().decrypt(raw[:NONCE], raw[NONCE:], about.encode()).decode()
        except InvalidTag:
            return None

    def _cipher(self) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, None, b"wingline staff secrets").derive(token_key(self.file)))


def token_key(file: Path) -> bytes:
    """What signs the supplier API's tokens and seals staff's secrets: 32 random bytes, made when first needed, readable by this
    user alone."""
    file.parent.mkdir(parents=True, exist_ok=True)  # with a PostgreSQL nothing else has made it yet
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as new:
            new.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    found = file.read_bytes()
    if len(found) != 32:
        raise OSError(f"{file} is damaged: put the copy back; without it staff need new secrets and tokens are asked for again")
    return found
