"""Units that give a person something with dates of its own: bundles of minutes."""
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from dialplans.plan import Bundle
from dialplans.tariff import bundle_until
from switch.core.ids import PersonId
from switch.ledger.postings import SiteAccount, move, person_account
from switch.store.audit import append_audit
from switch.store.calls import post
from switch.store.stamps import stamp
from switch.store.tables import bundles, establishments, people, postings


class NotEnoughCredit(ValueError):
    """The balance does not pay for what is asked."""


@dataclass(frozen=True, slots=True)
class SellBundle:
    """Unit: a plan's offer, paid from the person's own credit. Idempotent by `reference`, which names the bundle: False when it
    was sold before. KeyError for an unknown person, NotEnoughCredit; what a week may cost is the caller's to ask."""

    person: PersonId
    offer: Bundle
    reference: str
    by: str
    at: datetime

    def __call__(self, conn: Connection) -> bool:
        if conn.execute(select(bundles.c.id).where(bundles.c.id == self.reference)).first():
            return False
        home = select(establishments.c.zone).join(people, people.c.establishment == establishments.c.id)
        zone = conn.execute(home.where(people.c.id == self.person)).scalar()
        if zone is None:
            raise KeyError(self.person)
        account = person_account(self.person)
        balance = select(func.coalesce(func.sum(postings.c.amount), 0)).where(postings.c.account == account)
        held = conn.execute(balance).scalar_one()
        if held < self.offer.price:
            raise NotEnoughCredit(f"{self.person}: the balance does not pay for {self.offer.name}")
        until = bundle_until(self.offer, self.at, ZoneInfo(zone))
        conn.execute(insert(bundles), {
            "id": self.reference, "person": self.person, "name": self.offer.name, "from_at": stamp(self.at),
            "until_at": stamp(until), "seconds": self.offer.seconds, "price": self.offer.price, "sold_by": self.by,
        })
        if self.offer.price:
            post(conn, move(f"bundle:{self.reference}", account, SiteAccount.INCOME_CALLS, self.offer.price), stamp(self.at))
        append_audit(conn, self.at, self.by, "bundle-sold", {"person": self.person, "bundle": self.reference},
                     {"seconds": self.offer.seconds, "price": self.offer.price})
        return True
