"""The vault of a site, and the keys that it needs, as the settings say."""
import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from importlib.metadata import version
from urllib.parse import urlsplit

import structlog

from recordings.intake import Intake
from recordings.keys import KeyProblem, load_master, load_signer, make_master, make_signer
from recordings.objects import Objects, folder_objects, s3_objects
from recordings.vault import Vault
from switch.settings.tree import RecordingSettings, Settings
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.recordings import newest_kek

log = structlog.get_logger("vault")
LOOK_EVERY = 2.0
"""Seconds until a key that was missing is looked for again."""


def open_objects(settings: Settings) -> Objects:
    """The store of sealed objects. OSError for a folder that cannot be made."""
    if settings.recordings.objects == "folder":
        return folder_objects(settings.recordings.vault)
    at = urlsplit(settings.recordings.objects)
    return s3_objects(at.netloc, at.path.strip("/"), endpoint=settings.recordings.s3_endpoint,
                      region=settings.recordings.s3_region, key=settings.recordings.s3_key,
                      secret=str(settings.recordings.s3_secret))


def open_vault(settings: Settings, store: Store, wall: Callable[[], datetime],
               keep: Callable[[str], timedelta | None] = lambda _: None) -> Vault:
    """The vault; `keep` is how long a place keeps what is sealed. Blocking. KeyProblem where a key is missing or cannot be used;
    OSError."""
    return Vault(store, open_objects(settings), load_master(settings.recordings.master_key),
                 load_signer(settings.recordings.signing_key), settings.recordings.spools, wall, version("wingline"), keep,
                 opus=settings.recordings.opus_copy)


def make_recording_keys(settings: Settings, sealed_before: str | None) -> list[str]:
    """The keys of recordings that are not there yet; which files were made. `sealed_before` is the master key of what is in the
    vault already: KeyProblem where that one is missing, since another in its place opens nothing. OSError."""
    made = []
    found = settings.recordings
    if not found.master_key.exists():
        if sealed_before is not None:
            raise KeyProblem(f"{found.master_key} is not there, and recordings need it (master key {sealed_before}): put it back")
        make_master(found.master_key)
        made.append(str(found.master_key))
    if not found.signing_key.exists():
        make_signer(found.signing_key)
        made.append(str(found.signing_key))
    return made


async def missing_keys(settings: Settings) -> list[str]:
    """As `make_recording_keys`, of a site whose database says what was sealed. KeyProblem, OSError, StoreError."""
    store = Store(settings.store_url)
    try:
        sealed_before = await store.read(newest_kek)
    finally:
        await store.close()
    return await asyncio.to_thread(make_recording_keys, settings, sealed_before)


async def look_for_master(intake: Intake, settings: RecordingSettings, store: Store) -> str:
    """Give the spool the master key of the file, where it is the one that the vault's recordings need; else what is wrong."""
    try:
        master = await asyncio.to_thread(load_master, settings.master_key)
        needed = await store.read(newest_kek)
    except (KeyProblem, StoreError) as error:
        return str(error)
    if needed is not None and not master.opens(needed):
        return (f"{settings.master_key} is another master key ({master.id}) than the one that this site's recordings need "
                f"({needed}): put that one back")
    intake.master = master
    return ""


async def keep_master(intake: Intake, settings: RecordingSettings, store: Store, tell: Callable[[str], Awaitable[None]]) -> None:
    """See that the spool has its master key: looked for until it is there, and each reason why it is not is told once. Until then
    no call is placed that must be recorded."""
    told = ""
    while intake.master is None:
        problem = await look_for_master(intake, settings, store)
        if problem and problem != told:
            told = problem
            log.error("recordings.key", problem=problem)
            await tell(problem)
        if problem:
            await asyncio.sleep(LOOK_EVERY)
