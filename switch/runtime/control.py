"""The node's control socket: what staff of the machine may ask of a running switch, Redis and console or not.

A unix socket in the state folder, open to its owner alone. One JSON object a line each way:

    {"do": "calls"}                                        -> {"ok": true, "calls": [...]}
    {"do": "cut", "call": ID, "staff": NAME, "reason": TEXT} -> {"ok": true, ...}
    {"do": "kill", "reach": "cell", "target": …, "cut": true, "staff": NAME, "reason": TEXT} -> {"ok": true, "kept": WHERE, ...}
    {"do": "taps"}                                         -> {"ok": true, "tapped": [CALL...], "recorded": [CALL...]}
    {"do": "drain"} | {"do": "health"}                     -> {"ok": true, ...}
    anything wrong                                         -> {"ok": false, "error": "a sentence"}
"""
import asyncio
import errno
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

LONGEST = 65_536
"""Bytes of a request's line."""
MOST_CLIENTS = 32
IDLE_SECONDS = 30.0

Handler = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Takes the whole request; its answer is sent with `ok` true. `ControlRefused` is the way to say no."""


class ControlRefused(Exception):
    """The request cannot be done; the text is a sentence for whoever asked."""


class NoSwitch(Exception):
    """No switch answers on the control socket; the text says so and what to do."""


class SocketTaken(Exception):
    """Another switch runs on this state folder already."""


class ControlServer:
    """Serves from `start` to `close`. A handler that raises is a logged error and a plain answer, never a dead socket."""

    def __init__(self, path: Path, handlers: Mapping[str, Handler]) -> None:
        self._path, self._handlers = path, handlers
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[Any]] = set()
        self._log = structlog.get_logger("control")

    async def start(self) -> None:
        """Raises `SocketTaken`, or OSError when the socket cannot be made. One left behind by a dead switch is replaced."""
        if await _answers(self._path):
            raise SocketTaken(f"another switch runs here: it holds {self._path}")
        self._path.unlink(missing_ok=True)
        # Bound under a mask, since between bind and chmod anybody could connect.
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST)
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Stop answering and take the socket away. Idempotent."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            if len(self._clients) > MOST_CLIENTS:
                writer.write(_line(_no(f"more than {MOST_CLIENTS} at once")))
                return
            while line := await asyncio.wait_for(reader.readline(), IDLE_SECONDS):
                writer.write(_line(await self._answer(line)))
                await writer.drain()
        except ValueError:
            writer.write(_line(_no(f"a request is one line of at most {LONGEST} bytes")))
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # gone, idle, or we are closing: nothing is owed
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, line: bytes) -> Mapping[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            return _no("not a line of JSON")
        if not isinstance(request, dict) or not isinstance(request.get("do"), str):
            return _no('a request is an object with "do"')
        handler = self._handlers.get(request["do"])
        if handler is None:
            return _no(f'nothing is called "{request["do"][:40]}"; there are: {", ".join(sorted(self._handlers))}')
        try:
            return {"ok": True, **await handler(request)}
        except ControlRefused as refusal:
            return _no(str(refusal))
        except Exception as error:
            self._log.exception("control request failed", do=request["do"])
            return _no(f"the switch could not do it: {error!r}")


def ask(path: Path, request: Mapping[str, Any], seconds: float = 10.0) -> dict[str, Any]:
    """One request to the switch that runs on this node, waited for. Raises `NoSwitch`, or `ControlRefused` with its sentence."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(seconds)
            client.connect(str(path))
            try:
                client.sendall(_line(request))
            except BrokenPipeError:
                pass  # it answered before it heard us out: what it said is still to be read
            with client.makefile("rb") as lines:
                line = lines.readline()
    except TimeoutError:
        raise NoSwitch(f"the switch did not answer within {seconds:g} seconds on {path}") from None
    except OSError as error:
        raise NoSwitch(_why_not(path, error)) from None
    if not line.endswith(b"\n"):
        raise NoSwitch("the switch ended before it answered")
    answer: dict[str, Any] = json.loads(line)
    if not answer.pop("ok"):
        raise ControlRefused(answer["error"])
    return answer


def _why_not(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ECONNREFUSED):
        return f"no switch runs here: nothing answers on {path}; start one with `wingline up` or `wingline switch`"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"only the user that runs the switch may control it: {path} is not yours"
    return f"the switch cannot be asked: {error.strerror or error} ({path})"


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _no(text: str) -> dict[str, Any]:
    return {"ok": False, "error": text}


async def _answers(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True
