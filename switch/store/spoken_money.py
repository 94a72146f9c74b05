"""What the telephone tells somebody of their payments and bundles: one read, for `dialplans.prompts.spoken_money`."""
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.core.money_facts import LAST_PAYMENTS, BundleLeft, LastPayment, Payment, Payments
from switch.store.person_facts import bundles_left
from switch.store.spending import moves
from switch.store.stamps import unstamp
from switch.store.tables import establishments, people

KINDS = {"refund": Payment.REFUND, "goodwill": Payment.GIVEN, "bundle": Payment.BUNDLE, "payout": Payment.PAID_OUT}
"""What a movement is, by the beginning of its reference; one without is money paid in, or paid out."""


def read_payments(conn: Connection, person: PersonId, at: datetime) -> Payments:
    """The newest payments and what bundles hold, in the time of the person's establishment.."""
    zone = ZoneInfo(conn.execute(
        select(establishments.c.zone).join(people, people.c.establishment == establishments.c.id).where(people.c.id == person)
    ).scalar_one())
    last = tuple(
        LastPayment(_kind(row.reference, row.amount), Millipence(abs(row.amount)), unstamp(row.at).astimezone(zone))
        for row in conn.execute(moves(person, newest=LAST_PAYMENTS)))
    left = tuple(BundleLeft(held.seconds_left, held.until.astimezone(zone), held.texts_left)
                 for held in bundles_left(conn, person, at))
    return Payments(at.astimezone(zone).date(), last, left)


def _kind(reference: str, amount: int) -> Payment:
    return KINDS.get(reference.partition(":")[0], Payment.PAID_IN if amount > 0 else Payment.PAID_OUT)
