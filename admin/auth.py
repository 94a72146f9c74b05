"""Who asks: the key of a request, whether it may, how often, and in whose name."""
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from switch.core.ids import StaffId
from switch.desk.access import holder, named, note_refusal
from switch.desk.asking import Desk
from switch.ports.access import Key, Scope

STAFF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a request is not even read: the status, a code, and a plain sentence."""

    status: int
    code: str
    text: str


@dataclass(slots=True)
class Door:
    """Lets requests in. What it counts is this process's own and may be lost."""

    desk: Desk
    requests_a_minute: int
    refusals_a_minute: int
    _counts: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))

    async def admit(self, request: Request, at: datetime, operation: str, scope: Scope) -> Key | Denied:
        """The key that a request shows, where it may go on."""
        return await self._judge(request, at, operation, scope, holder(self.desk, at, _bearer(request)))

    async def admit_secret(self, request: Request, at: datetime, operation: str, scope: Scope, token: str) -> Key | Denied:
        """As `admit`, where the body of the request proves the key."""
        return await self._judge(request, at, operation, scope, holder(self.desk, at, token))

    async def admit_named(self, request: Request, at: datetime, operation: str, scope: Scope,
                          key_of: Callable[[str, datetime], str | None]) -> Key | Denied:
        """As `admit`, where a token of ours names the key."""
        return await self._judge(request, at, operation, scope, named(self.desk, at, key_of(_bearer(request), at) or ""))

    async def _judge(self, request: Request, at: datetime, operation: str, scope: Scope, finding: Coroutine[Any, Any, Key | None]
                     ) -> Key | Denied:
        """Who may not go on is noted, as long as their address did not try too often: then they are turned away unheard, so that
        nobody fills the audit."""
        where = request.client.host if request.client else "?"
        tries = RateLimitItemPerMinute(self.refusals_a_minute)
        if not await self._counts.test(tries, "refused", where):
            finding.close()
            return Denied(429, "too-often", "too many requests without a good key came from this address: wait a minute")
        key = await finding
        if key is None:
            denied = Denied(401, "no-key", "send a good key: Authorization: Bearer KEY")
        elif scope not in key.scopes:
            denied = Denied(403, "no-scope", f"this key is not for {scope}")
        elif not await self._counts.hit(RateLimitItemPerMinute(self.requests_a_minute), "key", key.id):
            return Denied(429, "too-often", f"more than {self.requests_a_minute} requests a minute: wait a little")
        else:
            return key
        await self._counts.hit(tries, "refused", where)
        await note_refusal(self.desk, at, operation, denied.code, key.id if key else None)
        return denied


def _bearer(request: Request) -> str:
    word, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" else ""


def staff_of(request: Request, key: Key, reads: bool) -> StaffId | Denied:
    """The member of staff in whose name a change is asked for; who only looks may leave it out."""
    name = request.headers.get("x-staff", "")
    if not name and reads:
        return StaffId(key.id)
    if STAFF.fullmatch(name):
        return StaffId(name)
    return Denied(400, "bad-staff", "say in X-Staff who asks: letters, digits and . _ @ -, at most 64")
