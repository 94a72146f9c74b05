"""The node's list of privileged numbers: read, its signature verified, and held against what database and node remember.

Two memories, so that neither an emptied database nor a lost folder makes a list forgotten. What cannot be trusted is no list:
helplines stay open, and nothing that would be recorded is placed.
"""
import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from dialplans.privileged import Accepted, PrivilegedList, accepted, lost, read_privileged
from switch.build.signing import KeyProblem, check, signature_of
from switch.core.facts import SignedListFacts
from switch.core.numbers import Dialled, Unreadable
from switch.settings.tree import Settings

log = structlog.get_logger("privileged")
MEMORY = "privileged.json"
LOOK_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The list where it can be trusted; else None, and every reason why not."""

    list: PrivilegedList | None
    problems: tuple[str, ...] = ()

    def facts(self, dialled: Dialled | Unreadable) -> SignedListFacts:
        """What a decision is told of one number."""
        if self.list is None:
            return SignedListFacts(problem=self.problems[0])
        found = None if isinstance(dialled, Unreadable) else self.list.numbers.get(dialled.number)
        return SignedListFacts(self.list.serial, None if found is None else found.name, "")


def read_standing(settings: Settings, sql: Accepted | None, file: Path | None = None) -> Standing:
    """The site's list, or another `file` that is to follow it, as it stands before both memories."""
    found = read_signed(file or settings.privileged.list, settings.privileged.key)
    try:
        memories = (recall(settings.node.state_dir), sql)
    except ValueError as error:
        return Standing(None, (*found.problems, str(error)))
    if found.list is None:
        return found
    lines = [str(problem) for memory in memories if memory is not None for problem in lost(memory, found.list)]
    return Standing(None, tuple(dict.fromkeys(lines))) if lines else found


def read_signed(file: Path, key: Path) -> Standing:
    """A list whose signature fits, without a word about what came before it."""
    beside, texts, problems = signature_of(file), list[bytes](), list[str]()
    for one in (file, beside, key):
        try:
            texts.append(one.read_bytes())
        except OSError as error:
            problems.append(f"{one}: cannot be read: {error.strerror}")
    if problems:
        return Standing(None, tuple(problems))
    try:
        check(*texts)
        text = texts[0].decode("utf-8")
    except (KeyProblem, UnicodeDecodeError) as error:
        return Standing(None, (f"{file}: {error}",))
    found = read_privileged(text, file.name)
    return Standing(found) if isinstance(found, PrivilegedList) else Standing(None, tuple(map(str, found)))


def recall(state: Path) -> Accepted | None:
    """What the node itself remembers; None where it never accepted a list. ValueError for a memory that cannot be read."""
    file = state / MEMORY
    try:
        said = json.loads(file.read_text("utf-8"))
        return Accepted(int(said["serial"]), str(said["digest"]), frozenset(map(str, said["numbers"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: cannot be read ({error!r}): restore it from a copy") from None


def remember(state: Path, list_: PrivilegedList) -> None:
    """Keep a list on the node, whole or not at all."""
    now = accepted(list_)
    state.mkdir(parents=True, exist_ok=True)
    fresh = state / f"{MEMORY}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"serial": now.serial, "digest": now.digest, "numbers": sorted(now.numbers)}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(state / MEMORY)


class Keeper:
    """The list of a running switch. `recall` and `accept` are the database's; what it cannot say, the node's own memory does.

    A list that is put in its place is taken within seconds. One that goes bad is trusted for one more look, since list and
    signature are two files and are not replaced at one moment; then nothing that would be recorded is placed; `alarm` says so.
    """

    def __init__(self, settings: Settings, recall: Callable[[], Awaitable[Accepted | None]],
                 accept: Callable[[PrivilegedList], Awaitable[object]], alarm: Callable[[str], Awaitable[None]]) -> None:
        self._settings, self._recall, self._accept, self._alarm = settings, recall, accept, alarm
        self._standing = Standing(None, ("the list was not read yet",))
        self._seen: Standing | None = None
        self._kept = False

    def listed(self, dialled: Dialled | Unreadable) -> SignedListFacts:
        return self._standing.facts(dialled)

    async def look(self) -> Standing:
        """Read the list once; the first look is believed at once."""
        sql: Accepted | None = None
        try:
            sql, away = await self._recall(), False
        except Exception as error:  # any fault of the database: the node's own memory is still asked
            away = True
            log.warning("privileged.database", error=repr(error))
        seen = await asyncio.to_thread(read_standing, self._settings, sql)
        changed = seen != self._standing
        self._kept = self._kept and not changed
        if seen.list is not None and not (self._kept or away):
            try:
                await self._accept(seen.list)
                await asyncio.to_thread(remember, self._settings.node.state_dir, seen.list)
                self._kept = True
            except Exception as error:
                log.warning("privileged.accept", error=repr(error))
        if not changed:
            self._seen = seen
        elif seen.list is not None or self._seen is None or self._seen.list is None:
            self._standing = self._seen = seen
            if seen.list is None:
                await self._alarm("Nothing that would be recorded is placed: " + "; ".join(seen.problems))
        else:
            self._seen = seen
        return self._standing

    async def keep(self) -> None:
        """Look again and again; never returns."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception as error:
                log.warning("privileged.look", error=repr(error))
