"""What every answer to a browser says of itself, and from where a browser may send: CSP, no-store, origins."""
import base64
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BY_KEY = ("/api/", "/auth/token", "/pcs/")
"""Paths that are asked with a key in a header, which no browser sends by itself; they have answers of their own."""
STATIC = "/static/"
CSP = ("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
       "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
       "frame-ancestors 'none'; base-uri 'none'; report-uri /csp")
ALWAYS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
YEAR = "public, max-age=31536000, immutable"
NO_ORIGIN = "This did not come from a page of this console, so nothing was done."


def by_key(path: str) -> bool:
    return path.startswith(BY_KEY)


@dataclass(frozen=True, slots=True)
class PageHeaders:
    """ASGI: headers for pages and files. A page gets a fresh nonce, in `scope["nonce"]`, and is kept nowhere."""

    app: ASGIApp
    secure: bool
    csp: str = CSP

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or by_key(scope["path"]):
            await self.app(scope, receive, send)
            return
        scope["nonce"] = nonce = base64.b64encode(os.urandom(18)).decode()

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = self.csp.format(nonce=nonce)
                if self.secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                # A file's address has a version or a hash in it; everything else may be about somebody.
                file = scope["path"].startswith(STATIC) and message["status"] in (200, 206, 304)
                headers["Cache-Control"] = YEAR if file else "no-store"
            await send(message)

        await self.app(scope, receive, said)


@dataclass(frozen=True, slots=True)
class SameOrigin:
    """ASGI: what changes something, and every WebSocket, has to come from a page of this console: by Fetch Metadata, else by the
    Origin header. Whatever says neither is refused. `public`: the address that browsers know, where Host says another."""

    app: ASGIApp
    public: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        free = kind == "lifespan" or (
            kind == "http" and (scope["method"] in SAFE or by_key(scope["path"]) or scope["path"] == "/csp"))
        if free or self._ours(Headers(scope=scope), kind == "websocket"):
            await self.app(scope, receive, send)
        elif kind == "websocket":
            await WebSocketClose(4403, NO_ORIGIN)(scope, receive, send)
        else:
            await PlainTextResponse(NO_ORIGIN, 403)(scope, receive, send)

    def _ours(self, headers: Headers, socket: bool) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site != "same-origin":
            return False
        if origin in (None, "null"):  # "null" is what a page without a referrer says of itself
            return site == "same-origin" and not socket
        theirs = urlsplit(origin or "")
        if self.public:
            ours = urlsplit(self.public)
            return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)
        return theirs.netloc == headers.get("host", "")
