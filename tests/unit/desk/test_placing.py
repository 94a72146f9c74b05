"""The switch takes requests up from the database: so many at once, within hours, at numbers that it may ring at all."""
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from switch.call.placed import PlacedKind
from switch.carriers.trunk import SipTrunk
from switch.core.facts import ContactKind, ContactState
from switch.core.grants import RecordingWarrant
from switch.core.ids import CallId, Leg, PersonId
from switch.core.numbers import E164
from switch.desk import kill, no_contact, placed
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.board import BoardRow
from switch.ports.contacts import OrderKind
from switch.ports.desk import Reach
from switch.ports.media import Digit, MediaReport, PlayEnded
from switch.ports.placed import PlacedState
from switch.runtime import placing as module
from switch.runtime.hands import Tools
from switch.runtime.placing import Placing
from switch.sip import events as sip
from switch.store.listing import list_calls
from switch.store.orders import OrderCut
from switch.store.placed import SqlPlacedRecords
from switch.store.seeding import AddContact
from tests.unit.desk.office import ANN, AT, OFFICER, Office, good

FIRST, SECOND, FREE, LINE = "+447700900123", "+447700900124", "+448001111111", "+44800555111"
SITE = 'extends = "estate"\n[emergency]\ncontrol_room = "sip:control-room@192.0.2.10"\n[placed]\nat_once = 1\n'


@dataclass
class World:
    """The network, the media and the clock around it: what it dials, says and hangs up."""

    at: datetime = AT
    dialled: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    hung_up: list[sip.DialogId] = field(default_factory=list)
    shown: list[BoardRow] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    _tell: dict[CallId, Callable[[Any], None]] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def wall(self) -> datetime:
        return self.at

    def call(self) -> str:
        return f"c{next(self._ids)}"

    def put(self, row: BoardRow) -> None:
        self.shown.append(row)

    def drop(self, call: str) -> None:
        self.dropped.append(call)

    def dial(self, call: CallId, route: Any, sdp: bytes) -> sip.DialogId:
        self.dialled.append(route.uri.removeprefix("sip:").partition("@")[0])
        return sip.DialogId(f"d{len(self.dialled)}")

    def hangup(self, dialog: sip.DialogId, reason: str, q850: int) -> None:
        self.hung_up.append(dialog)

    async def open(self, call: CallId, tell: Callable[[Any], None]) -> None:
        self.opened += 1
        self._tell[call] = tell

    async def settle(self, call: CallId, warrant: RecordingWarrant | None) -> None:
        assert warrant is None, "nothing of it may be recorded"

    async def offer(self, call: CallId, leg: Leg) -> bytes:
        assert leg is Leg.OUTSIDE
        return b"offer"

    async def answered(self, call: CallId, leg: Leg, sdp: bytes) -> None:
        assert (leg, sdp) == (Leg.OUTSIDE, b"answer")

    async def play(self, call: CallId, leg: Leg, prompts: tuple[str, ...], tag: str = "", loop_last: bool = False) -> None:
        self.said += prompts
        self._tell[call](PlayEnded(leg, tag))

    async def stop(self, call: CallId, leg: Leg) -> None:
        pass

    async def close(self, call: CallId) -> MediaReport:
        self.closed += 1
        return MediaReport()

    def press(self, call: str, key: str) -> None:
        self._tell[CallId(call)](Digit(Leg.OUTSIDE, key))


@dataclass
class Node:
    world: World
    placing: Placing
    office: Office

    async def until(self, test: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not test():  # noqa: ASYNC110  # what runs has no event of ours
                await asyncio.sleep(0.005)

    async def states(self) -> dict[str, str]:
        found = good(await placed.show(self.office.desk, OFFICER, AT))
        return {one.call.number: str(one.call.state) for one in found}

    async def comes(self, number: str, state: PlacedState) -> None:
        async with asyncio.timeout(10):
            while (await self.states())[number] != state:  # noqa: ASYNC110  # nor has the database
                await asyncio.sleep(0.005)


@asynccontextmanager
async def node(office: Office, monkeypatch: pytest.MonkeyPatch, *numbers: str, at: datetime = AT) -> AsyncIterator[Node]:
    """A switch that places one call at a time, and requests of consent to numbers that are contacts."""
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    plan = load_plan({**shipped_plans(), "site.toml": SITE}, "site")
    assert isinstance(plan, Plan)
    await office.receive()
    for number in numbers:
        await office.site.store.write(AddContact(
            PersonId(ANN), E164(number[1:]), "Mum", ContactKind.SOCIAL, ContactState.PENDING, "test", AT))
        good(await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, number))
    world: Any = World(at)
    carrier = SipTrunk("192.0.2.1", 5060, "441632960000")
    given: Any = {one.name: world for one in fields(Tools)} | {"carrier": carrier, "plan": plan}
    tools = Tools(**given)
    placing = Placing(tools, SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load())), world, plan)
    task = asyncio.ensure_future(placing.run())
    try:
        yield Node(world, placing, office)
    finally:
        task.cancel()


async def test_one_at_a_time_and_each_to_its_answer(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node(office, monkeypatch, FIRST, SECOND) as on:
        await on.until(lambda: on.world.dialled)
        await asyncio.sleep(0.1)
        assert (on.world.dialled, len(on.placing)) == ([FIRST], 1)
        assert not on.placing.on_event(sip.Answered(sip.DialogId("another"), b"")), "not one of its own"
        assert on.placing.on_event(sip.Answered(sip.DialogId("d1"), b"answer"))
        await on.until(lambda: on.world.said)
        on.world.press("c1", "1")
        await on.comes(FIRST, PlacedState.ANSWERED)
        await on.until(lambda: len(on.world.dialled) == 2)
        assert on.world.said == ["placed-consent", "placed-yes"]
        assert on.world.hung_up == ["d1"]
        assert on.placing.on_event(sip.Rejected(sip.DialogId("d2"), 486, "Busy Here"))
        await on.comes(SECOND, PlacedState.DUE)
        assert on.world.opened == 2
        await on.until(lambda: on.world.closed == 2)


async def test_what_is_never_rung_is_refused_and_the_next_is_rung(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node(office, monkeypatch, FREE, LINE, FIRST) as on:
        await on.until(lambda: on.world.dialled)
        states = await on.states()
        assert (states[FREE], states[LINE]) == (PlacedState.REFUSED, PlacedState.REFUSED)
        assert on.world.dialled == [FIRST]


async def test_nobody_is_rung_out_of_hours(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node(office, monkeypatch, FIRST, at=AT + timedelta(hours=10)) as on:
        await asyncio.sleep(0.1)
        assert on.world.dialled == []
        on.world.at = AT + timedelta(hours=23, minutes=30)
        await on.until(lambda: on.world.dialled)


async def test_an_order_ends_it_and_a_drain_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node(office, monkeypatch, FIRST, SECOND) as on:
        await on.until(lambda: on.world.dialled)
        order = good(await kill.place(office.desk, OFFICER, AT, Reach.PERSON, ANN, "a threat", cut=True))
        await on.until(lambda: on.world.hung_up == ["d1"] and not len(on.placing))
        assert on.world.dialled == [FIRST], "none while the order stands"
        good(await kill.lift(office.desk, OFFICER, AT, order.id))
        on.world.at = AT + timedelta(minutes=6)
        await on.until(lambda: len(on.world.dialled) == 2)
        await on.placing.drain()
        assert (len(on.placing), on.world.hung_up) == (0, ["d1", "d2"])
        on.world.at = AT + timedelta(hours=8)
        await asyncio.sleep(0.1)
        assert len(on.world.dialled) == 2


async def test_whom_a_court_protects_is_not_even_asked(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node(office, monkeypatch, FIRST, SECOND) as on:
        await on.until(lambda: on.world.dialled == [FIRST])
        order = no_contact.Wanted(ANN, OrderKind.WITNESS, "a court", number=FIRST)
        good(await no_contact.place(office.desk, OFFICER, AT, order))
        await on.until(lambda: on.world.hung_up == ["d1"])
        await on.until(lambda: on.world.dialled == [FIRST, SECOND])
        on.world.at = AT + timedelta(hours=4, minutes=1)
        assert on.placing.on_event(sip.Rejected(sip.DialogId("d2"), 486, "Busy Here"))
        await on.comes(FIRST, PlacedState.REFUSED)
        assert on.world.dialled.count(FIRST) == 1


async def test_staff_see_it_and_cut_that_very_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async with node(office, monkeypatch, FIRST) as on:
        await on.until(lambda: on.world.dialled)
        (row,) = on.placing.rows()
        assert (row.id, row.kind, row.person, row.to, row.state) == ("c1", "placed-consent", ANN, FIRST, "ringing")
        assert [one.id for one in on.world.shown] == ["c1"] * len(on.world.shown)
        (shown,) = await office.site.store.read(lambda conn: list_calls(conn, live=True))
        assert (shown.id, shown.kind) == ("c1", "placed-consent")
        with pytest.raises(KeyError):
            await office.site.store.write(OrderCut("o0", "c2", "a mistake", OFFICER, AT))
        await office.site.store.write(OrderCut("o1", "c1", "a mistake", OFFICER, AT))
        await on.until(lambda: on.world.hung_up == ["d1"] and not len(on.placing))
        assert (on.placing.rows(), on.world.dropped) == ([], ["c1"])
        assert await office.site.store.read(lambda conn: list_calls(conn, live=True)) == []
        assert not on.placing.cut(CallId("c1"), OFFICER, "it is over")
