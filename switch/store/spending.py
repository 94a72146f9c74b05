"""What somebody spent since a moment, and what moved their credit: the sums that limits and statements share."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.ledger.postings import person_account
from switch.store.stamps import stamp
from switch.store.tables import bundles, cdrs, postings

REFUND = and_(postings.c.reference == "refund:" + cdrs.c.id, postings.c.account == "person:" + cdrs.c.person)
"""Joins a call to the posting that gave it back to its person: by its name, which an index finds."""
TAKEN = cdrs.c.charged - func.coalesce(postings.c.amount, 0)
"""What a call that is joined so cost in the end."""


def spent_since(conn: Connection, person: PersonId, since: datetime) -> Millipence:
    """Charges of the calls begun since then, less what was refunded of those very calls whenever it was; and bundles bought."""
    first = stamp(since)
    calls = select(func.sum(TAKEN)).join_from(cdrs, postings, REFUND, isouter=True).where(
        cdrs.c.person == person, cdrs.c.started_at >= first)
    bought = select(func.sum(bundles.c.price)).where(bundles.c.person == person, bundles.c.from_at >= first)
    return Millipence(sum(int(conn.execute(asked).scalar() or 0) for asked in (calls, bought)))


def moves(person: PersonId, newest: int | None = None) -> Select[Any]:
    """A person's postings but for those of calls, which their records tell of: a hold and its release are no movement. Newest
    first."""
    return select(postings.c.reference, postings.c.amount, postings.c.at).where(
        postings.c.account == person_account(person), ~postings.c.reference.like("hold:%"), ~postings.c.reference.like("call:%"),
    ).order_by(postings.c.seq.desc()).limit(newest)
