"""The sound of one soft phone: speaks A-law over RTP in real time, hears, presses keys (RFC 4733)."""
import asyncio
import struct

from switch.softphone.ears import Ear

FRAME = 160
"""Octets and timestamp units of 20 ms of G.711 (RFC 3551)."""
SILENCE = 0xD5
HEADER = struct.Struct("!BBHII")


class SoundEnd(asyncio.DatagramProtocol):
    """One RTP port. What is received goes to its ear, in order of arrival."""

    def __init__(self, ssrc: int, ear: Ear) -> None:
        self.ear = ear
        self._ssrc, self._sequence, self._timestamp = ssrc, 0, 0
        self._saying, self._loop_from = memoryview(b""), 0
        self._place = 0
        self._far: tuple[str, int] | None = None
        self._event_type = 101
        self._keys: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, host: str, ssrc: int, ear: Ear) -> "SoundEnd":
        loop = asyncio.get_running_loop()
        _, end = await loop.create_datagram_endpoint(lambda: cls(ssrc, ear), local_addr=(host, 0))
        return end

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport) or hasattr(transport, "sendto")
        self._transport = transport  # type: ignore[assignment]  # uvloop's transport is not a subclass of asyncio's

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) >= 12 and data[1] & 0x7F == 8:
            self.ear.take(data[12:])

    def talk_to(self, far: tuple[str, int], event_type: int | None) -> None:
        """Send from now on, silence until something is said."""
        self._far, self._event_type = far, event_type or 101
        if self._task is None:
            self._task = asyncio.create_task(self._speak())

    def say(self, speech: bytes, loop: bool = True) -> None:
        """Speak A-law from its beginning; with `loop`, over and over."""
        self._saying, self._place, self._loop_from = memoryview(speech), 0, 0 if loop else len(speech)

    def press(self, keys: str) -> None:
        """Press keys one after another, 160 ms each with as much between."""
        self._keys.extend(keys)

    def close(self) -> None:
        if self._task:
            self._task.cancel()
        if self._transport:
            self._transport.close()

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if self._keys:
                due = await self._press_one(self._keys.pop(0), due)
                continue
            self._send(8, self._next_frame(), marker=False)
            self._timestamp += FRAME
            due = await self._wait(due)

    def _next_frame(self) -> bytes:
        if self._place >= len(self._saying):
            self._place = self._loop_from
        frame = bytes(self._saying[self._place : self._place + FRAME])
        self._place += FRAME
        return frame.ljust(FRAME, bytes([SILENCE]))

    async def _press_one(self, key: str, due: float) -> float:
        """One RFC 4733 event: eight packets of one timestamp, the end told three times (§2.5.1.4)."""
        event = "0123456789*#ABCD".index(key)
        for count in range(1, 11):
            ended = count >= 8
            body = struct.pack("!BBH", event, 0x8A if ended else 0x0A, min(count, 8) * FRAME)
            self._send(self._event_type, body, marker=count == 1)
            due = await self._wait(due)
        self._timestamp += 10 * FRAME
        for _ in range(6):
            self._send(8, bytes([SILENCE]) * FRAME, marker=False)
            self._timestamp += FRAME
            due = await self._wait(due)
        return due

    def _send(self, payload_type: int, body: bytes, marker: bool) -> None:
        assert self._transport is not None
        kind = payload_type | (0x80 if marker else 0)
        head = HEADER.pack(0x80, kind, self._sequence & 0xFFFF, self._timestamp & 0xFFFFFFFF, self._ssrc)
        self._transport.sendto(head + body, self._far)
        self._sequence += 1

    async def _wait(self, due: float) -> float:
        due += 0.02
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        return due
