"""The canary of this machine: rung over its own switch, listened for at both ends, looked for on its disk, and judged."""
import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import structlog

from recordings.canary import files_of, objects_of, recordings_of
from recordings.keys import KeyProblem, load_master
from switch.build.site import SystemClock
from switch.build.vault import open_objects, open_vault
from switch.core.ids import StaffId
from switch.desk import canary
from switch.desk.asking import Desk, Refused, refused
from switch.desk.canary import Begun, CanaryState, Seen
from switch.ports.canary import CanaryRun, Verdict
from switch.runtime.control import ControlRefused, NoSwitch, ask
from switch.settings.tree import Settings
from switch.softphone.ears import Sounds
from switch.softphone.ring import Place, proof_sounds, ring
from switch.store.database import Store

log = structlog.get_logger("canary")
ACTOR = StaffId("canary")
LOOPBACK = "127.0.0.1"
KNOWN_AFTER = 12.0
"""Seconds until every switch has read a telephone's new password."""
TRIES, NOT_KNOWN = 3, "401"
"""A busy switch has not read it yet."""
CLOSES_WITHIN = 15.0
LOOK_EVERY = 60.0
EACH = timedelta(hours=24)
AGAIN = timedelta(hours=1)
"""After a run that did not pass, and for a canary that was never rung."""


@dataclass
class Watched:
    """What engine and recorder say of the telephone's call while it talks."""

    settings: Settings
    phone: str
    looked: int = 0
    tapped: set[str] = field(default_factory=set)

    async def look(self) -> None:
        try:
            calls = await self._ask("calls")
            taps = await self._ask("taps")
        except (NoSwitch, ControlRefused) as error:
            log.warning("canary.look", error=str(error))
            return
        for row in calls["calls"]:
            if row["phone"] == self.phone:
                self.looked += 1
                self.tapped |= {f"{what} has {row['id']}" for what in ("tapped", "recorded") if row["id"] in taps[what]}

    async def _ask(self, what: str) -> dict[str, Any]:
        return await asyncio.to_thread(ask, self.settings.control_socket, {"do": what}, 3.0)


async def run_canary(settings: Settings, desk: Desk, actor: StaffId, clock: SystemClock, establishment: str
                     ) -> CanaryRun | Refused:
    """Ring it now and keep what came of it. What could not be rung is kept as not run, with the reason."""
    if not settings.canary.number:
        return refused("no-number", "no [canary] number is set: the machine would not answer it")
    begun = await canary.begin(desk, actor, clock.wall(), establishment)
    if isinstance(begun, Refused):
        return begun
    since, sounds = time.time(), proof_sounds(begun.run.id)
    seen = await _rung(settings, begun, sounds)
    traces, until = None, time.monotonic() + (CLOSES_WITHIN if seen.rang else 0.0)
    while traces is None and time.monotonic() < until:
        traces = await canary.closed(desk, actor, clock.wall(), begun.canary.phone, begun.run.began_at)
        await asyncio.sleep(0.2)
    lasted, call = time.time() - since, traces.call if traces else ""
    files = await _kept_of(settings, clock, call, since, begun.run.began_at, tuple(sounds.values()), lasted + 60)
    return await canary.record(desk, actor, clock.wall(), begun.run.id, replace(seen, files=tuple(files)))


async def _kept_of(settings: Settings, clock: SystemClock, call: str, since: float, began: datetime, sounds: tuple[bytes, ...],
                   seconds: float) -> list[str]:
    """Whatever spools, store and vault have of it. `since` is on this machine's clock, as files are; `began` on the site's."""
    store = Store(settings.store_url)
    try:
        master = await asyncio.to_thread(load_master, settings.recordings.master_key)
        vault = await asyncio.to_thread(open_vault, settings, store, clock.wall)
        found = await asyncio.to_thread(files_of, settings.recordings.dir, master, call, since, sounds, seconds)
        if call and settings.recordings.objects != "folder":
            found += await objects_of(open_objects(settings), call, (began, began + timedelta(days=1)))
        return found + await recordings_of(vault, began, sounds, seconds)
    except (KeyProblem, OSError) as error:
        return [f"nobody knows what: {error}"]
    finally:
        await store.close()


async def _rung(settings: Settings, begun: Begun, sounds: dict[str, bytes]) -> Seen:
    found = begun.canary
    if found.number != settings.canary.number:
        return Seen(f"the settings answer {settings.canary.number}, and it is to ring {found.number}")
    host = _host(settings, found.network)
    if host is None:
        return Seen(f"no address of this machine is in the network {found.network}")
    try:
        await asyncio.to_thread(ask, settings.control_socket, {"do": "health"}, 3.0)
    except (NoSwitch, ControlRefused) as error:
        return Seen(str(error))
    switch = LOOPBACK if ip_address(settings.sip.host).is_unspecified else settings.sip.host
    place = Place((switch, settings.sip.udp), host, found.phone, begun.password, (LOOPBACK, settings.canary.port), begun.run.id)
    watched = Watched(settings, found.phone)
    for _ in range(TRIES):
        await asyncio.sleep(KNOWN_AFTER)
        try:
            rung = await ring(place, found.number, Sounds(sounds, {}), watched.look)
        except OSError as error:
            return Seen(f"it could not be rung: {error.strerror or error}")
        if rung.talked or rung.ended != NOT_KNOWN:
            break
    trouble = "" if rung.talked else f"nobody answered it: the switch said {rung.ended or 'nothing'}"
    return Seen(trouble, rung.talked, rung.cell_heard, rung.outside_heard, watched.looked, tuple(sorted(watched.tapped)),
                rang=rung.talked or bool(rung.ended and rung.ended != NOT_KNOWN))


def _host(settings: Settings, network: str) -> str | None:
    """An address of this machine that is in an access network: the usual loopback, the switch's own, or a loopback of its own."""
    sources = [ip_network(source) for one in settings.network if one.name == network for source in one.sources]
    own = [LOOPBACK, settings.sip_address, *(str(one.network_address) for one in sources if one.is_loopback)]
    return next((host for host in own if any(ip_address(host) in source for source in sources)), None)


@dataclass
class CanaryWatch:
    """The worker's part: each canary is rung once a day, and again within the hour where it did not pass; who is late is told."""

    settings: Settings
    desk: Desk
    clock: SystemClock

    async def run(self) -> None:
        """Look each minute; never returns."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception as error:
                log.warning("canary.watch", error=repr(error))

    async def look(self) -> None:
        now = self.clock.wall()
        for state in await canary.read(self.desk, ACTOR, now):
            if self._is_due(state):
                done = await run_canary(self.settings, self.desk, ACTOR, self.clock, state.canary.establishment)
                if isinstance(done, Refused):
                    log.warning("canary.not-begun", why=str(done))
                else:
                    log.info("canary.rung", establishment=done.establishment, verdict=done.verdict, problems=list(done.problems))
        if not all(state.fresh for state in await canary.read(self.desk, ACTOR, self.clock.wall())):
            await canary.tell_late(self.desk, ACTOR, self.clock.wall())

    def _is_due(self, state: CanaryState) -> bool:
        """Where the last was broken off, or another machine rings, `begin` says so. A new one is first tried by hand."""
        if state.last is None:
            return self.clock.wall() - state.canary.added_at >= AGAIN
        wait = EACH if state.last.verdict is Verdict.PASSED else AGAIN
        return self.clock.wall() - state.last.began_at >= wait
