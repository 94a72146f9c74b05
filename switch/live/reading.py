"""The live board as it is read: every node's rows at first, then each change as it is told, and the whole again now and then."""
import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from switch.live.board import cancelled

WHOLE_EVERY: Final = 5.0
"""Seconds between two readings of everything: a node that died takes nothing off the board itself, its rows expire."""
log = structlog.get_logger("board")
Row = Mapping[str, Any]


class Follower(Protocol):
    """Is told of the board, from one task."""

    def whole(self, rows: Sequence[Row], nodes: Mapping[str, float]) -> None:
        """Every live call of every node, each with its `node`; and every node with its last heartbeat (Unix seconds)."""

    def node(self, node: str, rows: Sequence[Row]) -> None:
        """Every live call of one node."""

    def put(self, row: Row) -> None: ...

    def drop(self, call: str) -> None: ...

    def away(self) -> None:
        """Redis is not there: what was told is no longer known to be so."""


async def follow_board(url: str, follower: Follower, whole_every: float = WHOLE_EVERY) -> None:
    """Until cancelled. Without Redis it is tried again, and the follower told that it is away."""
    pause = 0.1
    while not cancelled():
        redis: Redis = Redis.from_url(url, decode_responses=True, socket_connect_timeout=2.0, health_check_interval=10,
                                      retry=Retry(NoBackoff(), 0))
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as told:
                await told.psubscribe("live:*")
                follower.whole(*await _read(redis))
                pause = 0.1
                await _follow(redis, told, follower, whole_every)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("board.not-read", error=repr(error), pause=pause)
            follower.away()
        finally:
            await redis.aclose()
        await asyncio.sleep(pause)
        pause = min(pause * 2, 5.0)


async def _follow(redis: Redis, told: Any, follower: Follower, whole_every: float) -> None:
    clock = asyncio.get_running_loop().time
    whole_at = clock() + whole_every
    while not cancelled():
        message = await told.get_message(timeout=max(0.0, whole_at - clock()))
        if message is not None:
            _tell(follower, message["data"])
        if clock() >= whole_at:
            follower.whole(*await _read(redis))
            whole_at = clock() + whole_every


def _tell(follower: Follower, text: str) -> None:
    """One change. Whatever else is written to the channel is passed over."""
    try:
        said = json.loads(text)
        node = said["node"]
        if "put" in said:
            follower.put({"node": node, **said["put"]})
        elif "drop" in said:
            follower.drop(said["drop"])
        else:
            follower.node(node, [{"node": node, **row} for row in said["all"]])
    except (ValueError, KeyError, TypeError) as error:
        log.warning("board.unreadable", error=repr(error))


async def _read(redis: Redis) -> tuple[list[Row], Mapping[str, float]]:
    """In one round for all nodes."""
    found: Any = await redis.zrange("nodes", 0, -1, withscores=True)
    nodes: dict[str, float] = dict(found)
    async with redis.pipeline(transaction=False) as pipe:
        for node in nodes:
            pipe.hvals(f"live:{node}")
        found = await pipe.execute()
    return [{"node": node, **json.loads(row)} for node, rows in zip(nodes, found, strict=True) for row in rows], nodes
