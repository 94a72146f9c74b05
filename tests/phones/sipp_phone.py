"""SIPp 3.6 (Debian's sip-tester) as a telephone in a cell, or as a family: one run of a scenario made of parts.

What it hears is in the capture (`tests.phones.capture`): SIPp itself keeps no sound.
"""
import asyncio
import os
import re
from asyncio.subprocess import Process
from pathlib import Path

from switch.media import g711
from tests.phones.pcap import write_keys
from tests.phones.rtp_phone import tone
from tests.phones.site import Account, Site

PARTS = Path(__file__).parent / "sipp"
PATIENCE = 40
HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="{name}">\n'


def as_root(*argv: str) -> tuple[str, ...]:
    """What needs raw sockets: SIPp to play a capture, dumpcap to make one."""
    return argv if os.geteuid() == 0 else ("sudo", "-n", *argv)


class Sipp:
    """Use as an async context; `done` waits for the scenario's end and asserts that it went as written."""

    def __init__(self, folder: Path, parts: tuple[str, ...], port: int, media: int, args: tuple[str, ...], hz: float,
                 keys: str = "", status: str = "") -> None:
        self.media = media
        """The UDP port on which it listens to sound."""
        self._folder, self._parts, self._port, self._args, self._hz, self._keys = folder, parts, port, args, hz, keys
        self._status = status
        self._process: Process

    @classmethod
    def in_cell(cls, site: Site, account: Account, number: str, folder: Path, hz: float, keys: str, *parts: str) -> "Sipp":
        """Registers, dials `number`, presses `keys`, then does the parts."""
        pressing = ("keys",) if keys else ()
        args = (f"{site.sip[0]}:{site.sip[1]}", "-au", account.user, "-ap", account.password, "-key", "user", account.user,
                "-key", "number", number)
        whole = ("register", "call", *pressing, *parts)
        return cls(folder / "cell", whole, site.ports.take(), site.ports.take(4), args, hz, keys)

    @classmethod
    def outside(cls, site: Site, folder: Path, hz: float, *parts: str, status: str = "") -> "Sipp":
        """Where the site expects its carrier. `status` is for the part `refuse`: code, reason and any further header lines."""
        return cls(folder / "family", parts, site.trunk[1], site.ports.take(4), (), hz, status=status)

    async def __aenter__(self) -> "Sipp":
        self._folder.mkdir(parents=True)
        scenario = HEAD.format(name="-".join(self._parts)) + "".join(
            (PARTS / f"{part}.xml").read_text("utf-8").replace("STATUS", self._status) for part in self._parts
        )
        # Without the reference SIPp takes a variable that is kept and not used for a mistake, and ends.
        kept = ",".join(sorted(set(re.findall(r'assign_to="(\w+)"', scenario))))
        foot = (f'<Reference variables="{kept}"/>\n' if kept else "") + "</scenario>\n"
        (self._folder / "scenario.xml").write_text(scenario + foot, "utf-8")
        (self._folder / "tone.al").write_bytes(g711.encode_alaw(tone(self._hz, 0, g711.RATE)))
        write_keys(self._folder / "keys.pcap", self._keys)
        argv = as_root(
            "sipp", *self._args, "-sf", "scenario.xml", "-i", "127.0.0.1", "-p", str(self._port), "-mi", "127.0.0.1",
            "-mp", str(self.media), "-m", "1", "-nostdin", "-timeout", f"{PATIENCE}s", "-timeout_error", "-trace_err",
            "-trace_msg",
        )  # fmt: skip
        self._process = await asyncio.create_subprocess_exec(
            *argv, cwd=self._folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=(self._folder / "stderr").open("wb"),
        )  # fmt: skip
        if "-au" not in self._args:
            await self._bound()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()

    async def done(self) -> None:
        async with asyncio.timeout(PATIENCE + 5):
            code = await self._process.wait()
        assert code == 0, f"SIPp ended with {code}:\n{self.log()}"

    def log(self) -> str:
        files = [*sorted(self._folder.glob("*.log")), self._folder / "stderr"]
        return "\n".join(file.read_text("utf-8", "replace") for file in files)[-8000:]

    async def _bound(self) -> None:
        """Wait until it listens: SIPp tells nobody that it does."""
        async with asyncio.timeout(10):
            while not _taken(self._port):
                assert self._process.returncode is None, self.log()
                await asyncio.sleep(0.02)


def _taken(port: int) -> bool:
    """Whether some process on this machine has a UDP port."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)
