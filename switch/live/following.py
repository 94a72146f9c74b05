"""What workers that write down calls while they run have in Redis: whose each call is, which of them talk, and word of a hit.

| key | what |
| --- | --- |
| `written:<call>` | the worker that writes this call down; expires `CLAIM` seconds after it last said so |
| `alerts` (channel) | a lead that was raised while its call runs: `{"kind", "lead", "call", "establishment"}`, ids and no word |

Nothing here is trusted: what may be heard the desk says, from SQL. Commands of Redis 7.0 only.
"""
import json
from collections.abc import Iterable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CLAIM = 15
ALERTS = "alerts"


class Following:
    """One worker's side; `me` names it. Every method raises `listening.ListeningAway`, or OSError."""

    def __init__(self, url: str, me: str) -> None:
        self._redis: Redis = Redis.from_url(url, decode_responses=True, socket_timeout=2.0, socket_connect_timeout=2.0,
                                            retry=Retry(NoBackoff(), 0))
        self._me = me

    async def talking(self, calls: Iterable[tuple[str, str]]) -> frozenset[str]:
        """Of calls (node, id) those in which both sides hear each other, as the board has it."""
        asked = list(calls)
        if not asked:
            return frozenset()
        async with self._redis.pipeline(transaction=False) as pipe:
            for node, call in asked:
                pipe.hget(f"live:{node}", call)
            rows = await pipe.execute()
        return frozenset(call for (_, call), row in zip(asked, rows, strict=True) if row and json.loads(row).get("talking_since"))

    async def claim(self, call: str) -> bool:
        """It is this worker's from now on, or still: false where another has it. To be said again before `CLAIM` is over."""
        key = f"written:{call}"
        if await self._redis.set(key, self._me, nx=True, ex=CLAIM):
            return True
        if await self._redis.get(key) != self._me:
            return False
        await self._redis.expire(key, CLAIM)
        return True

    async def release(self, call: str) -> None:
        if await self._redis.get(f"written:{call}") == self._me:
            await self._redis.delete(f"written:{call}")

    async def alert(self, kind: str, lead: str, call: str, establishment: str) -> None:
        """Whoever watches is told at once; who may know more asks the desk for the lead."""
        said = {"kind": kind, "lead": lead, "call": call, "establishment": establishment}
        await self._redis.publish(ALERTS, json.dumps(said, separators=(",", ":")))

    async def close(self) -> None:
        await self._redis.aclose()
