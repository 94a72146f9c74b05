"""An evidence pack made of what the vault, the audit and its checkpoints hold of one recording."""
import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from recordings.checkpoints import Checkpoint
from recordings.evidence import pack
from recordings.evidence.gather import custody, proof, rows_about
from recordings.evidence.vcon import vcon
from recordings.keys import Signer
from recordings.looks import wav_header
from recordings.manifest import canonical, opened
from switch.ports.recordings import Recording
from switch.store.database import Store

TRANSCRIPT = "transcript"
LEAD = "Words that a machine heard. A lead, not evidence: what was said is in the sound."


class Sounds(Protocol):
    """What is asked of the vault (`recordings.vault.Vault`)."""

    async def recording(self, recording: str) -> Recording | None: ...

    async def size(self, recording: str) -> int: ...

    async def read(self, recording: str, start: int, stop: int) -> bytes: ...

    async def part(self, recording: str, kind: str) -> bytes | None: ...


async def make_pack(store: Store, vault: Sounds, signer: Signer, checkpoints: Sequence[tuple[Checkpoint, bytes]], recording: str,
                    recipient: str, at: datetime, *, as_vcon: bool = False) -> bytes:
    """The pack. `checkpoints` oldest first, each with its file; the last is over the row that tells of this disclosure. The sound
    of what was erased is not in it. LookupError, NotProven, BadManifest; what the vault raises of what may not be read."""
    row = await vault.recording(recording)
    if row is None:
        raise LookupError(f"there is no recording {recording}")
    body = opened(row.manifest, signer.public)
    wav = transcript = None
    if row.key is not None:
        audio = await vault.read(recording, 0, await vault.size(recording))
        wav = wav_header(len(audio)) + audio
        transcript = await vault.part(recording, TRANSCRIPT)

    def look(conn: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        about = rows_about(conn, recording)
        return proof(conn, about, checkpoints), custody(about)

    proven, told = await store.read_apart(look)
    made_at = at.isoformat(timespec="seconds")
    inside = {pack.MANIFEST: row.manifest.encode(), pack.PROOF: canonical(proven),
              pack.CUSTODY: _text({"recording": recording, "rows": told})}
    words: Mapping[str, Any] | None = None
    if wav is not None:
        inside[pack.AUDIO] = wav
    if transcript is not None:
        words = json.loads(transcript)
        inside[pack.TRANSCRIPT] = _text({"what this is": LEAD, "transcript": words})
    if as_vcon:
        inside[pack.VCON] = vcon(body, wav, words, made_at)
    about = {"recording": recording, "recipient": recipient, "made_at": made_at}
    return await asyncio.to_thread(pack.packed, inside, about, signer)


def _text(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
