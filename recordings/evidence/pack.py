"""An evidence pack as a ZIP file: every file by its SHA-256 in a list that the site's key signs. Pure: bytes in, bytes out."""
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from recordings.keys import Signer
from recordings.manifest import signed

FORMAT: Final = "wingline-evidence/1"
LIST, AUDIO, MANIFEST, PROOF, CUSTODY = "pack.json", "audio.wav", "manifest.json", "audit.json", "custody.json"
TRANSCRIPT, README, VERIFIER, KEY, PRINT, VCON = (
    "transcript-lead.json", "README.txt", "verify.py", "keys/site.pub", "keys/fingerprint.txt", "conversation.vcon.json")
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every entry: a pack of the same files is the same file."""


def packed(inside: Mapping[str, bytes], about: Mapping[str, Any], signer: Signer) -> bytes:
    """The pack: `inside` by name, the verifier, the public key with its fingerprint, the README, the signed list. Blocking."""
    whole = dict(inside) | {
        VERIFIER: files("recordings.evidence").joinpath("verify.py").read_bytes(), KEY: pem_of(signer.public),
        PRINT: (hashlib.sha256(signer.public).hexdigest() + "\n").encode(), README: readme(about).encode(),
    }
    listed = {"format": FORMAT, **about, "audio": AUDIO in whole,
              "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(whole.items())}}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in [(LIST, signed(listed, signer).encode()), *sorted(whole.items())]:
            pack.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def pem_of(public: bytes) -> bytes:
    """An Ed25519 public key as a PEM file."""
    return Ed25519PublicKey.from_public_bytes(public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def readme(about: Mapping[str, Any]) -> str:
    """For somebody who has never heard of Wingline."""
    return f"""EVIDENCE PACK

Recording {about["recording"]}, made ready on {about["made_at"]} for {about["recipient"]}.

What is in here
  audio.wav              the call exactly as it was recorded: A-law, 8,000 samples a second, the person in prison on the left, the
                         other side on the right. It is missing where the recording has been erased.
  manifest.json          what was recorded, when, by which telephone, and the SHA-256 of the sound; signed when it was sealed
  custody.json           what was done with this call and its recording: when, by whom, why, under what authority
  audit.json             the same rows as the site's audit has them, with the chain that binds them between signed checkpoints.
                         Other rows are there as hashes, from which nobody can tell what they say.
  transcript-lead.json   only where there is one: words that a machine heard. A lead, not evidence: listen to the sound.
  conversation.vcon.json only where it was asked for: the conversation as vCon (draft-ietf-vcon-vcon-core-02). Experimental.
  keys/                  the public key of the site, and its fingerprint
  pack.json              the SHA-256 of every file, signed
  verify.py              checks all of it, without a network

How to check it
  1. Ask the prison for the fingerprint of its key, by telephone or in writing, not from this pack.
  2. python3 verify.py PACK.zip --fingerprint THAT
     It needs Python 3.9 or newer and the package "cryptography". Whoever trusts no program from a pack may write their own: the
     file says in a few pages what is hashed and signed.

What it proves: that these are the bytes which the site's key signed, that the sound is the one sealed after the call, and
that the rows stand in the site's audit as it was anchored at the times of the checkpoints. It does not prove who spoke.
"""
