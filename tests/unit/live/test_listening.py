"""Listening over a real Valkey: who has the key hears, and whoever else reads or writes there hears nothing."""
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis

from switch.core.grants import ListenTicket
from switch.core.tickets import sealed
from switch.live.listening import ASKED_EVERY, HEARD, SAID, TICKETS, ListenServer, channel_of, open_ear, placed
from switch.live.sealing import COUNTER, MOST_SENDERS, PUBLIC, BadFrame, FrameOpener, FrameSealer
from tests.unit.core.test_tickets import DESK, NOON, OTHER, check_of, ticket
from tests.unit.live.conftest import Server

FRAMES = [bytes([number]) * 320 for number in range(100)]


@dataclass
class Engine:
    """An engine that has call c1 and hands on what the test says, to whoever was let in."""

    ears: list[Callable[[bytes], None]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    leave: bool = True
    away: bool = False

    async def still(self, ticket: ListenTicket) -> bool:
        if self.away:
            raise OSError("the database does not answer")
        return self.leave

    async def listen(self, ticket: ListenTicket, at: datetime, hear: Callable[[bytes], None]) -> None:
        if ticket.call != "c1":
            raise KeyError(ticket.call)
        if ticket.nonce in self.used:
            raise PermissionError("used already")
        self.used.add(ticket.nonce)
        self.ears = [hear]

    def say(self, *frames: bytes) -> None:
        for hear in self.ears:
            for frame in frames:
                hear(placed(FRAMES.index(frame) * 160, frame))


@asynccontextmanager
async def serving(server: Server, at: datetime = NOON, what: str = HEARD) -> AsyncIterator[Engine]:
    engine = Engine()
    before = 0 if what == HEARD else 1
    task = asyncio.ensure_future(ListenServer(server.url, check_of(), engine.listen, lambda: at, engine.still, what).run())
    reader: Redis = Redis.from_url(server.url)
    async with asyncio.timeout(10):
        while dict(await reader.pubsub_numsub(TICKETS)) != {TICKETS.encode(): before + 1}:  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.02)
    try:
        yield engine
    finally:
        await reader.aclose()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # what Redis brings has no event of ours
            await asyncio.sleep(0.01)


def for_key(key: bytes, **changes: object) -> str:
    return sealed(replace(ticket(), key=key, **changes), DESK.sign)  # type: ignore[arg-type]  # a keyword bag


async def test_who_has_the_key_hears_every_frame_in_order_and_goes_on_with_the_next_ticket(server: Server) -> None:
    async with serving(server) as engine, open_ear(server.url, "c1") as ear:
        await ear.present(for_key(ear.key))
        await until(lambda: engine.ears)
        engine.say(*FRAMES[:50])
        assert [await ear.hear(5) for _ in range(50)] == FRAMES[:50]
        await ear.present(for_key(ear.key, nonce="n2"))
        await until(lambda: len(engine.used) == 2)
        engine.say(*FRAMES[50:])
        assert [await ear.hear(5) for _ in range(50)] == FRAMES[50:]
        assert ear.place == 99 * 160, "where in the recording it was"
        assert await ear.hear(0.2) is None


async def test_words_come_on_a_channel_of_their_own_to_the_same_key(server: Server) -> None:
    async with serving(server) as engine, serving(server, what=SAID) as worker, open_ear(server.url, "c1") as ear:
        await ear.present(for_key(ear.key))
        await until(lambda: engine.ears and worker.ears)
        (tell,) = worker.ears
        tell(b'{"final":true,"words":[]}')
        await asyncio.sleep(0.1)
        engine.say(FRAMES[0])
        assert await ear.hear(5) == FRAMES[0]
        assert ear.said() == [b'{"final":true,"words":[]}']
        assert ear.said() == [], "told once"
        engine.ears[0](b"no frame")
        assert await ear.hear(0.2) is None


async def test_whoever_reads_redis_reads_nothing(server: Server) -> None:
    async with serving(server) as engine, open_ear(server.url, "c1") as ear:
        spy: Redis = Redis.from_url(server.url)
        async with spy.pubsub(ignore_subscribe_messages=True) as taps:
            await taps.psubscribe("*")
            await ear.present(for_key(ear.key))
            await until(lambda: engine.ears)
            engine.say(*FRAMES[:3])
            seen = []
            async with asyncio.timeout(10):
                while len(seen) < 4:
                    message = await taps.get_message(timeout=5)
                    seen += [] if message is None else [message]
        await spy.aclose()
        assert {message["channel"].decode() for message in seen} == {TICKETS, channel_of("c1", ear.key)}
        frames = [message["data"] for message in seen if message["channel"] != TICKETS.encode()]
        assert all(frame not in data for data in frames for frame in (FRAMES[0][:16], FRAMES[1][:16], FRAMES[2][:16]))
        another = FrameOpener("c1")
        for data in frames:
            with pytest.raises(BadFrame):
                another.open(data)


@pytest.mark.parametrize("forge", [
    lambda key: sealed(replace(ticket(), key=key), OTHER.sign),
    lambda key: for_key(bytes(32))[:-1] + ("A" if for_key(bytes(32))[-1] != "A" else "B"),
    lambda key: for_key(key, not_before=NOON - timedelta(seconds=35), expires=NOON),
    lambda key: for_key(key, not_before=NOON + timedelta(seconds=1), expires=NOON + timedelta(seconds=31)),
    lambda key: for_key(key, call="c2"),
    lambda key: "listen", lambda key: "", lambda key: "\xff.\xff",
], ids=["another's key", "altered", "over", "to come", "of another call", "words", "nothing", "bytes"])
async def test_whoever_writes_redis_without_the_desks_key_hears_nothing(server: Server, forge: Callable[[bytes], str]) -> None:
    async with serving(server) as engine, open_ear(server.url, "c1") as ear:
        await ear.present(forge(ear.key))
        await asyncio.sleep(0.2)
        assert engine.ears == []
        assert await ear.hear(0.1) is None


async def test_a_ticket_that_is_shown_again_opens_nothing_for_whoever_shows_it(server: Server) -> None:
    async with serving(server) as engine, open_ear(server.url, "c1") as ear, open_ear(server.url, "c1") as thief:
        text = for_key(ear.key)
        await ear.present(text)
        await until(lambda: engine.ears)
        await thief.present(text)
        await asyncio.sleep(0.2)
        engine.say(*FRAMES[:5])
        assert await thief.hear(0.3) is None
        assert [await ear.hear(5) for _ in range(5)] == FRAMES[:5]


async def test_who_has_no_leave_any_more_hears_nothing_though_their_ticket_is_good(server: Server) -> None:
    """Also with another ticket that was made before, and with none of it where the database does not answer."""
    async with serving(server) as engine, open_ear(server.url, "c1") as ear:
        await ear.present(for_key(ear.key))
        await until(lambda: engine.ears)
        engine.away = True
        await asyncio.sleep(2 * ASKED_EVERY)
        engine.say(FRAMES[0])
        assert await ear.hear(5) == FRAMES[0], "a database that is away ends nothing before the ticket"
        engine.leave, engine.away = False, False

        async def silent() -> bool:
            engine.say(FRAMES[1])
            return await ear.hear(0.2) is None

        async with asyncio.timeout(10):
            while not await silent():
                pass
        await ear.present(for_key(ear.key, nonce="n2"))
        await until(lambda: len(engine.used) == 2)
        assert await silent()


async def test_what_somebody_else_puts_into_the_channel_is_not_heard(server: Server) -> None:
    async with serving(server) as engine, open_ear(server.url, "c1") as ear:
        await ear.present(for_key(ear.key))
        await until(lambda: engine.ears)
        writer: Redis = Redis.from_url(server.url)
        channel = channel_of("c1", ear.key)
        async with writer.pubsub(ignore_subscribe_messages=True) as copy:
            await copy.subscribe(channel)
            engine.say(FRAMES[1])
            while (message := await copy.get_message(timeout=5)) is None:
                pass
        for data in (message["data"], b"", b"x" * 400, message["data"][:-1] + b"x", FrameSealer("c2", ear.key).seal(FRAMES[9])):
            await writer.publish(channel, data)
        engine.say(FRAMES[2])
        assert [await ear.hear(5) for _ in range(2)] == [FRAMES[1], FRAMES[2]]
        assert await ear.hear(0.2) is None
        await writer.aclose()


async def test_a_valkey_that_comes_back_is_listened_to_again(server: Server) -> None:
    async with serving(server) as engine:
        server.kill()
        await asyncio.sleep(0.3)
        await server.start()
        async with open_ear(server.url, "c1") as ear:
            number = 0
            async with asyncio.timeout(15):
                while not engine.ears:
                    number += 1
                    await ear.present(for_key(ear.key, nonce=f"again-{number}"))
                    await asyncio.sleep(0.1)
            engine.say(FRAMES[0])
            assert await ear.hear(5) == FRAMES[0]


def test_frames_open_once_in_order_and_for_their_call_alone() -> None:
    opener = FrameOpener("c1")
    sealer = FrameSealer("c1", opener.key)
    first, second, third = (sealer.seal(frame) for frame in FRAMES[:3])
    assert opener.open(first) == FRAMES[0]
    assert opener.open(third) == FRAMES[2]
    for late in (first, second, third):
        with pytest.raises(BadFrame, match="already"):
            opener.open(late)
    anew = FrameSealer("c1", opener.key)
    assert opener.open(anew.seal(FRAMES[4])) == FRAMES[4]
    with pytest.raises(BadFrame, match="already"):
        opener.open(third)
    counted = first[:PUBLIC] + COUNTER.pack(9) + first[PUBLIC + COUNTER.size :]
    for wrong in (counted, FrameSealer("c2", opener.key).seal(FRAMES[5]), b"", first[:39]):
        with pytest.raises(BadFrame):
            opener.open(wrong)


def test_so_many_senders_are_none() -> None:
    opener = FrameOpener("c1")
    for _ in range(MOST_SENDERS):
        opener.open(FrameSealer("c1", opener.key).seal(FRAMES[0]))
    with pytest.raises(BadFrame, match="too many"):
        opener.open(FrameSealer("c1", opener.key).seal(FRAMES[0]))
