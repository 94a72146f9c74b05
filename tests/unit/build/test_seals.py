"""Secrets of staff are readable with this site's key alone, and only as what they are of."""
import stat
from pathlib import Path

import pytest

from switch.build.seals import TokenSeals, token_key


def test_a_secret_comes_back_by_the_same_key_and_name_alone(tmp_path: Path) -> None:
    seals, others = TokenSeals(tmp_path / "token.key"), TokenSeals(tmp_path / "other.key")
    kept = seals.seal("JBSWY3DPEHPK3PXP", "totp:officer")
    assert "JBSWY3DPEHPK3PXP" not in kept
    assert kept != seals.seal("JBSWY3DPEHPK3PXP", "totp:officer"), "two that are the same do not look it"
    assert seals.unseal(kept, "totp:officer") == "JBSWY3DPEHPK3PXP"
    assert seals.unseal(kept, "totp:governor") is None
    assert others.unseal(kept, "totp:officer") is None


def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "token.key"
    assert token_key(file) == token_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    file.chmod(0o600)
    file.write_bytes(b"short")
    with pytest.raises(OSError, match="damaged"):
        token_key(file)
