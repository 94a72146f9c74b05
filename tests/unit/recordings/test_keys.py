"""Keys from files: made once, wrong or missing told in a sentence, and what they wrap opens with nothing else."""
from pathlib import Path

import pytest

from recordings.keys import FileMaster, KeyProblem, fits, load_master, load_signer, make_master, make_signer


def test_a_master_key_opens_what_it_wrapped_and_nothing_else(tmp_path: Path) -> None:
    make_master(tmp_path / "a" / "master.key")
    make_master(tmp_path / "b" / "master.key")
    one, other = load_master(tmp_path / "a/master.key"), load_master(tmp_path / "b/master.key")
    wrapped = one.wrap(b"k" * 32, b"recording c1")
    assert one.unwrap(wrapped, b"recording c1") == b"k" * 32
    assert one.wrap(b"k" * 32, b"recording c1") != wrapped
    assert one.id != other.id
    for master, bad, context in ((other, wrapped, b"recording c1"), (one, wrapped, b"recording c2"), (one, b"", b"recording c1"),
                                 (one, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"recording c1")):
        with pytest.raises(KeyProblem, match="does not open this key"):
            master.unwrap(bad, context)


def test_keys_are_private_and_never_written_over(tmp_path: Path) -> None:
    master, signer = tmp_path / "master.key", tmp_path / "signing.key"
    make_master(master)
    make_signer(signer)
    assert [file.stat().st_mode & 0o777 for file in (master, signer)] == [0o400, 0o400]
    for make, file in ((make_master, master), (make_signer, signer)):
        with pytest.raises(KeyProblem, match="no key is ever written over"):
            make(file)
    assert (tmp_path / "signing.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")


def test_what_is_wrong_with_a_key_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="is not there: put it back"):
        load_master(tmp_path / "master.key")
    short = tmp_path / "short.key"
    short.write_bytes(b"short")
    short.chmod(0o400)
    with pytest.raises(KeyProblem, match="a master key is 32 bytes; this one is 5"):
        load_master(short)
    with pytest.raises(KeyProblem, match=r"short\.key is no private key in PEM"):
        load_signer(short)
    short.chmod(0o404)
    with pytest.raises(KeyProblem, match="may be read by everybody"):
        load_master(short)
    with pytest.raises(KeyProblem, match="cannot be read"):
        load_master(tmp_path)


def test_a_signature_fits_its_key_and_text_alone(tmp_path: Path) -> None:
    make_signer(tmp_path / "one.key")
    make_signer(tmp_path / "other.key")
    one, other = load_signer(tmp_path / "one.key"), load_signer(tmp_path / "other.key")
    signature = one.sign(b"text")
    assert fits(one.public, signature, b"text")
    assert not fits(one.public, signature, b"Text")
    assert not fits(other.public, signature, b"text")
    assert not fits(b"no key", signature, b"text")


def test_a_master_key_has_one_length() -> None:
    with pytest.raises(KeyProblem):
        FileMaster(b"k" * 31)
