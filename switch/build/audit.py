"""The audit as a whole: its head signed every few minutes by the worker, and all of it verified."""
import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from recordings.anchoring import Anchors, AuditBroken, Verified, fetched, verify
from recordings.checkpoints import BadCheckpoint
from recordings.keys import KeyProblem, fits, load_signer
from recordings.objects import ObjectProblem
from switch.build.site import SystemClock, open_store
from switch.build.vault import open_objects
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.orders import PlaceAlarm

log = structlog.get_logger("worker")
PROBLEMS = (KeyProblem, ObjectProblem, OSError)
NAME = re.compile(r"\d{12}\.json")


def verify_site(settings: Settings, kept: Path | None = None, keys: Sequence[Path] = ()) -> Verified:
    """The audit against the checkpoints of the site's store of objects, or of a folder that was kept elsewhere, signed by the
    site's key or by those of PEM files. Blocking. KeyProblem, ObjectProblem, OSError, StoreError."""
    trusted = [public_key(file) for file in keys] or [load_signer(settings.recordings.signing_key).public]
    store = open_store(settings)

    async def run() -> Verified:
        try:
            files = _files(kept) if kept else await fetched(open_objects(settings))
            return await verify(store, files, trusted, fits)
        finally:
            await store.close()

    return asyncio.run(run())


def public_key(file: Path) -> bytes:
    """The 32 bytes of an Ed25519 public key in PEM. KeyProblem."""
    try:
        return load_pem_public_key(file.read_bytes()).public_bytes(Encoding.Raw, PublicFormat.Raw)
    except (OSError, ValueError) as error:
        raise KeyProblem(f"{file} is no public key in PEM: {error}") from None


def _files(folder: Path) -> list[tuple[str, bytes]]:
    """Checkpoints that lie in a folder, however deep. OSError."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    return [(file.name, file.read_bytes()) for file in folder.rglob("*.json") if NAME.fullmatch(file.name)]


class CheckpointLoop:
    """Signs the head of the audit every few minutes, for ever. What is broken or cannot be signed raises an alarm, once a day."""

    def __init__(self, settings: Settings, store: Store, clock: SystemClock) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._anchors: Anchors | None = None

    async def run(self) -> None:
        while True:
            try:
                await self._once()
            except StoreError as error:
                log.warning("audit.away", error=repr(error))
            await asyncio.sleep(60 * self._settings.audit.checkpoint_minutes)

    async def _once(self) -> None:
        now = self._clock.wall()
        try:
            if self._anchors is None:
                self._anchors = await asyncio.to_thread(self._open)
            if made := await self._anchors.write(now):
                log.info("audit.checkpoint", number=made.number, row=made.seq, hash=made.hash)
        except (AuditBroken, BadCheckpoint) as error:
            log.error("audit.broken", problems=str(error))
            await self._tell("audit-broken", f"The audit was tampered with, and is not signed any more: {error}"[:2000])
        except (KeyProblem, ObjectProblem, OSError) as error:
            log.error("audit.no-checkpoint", error=str(error))
            await self._tell("audit-not-signed", f"No checkpoint of the audit could be written: {error}"[:2000])

    async def _tell(self, kind: str, text: str) -> None:
        now = self._clock.wall()
        await self._store.write(PlaceAlarm(f"{kind}:{now.date()}", kind, text, None, now))

    def _open(self) -> Anchors:
        found = self._settings.recordings
        return Anchors(self._store, open_objects(self._settings), load_signer(found.signing_key), fits)
