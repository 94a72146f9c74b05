"""A site's master key replaced, and the old one destroyed when nothing needs it any more."""
import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from recordings.keys import KeyProblem, MasterFiles, alone_with, destroy_master, load_master, old_of, replace_master
from recordings.objects import ObjectProblem
from recordings.rotation import Rewrapped, rewrap_all, under_others
from switch.build.site import SystemClock, open_store
from switch.core.ids import StaffId
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.stamps import unstamp
from switch.store.wrapped import BEGUN, DESTROYED, DONE, NoteRotation, noted_at

T = TypeVar("T")
PROBLEMS = (KeyProblem, ObjectProblem, StoreError, OSError)
REST = timedelta(hours=24)
"""How long the old key is kept after all was wrapped anew: longer than any seal, and a call's spool, lasts."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """`begun` where this go made the new key; `left` is how many keys another one than `new` wraps still."""

    old: str
    new: str
    begun: bool
    done: Rewrapped
    left: int


def rotate(settings: Settings, clock: SystemClock, who: StaffId, reason: str) -> Rotated:
    """A new master key, unless one was begun with; then everything wrapped under it. Goes on with what an earlier go left.
    Blocking. KeyProblem where a key is missing or wrong: then nothing was done. OSError, StoreError."""
    with alone_with(settings.recordings.master_key):
        return asyncio.run(_with(settings, lambda store: _rotate(settings, store, clock.wall(), who, reason)))


async def _rotate(settings: Settings, store: Store, at: datetime, who: StaffId, reason: str) -> Rotated:
    file, spools = settings.recordings.master_key, settings.recordings.spools
    master = await asyncio.to_thread(load_master, file)
    _all_can_be_opened(file, master, await under_others(store, spools, master.id))
    begun = not await asyncio.to_thread(_two, master, settings)
    if begun:
        may_make(settings)
        old = master.id
        await asyncio.to_thread(replace_master, file)
        new = master.id
    else:
        old, new = await asyncio.to_thread(lambda: load_master(old_of(file)).id), master.id
    await _note(store, NoteRotation(BEGUN, new, who, at, {"before": old}, reason))
    done = await rewrap_all(store, spools, master)
    if left := sum((await under_others(store, spools, new)).values()):
        return Rotated(old, new, begun, done, left)
    await _note(store, NoteRotation(DONE, new, who, at, {"before": old}))
    return Rotated(old, new, begun, done, 0)


async def _note(store: Store, what: NoteRotation) -> None:
    """Once: what was broken off after it is gone on with."""
    if await store.read_apart(lambda conn: noted_at(conn, what.action, what.kek)) is None:
        await store.write(what)


def _two(master: MasterFiles, settings: Settings) -> bool:
    """Whether a new key is there beside the old: one and the same in both places is a change that was broken off."""
    old = old_of(settings.recordings.master_key)
    return old.exists() and load_master(old).id != master.id


def may_make(settings: Settings) -> None:
    """KeyProblem where other machines may need the new key before anything is wrapped by it, or none can be put there."""
    file = settings.recordings.master_key
    if not os.access(file.parent, os.W_OK):
        why = f"nothing can be written to {file.parent}"
    elif not settings.store_url.startswith("sqlite"):
        why = "the database may be shared with other machines, which need the new key first"
    else:
        return
    raise KeyProblem(f"{why}. On each machine keep this key as {old_of(file)}, put the new one (32 random bytes, mode 0400) at "
                     f"{file}; then say this again on each")


def _all_can_be_opened(file: Path, master: MasterFiles, others: dict[str, int]) -> None:
    """KeyProblem that tells every key that is missing."""
    missing = [f"{count} under {kek}" for kek, count in others.items() if not master.opens(kek)]
    if missing:
        raise KeyProblem(f"{file} is master key {master.id}, and there are keys that it does not open: {', '.join(missing)}. Put "
                         f"the right one back, or the one before it beside it as {old_of(file).name}; nothing was done")


def retire(settings: Settings, clock: SystemClock, who: StaffId, reason: str, second: str) -> str:
    """Destroy the old master key, on two names; its id. What it wrapped in backups is then lost, unless a copy is kept. Blocking.
    KeyProblem where it is still needed, or may be. OSError, StoreError."""
    with alone_with(settings.recordings.master_key):
        return asyncio.run(_with(settings, lambda store: _retire(settings, store, clock.wall(), who, reason, second)))


async def _retire(settings: Settings, store: Store, at: datetime, who: StaffId, reason: str, second: str) -> str:
    file, spools = settings.recordings.master_key, settings.recordings.spools
    old = old_of(file)
    if not second.strip() or second.strip() == who:
        raise KeyProblem("a second member of staff must agree, by name")
    if not old.exists():
        raise KeyProblem(f"{old} is not there: no master key is kept that was replaced")
    master, gone = await asyncio.to_thread(load_master, file), (await asyncio.to_thread(load_master, old)).id
    if gone == master.id:
        raise KeyProblem("a new key was begun with and never put in place: say `wingline keys rotate` first")
    done = await store.read_apart(lambda conn: noted_at(conn, DONE, master.id))
    if (others := await under_others(store, spools, master.id)) or done is None:
        left = ", ".join(f"{count} under {kek}" for kek, count in others.items()) or "and it was never finished"
        raise KeyProblem(f"there are keys that master key {master.id} does not wrap yet ({left}): say `wingline keys rotate`")
    if (until := unstamp(done) + REST) > at:
        raise KeyProblem(f"a recording that was being sealed may still need it: it is kept until {until:%Y-%m-%d %H:%M} UTC")
    await _note(store, NoteRotation(DESTROYED, gone, who, at, {"second": second, "now": master.id}, reason))
    await asyncio.to_thread(destroy_master, old)
    return gone


async def _with(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    store = await asyncio.to_thread(open_store, settings)
    try:
        return await work(store)
    finally:
        await store.close()
