"""The way to `pyvoip_phone.py`, which runs in an interpreter of its own."""
import asyncio
import json
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.phones.site import Account, Site

PYTHON = Path(__file__).parents[2] / ".venv-pyvoip" / "bin" / "python"
PATIENCE = 20.0


class PyVoip:
    """Use as an async context: registered on entering. `sound` is what it heard, once the call has ended."""

    def __init__(self, site: Site, account: Account, folder: Path) -> None:
        self._about: dict[str, Any] = {
            "host": site.sip[0], "port": site.sip[1], "user": account.user, "password": account.password,
            "sip_port": site.ports.take(), "rtp_port": site.ports.take(), "heard": str(folder / "heard.u8"),
        }  # fmt: skip
        self.media = int(self._about["rtp_port"])
        self._process: Process

    async def __aenter__(self) -> "PyVoip":
        argv = (str(PYTHON), str(Path(__file__).parent / "pyvoip_phone.py"), json.dumps(self._about))
        self._process = await asyncio.create_subprocess_exec(*argv, stdin=PIPE, stdout=PIPE)
        await self.tells("registered")
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.does("quit")
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except (OSError, TimeoutError):
            self._process.kill()
            await self._process.wait()

    async def does(self, what: str, **about: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **about}).encode() + b"\n")
        await self._process.stdin.drain()

    async def tells(self, event: str) -> None:
        """Wait for its next event, which must be this one."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        assert line, "pyVoIP ended"
        assert json.loads(line)["event"] == event, line

    def sound(self) -> NDArray[np.int16]:
        raw = np.frombuffer(Path(self._about["heard"]).read_bytes(), np.uint8)
        return ((raw.astype(np.int32) - 128) * 256).astype(np.int16)
