"""A recorded call as vCon (draft-ietf-vcon-vcon-core-02, an Internet-Draft): written by ourselves, experimental. Pure."""
import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any


def vcon(body: Mapping[str, Any], wav: bytes | None, transcript: Mapping[str, Any] | None, made_at: str) -> bytes:
    """From a manifest's body; the sound within it, and the transcript as an analysis that says what it is."""
    dialog: dict[str, Any] = {"type": "recording", "start": body["started_at"], "duration": body["audio"]["samples"] / 8000,
                              "parties": [0, 1], "originator": 0}
    if wav is not None:
        sha = base64.urlsafe_b64encode(hashlib.sha512(wav).digest()).rstrip(b"=").decode()
        dialog |= {"mediatype": "audio/x-wav", "filename": "audio.wav", "content_hash": f"sha512-{sha}",
                   "encoding": "base64url", "body": base64.urlsafe_b64encode(wav).rstrip(b"=").decode()}
    analysis = [] if transcript is None else [{
        "type": "transcript", "dialog": 0, "vendor": transcript.get("engine", ""), "product": transcript.get("model", ""),
        "schema": "a lead, not evidence: words that a machine heard", "encoding": "json",
        "body": json.dumps(transcript, ensure_ascii=False)}]
    return json.dumps({
        "vcon": "0.4.0", "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"wingline:recording:{body['recording']}")),
        "created_at": made_at, "subject": f"recorded call {body['call']}",
        "parties": [{"name": body["person"] or "unknown", "role": "person in prison"},
                    {"tel": body["number"], "role": "contact"}],
        "dialog": [dialog], "analysis": analysis, "attachments": [],
    }, ensure_ascii=False, indent=1).encode()
