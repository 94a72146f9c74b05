"""What the desk searches and reads transcripts with, on a site."""
import asyncio
from collections.abc import Awaitable, Callable

from recordings.keys import load_master
from recordings.transcribe.search import TranscriptReader, open_hasher
from switch.build.site import SystemClock
from switch.build.vault import open_vault
from switch.settings.tree import Settings
from switch.store.database import Store


def reader_of(settings: Settings, store: Store) -> Callable[[], Awaitable[TranscriptReader]]:
    """What opens that which the desk searches and reads with, when it is first asked for. It raises KeyProblem and OSError."""
    opened = list[TranscriptReader]()

    async def reader() -> TranscriptReader:
        if not opened:
            vault = await asyncio.to_thread(open_vault, settings, store, SystemClock().wall)
            hasher = await open_hasher(store, await asyncio.to_thread(load_master, settings.recordings.master_key))
            opened.append(TranscriptReader(vault, hasher, settings.transcription.language))
        return opened[0]

    return reader
