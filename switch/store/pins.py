"""PINs: argon2id hashes, and the count of failures of each pair of telephone and person."""
import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from switch.core.ids import PersonId, PhoneId
from switch.store.audit import append_audit
from switch.store.orders import PlaceAlarm
from switch.store.stamps import stamp
from switch.store.tables import people, pin_failures, pins

MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class PinCost:
    """What one guess costs. The default is OWASP's lower-memory profile (19 MiB, 2 passes): about 20 ms of a core."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


class PinHasher:
    """Hashes and compares in two threads of its own, so that no call waits for another's PIN on the loop."""

    def __init__(self, cost: PinCost | None = None) -> None:
        cost = cost or PinCost()
        self._argon = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="wingline-pin")
        self._nobody = self._argon.hash("no such person")

    def hash(self, pin: str) -> str:
        """ValueError unless it is 4 to 8 digits. Blocking."""
        if not (4 <= len(pin) <= 8 and pin.isascii() and pin.isdecimal()):
            raise ValueError("a PIN is 4 to 8 digits")
        return self._argon.hash(pin)

    def hash_password(self, password: str) -> str:
        """Of staff: any text. Blocking."""
        return self._argon.hash(password)

    async def fits(self, hashed: str | None, pin: str) -> bool:
        """Takes as long for nobody as for somebody."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._compare, hashed, pin)

    def _compare(self, hashed: str | None, pin: str) -> bool:
        try:
            return self._argon.verify(hashed or self._nobody, pin) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        self._pool.shutdown(wait=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody may be, by what they keyed: `who` is the pair's second half even where nobody has that number."""

    who: str
    person: PersonId | None
    hash: str | None
    failures: int
    locked: bool
    duress: str | None = None
    """Hash of the second PIN, that of duress."""
    language: str = ""


def read_claims(conn: Connection, phone: PhoneId, keyed: str | None, person: PersonId | None) -> list[Claim]:
    """Everybody whose prison number these keys spell, those of this telephone first; the one claim of nobody if there is none."""
    columns = people.c.id, people.c.language, pins.c.hash, pins.c.duress
    asked = select(*columns).join(pins, pins.c.person == people.c.id, isouter=True)
    asked = asked.where(people.c.id == person) if person else asked.where(people.c.keypad == keyed)
    rows = conn.execute(asked.order_by((people.c.phone == phone).desc().nulls_last(), people.c.id)).all()
    whos = [(row.id, row.id, row.hash, row.duress, row.language) for row in rows] or [
        (person or f"keys:{keyed}", None, None, None, "")]
    counts = {row.person: row for row in conn.execute(
        select(pin_failures).where(pin_failures.c.phone == phone, pin_failures.c.person.in_([who for who, *_ in whos])))}
    return [
        Claim(who, PersonId(known) if known else None, hashed,
              counts[who].failures if who in counts else 0, who in counts and counts[who].locked_at is not None, duress, language)
        for who, known, hashed, duress, language in whos
    ]


@dataclass(frozen=True, slots=True)
class CountFailure:
    """Unit: one wrong try of a pair. True when it locks the pair: an alarm for staff in the same transaction."""

    phone: PhoneId
    who: str
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        pair = (pin_failures.c.phone == self.phone) & (pin_failures.c.person == self.who)
        row = conn.execute(select(pin_failures.c.failures, pin_failures.c.locked_at).where(pair)).first()
        count = (row.failures if row else 0) + 1
        locks = count >= MOST_FAILURES and not (row and row.locked_at)
        locked_at = stamp(self.at) if locks else (row.locked_at if row else None)
        if row:
            conn.execute(update(pin_failures).where(pair).values(failures=count, locked_at=locked_at))
        else:
            conn.execute(insert(pin_failures), {"phone": self.phone, "person": self.who, "failures": count,
                                                "locked_at": locked_at})
        subject = {"phone": self.phone, "person": self.who}
        append_audit(conn, self.at, "switch", "pin-wrong", subject, {"count": count})
        if locks:
            append_audit(conn, self.at, "switch", "pin-locked", subject)
            PlaceAlarm(f"pin-locked:{self.phone}:{self.who}:{stamp(self.at)}", "pin-locked",
                       f"{self.who} is locked out of telephone {self.phone} after {count} wrong PINs", None, self.at)(conn)
        return locks


@dataclass(frozen=True, slots=True)
class ClearFailures:
    """Unit: the pair starts afresh, after the right PIN or by staff. A lock is only staff's to lift."""

    phone: PhoneId
    who: str
    at: datetime
    by: str = "switch"

    def __call__(self, conn: Connection) -> None:
        pair = (pin_failures.c.phone == self.phone) & (pin_failures.c.person == self.who)
        if self.by == "switch":
            pair &= pin_failures.c.locked_at.is_(None)
        if conn.execute(delete(pin_failures).where(pair)).rowcount:
            append_audit(conn, self.at, self.by, "pin-cleared", {"phone": self.phone, "person": self.who})
