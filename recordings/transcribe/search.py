"""Transcripts for people: sought by words, read out of the vault. Whether somebody may read one is asked before, by the desk."""
import asyncio
import base64
import os
from dataclasses import dataclass

from recordings.keys import MasterKey
from recordings.transcribe.index import Hasher
from recordings.transcript import KIND, Transcript
from recordings.vault import Vault
from switch.core.ids import RecordingId
from switch.store.database import Store
from switch.store.index_keys import IndexKey, KeepIndexKey, read_index_key

NAME = "transcripts"


@dataclass(frozen=True, slots=True)
class TranscriptReader:
    """What the desk searches and reads transcripts with. `language` is that of the site's model."""

    vault: Vault
    hasher: Hasher
    language: str

    async def transcript(self, recording: RecordingId) -> Transcript | None:
        """None where there is none yet. What the vault raises; TranscriptProblem."""
        data = await self.vault.part(recording, KIND)
        return None if data is None else await asyncio.to_thread(Transcript.from_json, data)


async def open_hasher(store: Store, master: MasterKey) -> Hasher:
    """The site's key of the index, made when it is first needed: in the database, but wrapped by the master key. KeyProblem."""
    found = await store.read(lambda conn: read_index_key(conn, NAME))
    if found is None:
        newest = await asyncio.to_thread(master.newest)
        key = await asyncio.to_thread(newest.wrap, os.urandom(32), context(NAME))
        made = IndexKey(NAME, newest.id, base64.b64encode(key).decode())
        found = await store.write(KeepIndexKey(made))
    return Hasher(await asyncio.to_thread(master.unwrap, base64.b64decode(found.key), context(NAME)))


def context(name: str) -> bytes:
    """What the key of an index is wrapped with beside the master key."""
    return b"wingline index of " + name.encode()
