"""Play a round: every telephone plays its scenarios in turn, all telephones side by side, and each call is judged."""
import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from switch.build import desk
from switch.demo import books
from switch.demo.expect import Seen, problems
from switch.demo.ground import DemoError, Ground
from switch.demo.scenarios import ROUND, Keys, Manner, Scenario
from switch.demo.world import Visit, World
from switch.ports.calls import CallRow
from switch.runtime.control import ControlRefused, NoSwitch
from switch.softphone.phone import SoftCall, SoftPhone
from switch.store.errors import StoreError

T = TypeVar("T")
CALL_SECONDS = 60.0
"""No scenario lasts longer."""
RECORD_SECONDS = 10.0
NO_RECORD = {"kind": "call", **dict.fromkeys(name for name in CallRow.__slots__ if name != "kind")}


class Stage(StrEnum):
    WAITS = "waits"
    PLAYS = "plays"
    OVER = "over"


@dataclass
class Part:
    """One scenario in one round, as the board shows it."""

    scenario: Scenario
    stage: Stage = Stage.WAITS
    row: dict[str, Any] | None = None
    why_not: tuple[str, ...] = ()

    def line(self) -> dict[str, Any]:
        """The fields of `wingline calls --json`, the scenario, and whether it ended as it should."""
        why_not = "; ".join(self.why_not) or None
        return {**(self.row or NO_RECORD), "scenario": self.scenario.name, "ok": why_not is None, "why_not": why_not}


class _Over(Exception):
    """The call ended while something else was waited for."""


async def _during(call: SoftCall, work: Coroutine[Any, Any, T]) -> T:
    """`work`, unless the call ends first: then `_Over`."""
    task = asyncio.ensure_future(work)
    waited: set[asyncio.Future[Any]] = {task, call.ended}
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return await task
        raise _Over
    finally:
        task.cancel()


class Players:
    """The phones of a demonstration: one in each cell, and the world outside. `over` is told of each part that is."""

    def __init__(self, ground: Ground, over: Callable[[Part], None]) -> None:
        self._ground, self._over = ground, over
        trunk = ground.example["trunk"]
        self._world = World(trunk["host"], trunk["port"], ground.sip, ground.sounds)
        self._cells: dict[str, SoftPhone] = {}
        self._people = {person["number"]: person for person in ground.example["people"]}

    async def start(self) -> None:
        """Bind and register. DemoError says what stands in the way."""
        await self._world.start()
        used = {scenario.phone for scenario in ROUND}
        for phone in self._ground.example["phones"]:
            if (user := phone["user"]) in used:
                host = "127.0.0.1" if phone["digest"] == "MD5" else "127.0.0.2"
                cell = SoftPhone(host, self._ground.sip, self._ground.sounds, user, phone["password"])
                self._cells[user] = await cell.start()
                try:
                    registered = await cell.register()
                except TimeoutError:
                    registered = False
                if not registered:
                    raise DemoError(f"the switch did not register telephone {user}:\n{self._ground.last_lines()}")
        if missing := used - self._cells.keys():
            raise DemoError(f"example.json has no telephone {', '.join(sorted(missing))}: it is not of this version")

    def close(self) -> None:
        for cell in self._cells.values():
            cell.close()
        self._world.close()

    async def play(self, parts: list[Part]) -> None:
        """One round, from a site that is set right to one that is used up."""
        await self._ground.set_right()
        known = {row["id"] for row in await books.newest_calls(self._ground.store)}
        done = {part.scenario.name: asyncio.Event() for part in parts}

        async def turns(mine: list[Part]) -> None:
            for part in mine:
                if part.scenario.after:
                    await done[part.scenario.after].wait()
                part.stage = Stage.PLAYS
                await self._play(part, known)
                part.stage = Stage.OVER
                done[part.scenario.name].set()
                self._over(part)

        async with asyncio.TaskGroup() as group:
            for user in self._cells:
                group.create_task(turns([part for part in parts if part.scenario.phone == user]))

    async def _play(self, part: Part, known: set[str]) -> None:
        scenario, ground = part.scenario, self._ground
        expects = scenario.expects
        cell = self._cells[scenario.phone]
        visit = self._world.expect("control-room" if expects.to == "999" else expects.to, scenario.outside)
        call, trouble = await cell.call(scenario.dials), ""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._take_part(scenario, cell, call, visit)
                await call.ended
        except TimeoutError:
            trouble = f"it was not over after {CALL_SECONDS:g} s"
            cell.hangup(call)
        except (ControlRefused, NoSwitch, LookupError, StoreError) as error:
            trouble = f"staff could not cut it: {error}"
            cell.hangup(call)
        rows = await self._records(scenario, known)
        part.row = rows[0] if rows else None
        known.update(row["id"] for row in rows)
        ident = part.row["id"] if part.row else ""
        seen = Seen(
            rows, call.sound.ear.heard, visit.rang.is_set(), visit.call.sound.ear.heard if visit.call else None, scenario.says,
            scenario.outside.says, await ground.recording(ident) if ident else None,
            await books.alarms_of(ground.store, ident), trouble,
        )  # fmt: skip
        part.why_not = tuple(problems(expects, seen, ground.sounds))

    async def _take_part(self, scenario: Scenario, cell: SoftPhone, call: SoftCall, visit: Visit) -> None:
        ear = call.sound.ear
        try:
            await _during(call, call.answered.wait())
            await _during(call, self._key(scenario, call))
            call.sound.say(self._ground.sounds[scenario.says])
            if scenario.outside.manner is Manner.NEVER_ANSWERS:
                await _during(call, ear.hears("ringback-uk"))
            elif scenario.hangs_up is not None or scenario.cut is not None:
                await _during(call, ear.hears(scenario.outside.says))
            await _during(call, asyncio.sleep(scenario.hangs_up or scenario.cut or 0.0))
        except _Over:
            return
        if scenario.cut is not None:
            await self._cut(scenario)
        elif scenario.hangs_up is not None:
            cell.hangup(call)

    async def _key(self, scenario: Scenario, call: SoftCall) -> None:
        """Press what the telephone asks for, each when it asks."""
        person, ear, keys = self._people[scenario.person], call.sound.ear, scenario.keys
        if keys is Keys.NUMBER_AND_PIN:
            await ear.hears("enter-number")
            call.sound.press(person["keyed"])
        if keys is not Keys.NOTHING:
            await ear.hears("enter-pin")
        if keys is Keys.WRONG_THEN_RIGHT:
            call.sound.press(f"{(int(person['pin']) + 1) % 10_000:04}")
            await ear.hears("wrong-pin")
        if keys is not Keys.NOTHING:
            call.sound.press(person["pin"])

    async def _cut(self, scenario: Scenario) -> None:
        """As `wingline calls cut` does it."""
        rows = await books.newest_calls(self._ground.store)
        running = [row["id"] for row in rows if row["phone"] == scenario.phone and row["outcome"] is None]
        if not running:
            raise LookupError("its record is not there")
        site = self._ground.site
        await asyncio.to_thread(desk.cut, site.settings, site.clock, running[-1], "shown in the demo", books.BY)

    async def _records(self, scenario: Scenario, known: set[str]) -> list[dict[str, Any]]:
        """The records that the call left, waited for until they are closed."""
        rows: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(RECORD_SECONDS):
                while not rows or any(row["outcome"] is None for row in rows):
                    await asyncio.sleep(0.2)
                    rows = [
                        row for row in await books.newest_calls(self._ground.store)
                        if row["id"] not in known and row["phone"] == scenario.phone
                    ]  # fmt: skip
        except TimeoutError:
            pass  # what is there is judged as it stands
        return rows
