"""Debian's baresip 1.0.0 as a telephone in a cell or as a family: a process that is told what to do over its control socket.

It speaks a tone from a file (aufile) and writes what it hears to another (sndfile), decoded, after its jitter buffer.
"""
import asyncio
import json
import re
import socket
import wave
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.phones.rtp_phone import tone
from tests.phones.site import Account, Site

RATE, TONE_SECONDS = 8000, 60
PATIENCE = 20.0
KEY = 0.16
"""Seconds for which a key is held, and as long until the next: baresip keeps no queue of keys."""
CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip}
net_interface 127.0.0.1
rtp_ports {rtp}-{rtp_last}
call_max_calls 4
audio_source aufile,{tone}
audio_player aubridge,nowhere
audio_alert aubridge,alert
jitter_buffer_delay 1-2
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {heard}
"""


class Baresip:
    """Use as an async context. `events` are its own, as it sends them; `sound` is what it heard, once it has hung up."""

    def __init__(self, folder: Path, account: str, sip_port: int, rtp_port: int, hz: float) -> None:
        self._folder, self._account, self._sip, self._rtp, self._hz = folder, account, sip_port, rtp_port, hz
        self.events: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()
        self._process: Process
        self._writer: asyncio.StreamWriter
        self._reading: asyncio.Task[None] | None = None
        self._control = self._asked = 0

    @classmethod
    def in_cell(cls, site: Site, account: Account, folder: Path, hz: float) -> "Baresip":
        """A telephone that registers with the site."""
        line = f"<sip:{account.user}@{site.sip[0]}:{site.sip[1]}>;auth_pass={account.password};regint=600;audio_codecs=PCMA,PCMU"
        return cls(folder / "cell", line, site.ports.take(), site.ports.take(20), hz)

    @classmethod
    def outside(cls, site: Site, number: str, folder: Path, hz: float, answers: str = "auto") -> "Baresip":
        """The family with that number, where the site expects its carrier. `answers` is baresip's answermode."""
        line = f"<sip:{number}@{site.trunk[0]}:{site.trunk[1]}>;regint=0;answermode={answers};audio_codecs=PCMA,PCMU"
        return cls(folder / "family", line, site.trunk[1], site.ports.take(20), hz)

    async def __aenter__(self) -> "Baresip":
        heard = self._folder / "heard"
        heard.mkdir(parents=True)
        with wave.open(str(self._folder / "tone.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(tone(self._hz, 0, RATE * TONE_SECONDS).astype("<i2").tobytes())
        self._control = _free_tcp()
        for name in ("accounts", "contacts"):
            (self._folder / name).touch()
        (self._folder / "config").write_text(CONFIG.format(
            sip=self._sip, rtp=self._rtp, rtp_last=self._rtp + 18, tone=self._folder / "tone.wav", heard=heard,
            control=self._control,
        ), "utf-8")  # fmt: skip
        log = (self._folder / "log").open("wb")
        self._process = await asyncio.create_subprocess_exec(
            "baresip", "-4", "-v", "-f", str(self._folder), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            reader, self._writer = await self._connect()
            self._reading = asyncio.create_task(self._read(reader))
            await self.does("uanew", self._account)  # now, so that nothing it does goes unheard
            if "auth_pass" in self._account:
                await self.event("REGISTER_OK")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._writer.close()
        if self._process.returncode is None:
            self._process.terminate()
        await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def does(self, command: str, params: str = "") -> None:
        """Tell it to do something of its menu, and wait until it has."""
        self._asked += 1
        body = json.dumps({"command": command, "params": params, "token": f"{self._asked}"}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))
        answer = await self._get("token", f"{self._asked}", PATIENCE)
        assert answer["ok"], answer

    async def press(self, keys: str) -> None:
        """Keys as RFC 4733 events, at the pace of a hand."""
        for key in keys:
            await self.does("sndcode", key)
            await asyncio.sleep(KEY)

    async def event(self, kind: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Wait for an event of this type; each is given once."""
        return await self._get("type", kind, seconds)

    async def _get(self, key: str, value: str, seconds: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds), self._changed:
                while True:
                    for event in self.events:
                        if event.get(key) == value and "taken" not in event:
                            event["taken"] = True
                            return event
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"baresip never told of {value}: {self.events}\n{self.log()}") from None

    async def goes_on(self, seconds: float) -> None:
        """Stay on the line: a call must last for its sound to be worth hearing, and baresip tells nobody what it hears."""
        closed = [event for event in self.events if event.get("type") == "CALL_CLOSED"]
        assert not closed, closed
        await asyncio.sleep(seconds)

    def sound(self) -> NDArray[np.int16]:
        """All that it heard, in order."""
        parts = []
        for file in sorted((self._folder / "heard").glob("*-dec.wav")):
            with wave.open(str(file), "rb") as wav:
                assert (wav.getframerate(), wav.getsampwidth()) == (RATE, 2)
                parts.append(np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, wav.getnchannels())[:, 0])
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def log(self) -> str:
        return (self._folder / "log").read_text("utf-8", "replace")

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Its control socket is there when it has loaded its modules; it tells nobody."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await asyncio.open_connection("127.0.0.1", self._control)
                except OSError:
                    assert self._process.returncode is None, self.log()
                    await asyncio.sleep(0.02)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while size := await reader.readuntil(b":"):
            body = await reader.readexactly(int(size[:-1]) + 1)
            async with self._changed:
                self.events.append(json.loads(_utf8(body[:-1])))
                self._changed.notify_all()


def _utf8(raw: bytes) -> str:
    """baresip colours some answers with escape codes that JSON does not allow."""
    return re.sub(r"[\x00-\x1f]", " ", raw.decode("utf-8", "replace"))


def _free_tcp() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
