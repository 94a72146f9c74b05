"""What the demo says of its console: where it is, and who may sign in with what."""
from datetime import UTC, datetime
from pathlib import Path

import pyotp

from switch.demo.welcome import code_of, welcome

EXAMPLE = {"console": {"url": None, "users": [
    {"name": "officer", "password": "a long password", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "role": "officer"}]}}


def test_the_address_and_every_account_are_told() -> None:
    told = welcome(Path("/site"), EXAMPLE, "http://127.0.0.1:8480")
    assert "http://127.0.0.1:8480" in told
    assert "wingline users code NAME --dir /site" in told
    assert "a long password" in told
    assert "JBSWY3DPEHPK3PXP" not in told, "codes are asked for, secrets are in example.json"


def test_a_code_is_that_of_the_moment_and_of_nobody_else() -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert code_of(EXAMPLE, "officer", at) == pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").at(at)
    assert code_of(EXAMPLE, "nobody", at) is None
    assert code_of({}, "officer", at) is None
