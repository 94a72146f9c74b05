"""What `wingline recordings` asks of a site's vault, each answer with a vault of its own."""
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from recordings.keys import KeyProblem
from recordings.objects import ObjectProblem
from recordings.vault import Vault, VaultProblem
from switch.build.site import Site
from switch.build.vault import open_vault
from switch.ports.recordings import Recording
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.recordings import list_recordings

PROBLEMS = (KeyProblem, VaultProblem, ObjectProblem, StoreError, OSError)
"""What stops an answer: a key, a recording that is not there, a store or a database that does not answer."""


@asynccontextmanager
async def _opened(site: Site) -> AsyncIterator[tuple[Store, Vault]]:
    store = Store(site.settings.store_url)
    try:
        yield store, await asyncio.to_thread(open_vault, site.settings, store, site.clock.wall)
    finally:
        await store.close()


async def listed(site: Site, since: datetime | None, until: datetime | None, person: str | None) -> list[Recording]:
    """What was sealed, oldest first, without needing a key. StoreError."""
    store = Store(site.settings.store_url)
    try:
        return await store.read(lambda conn: list_recordings(conn, since=since, until=until, person=person))
    finally:
        await store.close()


async def verified(site: Site, recording: str | None) -> AsyncIterator[tuple[str, list[str]]]:
    """Each recording, or the one, with every sentence that speaks against it. Raises what `PROBLEMS` names."""
    async with _opened(site) as (store, vault):
        ids = [recording] if recording else [str(one.id) for one in await store.read(list_recordings)]
        for id in ids:
            try:
                yield id, await vault.verify(id)
            except ObjectProblem as error:
                yield id, [f"it cannot be verified now: {error}"]
