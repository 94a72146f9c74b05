"""A Valkey of the test's own, as the switch starts it: unix socket, no port."""
import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switch.live.embedded import answers, find_binary, valkey_argv


class Server:
    """Started, killed and started again by the test. Its folder is in a short path: a socket's may have 107 bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "v.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    async def start(self) -> None:
        argv = valkey_argv(find_binary(), self.socket, self.folder / "valkey")
        self.process = subprocess.Popen(argv)  # noqa: ASYNC220  # a fork, waited for below
        async with asyncio.timeout(10):
            while not await answers(self.socket):  # noqa: ASYNC110  # another process has no event of ours
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    with tempfile.TemporaryDirectory(prefix="wl") as folder:
        one = Server(Path(folder))
        await one.start()
        yield one
        one.kill()
