"""What proves a member of staff: a password, and the code of the minute (TOTP, RFC 6238) from a secret in their telephone."""
import base64
import hashlib
import hmac
from datetime import datetime

import pyotp

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Problem, Refused, refused

SHORTEST, LONGEST = 12, 200
STEP = 30
WINDOW = (0, -1, 1)
"""Steps of time whose codes are taken: this one, and its neighbours, since clocks are not alike."""
ISSUER = "Wingline"


def check_password(password: str, user: str) -> list[Problem]:
    if not SHORTEST <= len(password) <= LONGEST:
        return [Problem("bad-password", f"a password has {SHORTEST} to {LONGEST} characters: four words make a good one")]
    if user.lower() in password.lower() or len(set(password)) < 5:
        return [Problem("bad-password", "a password is not the name of its account, nor one character many times")]
    return []


def new_secret(desk: Desk) -> str:
    """As an authenticator takes it: 160 bits in base 32, with all the chance that the mint gives."""
    return base64.b32encode(hashlib.sha256(desk.mint.password().encode()).digest()[:20]).decode()


def address_of(user: str, secret: str) -> str:
    """What an authenticator reads as a QR code (`otpauth://`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)


def about_totp(user: StaffId) -> str:
    """What a sealed secret is bound to."""
    return f"totp:{user}"


def sealed(desk: Desk, user: StaffId, secret: str) -> str | Refused:
    if desk.seals is None:
        return refused("no-seal", "this site has no key to keep the secrets of staff with")
    return desk.seals.seal(secret, about_totp(user))


def step_of(desk: Desk, user: StaffId, kept: str, code: str, at: datetime, used: int) -> int | None:
    """The step of time whose code this is, where it is later than the last one used; None for any other code."""
    secret = desk.seals.unseal(kept, about_totp(user)) if desk.seals else None
    digits = "".join(code.split())
    if secret is None or not (len(digits) == 6 and digits.isascii() and digits.isdecimal()):
        return None
    now, totp = int(at.timestamp()) // STEP, pyotp.TOTP(secret)
    for ahead in WINDOW:
        if hmac.compare_digest(totp.generate_otp(now + ahead), digits) and now + ahead > used:
            return now + ahead
    return None
