"""Who asks: the key of a request, whether it may, how often, and in whose name."""
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from switch.core.ids import StaffId
from switch.desk.access import STAFF, STAFF_WORDS, holder, named, note_refusal
from switch.desk.asking import Desk, same_name
from switch.ports.access import Key, Scope


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

    async def admit(self, request: Request, at: datetime, operation: str, scope: Scope | None) -> Key | Denied:
        """The key that a request shows, where it may go on; `None` where what is asked for says its scope only later."""
        return await self._judge(request, at, operation, scope, holder(self.desk, at, bearer(request)))

    async def admit_secret(self, request: Request, at: datetime, operation: str, scope: Scope, token: str) -> Key | Denied:
        """As `admit`, where the body of the request proves the key."""
        return await self._judge(request, at, operation, scope, holder(self.desk, at, token))

    async def admit_named(self, request: Request, at: datetime, operation: str, scope: Scope,
                          key_of: Callable[[str, datetime], str | None]) -> Key | Denied:
        """As `admit`, where a token of ours names the key."""
        return await self._judge(request, at, operation, scope, named(self.desk, at, key_of(bearer(request), at) or ""))

    async def acting(self, request: Request, at: datetime, operation: str, key: Key, nameless: bool) -> StaffId | Denied:
        """In whose name: the holder's and nobody else's, or, by a system's key, whoever it says, with the key beside the name so
        that nobody takes it for proved. `nameless`: a system need not say."""
        name = request.headers.get("x-staff", "")
        if key.holder is not None:
            if not name or same_name(name, key.holder):
                return key.holder
            why = f"this key acts for {key.holder} alone: somebody else asks with a key of their own"
            return await self.turn_away(request, at, operation, key, Denied(403, "not-the-holder", why))
        if not name and nameless:
            return StaffId(key.id)
        if STAFF.fullmatch(name):
            return StaffId(f"{name}@{key.id}")
        return Denied(400, "bad-staff", f"say in X-Staff who asks: {STAFF_WORDS}")

    async def turn_away(self, request: Request, at: datetime, operation: str, key: Key | None, denied: Denied) -> Denied:
        """Counted against the address, and noted in the audit."""
        await self._counts.hit(RateLimitItemPerMinute(self.refusals_a_minute), "refused", _address(request))
        await note_refusal(self.desk, at, operation, denied.code, key.id if key else None)
        return denied

    async def _judge(self, request: Request, at: datetime, operation: str, scope: Scope | None,
                     finding: Coroutine[Any, Any, Key | None]) -> Key | Denied:
        """Who may not go on is noted, as long as their address did not try too often: then they are turned away unheard, so that
        nobody fills the audit."""
        if not await self._counts.test(RateLimitItemPerMinute(self.refusals_a_minute), "refused", _address(request)):
            finding.close()
            return Denied(429, "too-often", "too many requests without a good key came from this address: wait a minute")
        key = await finding
        if key is None:
            return await self.turn_away(request, at, operation, None,
                                        Denied(401, "no-key", "send a good key: Authorization: Bearer KEY"))
        if scope is not None and scope not in key.scopes:
            return await self.turn_away(request, at, operation, key, no_scope(scope))
        if not await self._counts.hit(RateLimitItemPerMinute(self.requests_a_minute), "key", key.id):
            return Denied(429, "too-often", f"more than {self.requests_a_minute} requests a minute: wait a little")
        return key


def no_scope(scope: Scope) -> Denied:
    return Denied(403, "no-scope", f"this key is not for {scope}")


def bearer(request: Request) -> str:
    word, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else "?"
