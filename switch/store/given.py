"""Units that give a person something with dates of its own: bundles of minutes or texts, leave to ring a number."""
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from dialplans.permits import rightly_given
from dialplans.plan import Bundle
from dialplans.tariff import bundle_until
from switch.core.facts import PermitFacts, PermitKind
from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.core.numbers import Number
from switch.ledger.postings import SiteAccount, move, person_account
from switch.ports.money import Held
from switch.store.audit import append_audit
from switch.store.calls import NotEnoughCredit, free_balance, post
from switch.store.stamps import stamp, unstamp
from switch.store.tables import bundles, establishments, people, permits


@dataclass(frozen=True, slots=True)
class SellBundle:
    """Unit: a plan's offer, paid from the person's own credit. Idempotent by `reference`, which names the bundle: False when it
    was sold before. KeyError for an unknown person, NotEnoughCredit; what a week may cost is the caller's to ask."""

    person: PersonId
    offer: Bundle
    reference: str
    by: str
    at: datetime
    until: datetime | None = None
    """Its end; a week or a month on, as the offer says, when left out."""

    def __call__(self, conn: Connection) -> bool:
        if conn.execute(select(bundles.c.id).where(bundles.c.id == self.reference)).first():
            return False
        home = select(establishments.c.zone).join(people, people.c.establishment == establishments.c.id)
        zone = conn.execute(home.where(people.c.id == self.person)).scalar()
        if zone is None:
            raise KeyError(self.person)
        account = person_account(self.person)
        if free_balance(conn, self.person) < self.offer.price:
            raise NotEnoughCredit(f"{self.person}: the balance does not pay for {self.offer.name}")
        until = self.until or bundle_until(self.offer, self.at, ZoneInfo(zone))
        conn.execute(insert(bundles), {
            "id": self.reference, "person": self.person, "name": self.offer.name, "from_at": stamp(self.at),
            "until_at": stamp(until), "seconds": self.offer.seconds, "price": self.offer.price, "sold_by": self.by,
            "texts": self.offer.texts,
        })
        if self.offer.price:
            post(conn, move(f"bundle:{self.reference}", account, SiteAccount.INCOME_CALLS, self.offer.price), stamp(self.at))
        append_audit(conn, self.at, self.by, "bundle-sold", {"person": self.person, "bundle": self.reference},
                     {"seconds": self.offer.seconds, "price": self.offer.price, "texts": self.offer.texts})
        return True


def sold_bundle(conn: Connection, reference: str) -> Held | None:
    """A bundle as it was sold."""
    row = conn.execute(select(bundles).where(bundles.c.id == reference)).first()
    return None if row is None else Held(
        row.id, PersonId(row.person), row.name, unstamp(row.from_at), unstamp(row.until_at), row.seconds, Millipence(row.price),
        row.texts)


@dataclass(frozen=True, slots=True)
class GivePermit:
    """Unit: leave to ring one number free, in one window. ValueError where it is not given as its kind asks for: two different
    names; for a first call one, once, within a day, and no other that still stands. KeyError for an unknown person."""

    id: str
    person: PersonId
    number: Number
    kind: PermitKind
    since: datetime
    until: datetime
    once: bool
    by: str
    agreed_by: str | None
    at: datetime

    def __call__(self, conn: Connection) -> None:
        names = tuple(name for name in (self.by, self.agreed_by) if name)
        if self.until <= self.since or self.until <= self.at:
            raise ValueError("the window of a permit ends before it begins, or is over")
        if not rightly_given(PermitFacts(self.id, self.kind, self.number, self.since, self.until, names, self.once)):
            raise ValueError("a permit needs two different names; a first call is once, and within 24 hours")
        if conn.execute(select(people.c.id).where(people.c.id == self.person)).first() is None:
            raise KeyError(self.person)
        standing = select(permits.c.id).where(
            permits.c.person == self.person, permits.c.kind == PermitKind.FIRST_CALL, permits.c.withdrawn_at.is_(None),
            permits.c.until_at > stamp(self.since))
        if self.kind is PermitKind.FIRST_CALL and conn.execute(standing).first():
            raise ValueError("this person has a first call already: withdraw it before another number is entered")
        conn.execute(insert(permits), {
            "id": self.id, "person": self.person, "number": str(self.number), "kind": self.kind, "from_at": stamp(self.since),
            "until_at": stamp(self.until), "once": self.once, "given_by": self.by, "agreed_by": self.agreed_by,
            "given_at": stamp(self.at),
        })
        append_audit(conn, self.at, self.by, "permit-given", {"person": self.person, "permit": self.id},
                     {"kind": self.kind, "once": self.once, "agreed_by": self.agreed_by})


@dataclass(frozen=True, slots=True)
class WithdrawPermit:
    """Unit: leave that was given no longer stands. KeyError for one that does not."""

    id: str
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> None:
        withdrawn = update(permits).where(permits.c.id == self.id, permits.c.withdrawn_at.is_(None))
        if not conn.execute(withdrawn.values(withdrawn_at=stamp(self.at))).rowcount:
            raise KeyError(self.id)
        append_audit(conn, self.at, self.by, "permit-withdrawn", {"permit": self.id})
