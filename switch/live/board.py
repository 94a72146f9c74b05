"""The live board in Redis: one hash a node, one message a change, and never a wait for either.

| key | what |
| --- | --- |
| `live:<node>` | hash, call id -> row as JSON; expires `LIFE` seconds after the node's last heartbeat |
| `live:<node>` (channel) | changes, once a call: `{"node", "put": row}`, `{"node", "drop": id}`, or `{"node", "all": [rows]}` |
| `registrations:<node>` | hash, telephone -> registration as JSON; same life |
| `nodes` | sorted set of node names by their last heartbeat (Unix seconds) |

This process's own dictionaries are the truth of what is shown: after an outage the whole board is written anew, so nothing
that was dropped from the queue stays wrong. Commands of Redis 7.0 only.
"""
import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from switch.ports.board import BoardRow

LIFE: Final = 15
"""Seconds that a node's rows outlive its last heartbeat."""
HEARTBEAT: Final = 5.0
QUEUE: Final = 10_000
BATCH: Final = 200
GATHER: Final = 0.1
"""Seconds that changes wait for company: a call passes through a dozen states, and an eye sees none of that faster."""


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """One telephone's binding as staff see it."""

    phone: str
    address: str
    """Host and port that it is reached at."""
    user_agent: str
    until: str
    """RFC 3339, UTC."""


class NullBoard:
    """A board that nobody looks at: for a site without Redis."""

    def put(self, row: BoardRow) -> None:
        """Nothing to publish to."""

    def drop(self, call: str) -> None:
        """Nothing to take away from."""

    def register(self, row: RegistrationRow) -> None:
        """Nothing to publish to."""

    def unregister(self, phone: str) -> None:
        """Nothing to take away from."""

    async def run(self) -> None:
        """Waits until it is cancelled, as the real one does."""
        await asyncio.Event().wait()


_Row = BoardRow | RegistrationRow
_Change = tuple[str, str, _Row | None]
"""Hash kind (`live` or `registrations`), field, row, made JSON once it is sent; None takes the field away."""


class RedisBoard:
    """Implements `ports.board.Board`. `run` is its one task; `put` and `drop` only queue, the oldest falling out when it is full.

    `unix` gives Unix seconds for the set of nodes. Whatever Redis does, no method here raises or waits.
    """

    def __init__(self, url: str, node: str, unix: Callable[[], float] = time.time, *, queue: int = QUEUE) -> None:
        self._node, self._unix = node, unix
        self._redis: Redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=2.0, socket_connect_timeout=2.0, single_connection_client=True,
            retry=Retry(NoBackoff(), 0), redis_connect_func=self._connected,
        )
        self._log = structlog.get_logger("board")
        self._rows: dict[str, dict[str, _Row]] = {"live": {}, "registrations": {}}
        self._queue: deque[_Change] = deque(maxlen=queue)
        self._wake = asyncio.Event()
        self._lost = False
        self._connections = self._connection_written = 0
        self.dropped = 0
        """Changes that fell out of a full queue; the next whole writing makes up for them."""

    def put(self, row: BoardRow) -> None:
        self._change("live", row.id, row)

    def drop(self, call: str) -> None:
        self._change("live", call, None)

    def register(self, row: RegistrationRow) -> None:
        self._change("registrations", row.phone, row)

    def unregister(self, phone: str) -> None:
        self._change("registrations", phone, None)

    def _change(self, kind: str, key: str, row: _Row | None) -> None:
        if row is None:
            self._rows[kind].pop(key, None)
        else:
            self._rows[kind][key] = row
        if len(self._queue) == self._queue.maxlen:
            self.dropped += 1
            self._lost = True
        self._queue.append((kind, key, row))
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled, then take the node off the board if Redis is there. Never raises but CancelledError."""
        pause = 0.1
        try:
            while not cancelled():
                try:
                    await self._write_all()
                    if pause > 0.1:
                        self._log.info("board back")
                    pause = 0.1
                    await self._write_changes()
                except (RedisError, OSError, TimeoutError) as error:
                    self._log.warning("board not written", error=str(error), pause=pause)
                    await self._forget_connection()
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 5.0)
        finally:
            await self._leave()

    async def _connected(self, connection: AbstractConnection) -> None:
        """The client connects anew in silence, perhaps to a server that lost our rows: counted, so that all is written again."""
        self._connections += 1
        await connection.on_connect()

    async def _write_all(self) -> None:
        """The whole truth, in one transaction: after a connection was made, or what is there is known to be wrong."""
        self._queue.clear()
        self._lost = False
        async with self._redis.pipeline(transaction=True) as pipe:
            for kind, rows in self._rows.items():
                pipe.delete(self._key(kind))
                for key, row in rows.items():
                    pipe.hset(self._key(kind), key, _json(asdict(row)))
            self._beat(pipe)
            every = ",".join(_json(asdict(row)) for row in self._rows["live"].values())
            pipe.publish(self._key("live"), f'{{"node":{_json(self._node)},"all":[{every}]}}')
            await pipe.execute()
        self._connection_written = self._connections

    async def _write_changes(self) -> None:
        """Changes as they come, a heartbeat between; returns when the whole has to be written."""
        while not self._lost and self._connections == self._connection_written and not cancelled():
            self._wake.clear()
            if not self._queue:
                try:
                    await asyncio.wait_for(self._wake.wait(), HEARTBEAT)
                except TimeoutError:
                    pass
            await asyncio.sleep(GATHER)
            taken = (self._queue.popleft() for _ in range(min(BATCH, len(self._queue))))
            latest = {(kind, key): row for kind, key, row in taken}
            async with self._redis.pipeline(transaction=False) as pipe:
                for (kind, key), row in latest.items():
                    value = "" if row is None else _json(asdict(row))
                    if row is None:
                        pipe.hdel(self._key(kind), key)
                    else:
                        pipe.hset(self._key(kind), key, value)
                    if kind == "live":
                        said = f'"drop":{_json(key)}' if row is None else f'"put":{value}'
                        pipe.publish(self._key(kind), f'{{"node":{_json(self._node)},{said}}}')
                self._beat(pipe)
                sizes = [] if self._queue else [len(rows) for rows in self._rows.values()]
                for kind in self._rows:
                    pipe.hlen(self._key(kind))
                answers = await pipe.execute()
                if sizes and answers[-len(sizes) :] != sizes:
                    return  # expired, or emptied by somebody

    def _beat(self, pipe: Any) -> None:
        for kind in self._rows:
            pipe.expire(self._key(kind), LIFE)
        pipe.zadd("nodes", {self._node: self._unix()})

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(0.5), self._redis.pipeline(transaction=True) as pipe:
                for kind in self._rows:
                    pipe.delete(self._key(kind))
                pipe.zrem("nodes", self._node)
                pipe.publish(self._key("live"), f'{{"node":{_json(self._node)},"all":[]}}')
                await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            pass  # the rows expire by themselves
        await self._forget_connection()

    async def _forget_connection(self) -> None:
        try:
            async with asyncio.timeout(0.5):
                await self._redis.aclose()
        except (RedisError, OSError, TimeoutError):
            pass

    def _key(self, kind: str) -> str:
        return f"{kind}:{self._node}"


def cancelled() -> bool:
    """redis-py swallows a cancellation that comes while it connects; the task remembers it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


async def read_board(redis: Redis) -> list[Mapping[str, Any]]:
    """Every live call of every node as rows with their `node` beside; for the console and the demonstration."""
    found: list[Mapping[str, Any]] = []
    for node in await redis.zrange("nodes", 0, -1):
        name = node.decode() if isinstance(node, bytes) else node
        rows = await redis.hvals(f"live:{name}")
        found += [{"node": name, **json.loads(row)} for row in rows]
    return found
