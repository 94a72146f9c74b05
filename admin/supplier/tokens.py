"""Tokens of the supplier API: a JWT that names a key for an hour. The key is looked up again each time, so that a revoked one
ends at once."""
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

AUDIENCE = "wingline-supplier"
ALGORITHM = "HS256"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tokens:
    """`secret` is this site's own: 32 random bytes."""

    secret: bytes

    def issue(self, key: str, at: datetime) -> str:
        claims = {"sub": key, "aud": AUDIENCE, "iat": int(at.timestamp()), "exp": int((at + LIFETIME).timestamp())}
        return jwt.encode(claims, self.secret, ALGORITHM)

    def key_of(self, token: str, at: datetime) -> str | None:
        """The key that a token names; None for one that is not ours, or over. The time is the site's, not the library's."""
        try:
            claims = jwt.decode(token, self.secret, [ALGORITHM], audience=AUDIENCE,
                                options={"require": ["sub", "exp", "iat"], "verify_exp": False, "verify_iat": False})
        except jwt.InvalidTokenError:
            return None
        key, ends = claims["sub"], claims["exp"]
        return key if isinstance(ends, int) and at.timestamp() < ends else None
