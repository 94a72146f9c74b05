"""A new master key in the place of the old: every key that the old one wrapped is unwrapped and wrapped anew, a few at a time.

Who reads or writes meanwhile has both keys (`recordings.keys.MasterFiles`), so that nothing is unreadable in between; broken off
anywhere, it is gone on with from what is left. What the keys open is not touched: no sound and no word is encrypted anew.
"""
import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recordings import vault
from recordings.keys import KeyProblem, MasterFiles
from recordings.spool import SUFFIX, BadSpool, read_head, rewrap_spool
from recordings.transcribe import search
from switch.store.beside import words_context
from switch.store.database import Store
from switch.store.wrapped import INDEXES, RECORDINGS, WORDS, Rewrap, Wrapped, wrapped_by, wrapped_by_others

PAGE = 2_000
BATCH = 50
"""Keys in one transaction: few milliseconds of the lock that writers of SQLite share."""
_CONTEXTS: dict[str, Callable[[Wrapped], bytes]] = {
    RECORDINGS: lambda one: vault.context(str(one.id)),
    WORDS: lambda one: words_context(int(one.id)),
    INDEXES: lambda one: search.context(str(one.id)),
}


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What one go did: how many keys in SQL and how many spools on this machine, and what could not be done, a sentence each."""

    keys: int
    spools: int
    problems: tuple[str, ...]


async def under_others(store: Store, spools: Path, kek: str) -> dict[str, int]:
    """How many keys, in SQL and in the spools of this machine, each other master key than `kek` wraps."""
    found = await store.read_apart(wrapped_by)
    for one in await asyncio.to_thread(_spool_keks, spools):
        found[one] = found.get(one, 0) + 1
    return {one: count for one, count in sorted(found.items()) if one != kek}


async def rewrap_all(store: Store, spools: Path, master: MasterFiles) -> Rewrapped:
    """Everything under the newest key. Blocks nobody for longer than a batch. StoreUnavailable: then it is begun again later."""
    keys, problems = 0, list[str]()
    newest = await asyncio.to_thread(master.newest)
    for kind in (RECORDINGS, INDEXES, WORDS):
        after: str | int | None = None
        while found := await store.read_apart(lambda conn, kind=kind, after=after: wrapped_by_others(  # type: ignore[misc]  # defaults bind them now
                conn, newest.id, kind, after, PAGE)):
            after, ready = found[-1].id, list[tuple[Wrapped, bytes]]()
            for one in found:
                try:
                    about = _CONTEXTS[kind](one)
                    ready.append((one, newest.wrap(master.unwrap(one.key, about), about)))
                except KeyProblem as error:
                    problems.append(f"{kind} {one.id}, of master key {one.kek}: {error}")
            for start in range(0, len(ready), BATCH):
                keys += await store.write(Rewrap(newest.id, ready[start : start + BATCH]))
    done, more = await asyncio.to_thread(_spools, spools, master)
    return Rewrapped(keys, done, (*problems, *more))


def _spools(folder: Path, master: MasterFiles) -> tuple[int, list[str]]:
    done, problems = 0, list[str]()
    for spool in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            done += rewrap_spool(spool, master)
        except FileNotFoundError:
            continue  # sealed meanwhile
        except (BadSpool, KeyProblem, OSError) as error:
            problems.append(f"spool {spool.name}: {error}")
    return done, problems


def _spool_keks(folder: Path) -> list[str]:
    found = list[str]()
    for spool in folder.glob(f"*{SUFFIX}"):
        try:
            with spool.open("rb") as source:
                found.append(read_head(source).kek)
        except (FileNotFoundError, BadSpool):
            continue  # sealed meanwhile, or nothing that a key opens
    return found
