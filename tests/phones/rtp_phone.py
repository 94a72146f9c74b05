"""A telephone's media half: a real RTP endpoint that sends its own tone, hears, dials digits and can be as bad as a network."""
import asyncio
import random
import struct
import time
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from switch.media import g711

HEADER = struct.Struct("!BBHII")
EVENTS = "0123456789*#ABCD"


@dataclass(frozen=True, slots=True)
class Heard:
    """One packet as it arrived."""

    at: float
    kind: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


@dataclass(slots=True)
class Weather:
    """What the way to the switch does to packets. `jitter` is the most a packet is held, in seconds; `swap` reorders."""

    loss: float = 0.0
    jitter: float = 0.0
    swap: float = 0.0
    rate: float = 1.0
    """The phone's clock against ours."""
    seed: int = 7


def tone(hz: float | tuple[float, ...], start: int, count: int, level: float = -12.0) -> NDArray[np.int16]:
    """Samples `start` to `start + count` of an endless sine, or a sum of several, each at this level in dBFS."""
    parts = hz if isinstance(hz, tuple) else (hz,)
    when = np.arange(start, start + count) / g711.RATE
    size = 10 ** (level / 20) * 32767
    wave = sum((size * np.sin(2 * np.pi * part * when) for part in parts), np.zeros(count))
    return wave.astype(np.int16)


@dataclass(eq=False)
class RtpPhone(asyncio.DatagramProtocol):
    """Sends `hz` for ever once started; `law` is 8 for A-law, 0 for mu-law. `laws` go into its SDP."""

    hz: float
    law: int = g711.PCMA
    laws: tuple[int, ...] = (g711.PCMA, g711.PCMU)
    host: str = "127.0.0.1"
    weather: Weather = field(default_factory=Weather)
    events: int | None = 101
    heard: list[Heard] = field(default_factory=list)
    silent: bool = False
    """Sends nothing at all."""
    mute: bool = False
    """Sends packets of silence."""
    says: bytes | None = None
    """A-law that it sends in place of its tone, once from the beginning; then silence."""
    port: int = 0
    sent: int = 0
    late: float = 0.0
    """By how many seconds the latest of its frames missed its time; set it to 0 to begin anew."""

    def __post_init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.dest: tuple[str, int] | None = None
        self._task: asyncio.Task[None] | None = None
        self._random = random.Random(self.weather.seed)
        self.sequence = self._random.randrange(60000, 65536)
        self.clock = self._random.randrange(2**32)
        self.ssrc = self._random.randrange(2**32)
        self._samples = 0
        self._press: list[tuple[str, bool]] = []
        self._pressed = self._pause = self._stamp = 0
        self._late: list[asyncio.TimerHandle] = []

    async def open(self) -> "RtpPhone":
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 12:
            return
        _, kind, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        self.heard.append(Heard(time.monotonic(), kind & 0x7F, kind > 127, sequence, timestamp, ssrc, data[12:]))

    def error_received(self, exc: Exception) -> None:
        """The other port may be closed: that is the test's business."""

    # --- SDP

    def sdp(self, host: str = "", port: int = 0, laws: tuple[int, ...] | None = None, direction: str = "sendrecv",
            other: str = "") -> bytes:
        """This phone's description; `host` and `port` let it lie, `other` names codecs in place of its own."""
        laws = self.laws if laws is None else laws
        names = {8: "PCMA", 0: "PCMU"}
        types = [str(law) for law in laws] + ([str(self.events)] if self.events is not None else [])
        where = host or self.host
        lines = ["v=0", f"o=phone 1 1 IN IP4 {where}", "s=-", f"c=IN IP4 {where}", "t=0 0"]
        if other:
            lines += [f"m=audio {port or self.port} RTP/AVP 96", f"a=rtpmap:96 {other}"]
        else:
            lines += [f"m=audio {port or self.port} RTP/AVP {' '.join(types)}"]
            lines += [f"a=rtpmap:{law} {names[law]}/8000" for law in laws]
            if self.events is not None:
                lines += [f"a=rtpmap:{self.events} telephone-event/8000", f"a=fmtp:{self.events} 0-16"]
        return ("\r\n".join([*lines, "a=ptime:20", f"a={direction}"]) + "\r\n").encode()

    def aim(self, sdp: bytes) -> None:
        """Send to where this description says."""
        text = sdp.decode()
        port = next(line.split()[1] for line in text.splitlines() if line.startswith("m=audio"))
        host = next(line.split()[-1] for line in text.splitlines() if line.startswith("c="))
        self.dest = (host, int(port))

    # --- sending

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._speak())

    async def stop(self) -> None:
        """Stop speaking; the ear stays open."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def close(self) -> None:
        await self.stop()
        for timer in self._late:
            timer.cancel()
        if self.transport is not None:
            self.transport.close()

    async def _speak(self) -> None:
        began, frames = time.monotonic(), 0
        while True:
            frames += 1
            due = began + frames * 0.02 / self.weather.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.late = max(self.late, time.monotonic() - due)
            self._frame()

    def _frame(self) -> None:
        if self._pause:
            self._pause -= 1
        elif self._press:
            self._event(*self._press[0])
        elif self.says is not None:
            self.send(g711.PCMA, (self.says[:160] + g711.ALAW_SILENCE * 160)[:160])
            self.says = self.says[160:]
        elif not self.silent:
            wave = np.zeros(160, np.int16) if self.mute else tone(self.hz, self._samples, 160)
            self.send(self.law, g711.encode_alaw(wave) if self.law == g711.PCMA else g711.encode_ulaw(wave))
        self.clock = (self.clock + 160) & 0xFFFFFFFF
        self._samples += 160

    def _event(self, digit: str, lose_end: bool) -> None:
        """One packet of the digit that is pressed now: five of them, the last sent three times as the end, then a pause."""
        if self._pressed == 0:
            self._stamp = self.clock
        self._pressed += 1
        code, duration = EVENTS.index(digit), 160 * self._pressed
        if self._pressed < 5:
            self.send(self.events or 101, struct.pack("!BBH", code, 10, duration), self._stamp, marker=self._pressed == 1)
            return
        self._press.pop(0)
        self._pressed, self._pause = 0, 3
        for _ in range(0 if lose_end else 3):
            self.send(self.events or 101, struct.pack("!BBH", code, 0x8A, duration), self._stamp)

    def press(self, digits: str, lose_end: bool = False) -> None:
        """Dial digits as RFC 4733 events of 100 ms each, the end sent three times, or lost."""
        self._press += [(digit, lose_end) for digit in digits]

    def send(self, kind: int, payload: bytes, timestamp: int | None = None, marker: bool = False) -> None:
        """One packet with the next sequence number, through the weather."""
        packet = HEADER.pack(0x80, kind | (0x80 if marker else 0), self.sequence, self.clock if timestamp is None else timestamp,
                             self.ssrc) + payload
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.sent += 1
        if self.weather.loss and self._random.random() < self.weather.loss:
            return
        delay = self._random.random() * self.weather.jitter
        if self.weather.swap and self._random.random() < self.weather.swap:
            delay += 0.03
        if delay:
            self._late.append(asyncio.get_running_loop().call_later(delay, self._out, packet))
        else:
            self._out(packet)

    def _out(self, packet: bytes) -> None:
        if self.transport is not None and self.dest is not None and not self.transport.is_closing():
            self.transport.sendto(packet, self.dest)

    # --- hearing

    def mark(self) -> float:
        """A moment, for `since` and `until`."""
        return time.monotonic()

    def ear(self, since: float = 0.0, until: float = float("inf")) -> NDArray[np.int16]:
        """The samples heard between two moments, packet after packet."""
        parts = [g711.decode_alaw(one.payload) if one.kind == g711.PCMA else g711.decode_ulaw(one.payload)
                 for one in self.heard if since <= one.at < until and one.kind in (g711.PCMA, g711.PCMU)]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)
