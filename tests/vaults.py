"""A vault for tests: objects in memory or wherever a test says, keys of its own, and calls whose recordings are in it."""
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from obstore.store import MemoryStore
from sqlalchemy import Connection, text, update

from recordings.disk import DISK, Disk
from recordings.keys import FileMaster, MasterKey, Signer
from recordings.objects import Objects
from recordings.spool import read_spool, spool_of, write_spool
from recordings.vault import Sealed, Vault
from switch.core.ids import PersonId, RecordingId
from switch.core.numbers import Number
from switch.media import g711
from switch.ports.media import MediaReport, SealedRecording
from switch.store.calls import CloseCall, OpenCall, request_row
from switch.store.database import Store
from switch.store.tables import cdrs
from tests.unit.store import site as ground

MASTER = FileMaster(bytes(range(32)))
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))


def make_vault(store: Store, spools: Path, wall: Callable[[], datetime] = lambda: datetime.now(UTC), *,
               objects: Objects | None = None, master: MasterKey = MASTER, keep: timedelta | None = None,
               disk: Disk = DISK, opus: bool = False) -> Vault:
    return Vault(store, objects or Objects(MemoryStore()), master, SIGNER, spools, wall, "0.1.0", lambda _: keep, disk, opus)


def voices(seconds: float, left: int = 440, right: int = 620) -> bytes:
    """Two tones as a tap writes them: interleaved stereo A-law, no two seconds of them alike to the byte."""
    at = np.arange(round(seconds * 8000)) / 8000
    both = np.stack([np.cos(2 * np.pi * (tone + at / 9) * at) * 12000 for tone in (left, right)], axis=1)
    return g711.encode_alaw(both.astype(np.int16).reshape(-1))


def spooled(spool: Path) -> bytes:
    """The audio that a spool holds."""
    return read_spool(spool, MASTER)


def privileged_after_all(conn: Connection, call: str) -> None:
    """A call that was recorded is privileged by its record: as no way of ours ever leaves one."""
    conn.execute(text("DROP TRIGGER cdrs_UPDATE" + (" ON cdrs" if conn.dialect.name == "postgresql" else "")))
    conn.execute(update(cdrs).where(cdrs.c.id == call).values(privileged=True))


async def close_recorded(store: Store, call: str, audio: bytes | None, *, person: PersonId = ground.ANN,
                         number: Number = ground.MUM, at: datetime = ground.AT) -> None:
    """The record of a call that was recorded, closed: what the outbox and the vault go by. None where it names no recording."""
    asked, decided = ground.request(call, number, at=at), ground.decision(call, number)
    await store.write(OpenCall(asked, request_row(asked, person, decided, "node-1")))
    closed = ground.ended(asked, decided, person, len(audio or b"") / 16_000)
    if audio is None:
        await store.write(CloseCall(closed, "node-1"))
        return
    sealed = SealedRecording(RecordingId(call), f"{call}.spool", len(audio) / 16_000, hashlib.sha256(audio).hexdigest())
    await store.write(CloseCall(replace(closed, media=MediaReport(recording=sealed)), "node-1"))


async def keep(vault: Vault, store: Store, spools: Path, call: str, audio: bytes, *, person: PersonId = ground.ANN,
               number: Number = ground.MUM, at: datetime = ground.AT, master: MasterKey = MASTER) -> Sealed:
    """A call that was made and recorded, its recording in the vault."""
    write_spool(spool_of(spools, call), call, at, audio, master)
    await close_recorded(store, call, audio, person=person, number=number, at=at)
    sealed = await vault.seal(call)
    assert sealed is not None
    return sealed
