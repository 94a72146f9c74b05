"""An evidence pack written to a file: noted first, under a checkpoint, and noted again as it left."""
import asyncio
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recordings.anchoring import Anchors, AuditBroken, fetched
from recordings.checkpoints import BadCheckpoint, read
from recordings.evidence.gather import NotProven
from recordings.evidence.make import make_pack
from recordings.keys import KeyProblem, fits, load_signer
from recordings.manifest import BadManifest
from recordings.objects import ObjectProblem
from recordings.vault import VaultProblem
from switch.build.site import SystemClock, open_store
from switch.build.staff import SystemMint, make_desk
from switch.build.vault import open_objects, open_vault
from switch.core.ids import StaffId
from switch.desk import evidence
from switch.desk.asking import Refused
from switch.settings.tree import Settings
from switch.store.pins import PinHasher

PROBLEMS = (AuditBroken, BadCheckpoint, BadManifest, KeyProblem, NotProven, ObjectProblem, VaultProblem)


@dataclass(frozen=True, slots=True)
class Written:
    """A pack as it left, and what names its key to whoever gets it."""

    recording: str
    file: Path
    sha256: str
    fingerprint: str


def write_pack(settings: Settings, clock: SystemClock, who: StaffId, call: str, out: Path, recipient: str, reason: str,
               second: str, as_vcon: bool = False) -> Written | Refused:
    """Blocking. FileExistsError where there is such a file; KeyProblem, ObjectProblem, VaultProblem, NotProven, AuditBroken,
    StoreError. A disclosure that came to nothing afterwards stays noted."""
    if out.exists():
        raise FileExistsError(f"{out} is there already")
    store, mint, signer = open_store(settings), SystemMint(PinHasher()), load_signer(settings.recordings.signing_key)
    desk, vault = make_desk(settings, store, mint), open_vault(settings, store, clock.wall)
    objects = open_objects(settings)

    async def run() -> Written | Refused:
        try:
            now: datetime = clock.wall()
            agreed = await evidence.disclose(desk, who, now, call, recipient, reason, second)
            if isinstance(agreed, Refused):
                return agreed
            await Anchors(store, objects, signer, fits).write(now)
            anchored = [(read(text, (signer.public,), fits), text) for _, text in sorted(await fetched(objects))]
            pack = await make_pack(store, vault, signer, anchored, call, agreed.recipient, now, as_vcon=as_vcon)
            await asyncio.to_thread(_write, out, pack)
            sha256 = hashlib.sha256(pack).hexdigest()
            await evidence.written(desk, who, clock.wall(), call, sha256)
            return Written(call, out, sha256, hashlib.sha256(signer.public).hexdigest())
        finally:
            await store.close()
            mint.close()

    return asyncio.run(run())


def _write(file: Path, data: bytes) -> None:
    """For this user alone, and never over another."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
        out.write(data)
