"""Subscriptions as a use case changes them (`switch.ports.subscriptions.SubscriptionChanges`), on one connection."""
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dialplans.plan import Bundle
from dialplans.subscriptions import Period
from switch.core.ids import PersonId, StaffId
from switch.core.money import Millipence
from switch.ports.money import Held
from switch.ports.subscriptions import Subscription
from switch.store.audit import append_audit
from switch.store.given import SellBundle, sold_bundle
from switch.store.stamps import stamp, unstamp
from switch.store.tables import people, subscriptions


class SubscriptionWork:
    """The part of a transaction that is about subscriptions."""

    conn: Connection
    actor: StaffId
    at: datetime

    def subscription(self, id: str) -> Subscription | None:
        row = self.conn.execute(select(subscriptions).where(subscriptions.c.id == id)).first()
        return None if row is None else _subscription(row)

    def subscriptions(self, person: PersonId) -> list[Subscription]:
        asked = select(subscriptions).where(subscriptions.c.person == person)
        return [_subscription(row) for row in self.conn.execute(asked.order_by(subscriptions.c.begun_at, subscriptions.c.id))]

    def subscriptions_due(self, establishment: str) -> list[str]:
        asked = select(subscriptions.c.id).join(people, people.c.id == subscriptions.c.person).where(
            people.c.establishment == establishment, subscriptions.c.ended_at.is_(None),
            subscriptions.c.until_at <= stamp(self.at))
        return list(self.conn.execute(asked.order_by(subscriptions.c.until_at, subscriptions.c.id)).scalars())

    def begin_subscription(self, subscription: Subscription) -> None:
        self.conn.execute(insert(subscriptions), {
            "id": subscription.id, "person": subscription.person, "name": subscription.name, "seconds": subscription.seconds,
            "texts": subscription.texts, "price": subscription.price, "monthly": subscription.monthly,
            "begun_at": stamp(subscription.begun_at), "begun_by": subscription.begun_by, **_state(subscription)})

    def set_subscription(self, subscription: Subscription) -> None:
        self.conn.execute(update(subscriptions).where(subscriptions.c.id == subscription.id).values(**_state(subscription)))

    def sell_period(self, subscription: Subscription, offer: Bundle) -> Held | None:
        reference = f"{subscription.id}@{stamp(subscription.until)[:10]}"
        sold = SellBundle(subscription.person, offer, reference, self.actor, self.at, subscription.until)(self.conn)
        return sold_bundle(self.conn, reference) if sold else None

    def end_subscriptions(self, person: PersonId, why: str) -> int:
        standing = select(subscriptions.c.id).where(subscriptions.c.person == person, subscriptions.c.ended_at.is_(None))
        ids = list(self.conn.execute(standing.order_by(subscriptions.c.id)).scalars())
        for id in ids:
            self.conn.execute(update(subscriptions).where(subscriptions.c.id == id).values(ended_at=stamp(self.at), why=why))
            append_audit(self.conn, self.at, self.actor, "subscription-ended", {"person": person, "subscription": id},
                         {"why": why})
        return len(ids)


def _state(subscription: Subscription) -> Mapping[str, str | int | None]:
    return {"anchor": subscription.period.anchor.isoformat(), "nth": subscription.period.nth,
            "until_at": stamp(subscription.until), "why": subscription.why, "cancelled_at": _stamp(subscription.cancelled_at),
            "lapsed_at": _stamp(subscription.lapsed_at), "ended_at": _stamp(subscription.ended_at)}


def _subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    return Subscription(
        row.id, PersonId(row.person), row.name, row.seconds, row.texts, Millipence(row.price), bool(row.monthly),
        Period(date.fromisoformat(row.anchor), row.nth), unstamp(row.until_at), unstamp(row.begun_at), StaffId(row.begun_by),
        _unstamp(row.cancelled_at), _unstamp(row.lapsed_at), _unstamp(row.ended_at), row.why)


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def _unstamp(text: str | None) -> datetime | None:
    return None if text is None else unstamp(text)
