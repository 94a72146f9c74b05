"""The supervised Valkey: killed, it comes back and the board is whole again; a stranger on its socket is left alone."""
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from switch.live.board import RedisBoard, read_board
from switch.live.embedded import answers, find_binary, held_by_another, valkey_argv
from switch.ports.board import BoardRow
from switch.runtime.supervisor import Child, Restart, Supervisor, dying_with_parent


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wl") as name:
        yield Path(name)


def valkey(folder: Path) -> Child:
    sock = folder / "valkey.sock"
    return Child(
        "valkey", dying_with_parent(*valkey_argv(find_binary(), sock, folder / "valkey")), essential=False,
        before=partial(held_by_another, sock, 0.2), probe=partial(answers, sock), output=folder / "valkey.out",
    )


async def calls(url: str) -> set[str]:
    redis: Redis = Redis.from_url(url)
    try:
        return {row["id"] for row in await read_board(redis)}
    finally:
        await redis.aclose()


async def shows(url: str, ids: set[str]) -> None:
    async with asyncio.timeout(15):
        while True:
            try:
                if await calls(url) == ids:
                    return
            except (RedisError, OSError):
                pass  # it is not back yet
            await asyncio.sleep(0.05)


def row(call: str) -> BoardRow:
    return BoardRow(call, "TALKING", "101", "A1001AA", "+447700900101", False, "2026-11-23T10:00:00Z")


async def test_killed_it_comes_back_and_the_board_is_whole(folder: Path) -> None:
    supervisor = Supervisor([valkey(folder)], Restart(0.05, 0.2, 20, 60))
    ready = asyncio.Event()
    running = asyncio.ensure_future(supervisor.run(ready.set))
    await asyncio.wait_for(ready.wait(), 15)
    url = f"unix://{folder / 'valkey.sock'}"
    board = RedisBoard(url, "node-1")
    publishing = asyncio.ensure_future(board.run())
    board.put(row("c0"))
    await shows(url, {"c0"})
    for number in range(1, 4):
        pid = supervisor.status()[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        board.put(row(f"c{number}"))
        board.drop(f"c{number - 1}")
        await shows(url, {f"c{number}"})
        assert supervisor.status()[0].pid != pid
    assert not publishing.done()
    assert supervisor.status()[0].deaths == 3
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    supervisor.stop()
    assert (await asyncio.wait_for(running, 15)).code == 0
    assert not await answers(folder / "valkey.sock")


async def test_a_server_of_somebody_else_is_left_alone(folder: Path) -> None:
    stranger = await asyncio.create_subprocess_exec(*valkey_argv(find_binary(), folder / "valkey.sock", folder / "stranger"))
    async with asyncio.timeout(10):
        while not await answers(folder / "valkey.sock"):  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(0.02)
    ours = valkey(folder)
    supervisor = Supervisor([Child(ours.name, ours.argv, before=ours.before, probe=ours.probe)], Restart(0.02, 0.02, 2, 60))
    how = await asyncio.wait_for(supervisor.run(), 20)
    assert how.code == 1
    assert how.text.endswith(f"last: another server holds {folder / 'valkey.sock'}")
    assert await answers(folder / "valkey.sock")
    stranger.terminate()
    assert await asyncio.wait_for(stranger.wait(), 10) == 0


WHOLE = """
import asyncio, sys
from pathlib import Path
from tests.faults.test_supervisor_valkey import valkey
from switch.runtime.supervisor import Supervisor
supervisor = Supervisor([valkey(Path(sys.argv[1]))])
asyncio.run(supervisor.run(lambda: print(supervisor.status()[0].pid, flush=True)))
"""


async def test_it_does_not_outlive_a_supervisor_that_was_killed(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WHOLE, str(folder), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while not (line := await process.stdout.readline()).strip().isdigit():
            assert line, "the supervisor ended before Valkey was ready"
    assert await answers(folder / "valkey.sock")
    process.kill()
    await process.wait()
    assert await held_by_another(folder / "valkey.sock", 10) is None
    async with asyncio.timeout(10):
        while Path(f"/proc/{int(line)}").exists():  # noqa: ASYNC110, ASYNC240  # another process has no event of ours
            await asyncio.sleep(0.05)
