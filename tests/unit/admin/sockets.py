"""A browser's WebSocket at the application of this process, on the loop of the test."""
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from tests.unit.admin.pages import Browser

PATIENCE = 20.0


class Closed(Exception):
    """The server closed it, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Socket:
    def __init__(self, app: FastAPI, path: str, cookies: dict[str, str]) -> None:
        path, _, query = path.partition("?")
        held = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "scheme": "ws",
                 "root_path": "", "subprotocols": [], "client": ("127.0.0.1", 1), "server": ("console", 80),
                 "headers": [(b"host", b"console"), (b"origin", b"http://console"), (b"cookie", held.encode())]}
        self._in.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.ensure_future(app(scope, self._in.get, self._out.put))

    async def say(self, what: Any) -> None:
        await self._in.put({"type": "websocket.receive", "text": json.dumps(what)})

    async def hear(self, seconds: float = PATIENCE) -> Any:
        """The next message: text is read as JSON. Raises Closed."""
        async with asyncio.timeout(seconds):
            message = await self._out.get()
        match message["type"]:
            case "websocket.accept":
                return await self.hear(seconds)
            case "websocket.send":
                return json.loads(message["text"]) if message.get("text") is not None else message["bytes"]
            case _:
                raise Closed(message.get("code", 0))

    async def leave(self) -> None:
        await self._in.put({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(PATIENCE):
            await self.task


@asynccontextmanager
async def opened(browser: Browser, path: str) -> AsyncIterator[Socket]:
    made = Socket(browser.console.counter.app, path, dict(browser.http.cookies))
    try:
        yield made
    finally:
        await made.leave()
