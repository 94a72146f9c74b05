"""Work handed out over a Redis stream with a consumer group: each job to one worker, a dead worker's to another.

The stream only makes things faster. What there is to do, and what is done, stands in SQL; so it may be emptied at any time, may
say a job twice, and holds a few dozen jobs at once. Entries that are done are taken out of it.
"""
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from switch.live.board import cancelled

T = TypeVar("T")
GROUP = "workers"
NO_GROUP = "NOGROUP"


class StreamAway(Exception):
    """Redis does not answer, or refuses."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that is ours until it is done, or until it lay untouched for too long. `again`: it was a dead worker's."""

    id: str
    job: str
    again: bool = False


class JobStream:
    """One stream; `worker` is this consumer's name. Every method raises StreamAway, in bounded time."""

    def __init__(self, url: str, name: str, worker: str) -> None:
        self._redis: Redis = Redis.from_url(url, decode_responses=True, socket_timeout=10.0, socket_connect_timeout=2.0,
                                            retry=Retry(NoBackoff(), 0))
        self._name, self._worker = name, worker

    async def publish(self, jobs: Sequence[str]) -> None:
        """At the end of the stream, in this order."""
        async def ask() -> None:
            async with self._redis.pipeline(transaction=True) as pipe:
                for job in jobs:
                    pipe.xadd(self._name, {"job": job})
                await pipe.execute()

        await self._asked(ask)

    async def held(self) -> set[str]:
        """Every job in the stream, in somebody's hands or not."""
        async def ask() -> set[str]:
            found: Any = await self._redis.xrange(self._name)
            return {fields["job"] for _, fields in found if "job" in fields}

        return await self._asked(ask)

    async def take(self, idle: float, wait: float) -> Taken | None:
        """A job that its worker has not touched for `idle` seconds, else the next, waited for `wait` seconds (under 10)."""
        async def ask() -> Taken | None:
            found: Any = await self._redis.xautoclaim(self._name, GROUP, self._worker, int(idle * 1000), "0-0", count=1)
            if found[1]:
                return self._taken(found[1][0], again=True)
            read: Any = await self._redis.xreadgroup(GROUP, self._worker, {self._name: ">"}, count=1, block=int(wait * 1000))
            return self._taken(read[0][1][0]) if read else None

        return await self._asked(ask)

    async def touch(self, taken: Taken) -> None:
        """It goes on: nobody else takes it for another while."""
        async def ask() -> None:
            await self._redis.xclaim(self._name, GROUP, self._worker, 0, [taken.id], justid=True)

        await self._asked(ask)

    async def done(self, taken: Taken) -> None:
        async def ask() -> None:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xack(self._name, GROUP, taken.id)
                pipe.xdel(self._name, taken.id)
                await pipe.execute()

        await self._asked(ask)

    async def close(self) -> None:
        try:
            await self._redis.aclose()
        except (RedisError, OSError):
            pass

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Once more where the group is gone, with the stream or without it. A cancellation that redis-py swallowed, in an answer
        or in an error, is raised here: else a worker that was told to stop would go on for ever."""
        failed: Exception | None = None
        try:
            try:
                found = await ask()
            except ResponseError as error:
                if not str(error).startswith(NO_GROUP):
                    raise
                await self._make_group()
                found = await ask()
        except (RedisError, OSError, TimeoutError) as error:
            failed = error
        if cancelled():
            raise asyncio.CancelledError from failed
        if failed is not None:
            raise StreamAway(str(failed) or type(failed).__name__) from failed
        return found

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(self._name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    @staticmethod
    def _taken(entry: Any, again: bool = False) -> Taken:
        id, fields = entry
        return Taken(id, (fields or {}).get("job", ""), again)
