"""A site with a telephone, a person and a contact for each scene, the family's side of every call, and the order of a walk."""
import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, insert, not_, select, update

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId, PhoneId, keyed
from switch.core.money import from_pence
from switch.core.numbers import Unreadable, read_number
from switch.runtime.control import ask
from switch.settings import cast
from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.database import Store
from switch.store.pins import PinHasher
from switch.store.seeding import AddContact, AddCredit, AddPerson, AddPhone
from switch.store.stamps import stamp
from switch.store.tables import cdrs, placed_attempts, placed_calls, postings
from tests.faults.reckoning import LATE, _prices
from tests.faults.states.harms import Harm
from tests.phones.site import Site
from tests.phones.telephone import Leg, Telephone, cell, outside

CELL, FAMILY = 3650.0, 3850.0
PRICE = 7500
"""Thousandths of a penny a minute to a mobile, at the example."""
CREDIT = 500
PIN, WRONG = "2468", "8642"
NEVER = "2099-01-01T00:00:00.000Z"
EDITS = """
[placed]
hours = ["00:00-24:00"]
tries = 5
spacing_minutes = 60
at_once = 20

[[group]]
name = "the offer to stop calls, and time to be in the announcement"
wings = ["states"]

[group.announcement]
social = ["announce-england-wales"]
stop_offer = true
"""
BARRIERS = ("short", "last", "due", "locked", "frozen", "down", "harm", "after")
"""What a scene waits for: others to be in states that last, and in short ones; writers to be held in a moment, and to be held;
readers to be held; the harm to have fallen; the calls to go on, which after a restart is when the server is back; the harm to be
over."""

Play = Callable[["Stage", "Actor"], AsyncIterator[str]]


@dataclass(frozen=True, slots=True)
class Scene:
    """One call in one state. `ask` is what its telephone asks: nothing, a PIN, or number and PIN. `seen` is where the control
    socket must have it when the harm falls; None where the call passes through the state while the harm lasts."""

    name: str
    play: Play
    ask: str = "nothing"
    seen: str | None = None
    wing: str = "A"
    contact: ContactState = ContactState.APPROVED
    frozen: bool = False
    """`seen` only where readers can be held."""
    placed: bool = False
    """A call of the switch's own: it has no telephone in prison."""


    def where(self, harm: Harm) -> str | None:
        return None if self.frozen and not harm.freezes else self.seen


@dataclass(frozen=True, slots=True)
class Record:
    """How a call must stand in the end."""

    to: str
    why: str
    talked: bool = False


@dataclass(eq=False)
class Actor:
    """Who plays a scene."""

    scene: Scene
    at: int
    phone: Telephone | None = None
    records: list[Record] = field(default_factory=list)

    @property
    def user(self) -> str:
        return f"5{self.at:02}"

    @property
    def person(self) -> PersonId:
        return PersonId(f"S{1000 + self.at}SS")

    @property
    def number(self) -> str:
        """As it is dialled; `e164` is as it arrives outside."""
        return f"07700900{200 + self.at}"

    @property
    def e164(self) -> str:
        return "+44" + self.number[1:]

    async def dial(self, number: str = "") -> Leg:
        assert self.phone is not None
        return await self.phone.dial(number or self.number, CELL)

    def hangup(self, leg: Leg) -> None:
        assert self.phone is not None
        self.phone.hangup(leg)

    def ends(self, why: str, talked: bool = False, to: str = "") -> None:
        """What the record of the scene's next call must say."""
        self.records.append(Record(to or self.e164, why, talked))


class Stage:
    """A site whose calls can be led into each state. `dress` before it runs, `walk` then."""

    def __init__(self, site: Site, url: str, scenes: Sequence[Scene]) -> None:
        self.site, self.url = site, url
        self.actors = [Actor(scene, at) for at, scene in enumerate(scenes)]
        self.harm = Harm()
        self.board: Callable[[], dict[str, str]] = dict
        """The live board's states by telephone, where a walk looks at it."""
        self.family: Telephone
        self._rings: defaultdict[str, asyncio.Queue[Leg]] = defaultdict(asyncio.Queue)

    async def dress(self) -> None:
        """Telephones, people, credit, contacts, and requests that are not due yet."""
        store, pins, at = Store(self.url), PinHasher(), datetime.now(UTC)
        hashed = await asyncio.to_thread(pins.hash, PIN)
        try:
            for one in self.actors:
                number = read_number(one.e164)
                assert not isinstance(number, Unreadable)
                scene = one.scene
                await store.write(AddPhone(PhoneId(one.user), "secret", cast.REALM, cast.MD5_NETWORK, f"S-{one.user}", scene.wing,
                                           cast.ESTABLISHMENT, scene.ask != "nothing", "test", at))
                await store.write(AddPerson(one.person, f"Scene {scene.name}", cast.ESTABLISHMENT, PhoneId(one.user), hashed,
                                            "test", at))
                if scene.ask == "both":
                    await store.write(AddPerson(PersonId(f"T{1000 + one.at}TT"), "Shares", cast.ESTABLISHMENT, PhoneId(one.user),
                                                hashed, "test", at))
                await store.write(AddCredit(one.person, from_pence(CREDIT), f"opening:{one.person}", "test", at))
                await store.write(AddContact(one.person, number, f"Contact {one.at}", ContactKind.SOCIAL, scene.contact, "test",
                                             at))
                if scene.placed:
                    await store.write(lambda conn, one=one: conn.execute(insert(placed_calls), {
                        "id": one.user, "kind": "consent", "person": one.person, "number": one.e164, "state": "due",
                        "requested_by": "test", "requested_at": stamp(at), "not_before": NEVER, "attempts": 0}))
                self.site.about["phones"].append({"user": one.user, "password": "secret", "digest": "MD5"})
        finally:
            await store.close()
            pins.close()

    # what scenes do

    async def ring(self, number: str) -> Leg:
        """Wait until that number is rung outside."""
        return await asyncio.wait_for(self._rings[number].get(), 30.0)

    def unrung(self, number: str) -> bool:
        return self._rings[number].empty()

    async def answered(self, number: str) -> Leg:
        return await self.family.answer(await self.ring(number), FAMILY)

    async def talk(self, one: Actor) -> tuple[Leg, Leg]:
        """From the dialling to both hearing each other."""
        leg = await one.dial()
        return leg, await self.meet(one, leg)

    async def meet(self, one: Actor, leg: Leg) -> Leg:
        """From the ringing to both hearing each other."""
        far = await self.answered(one.e164)
        await self.joined(leg, far)
        return far

    @staticmethod
    async def joined(leg: Leg, far: Leg) -> None:
        await leg.set.hears_tone(FAMILY, 40.0)
        await far.set.hears_tone(CELL)

    async def still_joined(self, leg: Leg, far: Leg) -> None:
        """They hear each other now, not only before."""
        await leg.set.packets(25)
        await self.joined(leg, far)

    async def part(self, one: Actor, leg: Leg, far: Leg, to: str = "") -> None:
        one.hangup(leg)
        assert await far.over() == "bye"
        one.ends("hung-up", talked=True, to=to)

    async def refused(self, one: Actor, leg: Leg, why: str) -> None:
        """The words are heard to their end."""
        assert await leg.over(40.0) == "bye"
        await leg.set.hears_prompt(f"refused-{why}", 5.0)  # the BYE may be read before the last of the sound
        assert self.unrung(one.e164), "it rang outside"
        one.ends(why)

    async def new_call(self, one: Actor, leg: Leg) -> None:
        """What becomes of a call to a contact that is decided now."""
        if not self.harm.reads:
            await self.refused(one, leg, "service-unavailable")
        elif not self.harm.writes:
            await self.refused(one, leg, "no-record")
        else:
            await self.part(one, leg, await self.meet(one, leg))

    async def states(self) -> dict[str, str]:
        """By telephone, as the switch has it."""
        answer = await asyncio.to_thread(ask, self.site.folder / "state" / "control.sock", {"do": "calls"})
        return {row["phone"]: row["state"] for row in answer["calls"] if row["phone"]}

    async def reaches(self, one: Actor, state: str | None, seconds: float = 10.0) -> None:
        """None: its call is over, and on the record or in the journal."""
        async with asyncio.timeout(seconds):
            while (await self.states()).get(one.user) != state:  # noqa: ASYNC110  # another process has no event of ours
                await asyncio.sleep(0.02)

    @staticmethod
    def keyed(one: Actor) -> str:
        """The prison number as keys."""
        return keyed(one.person)

    def due(self, one: Actor, seconds: float = 0.0) -> None:
        """The request of a call of the switch's own is due so soon."""
        when = stamp(datetime.now(UTC) + timedelta(seconds=seconds))
        with self.site._engine.begin() as conn:
            conn.execute(update(placed_calls).where(placed_calls.c.id == one.user).values(not_before=when))

    async def request(self, one: Actor, state: str, answer: str | None) -> None:
        """It comes to stand so, with every try of it on the record and closed."""
        await self.row(select(placed_calls.c.id).where(
            placed_calls.c.id == one.user, placed_calls.c.state == state, placed_calls.c.answer.is_not_distinct_from(answer),
            placed_calls.c.attempts == 1))
        await self.attempts_closed(one)

    async def attempts_closed(self, one: Actor) -> None:
        open_now = exists().where(placed_attempts.c.request == one.user, placed_attempts.c.closed_at.is_(None))
        await self.row(select(placed_attempts.c.id).where(placed_attempts.c.request == one.user, not_(open_now)))

    async def row(self, asked: Select[Any]) -> Any:
        """Wait until there is such a row."""
        async with asyncio.timeout(30.0):
            while (found := self.site.read(lambda conn: conn.execute(asked).first())) is None:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.1)
        return found

    async def on_board(self, one: Actor, state: str | None) -> None:
        """Wait until the board has this call so, and is what the switch itself says."""
        async with asyncio.timeout(30.0):
            while (shown := self.board()).get(one.user) != state or shown != await self.states():  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.1)

    # the walk

    async def walk(self, harm: Harm) -> list[str]:
        """Every scene at once, under one harm; what went wrong, scene by scene and in the books. Empty is good."""
        self.harm = harm
        since = self.site.since()
        found: list[str] = []
        async with AsyncExitStack() as stack:
            self.family = await stack.enter_async_context(outside(self.site))
            for one in self.actors:
                if not one.scene.placed:
                    one.phone = await stack.enter_async_context(cell(self.site, one.user))
            sorting = asyncio.create_task(self._sort())
            plays = {one: one.scene.play(self, one) for one in self.actors}
            waits: dict[Actor, str] = {}

            async def go_on(one: Actor) -> None:
                try:
                    waits[one] = await anext(plays[one])
                except StopAsyncIteration:
                    waits.pop(one, None)
                except Exception as error:
                    waits.pop(one, None)
                    found.append(f"{one.scene.name}: {type(error).__name__}: {error}")

            await asyncio.gather(*(go_on(one) for one in self.actors))
            for barrier in BARRIERS:
                if barrier == "locked":
                    await asyncio.to_thread(harm.hold)  # the phones go on hearing: what they miss they never hear whole
                elif barrier == "frozen" and harm.freezes:
                    await asyncio.to_thread(harm.freeze)
                elif barrier == "down":
                    states = await self.states()
                    found += [f"{one.scene.name}: {states.get(one.user)} when the harm fell" for one in waits
                              if not one.scene.placed and states.get(one.user) != one.scene.where(harm)]
                    await asyncio.to_thread(harm.begin)
                elif (barrier == "harm" and harm.brief) or (barrier == "after" and not harm.brief):
                    await asyncio.to_thread(harm.end)
                await asyncio.gather(*(go_on(one) for one, at in list(waits.items()) if at == barrier))
            sorting.cancel()
        expected = sum(len(one.records) for one in self.actors)
        rows = await since.closed(expected, 60.0) if not found else since.calls()
        return found + [text for one in self.actors for text in self._problems_of(one, rows)] + self.site.read(
            lambda conn: self._books(conn))

    async def _sort(self) -> None:
        while True:
            leg = await self.family.rings.get()
            self._rings[leg.number].put_nowait(leg)

    # what is on the record

    def _problems_of(self, one: Actor, rows: list[dict[str, Any]]) -> list[str]:
        mine = [row for row in rows if row["phone"] == one.user]
        said, meant = [(row["to"], row["end_why"]) for row in mine], [(record.to, record.why) for record in one.records]
        if said != meant:
            return [f"{one.scene.name}: on the record is {said}, not {meant}"]
        return [f"{one.scene.name}: {text}: { {name: row[name] for name in row if name != 'findings'} }"
                for row, record in zip(mine, one.records, strict=True) for text in self._problems_of_row(row, record)]

    def _problems_of_row(self, row: dict[str, Any], record: Record) -> list[str]:
        talk, charged = row["talk_seconds"], row["charged_pence"]
        if not record.talked:
            left = self.site.traces(row["id"])
            return [f"it talked {talk} s, for {charged} p, and left {left}"] * bool(talk or charged or row["recording"])
        found = [] if talk > 0 else ["it did not talk"]
        if row["privileged"]:
            files = self.site.traces(row["id"])
            return found + [f"a private call left {files}, for {charged} p"] * bool(files or charged)
        prices = _prices(PRICE, talk)
        found += [f"{charged} p are none of {prices}"] * (not any(abs(charged * 1000 - price) < 1000 for price in prices))
        if row["recording"] != row["id"]:
            return [*found, f"recording {row['recording']}, files {self.site.traces(row['id'])}"]
        seconds = len(self.site.sound(row["id"])) / 8000
        return found + [f"{seconds:.2f} s recorded"] * (seconds < talk - LATE)

    def _books(self, conn: Any) -> list[str]:
        found = [str(problem) for problem in (*verify_books(conn), *verify_audit(conn))]
        found += [f"{call} is open" for call in conn.execute(select(cdrs.c.id).where(cdrs.c.closed_at.is_(None))).scalars()]
        for one in self.actors:
            spent = conn.execute(select(func.coalesce(func.sum(cdrs.c.charged), 0)).where(cdrs.c.person == one.person)).scalar()
            has = conn.execute(select(func.sum(postings.c.amount)).where(postings.c.account == f"person:{one.person}")).scalar()
            if has != CREDIT * 1000 - spent:
                found.append(f"{one.scene.name}: {one.person} has {has}, was given {CREDIT * 1000} and spent {spent}")
        return found
