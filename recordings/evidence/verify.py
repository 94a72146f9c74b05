#!/usr/bin/env python3
"""Checks an evidence pack, offline. Needs Python 3.9 or newer and the package "cryptography", nothing else.

    python3 verify.py                          checks the folder that it lies in
    python3 verify.py PACK.zip                 checks a pack as it came
    python3 verify.py PACK.zip --fingerprint F  and that the key is the one whose fingerprint you were told

Exit code 0: everything is as it was signed. 1: something is not; each difference is a line. 2: this cannot be checked at all.
"""
from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
except ImportError:
    sys.exit("this needs the Python package \"cryptography\": pip install cryptography")

LIST, KEY, MANIFEST, AUDIO, PROOF = "pack.json", "keys/site.pub", "manifest.json", "audio.wav", "audit.json"
FORMATS = {LIST: "wingline-evidence/1", MANIFEST: "wingline-recording/1", "checkpoint": "wingline-audit-checkpoint/1"}


class Problem(Exception):
    """Something is not as it was signed."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(what: str, text: bytes, key: bytes) -> dict[str, Any]:
    """The body of a signed text: {"body", "key", "signature"}; the signature is over the canonical JSON of the body."""
    try:
        outer = json.loads(text)
        body, named = outer["body"], base64.b64decode(outer["key"], validate=True)
        signature = base64.b64decode(outer["signature"], validate=True)
        exact = canonical(outer) == text and set(outer) == {"body", "key", "signature"}
    except (ValueError, KeyError, TypeError):
        raise Problem(f"{what} cannot be read") from None
    if not exact:
        raise Problem(f"{what} is not written as it was signed")
    if named != key:
        raise Problem(f"{what} is signed by another key than {KEY}")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical(body))
    except InvalidSignature:
        raise Problem(f"{what}: the signature does not fit") from None
    if body.get("format") != FORMATS[what.split(" ")[0]]:
        raise Problem(f"{what} is of a format that is not known here")
    return dict(body)


def files_of(place: Path) -> dict[str, bytes]:
    """Every file of the pack by its name."""
    if place.is_dir():
        found = [file for file in sorted(place.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]
        return {file.relative_to(place).as_posix(): file.read_bytes() for file in found}
    with zipfile.ZipFile(place) as pack:
        names = [one.filename for one in pack.infolist() if not one.is_dir()]
        if len(names) != len(set(names)):
            raise Problem("a file is in the pack twice")
        return {name: pack.read(name) for name in names}


def check_list(files: dict[str, bytes], key: bytes) -> tuple[dict[str, Any], list[str]]:
    """Each file is the one that was signed for, and there is no other."""
    listed = signed(LIST, files[LIST], key)
    problems = []
    for name, wanted in listed["files"].items():
        if name not in files:
            problems.append(f"{name} is missing")
        elif sha256(files[name]) != wanted:
            problems.append(f"{name} was changed: its SHA-256 is another")
    problems += [f"{name} was added" for name in files if name not in listed["files"] and name != LIST]
    return listed, problems


def check_audio(files: dict[str, bytes], key: bytes, listed: dict[str, Any]) -> list[str]:
    """The sound is that of the manifest, and the manifest that of the audit."""
    body = signed(MANIFEST, files[MANIFEST], key)
    problems = []
    if body["recording"] != listed["recording"]:
        problems.append(f"{MANIFEST} is of another recording")
    if AUDIO in files:
        if sha256(files[AUDIO]) != body["audio"]["wav_sha256"]:
            problems.append(f"{AUDIO} is not the sound that {MANIFEST} tells of")
        if sha256(files[AUDIO][-2 * body["audio"]["samples"]:]) != body["audio"]["sha256"]:
            problems.append(f"the samples of {AUDIO} are not those that {MANIFEST} tells of")
    elif listed["audio"]:
        problems.append(f"{AUDIO} is missing")
    return problems


def check_chain(files: dict[str, bytes], key: bytes, listed: dict[str, Any]) -> tuple[int, list[str]]:
    """Every row of the audit in this pack is part of the site's chain, between two signed checkpoints."""
    proof = json.loads(files[PROOF])
    problems: list[str] = []
    rows: list[dict[str, Any]] = []
    for number, part in enumerate(proof["parts"], 1):
        previous, seq = "0" * 64, 0
        if part["from"] is not None:
            start = signed("checkpoint before", canonical(part["from"]), key)
            previous, seq = start["hash"], start["seq"]
        end = signed("checkpoint after", canonical(part["to"]), key)
        for one in part["rows"]:
            if isinstance(one, str):  # a row about something else: its digest alone
                digest = one
            else:
                said = [one[name] for name in ("salt", "at", "actor", "action", "subject", "detail")]
                if one.get("words") is not None:  # the SHA-256 of what is kept sealed beside the row
                    said.append(one["words"])
                digest = sha256(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode())
            seq += 1
            previous = sha256(json.dumps([previous, seq, digest], separators=(",", ":"), ensure_ascii=False).encode())
            if not isinstance(one, str):
                if one["seq"] != seq:
                    problems.append(f"row {one['seq']} of the audit has another place")
                rows.append(one)
        if (previous, seq) != (end["hash"], end["seq"]):
            problems.append(f"part {number} of the audit does not lead to the checkpoint that was signed")
    sealed = [json.loads(one["detail"]) for one in rows if one["action"] == "recording-sealed"
              and json.loads(one["subject"]).get("recording") == listed["recording"]]
    if not sealed:
        problems.append("no row of the audit tells that the recording was sealed")
    elif sealed[0]["manifest_sha256"] != sha256(files[MANIFEST]):
        problems.append(f"{MANIFEST} is not the one of which the audit tells")
    told = json.loads(files["custody.json"])["rows"]
    if [one["row"] for one in told] != [one["seq"] for one in rows] or any(
            (one["at"], one["who"], one["what"]) != (row["at"], row["actor"], row["action"]) for one, row in zip(told, rows)):
        problems.append("custody.json does not tell of the same rows as the audit")
    return len(rows), problems


def main() -> int:
    asked = argparse.ArgumentParser(description="Checks an evidence pack, offline.")
    asked.add_argument("pack", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument("--fingerprint", default="", help="of the site's public key, as you were told it in another way")
    told = asked.parse_args()
    try:
        files = files_of(told.pack)
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        print(f"{told.pack} cannot be read: {error}")
        return 2
    try:
        key = load_pem_public_key(files[KEY]).public_bytes(Encoding.Raw, PublicFormat.Raw)
        print(f"fingerprint of the key: {sha256(key)}")
        wanted = told.fingerprint.replace(":", "").replace(" ", "").lower()
        if wanted and wanted != sha256(key):
            raise Problem("the key is not the one that you were told of")
        listed, problems = check_list(files, key)
        problems += check_audio(files, key, listed)
        rows, more = check_chain(files, key, listed)
        problems += more
    except Problem as error:
        problems = [str(error)]
    except Exception as error:
        problems = [f"the pack is not whole: {type(error).__name__}: {error}"]
    for problem in problems:
        print(f"NOT AS SIGNED: {problem}")
    if problems:
        return 1
    print(f"recording {listed['recording']}: everything is as it was signed; {rows} rows of the audit stand in the site's chain")
    if not wanted:
        print("compare the fingerprint with one that the prison tells you in another way: anybody can make a key")
    return 0


if __name__ == "__main__":
    sys.exit(main())
