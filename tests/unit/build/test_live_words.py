"""The worker follows calls under authority over a real Valkey, with a switch that hands on what the test says: a watch word is
told while its call runs, whoever listens is told the words, and without leave nothing is ever heard."""
import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from cryptography.hazmat.primitives import serialization as pem
from redis.asyncio import Redis
from sqlalchemy import text

from recordings.transcript import Heard
from switch.build import live_words
from switch.build.live_words import ACTOR, LiveWords
from switch.core.grants import Listener, ListenTicket, Privacy
from switch.core.ids import PersonId, PhoneId, StaffId
from switch.desk import alarms, authority, leads, listening
from switch.desk.asking import Desk
from switch.live.following import ALERTS, Following
from switch.live.listening import TICKETS, ListenServer, open_ear, placed
from switch.store.tables import metadata
from tests.unit.core.test_tickets import DESK, check_of
from tests.unit.desk.office import ANN, AT, OFFICER, Office, good, make_office
from tests.unit.desk.test_leads import quarantine, watch
from tests.unit.desk.test_listening import granted, running, signing
from tests.unit.dialplans.test_transcribing import RULES
from tests.unit.live.conftest import Server, server  # noqa: F401  # a fixture
from tests.unit.recordings.slow_engine import SlowEngine
from tests.unit.store.site import decision, ended, request

FRAME = b"\xd5" * 320
LISTENER = StaffId("listener")
WORD = "left2"
"""What the engine of the tests says of the third second of the person in prison."""


@dataclass
class Clock:
    at: datetime = AT

    def wall(self) -> datetime:
        return self.at


@dataclass
class Switch:
    """A switch that has the call: it checks tickets as ours does, and hands on what the test says from `place` on."""

    clock: Clock
    tickets: list[ListenTicket] = field(default_factory=list)
    ears: dict[bytes, tuple[datetime, Callable[[bytes], None]]] = field(default_factory=dict)
    place: int = 80_000

    async def listen(self, ticket: ListenTicket, at: datetime, hear: Callable[[bytes], None]) -> None:
        self.tickets.append(ticket)
        self.ears[ticket.key] = ticket.expires, hear

    async def still(self, ticket: ListenTicket) -> bool:
        """It is the worker that has to stop."""
        return True

    def say(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            for until, hear in self.ears.values():
                if self.clock.wall() < until:
                    hear(placed(self.place, FRAME))
            self.place += 160


@dataclass
class Room:
    """Everything that a test of these needs."""

    office: Office
    desk: Desk
    clock: Clock
    switch: Switch
    redis: Redis
    url: str
    site: SimpleNamespace

    def words(self) -> LiveWords:
        return LiveWords(self.site, self.desk, SlowEngine())  # type: ignore[arg-type]  # of a site it takes this and no more

    async def talks(self, call: str = "c1") -> None:
        """The board says that both hear each other."""
        await self.redis.hset("live:node", call, json.dumps({"id": call, "talking_since": "2026-11-23T12:00:00Z"}))

    async def over(self) -> None:
        await self.office.site.records.close(ended(request("c1", phone=PhoneId("m1")), decision("c1", rate=None), PersonId(ANN)))

    async def rows(self) -> list[tuple[str, dict[str, object]]]:
        return [(action, detail) for action, _, detail in await self.office.audit() if action.startswith("listening")]


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # threads and processes have no event of ours
            await asyncio.sleep(0.02)


@asynccontextmanager
async def doing(*work: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(one) for one in work]  # type: ignore[call-overload]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def room(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:  # noqa: F811
    monkeypatch.setattr(live_words, "LOOK_EVERY", 0.05)
    office, clock = await make_office(tmp_path), Clock()
    key = tmp_path / "listening.pub"
    key.write_bytes(DESK.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo))
    settings = SimpleNamespace(redis_url=server.url, node=SimpleNamespace(name="node"), listening=SimpleNamespace(key=key))
    site = SimpleNamespace(settings=settings, plan=SimpleNamespace(transcribing=RULES), clock=clock)
    redis: Redis = Redis.from_url(server.url)
    made = Room(office, signing(office), clock, Switch(clock), redis, server.url, site)
    async with doing(ListenServer(server.url, check_of(), made.switch.listen, clock.wall, made.switch.still).run()):
        async with asyncio.timeout(10):
            while dict(await redis.pubsub_numsub(TICKETS)) != {TICKETS.encode(): 1}:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield made
    await redis.aclose()
    assert await office.whole()
    office.mint.hasher.close()
    await office.site.close()


async def spied(redis: Redis, seen: list[tuple[str, bytes]]) -> None:
    """Whoever reads all that passes."""
    async with redis.pubsub(ignore_subscribe_messages=True) as taps:
        await taps.psubscribe("*")
        while True:
            message = await taps.get_message(timeout=None)
            if message is not None:
                seen.append((message["channel"].decode(), message["data"]))


async def test_a_watch_word_is_told_while_its_call_runs_and_the_words_go_to_whoever_listens(room: Room) -> None:
    await running(room.office)
    await granted(room.office)
    word = await watch(room.office, WORD)
    seen: list[tuple[str, bytes]] = []
    told: list[Heard] = []

    async def staff() -> None:
        async with open_ear(room.url, "c1") as ear:
            begun = good(await listening.begin(room.desk, LISTENER, AT, "c1", "threats", ear.key))
            await ear.present(begun.ticket)
            while True:
                await ear.hear(1.0)
                told.extend(map(Heard.from_json, ear.said()))

    with structlog.testing.capture_logs() as logs:
        async with doing(room.words().run(), spied(room.redis, seen)):
            await asyncio.sleep(0.3)
            assert room.switch.tickets == [], "nobody talks yet"
            await room.talks()
            await until(lambda: room.switch.ears)
            assert [(one.listener, one.kind) for one in room.switch.tickets] == [(ACTOR, Listener.MACHINE)]
            room.switch.say(1.5)
            async with doing(staff()):
                await until(lambda: len(room.switch.ears) == 2)
                await asyncio.sleep(0.2)
                room.switch.say(2.0)
                await until(lambda: any(channel == ALERTS for channel, _ in seen))
                await until(lambda: any(one.text == WORD for heard in told for one in heard.words))
            (lead,) = await leads.listed(room.desk, OFFICER, AT)
            assert (lead.word, lead.live, lead.recording, lead.channel) == (word.id, True, "c1", "left")
            assert lead.start == 12.0, "by the recording's clock: it was ten seconds old"
            (alarm,) = good(await alarms.list_alarms(room.desk, OFFICER, AT))
            assert (alarm.kind, alarm.call) == ("watch-word", "c1")
            (alert,) = [json.loads(data) for channel, data in seen if channel == ALERTS]
            assert alert == {"kind": "watch-word", "lead": lead.id, "call": "c1", "establishment": "moor"}
            room.switch.say(0.4)
            await room.over()
            await until(lambda: any(line["event"] == "live-words.left" for line in logs))
            assert await room.redis.get("written:c1") is None
    assert "left0" not in {one.text for heard in told for one in heard.words}, "nobody is told what was said before they listened"
    assert (await room.rows())[0] == (
        "listening-began", {"rule": "offence-related", "listener": "machine"})
    again = good(await leads.hear(room.desk, OFFICER, AT, "c1", [*told[0].words, *told[-1].words, *(
        one for heard in told for one in heard.words)]))
    assert again == [], "the transcript that comes later raises it no more"
    assert not any(WORD.encode() in data for _, data in seen), "words pass through Redis in the clear"
    assert WORD not in str(logs)
    found = await room.office.site.store.read(lambda conn: [
        table.name for table in metadata.sorted_tables if table.name != "watch_words" and table.name != "watch_lists"
        and WORD in str(conn.execute(text(f'SELECT * FROM "{table.name}"')).all())])  # our own tables
    assert found == []


@pytest.mark.parametrize("privacy", [Privacy.MONITORED, Privacy.PRIVILEGED])
async def test_without_authority_and_of_a_privileged_call_nothing_is_asked_for(room: Room, privacy: Privacy) -> None:
    await running(room.office, privacy=privacy)
    if privacy is Privacy.PRIVILEGED:
        await granted(room.office)
    await room.talks()
    seen: list[tuple[str, bytes]] = []
    async with doing(room.words().run(), spied(room.redis, seen)):
        await asyncio.sleep(0.5)
    assert (room.switch.tickets, seen) == ([], [])
    assert await room.rows() == []


@pytest.mark.parametrize("how", ["expired", "cancelled", "quarantined"])
async def test_it_stops_in_the_middle_when_leave_does(room: Room, how: str) -> None:
    await running(room.office)
    id = await granted(room.office)
    await watch(room.office, WORD)
    await room.talks()
    with structlog.testing.capture_logs() as logs:
        async with doing(room.words().run()):
            await until(lambda: room.switch.ears)
            room.switch.say(1.5)
            await asyncio.sleep(0.2)
            if how == "expired":
                room.clock.at = AT + timedelta(days=200)
            elif how == "cancelled":
                good(await authority.cancel(room.office.desk, OFFICER, AT, id, "not needed"))
            else:
                await quarantine(room.office, "c1")
            await until(lambda: any(line["event"] == "live-words.left" for line in logs))
            room.clock.at = AT
            room.switch.say(3.0)
            await asyncio.sleep(0.5)
    (left,) = [line for line in logs if line["event"] == "live-words.left"]
    assert left["why"] in {"authority-expired", "review-overdue", "authority-cancelled", "privileged"}
    assert await leads.listed(room.desk, OFFICER, AT) == [], "it was said after the leave"
    assert [action for action, _ in await room.rows()][0::3] == ["listening-began"]
    assert [action for action, _ in await room.rows()][-1] == "listening-ended"


async def test_one_of_several_workers_has_a_call(room: Room) -> None:
    await running(room.office)
    await granted(room.office)
    other = Following(room.url, "other")
    assert await other.claim("c1")
    assert await other.claim("c1"), "it has it still"
    await room.talks()
    async with doing(room.words().run()):
        await asyncio.sleep(0.4)
        assert room.switch.tickets == []
    await other.release("c1")
    assert await Following(room.url, "third").claim("c1")
    await other.release("c1")
    assert await room.redis.get("written:c1") == b"third"
    await other.close()


@pytest.mark.parametrize("without", ["redis", "signing-key", "transcribing.live"])
async def test_a_site_that_cannot_says_so_and_goes_on(room: Room, without: str) -> None:
    if without == "redis":
        room.site.settings.redis_url = None
    if without == "signing-key":
        room.desk = room.office.desk
    if without == "transcribing.live":
        room.site.plan.transcribing = SimpleNamespace(live=0)
    with structlog.testing.capture_logs() as logs:
        await room.words().run()
    assert [(line["event"], line["without"]) for line in logs] == [("live-words.off", without)]
