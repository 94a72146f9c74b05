"""The embedded engine's own ways on real sockets: RTCP, tones as digits, drained ports, latching, a broken disk."""
import asyncio
import errno
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from recordings.disk import DISK, Disk
from recordings.intake import Intake
from switch.core.ids import CallId, Leg
from switch.media import g711
from switch.media.embedded import EmbeddedEngine, EmbeddedSettings, Side, rtcp
from switch.ports.media import Capability, Digit, MediaRefused, PlayEnded, TapRunning, TapStopped
from tests.contracts.studio import Rig, TonePrompts, free_ports, studio, warrant_for
from tests.phones.ears import tones_in
from tests.phones.rtp_phone import RtpPhone
from tests.vaults import MASTER, spooled

pytestmark = pytest.mark.wire
Engines = Callable[..., AbstractAsyncContextManager[Rig]]


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    """Makes engines with settings of the test's own, on a disk of its own."""

    @asynccontextmanager
    async def make(calls: int = 1, disk: Disk = DISK, **settings: object) -> AsyncIterator[Rig]:
        given = {"ports": free_ports(4 * calls), "quiet_after": 0.3, "drain_limit": 1.5, **settings}
        spool = Intake(tmp_path, MASTER, lines=4, disk=disk)
        engine = EmbeddedEngine(EmbeddedSettings(**given), TonePrompts(), spool, cname="opaque")  # type: ignore[arg-type]  # as given
        try:
            yield Rig(engine, tmp_path)
        finally:
            await engine.aclose()
            spool.close()

    return make


class ControlPhone(asyncio.DatagramProtocol):
    """The RTCP half of a phone."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)


async def test_reports_go_out_and_a_goodbye_at_the_end(engines: Engines) -> None:
    async with engines(rtcp_every=0.5) as rig, studio(rig) as call:
        control = ControlPhone()
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: control, local_addr=("127.0.0.1", 0))
        port = control.transport.get_extra_info("sockname")[1]
        sdp = call.cell.sdp().replace(b"a=ptime", f"a=rtcp:{port}\r\na=ptime".encode())
        await call.engine.open(call.call, call.tell)
        call.cell.aim(await call.engine.accept(call.call, Leg.CELL, sdp))
        call.cell.start()
        await asyncio.sleep(2.4)
        assert call.cell.dest is not None
        reports = [rtcp.parse(packet) for packet in control.heard]
        assert len(reports) >= 2
        first, last = reports[0], reports[-1]
        assert first is not None
        assert last is not None
        assert last.ssrc == call.cell.heard[0].ssrc
        assert b"opaque" in control.heard[-1]
        assert last.stamp
        assert last.blocks[0].ssrc == call.cell.ssrc
        assert last.blocks[0].lost == 0
        media = rig.engine._calls[call.call].legs[Leg.CELL]  # type: ignore[attr-defined]  # the embedded engine's own
        answer = rtcp.build(1, "phone", stamp=rtcp.ntp(time.time()), timestamp=0, packets=1, octets=160,
                            block=rtcp.Block(last.ssrc, 10, 3, 9, 80, last.stamp, 0))
        for packet in (b"", b"\x80\xc8", os.urandom(60), answer[:-3], answer):
            control.transport.sendto(packet, (call.cell.dest[0], call.cell.dest[1] + 1))  # type: ignore[attr-defined]  # datagrams
        await asyncio.sleep(0.1)
        assert media.rtcp.far == rtcp.Block(last.ssrc, 10, 3, 9, 80, last.stamp, 0)
        assert 0 <= media.rtcp.round_trip < 1.5
        await call.close()
        await asyncio.sleep(0.05)
        goodbye = rtcp.parse(control.heard[-1])
        assert goodbye is not None
        assert goodbye.bye
        control.transport.close()


async def _key(phone: RtpPhone, pair: tuple[float, float] | float, seconds: float) -> None:
    phone.hz = pair  # type: ignore[assignment]  # a pair of tones
    phone.silent = False
    await asyncio.sleep(seconds)
    phone.silent = False
    phone.mute = True
    await asyncio.sleep(0.1)
    phone.mute = False


@pytest.mark.parametrize("law", [g711.PCMA, g711.PCMU])
async def test_tones_are_digits_before_the_bridge_only(engines: Engines, law: int) -> None:
    phone = RtpPhone(300, law=law, laws=(law,), events=None)
    async with engines(inband_digits=True) as rig, studio(rig, phone) as call:
        assert Capability.INBAND_DIGITS in rig.engine.capabilities
        await call.connect()
        phone.mute = True
        await asyncio.sleep(0.1)
        phone.mute = False
        for pair in ((770, 1336), (770, 1336), (852, 1477), (941, 1209)):
            await _key(phone, pair, 0.1)
        assert call.of(Digit) == [Digit(Leg.CELL, digit) for digit in "559*"]
        await call.engine.gate(call.call, True)
        await _key(phone, (697, 1209), 0.2)
        assert len(call.of(Digit)) == 4


async def test_a_phone_that_sends_events_is_not_heard_twice(engines: Engines) -> None:
    async with engines(inband_digits=True) as rig, studio(rig) as call:
        await call.connect()
        await asyncio.sleep(0.1)
        call.cell.press("4")
        await call.until(Digit)
        await _key(call.cell, (770, 1209), 0.15)
        call.cell.press("4")
        await call.until(Digit, 2)
        await asyncio.sleep(0.1)
        assert call.of(Digit) == [Digit(Leg.CELL, "4")] * 2


async def test_without_the_setting_tones_are_only_sound(engines: Engines) -> None:
    async with engines() as rig, studio(rig) as call:
        assert Capability.INBAND_DIGITS not in rig.engine.capabilities
        await call.connect()
        await _key(call.cell, (770, 1336), 0.2)
        assert call.of(Digit) == []


def _bound(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def test_a_port_drains_until_quiet_and_no_longer_than_the_limit(engines: Engines) -> None:
    """With ports for one call: the next call is refused while the old phone talks on, and has them after the limit."""
    async with engines(drain_limit=1.0) as rig, studio(rig) as call:
        await call.connect()
        await asyncio.sleep(0.1)
        assert call.cell.dest is not None
        port = call.cell.dest[1]
        await call.outside.stop()
        closed = time.monotonic()
        await call.close()
        await asyncio.sleep(0.6)
        assert _bound(port)
        with pytest.raises(OSError, match="in use or draining"):
            await rig.engine.open(CallId("next"), call.tell)
        while _bound(port):
            assert time.monotonic() - closed < 2
            await asyncio.sleep(0.05)
        assert 0.9 < time.monotonic() - closed < 1.6
        await call.cell.stop()
        await asyncio.sleep(0.3)
        await rig.engine.open(CallId("next"), call.tell)
        await rig.engine.close(CallId("next"))


async def test_a_quiet_port_is_free_soon(engines: Engines) -> None:
    async with engines(drain_limit=30.0) as rig, studio(rig) as call:
        await call.connect(start=False)
        await call.close()
        await asyncio.sleep(0.8)
        await rig.engine.open(CallId("next"), call.tell)
        await rig.engine.close(CallId("next"))


async def test_media_outside_the_sides_networks_is_refused(engines: Engines) -> None:
    async with engines(cell=Side(networks=("127.0.0.0/29",))) as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        with pytest.raises(MediaRefused, match=r"127\.0\.0\.9 is not in"):
            await call.engine.accept(call.call, Leg.CELL, call.cell.sdp(host="127.0.0.9"))
        assert b"m=audio" in await call.engine.accept(call.call, Leg.CELL, call.cell.sdp())


async def test_the_advertised_address_is_told(engines: Engines) -> None:
    async with engines(cell=Side(advertise="192.0.2.10")) as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        answer = await call.engine.accept(call.call, Leg.CELL, call.cell.sdp())
        assert b"c=IN IP4 192.0.2.10\r\n" in answer


async def test_a_nat_between_is_latched(engines: Engines) -> None:
    """The SDP names another port of the same host: the phone is heard from its own, and is sent to there."""
    async with engines() as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        call.cell.aim(await call.engine.accept(call.call, Leg.CELL, call.cell.sdp(port=9)))
        call.cell.start()
        await asyncio.sleep(0.1)
        await call.engine.play(call.call, Leg.CELL, ("low",), tag="t")
        await call.until(PlayEnded)
        assert tones_in(call.cell.ear()) == {600}
        assert (await call.close()).legs[Leg.CELL].source == f"127.0.0.1:{call.cell.port}"


async def test_a_held_phone_gets_nothing_until_it_is_back(engines: Engines) -> None:
    async with engines() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.gate(call.call, True)
        answer = await call.engine.accept(call.call, Leg.CELL, call.cell.sdp(direction="sendonly"))
        assert b"a=recvonly" in answer
        await asyncio.sleep(0.5)  # what was on its way to a crowded telephone is over
        cell, outside = await call.hear(0.3)
        assert len(cell) == 0
        assert tones_in(outside) == {440}
        await call.engine.accept(call.call, Leg.CELL, call.cell.sdp())
        await asyncio.sleep(0.5)
        cell, _ = await call.hear(0.3)
        assert tones_in(cell) == {1250}


async def test_a_full_disk_is_told_once_and_the_call_closes(engines: Engines) -> None:
    class Full(Disk):
        def write(self, fd: int, data: bytes) -> int:
            if os.fstat(fd).st_size > 8000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(fd, data)

    async with engines(disk=Full()) as rig, studio(rig) as call:
        await call.connect(warrant_for("call-1"))
        await call.engine.record(call.call, warrant_for("call-1"))
        await call.until(TapRunning)
        await call.until(TapStopped, seconds=5)
        assert (await call.close()).recording is None
        await asyncio.sleep(0.1)
        assert ["No space" in str(one) for one in call.of(TapStopped)] == [True]
        [path] = rig.recordings.iterdir()
        assert len(spooled(path)) >= 8000


async def test_a_listener_that_raises_does_not_stop_the_beat(engines: Engines) -> None:
    loop = asyncio.get_running_loop()
    raised: list[object] = []
    loop.set_exception_handler(lambda _, context: raised.append(context))

    def tell(event: object) -> None:
        raise RuntimeError("a listener's fault")

    async with engines(calls=2) as rig, studio(rig) as call:
        await rig.engine.open(CallId("bad"), tell)
        await rig.engine.play(CallId("bad"), Leg.CELL, ("hum",), tag="t")
        await call.connect()
        await call.engine.play(call.call, Leg.CELL, ("low",), tag="t")
        await call.until(PlayEnded)
        await rig.engine.close(CallId("bad"))
    assert raised


async def test_calls_opened_and_closed_at_once_leave_nothing(engines: Engines) -> None:
    async with engines(calls=6) as rig:
        calls = [CallId(f"c{n}") for n in range(6)]
        heard: list[object] = []
        await asyncio.gather(*(rig.engine.open(call, heard.append) for call in calls))
        with pytest.raises(ValueError, match="open already"):
            await rig.engine.open(calls[0], heard.append)
        opening = asyncio.create_task(rig.engine.open(CallId("late"), heard.append))
        await asyncio.gather(*(rig.engine.close(call) for call in calls))
        with pytest.raises(OSError, match="in use or draining"):
            await opening
        assert rig.engine.open_calls == 0  # type: ignore[attr-defined]  # the embedded engine's own

