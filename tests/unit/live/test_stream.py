"""Jobs over a real Valkey: each to one worker, a dead worker's to another, and a stream that was emptied is only slower."""
import asyncio

import pytest
from redis.asyncio import Redis

from switch.live.stream import JobStream, StreamAway
from tests.unit.live.conftest import Server


async def test_each_job_goes_to_one_worker_and_is_gone_when_done(server: Server) -> None:
    one, two = (JobStream(server.url, "jobs", name) for name in ("w1", "w2"))
    await one.publish(["a", "b"])
    first, second = await one.take(60, 0.1), await two.take(60, 0.1)
    assert first is not None
    assert second is not None
    assert [first.job, second.job] == ["a", "b"]
    assert await one.take(60, 0.01) is None
    assert await two.held() == {"a", "b"}
    await one.done(first)
    assert await two.held() == {"b"}
    await one.close()
    await two.close()


async def test_what_a_worker_left_is_taken_over_unless_it_is_still_at_it(server: Server) -> None:
    dead, alive = (JobStream(server.url, "jobs", name) for name in ("dead", "alive"))
    await dead.publish(["a"])
    taken = await dead.take(60, 0.1)
    assert taken is not None
    await asyncio.sleep(0.3)
    await dead.touch(taken)
    assert await alive.take(0.25, 0.01) is None
    await asyncio.sleep(0.3)
    over = await alive.take(0.25, 0.01)
    assert over is not None
    assert (over.job, over.again) == ("a", True)
    await alive.done(over)
    assert await dead.held() == set()
    await dead.close()
    await alive.close()


async def test_a_stream_that_was_emptied_takes_jobs_again(server: Server) -> None:
    stream = JobStream(server.url, "jobs", "w1")
    await stream.publish(["a"])
    assert await stream.take(60, 0.1) is not None
    redis: Redis = Redis.from_url(server.url)
    await redis.flushall()
    assert await stream.take(60, 0.01) is None
    await stream.publish(["b"])
    taken = await stream.take(60, 0.1)
    assert taken is not None
    assert taken.job == "b"
    await redis.flushall()
    await stream.touch(taken)
    await stream.done(taken)
    await redis.aclose()
    await stream.close()


async def test_without_redis_every_question_says_so(server: Server) -> None:
    stream = JobStream(server.url, "jobs", "w1")
    server.kill()
    for ask in (stream.held(), stream.publish(["a"]), stream.take(60, 0.01)):
        with pytest.raises(StreamAway):
            await ask
    await stream.close()


@pytest.mark.parametrize("error", [None, ConnectionError("gone")])
async def test_a_worker_told_to_stop_stops_whatever_the_client_swallows(
        server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> None:
    """redis-py answers at times as if it had not been cancelled; a worker that then went on would hold up its role's end."""
    stream, asked = JobStream(server.url, "s", "w1"), asyncio.Event()

    async def swallow(*_args: object) -> list[object]:
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if error is not None:
                raise error from None
        return []

    monkeypatch.setattr("redis.asyncio.Redis.xrange", swallow)
    task = asyncio.create_task(stream.held())
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await stream.close()
