"""Live listening from a page: what is sent to the ear, and each of the many things that end it, told and in the audit."""
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from admin.live.marks import Marks
from admin.live.site import Live
from admin.live.wire import HEADER, WAITING, Wire
from recordings.transcript import Channel, Heard, Word
from switch.core.tickets import opened as opened_ticket
from switch.desk import authority, privileged, watch_words
from switch.ports.access import Scope
from switch.ports.watch import WatchKind
from tests.unit.admin.pages import WAYS_OUT, Browser, Console, open_console, text_of, turn_out
from tests.unit.admin.sockets import Closed, Socket, opened
from tests.unit.core.test_tickets import DESK, check_of
from tests.unit.desk.office import FEN, GOVERNOR, MOOR, OFFICER, good
from tests.unit.desk.test_listening import granted, running
from tests.unit.store.site import AT, MUM

SOUND = bytes(range(160)) * 2
BOMB = Heard((Word(Channel.RIGHT, 1.0, 1.4, "the", 0.9), Word(Channel.RIGHT, 1.4, 2.0, "bomb", 0.9)))


@dataclass
class Ear:
    """Hears 20 ms each 20 ms, once it was shown a good ticket."""

    key: bytes = bytes(range(32))
    shown: int = 0
    words: list[bytes] = field(default_factory=list)

    async def present(self, ticket: str) -> None:
        assert opened_ticket(ticket, check_of(), AT).key == self.key
        self.shown += 1

    async def hear(self, seconds: float) -> bytes | None:
        assert self.shown
        await asyncio.sleep(0.02)
        return SOUND

    def said(self) -> list[bytes]:
        said, self.words = self.words, []
        return said


@asynccontextmanager
async def hearing(folder: Path, words: Heard | None = None) -> AsyncIterator[tuple[Console, Browser, str]]:
    """A console with a call that may be heard, a listener who holds the role, and the authorisation."""

    @asynccontextmanager
    async def ears(call: str) -> AsyncIterator[Ear]:
        yield Ear(words=[] if words is None else [words.to_json()])

    async with open_console(folder, live=Live(None, ears), sign=DESK.sign) as console:
        await running(console.counter.office)
        id = await granted(console.counter.office)
        yield console, await console.browser(Scope.RECORDINGS, Scope.MONITORING), id


async def until_ended(socket: Socket) -> dict[str, str]:
    while True:
        told = await socket.hear()
        if isinstance(told, dict) and "ended" in told:
            return told


async def begun(console: Console, browser: Browser, socket: Socket) -> None:
    await socket.say({"why": "a threat was reported"})
    frame = await socket.hear()
    number, channels, _flags, samples, at = HEADER.unpack(frame[:HEADER.size])
    assert (number, channels, samples, frame[HEADER.size:]) == (0, 2, 160, SOUND)
    assert at == console.counter.clock.wall().timestamp() * 1000


async def ended(console: Console) -> list[str]:
    """Of listening, in the audit."""
    return [action for action, *_ in await console.counter.office.audit() if action.startswith("listening-")]


async def test_the_page_shows_by_what_authority_or_why_not(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (console, one, id):
        page = await one.get("/board/c1/listen")
        assert id in text_of(page)
        assert 'data-ear="/board/c1/ear"' in page.text
        assert (await one.get("/board/none/listen")).status_code == 404
        elsewhere = await console.browser(Scope.RECORDINGS, establishment=FEN)
        assert (await elsewhere.get("/board/c1/listen")).status_code == 404
        good(await authority.cancel(console.counter.office.desk, OFFICER, AT, id, "not needed"))
        page = await one.get("/board/c1/listen")
        assert "the authorisation was cancelled" in text_of(page)
        assert "data-ear" not in page.text


async def test_sound_goes_to_the_ear_and_the_end_is_kept(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (console, one, id):
        async with opened(one, "/board/c1/ear") as socket:
            await begun(console, one, socket)
            await socket.say({"ping": 12.5})
            while not isinstance(told := await socket.hear(), dict):
                pass
            assert told == {"pong": 12.5, "at": console.counter.clock.wall().timestamp() * 1000}
        rows = [row for row in await console.counter.office.audit() if row[0].startswith("listening-")]
        assert [(action, subject) for action, subject, _ in rows] == [
            ("listening-began", {"authority": id, "call": "c1"}), ("listening-ended", {"authority": id, "call": "c1"})]
        assert "a threat was reported" in await console.counter.office.notes()


async def test_without_a_reason_nobody_listens(tmp_path: Path) -> None:
    async with hearing(tmp_path) as (console, one, _id), opened(one, "/board/c1/ear") as socket:
        await socket.say({"why": " "})
        assert (await until_ended(socket))["ended"] == "no-reason"
        with pytest.raises(Closed):
            await socket.hear()
        assert await ended(console) == []


@pytest.mark.parametrize(("how", "why"), [("cancelled", "authority-cancelled"), ("found", "privileged")])
async def test_it_ends_at_once_when_leave_does(how: str, why: str, tmp_path: Path) -> None:
    async with hearing(tmp_path) as (console, one, id), opened(one, "/board/c1/ear") as socket:
        await begun(console, one, socket)
        desk, at = console.counter.office.desk, console.counter.clock.wall()
        if how == "cancelled":
            good(await authority.cancel(desk, OFFICER, AT, id, "not needed"))
        else:
            good(await privileged.found_privileged(desk, OFFICER, at, str(MUM), AT - timedelta(days=1), "a solicitor", GOVERNOR))
        assert (await until_ended(socket))["ended"] == why
        with pytest.raises(Closed):
            await socket.hear()
        assert (await ended(console))[-1] == "listening-ended"


@pytest.mark.parametrize("how", WAYS_OUT)
async def test_it_ends_with_the_session_and_with_the_role(how: str, tmp_path: Path) -> None:
    async with hearing(tmp_path) as (console, one, _id), opened(one, "/board/c1/ear") as socket:
        await begun(console, one, socket)
        await turn_out(console, one, how)
        with pytest.raises(Closed) as closed:
            await until_ended(socket)
        assert closed.value.code == 4401
        assert await ended(console) == ["listening-began", "listening-ended"]


@pytest.mark.parametrize("may", [True, False])
async def test_words_are_shown_and_watch_words_marked_for_whoever_may_know_them(may: bool, tmp_path: Path) -> None:
    async with hearing(tmp_path, BOMB) as (console, one, _id):
        desk, at = console.counter.office.desk, console.counter.clock.wall()
        made = good(await watch_words.add_list(desk, OFFICER, at, "threats", MOOR))
        good(await watch_words.add_word(desk, OFFICER, at, made.id, WatchKind.WORDS, "bomb"))
        if not may:
            one = await console.browser(Scope.RECORDINGS)
        async with opened(one, "/board/c1/ear") as socket:
            await socket.say({"why": "a threat was reported"})
            while not isinstance(told := await socket.hear(), dict):
                pass
            assert [word["text"] for word in told["said"]["words"]] == ["the", "bomb"]
            assert [hit["start"] for hit in told["said"]["hits"]] == ([1.4] if may else [])


def test_what_is_no_words_is_passed_over() -> None:
    assert Marks().read(b"{}") is None
    assert Marks().read(b"\xff") is None


async def test_a_slow_listener_loses_the_oldest_sound_and_no_word() -> None:
    wire, sent = Wire(), []

    class Taken:
        async def send_bytes(self, data: bytes) -> None:
            sent.append(HEADER.unpack(data[:HEADER.size])[0])

        async def send_text(self, data: str) -> None:
            sent.append(json.loads(data))

    for _ in range(WAITING + 10):
        wire.frame(SOUND, 0.0)
    wire.say({"said": 1})
    running_ = asyncio.ensure_future(wire.run(Taken()))
    await asyncio.sleep(0.01)
    assert sent == [{"said": 1}, *range(10, WAITING + 10)]
    wire.frame(SOUND, 0.0)
    wire.close("enough", "it was enough")
    wire.frame(SOUND, 0.0)
    wire.close("later", "nobody is told of it")
    await running_
    assert sent[-1] == {"ended": "enough", "text": "it was enough"}
    assert len(sent) == WAITING + 2
