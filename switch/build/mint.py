"""Ids and secrets from the machine's own randomness, and hashes made off the loop."""
import asyncio
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from switch.build.site import SystemIds
from switch.store.pins import PinHasher

HASHERS = 2


class SystemMint:
    """`switch.ports.desk.Minting` from the machine's own randomness. Close it: it has threads."""

    def __init__(self, hasher: PinHasher) -> None:
        self._hasher, self._ids = hasher, SystemIds()
        self._pool = ThreadPoolExecutor(HASHERS, thread_name_prefix="wingline-mint")

    def id(self) -> str:
        return self._ids.call()

    def pin(self, digits: int) -> str:
        """No row of one digit, and none that counts up or down: those are what is guessed first."""
        while True:
            pin = "".join(secrets.choice("0123456789") for _ in range(digits))
            if len({(int(b) - int(a)) % 10 for a, b in pairwise(pin)}) > 1:
                return pin

    def password(self) -> str:
        return secrets.token_urlsafe(18)

    async def hashes(self, pins: Sequence[str]) -> list[str]:
        loop = asyncio.get_running_loop()
        return list(await asyncio.gather(*(loop.run_in_executor(self._pool, self._hasher.hash, pin) for pin in pins)))

    async def hash_of_password(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash_password, password)

    async def fits(self, hashed: str | None, pin: str) -> bool:
        return await self._hasher.fits(hashed, pin)

    def close(self) -> None:
        self._pool.shutdown(wait=False)
        self._hasher.close()
