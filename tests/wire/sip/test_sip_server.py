"""The UDP shell on real sockets: two of ours, a phone that nobody here wrote, and both event loops."""
import asyncio
import socket
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop

from switch.runtime.sip_server import SipServer
from switch.sip.config import EndpointConfig
from switch.sip.digest import ClientCredentials
from switch.sip.endpoint import Endpoint
from switch.sip.events import (
    AckReceived,
    Answered,
    ByeReceived,
    DialogLost,
    Flow,
    InviteReceived,
    OptionsAnswered,
    Registered,
    RegisterSucceeded,
)
from tests.wire.sip.answering import CELLS, HERE, MEDIA, start, start_phone, start_switch, token

pytestmark = pytest.mark.wire
SECRET = ClientCredentials("cell-1", "open-sesame")
SCENARIO = Path(__file__).with_name("call.xml")


async def call_between_two_servers(algorithm: str) -> None:
    switch, phone = await start_switch(replace(CELLS, algorithm=algorithm)), await start_phone()
    host, port = switch.server.local
    try:
        way = phone.server.flow(switch.server.local)
        phone.server.act(lambda e, now: e.register(f"sip:cell-1@{host}", f"sip:{host}:{port}", way, SECRET, now))
        assert (await phone.until(RegisterSucceeded)).expires == 600
        assert (await switch.until(Registered)).flow.remote == phone.server.local
        phone.server.act(lambda e, now: e.options(f"sip:{host}:{port}", way, now))
        assert (await phone.until(OptionsAnswered)).status == 200
        leg = phone.server.act(lambda e, now: e.dial(f"sip:07700900123@{host}:{port}", way,
                                                     from_uri=f"sip:cell-1@{host}", sdp=MEDIA,
                                                     credentials=SECRET, now=now))
        assert await phone.until(Answered) == Answered(leg, MEDIA)
        await switch.until(AckReceived)
        phone.server.act(lambda e, now: e.hangup(leg, now, "done", 16))
        assert (await switch.until(ByeReceived)).reason == 'Q.850;cause=16;text="done"'
        assert switch.server.endpoint.counts()["dialogs"] == 0
    finally:
        switch.server.close()
        phone.server.close()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_two_servers_on_asyncio(algorithm: str) -> None:
    asyncio.run(call_between_two_servers(algorithm))


def test_two_servers_on_uvloop() -> None:
    uvloop.run(call_between_two_servers("MD5"))


async def test_sipp_registers_calls_and_hangs_up(tmp_path: Path) -> None:
    switch = await start_switch()
    host, port = switch.server.local
    try:
        sipp = await asyncio.create_subprocess_exec(
            "sipp", f"{host}:{port}", "-sf", str(SCENARIO), "-s", "cell-1", "-i", "127.0.0.1", "-m", "5", "-r", "5",
            "-timeout", "20", "-nostdin", cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        out, _ = await sipp.communicate()
        assert sipp.returncode == 0, out.decode()[-3000:]
        kinds = Counter(type(event) for event in switch.events)
        assert kinds == {Registered: 5, InviteReceived: 5, AckReceived: 5, ByeReceived: 5}
        calls = [event for event in switch.events if isinstance(event, InviteReceived)]
        assert {(c.user, c.network, c.request_uri_user) for c in calls} == {("cell-1", "cells", "07700900123")}
    finally:
        switch.server.close()


async def test_a_closed_port_and_an_impossible_address_do_no_harm() -> None:
    switch, other = await start_switch(), await start_switch()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(HERE)
        closed = taken.getsockname()
    try:
        switch.server.act(lambda e, now: e.options("sip:127.0.0.1", switch.server.flow(closed), now))
        far = switch.server.act(lambda e, now: e.dial("sip:a@[2001:db8::1]", switch.server.flow(("2001:db8::1", 5060)),
                                                      from_uri="sip:b@c",
                                                      sdp=MEDIA, now=now))
        assert (await switch.until(DialogLost)).dialog == far
        assert switch.server.counters["send_errors"] == 1
        switch.server.error_received(ConnectionRefusedError())  # what names no datagram is counted, and a timer settles it
        assert switch.server.counters["socket_errors"] == 1
        switch.server.act(lambda e, now: e.options("sip:127.0.0.1", switch.server.flow(other.server.local), now))
        assert (await switch.until(OptionsAnswered)).status == 200
    finally:
        switch.server.close()
        other.server.close()


async def test_the_alarm_rings_and_a_failing_listener_harms_nobody() -> None:
    """The INVITE goes to a socket that never answers: timer A resends it. The listener fails on the first event."""
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    caller = await start(EndpointConfig())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(HERE)
        silent.setblocking(False)
        way = caller.server.flow(silent.getsockname())
        leg = caller.server.act(lambda e, now: e.dial("sip:a@127.0.0.1", way, from_uri="sip:b@c", sdp=MEDIA, now=now))
        loop = asyncio.get_running_loop()
        first, second = await loop.sock_recv(silent, 4096), await asyncio.wait_for(loop.sock_recv(silent, 4096), 5)
        assert first == second

        def fail(event: object) -> None:
            raise RuntimeError("a listener's own fault")

        caller.react = fail
        caller.server.endpoint.transport_failed(Flow("udp", caller.server.local, silent.getsockname()), loop.time())
        caller.server.flush()
        assert caller.events == [DialogLost(leg, "the transport failed")]
        assert [str(c["exception"]) for c in complaints] == ["a listener's own fault"]
    caller.server.close()
    caller.server.close()
    caller.server.act(lambda e, now: e.options("sip:127.0.0.1", way, now))  # goes nowhere, and says nothing
    assert caller.server.counters["send_errors"] == 0


async def test_an_address_that_cannot_be_bound_is_an_error() -> None:
    with pytest.raises(OSError, match=r"."):
        await SipServer.start(Endpoint(EndpointConfig(), token, lambda user: None), ("203.0.113.1", 5060),
                              lambda event: None)
