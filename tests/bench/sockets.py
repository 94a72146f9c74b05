"""One loop over many UDP sockets, with the kernel's own time of arrival, and RTP sent on time.

The kernel stamps what comes in (SO_TIMESTAMPNS), so that how soon this process gets to read it does not count. All times are
nanoseconds of the wall clock, which is the one that the kernel stamps with.
"""
import heapq
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SO_TIMESTAMPNS = 35
HOST = "127.0.0.1"
MAGIC = b"bench!!!"
SLOTS = 20
"""Streams take turns within each 20 ms."""
STAMP = struct.Struct("!8sq")
RTP = struct.Struct("!BBHII")
Received = Callable[[bytes, int], None]


def udp(port: int = 0, buffer: int = 0) -> socket.socket:
    """Bound on loopback, stamped by the kernel, never waited for."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    if buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    made.bind((HOST, port))
    made.setblocking(False)
    return made


@dataclass(slots=True, eq=False)
class Stream:
    """One side's RTP: sent every 20 ms from `begin` on, counted as it comes in. `heard`, where set, gets each packet."""

    sock: socket.socket
    ssrc: int
    heard: Received | None = None
    sent: int = 0
    received: int = 0
    slot: int = -1
    closed: bool = False

    @property
    def port(self) -> int:
        return int(self.sock.getsockname()[1])


@dataclass(slots=True)
class Sockets:
    """`run` serves everything until a condition holds."""

    delays: list[int] | None = None
    """Nanoseconds from sending a stamped packet to the kernel's stamp on the socket where it came out; None measures none."""
    quiet: bool = False
    """Nothing is sent for a while, so that what was sent can all come out and be counted."""
    _poll: select.epoll = field(default_factory=select.epoll)
    _signals: dict[int, tuple[socket.socket, Received]] = field(default_factory=dict)
    _streams: dict[int, Stream] = field(default_factory=dict)
    _slots: list[list[Stream]] = field(default_factory=lambda: [[] for _ in range(SLOTS)])
    _timers: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _began: int = field(default_factory=time.time_ns)
    _slot: int = 0
    _turn: int = 0

    def signal(self, sock: socket.socket, received: Received) -> None:
        """A socket for signalling."""
        self._signals[sock.fileno()] = sock, received
        self._poll.register(sock.fileno(), select.EPOLLIN)

    def stream(self) -> Stream:
        """A new socket for sound."""
        made = Stream(udp(), ssrc=0x62650000 + len(self._streams))
        self._streams[made.sock.fileno()] = made
        self._poll.register(made.sock.fileno(), select.EPOLLIN)
        return made

    def begin(self, stream: Stream, to: tuple[str, int]) -> None:
        """Speak to an address from now on."""
        stream.sock.connect(to)
        self._turn += 1
        stream.slot = self._turn % SLOTS
        self._slots[stream.slot].append(stream)

    def drop(self, stream: Stream) -> None:
        """Fall silent and close."""
        if stream.slot >= 0:
            self._slots[stream.slot].remove(stream)
        self._poll.unregister(stream.sock.fileno())
        del self._streams[stream.sock.fileno()]
        stream.sock.close()
        stream.closed = True

    def forget(self, sock: socket.socket) -> None:
        """Close a socket of signalling."""
        self._poll.unregister(sock.fileno())
        del self._signals[sock.fileno()]
        sock.close()

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (time.time_ns() + int(seconds * 1e9), id(do) + len(self._timers), do))

    def run(self, until: Callable[[], bool], seconds: float, what: str) -> None:
        """Serve until it is so. TimeoutError that names `what`."""
        end = time.time_ns() + int(seconds * 1e9)
        while not until():
            now = time.time_ns()
            if now > end:
                raise TimeoutError(f"{what} did not come within {seconds:g} s")
            self._send_due(now)
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()
            # epoll waits whole milliseconds, rounded up: one slot
            for fd, _ in self._poll.poll(0.0005):
                if (stream := self._streams.get(fd)) is not None:
                    self._sound(stream)
                elif fd in self._signals:
                    sock, received = self._signals[fd]
                    while (got := receive(sock)) is not None:
                        received(*got)

    def close(self) -> None:
        for stream in list(self._streams.values()):
            self.drop(stream)
        for sock, _ in self._signals.values():
            sock.close()
        self._poll.close()

    def _send_due(self, now: int) -> None:
        due = (now - self._began) // 1_000_000
        if due - self._slot > SLOTS:
            self._slot = due - SLOTS  # we were held up: what is more than a frame late is not sent at all
        if self.quiet:
            self._slot = due + 1
        while self._slot <= due:
            number = self._slot // SLOTS
            for stream in self._slots[self._slot % SLOTS]:
                head = RTP.pack(0x80, 8, number & 0xFFFF, number * 160 & 0xFFFFFFFF, stream.ssrc)
                try:
                    stream.sock.send(head + STAMP.pack(MAGIC, time.time_ns()) + SOUND)
                    stream.sent += 1
                except OSError:
                    continue  # nobody listens there yet, or any more
            self._slot += 1

    def _sound(self, stream: Stream) -> None:
        if self.delays is None and stream.heard is None:
            try:
                while True:
                    stream.sock.recv(2048)
                    stream.received += 1
            except OSError:
                return
        while (got := receive(stream.sock)) is not None:
            data, at = got
            stream.received += 1
            if stream.heard is not None:
                stream.heard(data, at)
            if self.delays is not None and data[12:20] == MAGIC:
                self.delays.append(at - STAMP.unpack_from(data, 12)[1])


SOUND = b"\xd5" * (160 - STAMP.size)


def receive(sock: socket.socket) -> tuple[bytes, int] | None:
    """A packet and when the kernel had it; None when there is none."""
    try:
        data, ancillary, _, _ = sock.recvmsg(4096, 64)
    except OSError:
        return None
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@qq", value[:16])
            return data, seconds * 1_000_000_000 + nanoseconds
    return data, time.time_ns()
