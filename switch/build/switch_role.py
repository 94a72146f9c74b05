"""The switch role: SIP, media, decisions and records wired together, from start to drained."""
import asyncio
import gc
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import structlog
import uvloop

from dialplans.plan import Plan
from recordings.intake import Intake
from switch.build.listening import leave_check, ticket_check
from switch.build.mint import SystemMint
from switch.build.privileged import Keeper
from switch.build.site import START_PATIENCE, SystemClock, SystemIds, open_store
from switch.build.vault import keep_master, look_for_master
from switch.carriers.trunk import SipTrunk
from switch.core.grants import ListenTicket
from switch.core.ids import CallId
from switch.live.board import NullBoard, RedisBoard, RegistrationRow
from switch.live.listening import ListenServer, placed
from switch.media.embedded.engine import EmbeddedEngine
from switch.media.embedded.settings import EmbeddedSettings, Side
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.carrier import Route
from switch.ports.media import Capability
from switch.runtime.control import ControlServer
from switch.runtime.drain import Lifeline, asked_to_stop
from switch.runtime.hands import Tools
from switch.runtime.placing import Placing
from switch.runtime.sip_server import SipServer
from switch.runtime.supervisor import raise_file_limit
from switch.runtime.switchboard import Switchboard
from switch.settings.tree import Settings
from switch.sip.access import AccessNetwork, TrunkPeer
from switch.sip.config import EndpointConfig
from switch.sip.digest import ClientCredentials, Credentials
from switch.sip.endpoint import Endpoint
from switch.sip.events import DialogId, Flow, Registered, SipEvent, Unregistered
from switch.store import credentials as kept
from switch.store.database import Store
from switch.store.journal import Journal
from switch.store.menu import SqlMenu
from switch.store.pins import PinHasher
from switch.store.placed import SqlPlacedRecords
from switch.store.privileged import AcceptList, ListLost, read_accepted
from switch.store.records import Records

log = structlog.get_logger("switch")

NEEDED = frozenset({
    Capability.GATE, Capability.PROMPTS, Capability.DIGITS, Capability.RECORD, Capability.TRANSCODE, Capability.ANSWERING,
    Capability.LISTEN,
})
"""What every plan needs of an engine; less refuses to boot."""
CREDENTIALS_EVERY = 10.0
LOOPBACK = "127.0.0.1"
FILES_A_CALL = 6


class Legs:
    """`runtime.hands.SipLegs` on one SIP server."""

    def __init__(self, server: SipServer, host: str) -> None:
        self._server, self._host = server, host

    def answer(self, dialog: DialogId, sdp: bytes) -> None:
        self._server.act(lambda endpoint, now: endpoint.answer(dialog, sdp, now))

    def refuse(self, dialog: DialogId, status: int) -> None:
        self._server.act(lambda endpoint, now: endpoint.refuse(dialog, status, now))

    def hangup(self, dialog: DialogId, reason: str, q850: int) -> None:
        self._server.act(lambda endpoint, now: endpoint.hangup(dialog, now, reason, q850))

    def dial(self, call: CallId, route: Route, sdp: bytes) -> DialogId:
        credentials = ClientCredentials(route.user, route.password) if route.user else None
        flow = Flow("udp", self._server.local, (route.host, route.port))
        return self._server.act(
            lambda endpoint, now: endpoint.dial(
                route.uri, flow, from_uri=f"sip:{route.cli}@{self._host}", sdp=sdp, credentials=credentials, now=now
            )
        )


async def run_switch(settings: Settings, plan: Plan | None, no_plan: str, clock: SystemClock) -> None:
    """Serve until SIGTERM, SIGINT or the end of the supervisor; then drain. Raises what stops it from starting.

    Without a plan (`no_plan` says why) it serves helplines and emergency calls alone: a plan file that was spoilt while the
    switch ran must not take Samaritans off the wing when a role is started again.
    """
    lifeline = Lifeline.of(os.environ)
    raise_file_limit(settings.limits.calls * FILES_A_CALL + 512)
    async with AsyncExitStack() as stack:
        switchboard, placing, sweep = await _open(settings, plan, no_plan, clock, lifeline, stack)
        gc.collect()
        gc.freeze()  # what was loaded stays: a full collection over it would hold the packets up for 50 ms
        lifeline.ready(calls=0)
        log.info("switch.ready", sip=f"{settings.sip.host}:{settings.sip.udp}", plan=plan.label if plan else "none")
        why = await asked_to_stop(lifeline)
        log.info("switch.draining", why=why, calls=len(switchboard))
        await asyncio.gather(  # side by side: no new call is taken while one of the switch's own ends
            switchboard.drain(settings.node.drain_seconds), *([] if placing is None else [placing.drain()]))
        sweep.cancel()


async def _open(
    settings: Settings, plan: Plan | None, no_plan: str, clock: SystemClock, lifeline: Lifeline, stack: AsyncExitStack
) -> tuple[Switchboard, Placing | None, asyncio.Task[None]]:
    ids, store = SystemIds(), _store(settings)
    stack.push_async_callback(store.close)
    journal = Journal(settings.journal_file)
    stack.push_async_callback(journal.close)
    intake = Intake(settings.recordings.spools, None, settings.recordings.lines, clock.wall)
    stack.callback(intake.close)
    await look_for_master(intake, settings.recordings, store)
    records = Records(store, journal, clock, PinHasher(), settings.node.name, intake.salvage)
    await records.start()
    stack.push_async_callback(records.stop)
    prompts = _prompts(settings)
    sounds = SoundShelf(prompts)
    media = _media(settings, sounds, intake)
    stack.push_async_callback(media.aclose)
    if missing := NEEDED - media.capabilities:
        raise RuntimeError(f"the media engine cannot do what the plan needs: {', '.join(sorted(missing))}")
    board = _board(settings)
    stack.callback(asyncio.ensure_future(board.run()).cancel)
    known = kept.Credentials(store)
    await known.refresh()
    stack.callback(asyncio.ensure_future(_keep_credentials(known)).cancel)

    room = _control_room(settings.node.state_dir, plan)
    if plan is None:
        await records.raise_alarm("no-plan", f"Only helplines and emergency calls are placed: {no_plan}", None, clock.wall())

    async def no_key(text: str) -> None:
        await records.raise_alarm("recordings-key", text, None, clock.wall())

    stack.callback(asyncio.ensure_future(keep_master(intake, settings.recordings, store, no_key)).cancel)

    async def no_list(text: str) -> None:
        await records.raise_alarm("privileged-list", text, None, clock.wall())

    keeper = Keeper(settings, lambda: store.read(read_accepted),
                    lambda found: store.write(AcceptList(found, f"node:{settings.node.name}", clock.wall())), no_list)
    for problem in (await keeper.look()).problems:
        log.error("privileged.list", problem=problem)
    stack.callback(asyncio.ensure_future(keeper.keep()).cancel)
    endpoint = Endpoint(_endpoint_config(settings, room), ids.token, lambda user: _credentials(known, user))
    switchboard: Switchboard
    placing: Placing | None = None

    def on_event(event: SipEvent) -> None:
        match event:
            case Registered(user, _, expires, _, flow):
                until = (clock.wall() + timedelta(seconds=expires)).isoformat()
                board.register(RegistrationRow(user, f"{flow.remote[0]}:{flow.remote[1]}", "", until))
            case Unregistered(user, _):
                board.unregister(user)
            case _:
                if placing is None or not placing.on_event(event):
                    switchboard.on_event(event)

    server = await SipServer.start(endpoint, (settings.sip.host, settings.sip.udp), on_event)
    stack.callback(server.close)
    carrier = SipTrunk(
        settings.trunk.host, settings.trunk.port, settings.trunk.cli, settings.trunk.user, str(settings.trunk.password),
        {settings.canary.number: (LOOPBACK, settings.canary.port)} if settings.canary.number else {},
    )
    legs, menu = Legs(server, settings.sip_address), SqlMenu(store, sounds)
    tools = Tools(legs, media, records, carrier, intake, board, clock, menu, plan, room, no_plan, keeper.listed, prompts.names)
    switchboard = Switchboard(tools, ids, settings.limits.calls, settings.establishment.name)
    if plan is not None:
        codes = SystemMint(PinHasher())
        stack.callback(codes.close)
        placing = switchboard.placing = Placing(tools, SqlPlacedRecords(store, settings.node.name, sounds, codes), ids, plan)
        stack.callback(asyncio.ensure_future(placing.run()).cancel)
    if settings.redis_url and (check := ticket_check(settings.listening.key)) is not None:
        async def listen(ticket: ListenTicket, at: datetime, send: Callable[[bytes], None]) -> None:
            await media.listen(ticket.call, ticket, at, lambda place, frame: send(placed(place, frame)))

        ears = ListenServer(settings.redis_url, check, listen, clock.wall, leave_check(store, clock.wall))
        stack.callback(asyncio.ensure_future(ears.run()).cancel)
    control = ControlServer(settings.control_socket, switchboard.handlers(lifeline.ask))
    await control.start()
    stack.push_async_callback(control.close)
    return switchboard, placing, asyncio.ensure_future(switchboard.sweep())


def _store(settings: Settings) -> Store:
    """The database; one that may not be migrated is used as it is, for helplines, and every other call is refused."""
    try:
        return open_store(settings, START_PATIENCE)
    except ListLost as error:
        log.error("store.not-migrated", error=str(error))
        return Store(settings.store_url)


def _prompts(settings: Settings) -> Languages:
    """Every language that the site can speak; what one lacks is said in English, and the log says so."""
    found = Languages.load(settings.prompts.language, settings.prompts.dir if settings.prompts.dir.is_dir() else None)
    for language, ids in found.missing.items():
        log.warning("prompts.said-in-english", language=language, missing=len(ids), prompts=ids[:20])
    return found


def _media(settings: Settings, sounds: SoundShelf, intake: Intake) -> EmbeddedEngine:
    side = Side(settings.media.bind, settings.media_address)
    return EmbeddedEngine(
        EmbeddedSettings(
            side, side, (settings.media.ports.first, settings.media.ports.last), settings.media.silence_seconds,
            settings.media.drain_seconds, inband_digits=settings.media.inband_digits,
        ),
        sounds, intake,
    )  # fmt: skip


def _board(settings: Settings) -> RedisBoard | NullBoard:
    return RedisBoard(settings.redis_url, settings.node.name) if settings.redis_url else NullBoard()


def _control_room(state: Path, plan: Plan | None) -> str | None:
    """The plan's control room, kept for the day on which no plan can be read."""
    kept_at = state / "control-room"
    if plan is not None:
        kept_at.write_text(plan.emergency.control_room, "utf-8")
        return plan.emergency.control_room
    return kept_at.read_text("utf-8") if kept_at.exists() else None


def _endpoint_config(settings: Settings, room: str | None) -> EndpointConfig:
    networks = tuple(
        AccessNetwork(n.name, n.sources, n.digest, n.allow_no_qop, n.realm) for n in settings.network
    )  # fmt: skip
    peers = [_peer("trunk", settings.trunk.host, settings.trunk.port)]
    if settings.trunk.sources:
        peers.append(TrunkPeer("trunk", settings.trunk.sources))
    if settings.canary.number:
        peers.append(_peer("canary", LOOPBACK, settings.canary.port))
    if room is not None:
        route = SipTrunk("", 0, "").route(room)
        peers.append(_peer("control-room", route.host, route.port))
    return EndpointConfig(
        networks=networks, trunks=tuple(peers), nonce_key=os.urandom(32),
        advertised=settings.sip.advertised or None,
    )  # fmt: skip


def _peer(name: str, host: str, port: int) -> TrunkPeer:
    return TrunkPeer(name, (f"{ip_address(host)}",), port)


def _credentials(known: kept.Credentials, user: str) -> Credentials | None:
    found = known.find(user)
    return None if found is None else Credentials({"MD5": found.ha1_md5, "SHA-256": found.ha1_sha256})


async def _keep_credentials(known: kept.Credentials) -> None:
    while True:
        await asyncio.sleep(CREDENTIALS_EVERY)
        try:
            await known.refresh()
        except Exception as error:
            log.warning("store.credentials", error=repr(error))


def main(settings: Settings, plan: Plan | None, no_plan: str, clock: SystemClock) -> None:
    """The switch as a process of its own."""
    uvloop.run(run_switch(settings, plan, no_plan, clock))
