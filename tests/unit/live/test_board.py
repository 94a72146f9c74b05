"""The board against a real Valkey: what staff see, and that no call is ever held up by it, whatever Redis does."""
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis

from switch.live.board import LIFE, NullBoard, RedisBoard, RegistrationRow, read_board
from switch.ports.board import Board, BoardRow
from tests.unit.live.conftest import Server


def row(id: str, state: str = "RINGING") -> BoardRow:
    return BoardRow(id, state, "101", "A1001AA", "+447700900101", False, "2026-11-23T10:00:00Z")


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.02)


async def shown(redis: Redis) -> dict[str, str]:
    return {found["id"]: found["state"] for found in await read_board(redis)}


async def is_shown(redis: Redis, calls: dict[str, str]) -> None:
    async def same() -> bool:
        return await shown(redis) == calls

    await until(same)


class Running:
    """A board whose task runs, and a reader of its own."""

    def __init__(self, server: Server, **more: Any) -> None:
        self.board = RedisBoard(server.url, "node-1", **more)
        self.reader: Redis = Redis.from_url(server.url, decode_responses=True)

    async def __aenter__(self) -> "tuple[RedisBoard, Redis]":
        self.task = asyncio.ensure_future(self.board.run())
        return self.board, self.reader

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.reader.aclose()


async def test_calls_come_change_and_go(server: Server) -> None:
    async with Running(server) as (board, redis):
        board.put(row("c1"))
        board.put(row("c2"))
        await is_shown(redis, {"c1": "RINGING", "c2": "RINGING"})
        board.put(row("c1", "TALKING"))
        board.drop("c2")
        await is_shown(redis, {"c1": "TALKING"})
        found = (await read_board(redis))[0]
        assert found["node"] == "node-1"
        assert found["to"] == "+447700900101"
        assert found["privileged"] is False


async def test_the_newest_of_each_call_is_published_in_order(server: Server) -> None:
    async with Running(server) as (board, redis):
        channel = redis.pubsub()
        await channel.subscribe("live:node-1")
        await until(lambda: channel.get_message(ignore_subscribe_messages=False, timeout=1))
        said: list[str] = []

        async def heard(number: int) -> None:
            async with asyncio.timeout(5):
                while len(said) < number:
                    message = await channel.get_message(ignore_subscribe_messages=True, timeout=1)
                    if message is not None and '"all"' not in message["data"]:
                        change = json.loads(message["data"])
                        said.append(change.get("drop") or change["put"]["state"])

        board.put(row("c1", "RINGING"))
        board.put(row("c2", "WAITING"))
        board.put(row("c1", "TALKING"))
        await heard(2)
        board.drop("c1")
        await heard(3)
        assert said == ["TALKING", "WAITING", "c1"], "what was over within a gathering is not told"
        await channel.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves this one without a type


async def test_telephones_are_mirrored(server: Server) -> None:
    async with Running(server) as (board, redis):
        board.register(RegistrationRow("101", "127.0.0.1:5070", "baresip", "2026-11-23T10:10:00Z"))
        await until(lambda: redis.hget("registrations:node-1", "101"))
        found = await redis.hget("registrations:node-1", "101")
        assert found is not None
        assert json.loads(found)["address"] == "127.0.0.1:5070"
        board.unregister("101")

        async def gone() -> bool:
            return not await redis.hexists("registrations:node-1", "101")

        await until(gone)


async def test_rows_expire_with_the_heartbeat_and_go_when_the_node_leaves(server: Server) -> None:
    async with Running(server) as (board, redis):
        board.put(row("c1"))
        await is_shown(redis, {"c1": "RINGING"})
        assert 0 < await redis.ttl("live:node-1") <= LIFE
        assert await redis.zrange("nodes", 0, -1) == ["node-1"]
    redis = Redis.from_url(server.url, decode_responses=True)
    assert await shown(redis) == {}
    assert await redis.zrange("nodes", 0, -1) == []
    await redis.aclose()


async def test_what_happened_while_valkey_was_gone_is_there_when_it_is_back(server: Server) -> None:
    async with Running(server) as (board, redis):
        board.put(row("c1"))
        board.put(row("c2"))
        await is_shown(redis, {"c1": "RINGING", "c2": "RINGING"})
        server.kill()
        began = time.monotonic()
        board.put(row("c1", "TALKING"))
        board.drop("c2")
        board.put(row("c3"))
        assert time.monotonic() - began < 0.1, "nobody waits for Redis"
        await asyncio.sleep(0.3)
        await server.start()
        await is_shown(redis, {"c1": "TALKING", "c3": "RINGING"})


async def test_a_valkey_that_lost_everything_is_told_everything(server: Server) -> None:
    async with Running(server) as (board, redis):
        board.put(row("c1"))
        await is_shown(redis, {"c1": "RINGING"})
        server.kill()
        for file in server.folder.glob("valkey/**/*.aof"):
            file.unlink()
        for file in server.folder.glob("valkey/**/*.rdb"):
            file.unlink()
        for file in server.folder.glob("valkey/**/*.manifest"):
            file.unlink()
        await server.start()
        board.put(row("c2"))
        await is_shown(redis, {"c1": "RINGING", "c2": "RINGING"})


async def test_a_board_that_somebody_emptied_is_written_again(server: Server) -> None:
    async with Running(server) as (board, redis):
        board.put(row("c1"))
        await is_shown(redis, {"c1": "RINGING"})
        await redis.flushall()
        board.put(row("c2"))
        await is_shown(redis, {"c1": "RINGING", "c2": "RINGING"})


async def test_a_full_queue_drops_the_oldest_and_the_board_is_still_right(server: Server) -> None:
    running = Running(server, queue=10)
    for number in range(100):
        running.board.put(row(f"c{number}"))
    for number in range(2, 100):
        running.board.drop(f"c{number}")
    assert running.board.dropped == 188
    async with running as (board, redis):
        await is_shown(redis, {"c0": "RINGING", "c1": "RINGING"})
        for number in range(1000):
            board.put(row("c1", str(number)))
        await is_shown(redis, {"c0": "RINGING", "c1": "999"})


async def test_no_redis_at_all_is_survived(server: Server) -> None:
    server.kill()
    async with Running(server) as (board, _):
        board.put(row("c1"))
        await asyncio.sleep(0.3)
        board.drop("c1")


async def test_the_null_board_takes_everything() -> None:
    boards: list[Board] = [NullBoard()]
    boards[0].put(row("c1"))
    boards[0].drop("c1")
    task = asyncio.ensure_future(NullBoard().run())
    await asyncio.sleep(0)
    assert not task.done()
    task.cancel()


async def test_a_board_that_is_cancelled_at_any_moment_of_connecting_ends(server: Server) -> None:
    """redis-py swallows some cancellations; a switch that cannot start must end all the same, and say why."""
    for turns in range(60):
        task = asyncio.ensure_future(RedisBoard(server.url, "node-1").run())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5.0)
        assert done, f"still running when cancelled after {turns} turns of the loop"
