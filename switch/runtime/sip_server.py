"""The UDP shell around a SIP endpoint: one socket, one alarm, and nothing decided here."""
import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from switch.sip.endpoint import Endpoint
from switch.sip.events import Address, Flow, SipEvent

T = TypeVar("T")
BUFFER = 4 * 1024 * 1024
"""Octets of socket buffer asked for, so that a burst waits in the kernel while a batch is handled."""


class SipServer(asyncio.DatagramProtocol):
    """Carries datagrams to an endpoint and back. Works on asyncio's own loop and on uvloop.

    After `endpoint.dial` or any other call call `flush`, or make the call through `act`.
    """

    def __init__(self, endpoint: Endpoint, on_event: Callable[[SipEvent], None], clock: Callable[[], float],
                 loop: asyncio.AbstractEventLoop) -> None:
        self.endpoint = endpoint
        self.counters: Counter[str] = Counter()
        """Datagrams `received` and `sent`, `send_errors`, and `socket_errors` that name no datagram."""
        self._on_event, self._clock, self._loop = on_event, clock, loop
        self._transport: asyncio.DatagramTransport | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._local: Address = ("", 0)
        self._flushing = False
        self._sending: Flow | None = None

    @classmethod
    async def start(cls, endpoint: Endpoint, bind: Address, on_event: Callable[[SipEvent], None],
                    clock: Callable[[], float] | None = None) -> "SipServer":
        """Bind and serve. Port 0 takes a free one; `local` tells which. OSError when the address cannot be bound."""
        loop = asyncio.get_running_loop()
        _, server = await loop.create_datagram_endpoint(lambda: cls(endpoint, on_event, clock or loop.time, loop),
                                                        local_addr=bind)
        server.flush()
        return server

    @property
    def local(self) -> Address:
        return self._local

    def flow(self, remote: Address) -> Flow:
        """The way from this socket to `remote`: the target of dial, register and options."""
        return Flow("udp", self._local, remote)

    def act(self, command: Callable[[Endpoint, float], T]) -> T:
        """Call the endpoint and send what it said."""
        try:
            return command(self.endpoint, self._clock())
        finally:
            self.flush()

    def flush(self) -> None:
        """Send what is to be sent, tell what happened, and set the alarm. What listeners do is flushed too."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while True:
                outgoing, events = self.endpoint.take_outgoing(), self.endpoint.take_events()
                if not outgoing and not events:
                    break
                for data, flow in outgoing:
                    self._send(data, flow)
                for event in events:
                    self._tell(event)
        finally:
            self._flushing = False
            self._set_alarm()

    def close(self) -> None:
        """Stop at once; what was sent before is on its way."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _tell(self, event: SipEvent) -> None:
        try:
            self._on_event(event)
        except Exception as error:  # one listener's fault must not swallow another call's events
            self._loop.call_exception_handler({"message": f"a listener failed on {type(event).__name__}", "exception": error})

    def _send(self, data: bytes, flow: Flow) -> None:
        if self._transport is None:
            return
        self._sending = flow
        self.counters["sent"] += 1
        try:
            self._transport.sendto(data, flow.remote)
        except OSError as error:
            self.error_received(error)
        finally:
            self._sending = None

    def _set_alarm(self) -> None:
        when = self.endpoint.deadline() if self._transport is not None else None
        if self._alarm is not None:
            if when is not None and self._alarm_at <= when:
                return  # waking early costs less than moving the alarm with every datagram
            self._alarm.cancel()
            self._alarm = None
        if when is not None:
            self._alarm_at = when
            self._alarm = self._loop.call_later(max(0.0, when - self._clock()), self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self.endpoint.wake(self._clock())
        self.flush()

    # asyncio.DatagramProtocol

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._local = transport.get_extra_info("sockname")[:2]
        sock = transport.get_extra_info("socket")
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, BUFFER)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.counters["received"] += 1
        self.endpoint.receive(data, Flow("udp", self._local, (addr[0], addr[1])), self._clock())
        self.flush()

    def error_received(self, exc: Exception) -> None:
        # Both loops hand a failed send here, from within sendto. Any other error names no request: a timer settles it.
        if self._sending is None:
            self.counters["socket_errors"] += 1
        else:
            self.counters["send_errors"] += 1
            self.endpoint.transport_failed(self._sending, self._clock())

    def connection_lost(self, exc: Exception | None) -> None:
        self.close()
