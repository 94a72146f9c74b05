"""The manifest of a recording: what it is of, when, and what its bytes are, signed; it stands when the sound is long erased.

Text is canonical JSON (keys sorted, no blanks, UTF-8): `{"body": {...}, "key": "<public key>", "signature": "<Ed25519>"}`, both
base64; what is signed is `body` in the same canonical form.
"""
import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from recordings.keys import Signer, fits

FORMAT: Final = "wingline-recording/1"


class BadManifest(ValueError):
    """A manifest that was changed, or is none; the text says which."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one JSON text of a mapping."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(body: Mapping[str, Any], signer: Signer) -> str:
    """The text of a manifest."""
    signature = base64.b64encode(signer.sign(canonical(body))).decode()
    return canonical({"body": body, "key": base64.b64encode(signer.public).decode(), "signature": signature}).decode()


def digest(text: str) -> str:
    """SHA-256 of a manifest's text, which the audit row of its sealing names."""
    return hashlib.sha256(text.encode()).hexdigest()


def opened(text: str, public: bytes | None = None) -> dict[str, Any]:
    """The body of a manifest whose signature fits; with `public`, whose key is this one. BadManifest."""
    try:
        found = json.loads(text)
        body, key, signature = found["body"], base64.b64decode(found["key"]), base64.b64decode(found["signature"])
    except (ValueError, KeyError, TypeError):
        raise BadManifest("the manifest is no manifest") from None
    if not fits(key, signature, canonical(body)):
        raise BadManifest("the signature of the manifest does not fit")
    if public is not None and key != public:
        raise BadManifest("the manifest is signed by another key than this site's")
    if body.get("format") != FORMAT:
        raise BadManifest("the manifest is of a format that is not known here")
    return dict(body)
