"""What went over loopback while some calls ran: for the ears of phones that keep no sound, and for tshark's judgement."""
import asyncio
import json
import subprocess
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from switch.media import g711
from tests.phones.pcap import Datagram, read_datagrams
from tests.phones.prompts_heard import prompts_in
from tests.phones.sipp_phone import as_root

ERROR = 0x00800000
"""PI_ERROR of Wireshark's epan/proto.h: the severity of an expert item."""


class Capture:
    """Use as an async context around the calls: it holds from the first packet to the last, all UDP of a filter."""

    def __init__(self, file: Path, ports: str) -> None:
        self._file, self._ports = file, ports
        self._process: Process

    async def __aenter__(self) -> "Capture":
        argv = as_root("dumpcap", "-i", "lo", "-P", "-f", self._ports, "-w", str(self._file))
        self._process = await asyncio.create_subprocess_exec(*argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert self._process.stderr is not None
        said = b""
        async with asyncio.timeout(20):
            while b"File:" not in said:
                more = await self._process.stderr.read(256)
                assert more, f"dumpcap ended: {said.decode()}"
                said += more
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0.3)  # the kernel hands its buffer over each quarter of a second
        self._process.terminate()
        await self._process.communicate()

    def datagrams(self) -> list[Datagram]:
        return list(read_datagrams(self._file))

    def voice(self, to: int | None = None, source: int | None = None, law: int = g711.PCMA) -> list[Datagram]:
        """RTP of a law that was sent to a port or from one, in order of arrival."""
        return [one for one in self.datagrams() if to in (None, one.to[1]) and source in (None, one.source[1])
                and len(one.data) > 12 and one.data[0] >> 6 == 2 and one.data[1] & 0x7F == law]

    def payload(self, to: int, law: int = g711.PCMA) -> bytes:
        """G.711 that was sent to a port, in order of arrival."""
        return b"".join(one.data[12:] for one in self.voice(to, law=law))

    def sound(self, to: int) -> NDArray[np.int16]:
        return g711.decode_alaw(self.payload(to))

    def prompts(self, to: int) -> set[str]:
        """The prompts that were sent to a port from their first octet to their last."""
        return prompts_in(self.payload(to))

    def dissected(self, sip: set[int]) -> "Dissected":
        """What tshark makes of it, with these ports as SIP; media ports it learns from the SDP."""
        decode = [arg for port in sip for arg in ("-d", f"udp.port=={port},sip")]
        fields = ["frame.number", "frame.protocols", "udp.srcport", "udp.dstport", "_ws.malformed", "_ws.expert.severity",
                  "_ws.expert.message"]
        wanted = [arg for field in fields for arg in ("-e", field)]
        argv = ["tshark", "-r", str(self._file), *decode, "-T", "json", *wanted]
        done = subprocess.run(argv, capture_output=True, timeout=120, check=True)
        return Dissected([{name: values for name, values in frame["_source"].get("layers", {}).items()}
                          for frame in json.loads(done.stdout)])


class Dissected:
    """The frames of a capture as tshark understood them."""

    def __init__(self, frames: list[dict[str, Any]]) -> None:
        self.frames = frames

    def protocols(self) -> Counter[str]:
        """How many frames hold each protocol."""
        return Counter(name for frame in self.frames for name in set(frame["frame.protocols"][0].split(":")))

    def faults(self) -> list[dict[str, Any]]:
        """Frames that are malformed, or of which an expert item says Error."""
        return [frame for frame in self.frames if "_ws.malformed" in frame
                or any(int(severity, 0) >= ERROR for severity in frame.get("_ws.expert.severity", []))]
