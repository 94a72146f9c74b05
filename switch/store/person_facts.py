"""What the store knows of one person when they call: what they have, what they used, whom they may ring."""
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, literal_column, select, true
from sqlalchemy.sql.elements import ColumnElement

from switch.core.facts import (
    RECENT_CALLS,
    BundleFacts,
    PermitFacts,
    PermitKind,
    PersonFacts,
)
from switch.core.ids import PersonId, PhoneId
from switch.core.money import Millipence
from switch.core.numbers import Unreadable
from switch.ledger.postings import person_account
from switch.ports.records import CallRequest
from switch.store.prepared import Later, Prepared
from switch.store.spending import REFUND, TAKEN
from switch.store.stamps import local_midnight, local_monday, stamp, unstamp
from switch.store.tables import bundles, cdrs, people, permits, postings

LOOK_BACK = timedelta(hours=24 + 6)
"""How far back a call may have begun that a plan's pause or window still counts: the longest of either, and the longest call."""


def _answered(*columns: ColumnElement[Any]) -> Select[Any]:
    """Answered calls of a person; the bare 0 is for the partial index, which a parameter would not match."""
    return select(*columns).where(cdrs.c.person == bindparam("person"), cdrs.c.talk_ms > literal_column("0"))


def _charged(*columns: ColumnElement[Any]) -> Select[Any]:
    return _answered(*columns).where(cdrs.c.metered.is_(True))


def _since(moment: str, column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((cdrs.c.started_at >= bindparam(moment), column), else_=0)), 0)


_COUNTED = _charged(
    _since("midnight", cdrs.c.talk_ms).label("today_ms"), _since("monday", cdrs.c.talk_ms).label("week_ms"),
    _since("monday", TAKEN).label("spent"), func.max(cdrs.c.closed_at).label("last_ended"),
).join_from(cdrs, postings, REFUND, isouter=True).where(cdrs.c.started_at >= bindparam("since")).subquery("counted")

_RECENT = Prepared(
    _charged(cdrs.c.started_at).where(cdrs.c.started_at > bindparam("day_ago"))
    .order_by(cdrs.c.started_at.desc()).limit(literal_column(str(RECENT_CALLS)))
)

_PERMITS = Prepared(
    select(permits.c.id, permits.c.kind, permits.c.from_at, permits.c.until_at, permits.c.once, permits.c.given_by,
           permits.c.agreed_by,
           _answered(cdrs.c.id).where(cdrs.c.permit == permits.c.id, cdrs.c.started_at >= permits.c.from_at)
           .exists().label("used"))
    .where(permits.c.person == bindparam("person"), permits.c.number == bindparam("number"), permits.c.withdrawn_at.is_(None))
    .order_by(permits.c.until_at, permits.c.id)
)

_BUNDLES = Prepared(
    select(bundles.c.id, bundles.c.name, bundles.c.from_at, bundles.c.until_at,
           (bundles.c.seconds - select(func.coalesce(func.sum(cdrs.c.bundle_seconds), 0)).where(cdrs.c.bundle == bundles.c.id)
            .scalar_subquery()).label("left"), bundles.c.texts)
    .where(bundles.c.person == bindparam("person"), bundles.c.until_at > bindparam("now"), bundles.c.from_at <= bindparam("now"))
    .order_by(bundles.c.until_at, bundles.c.id)
)

_PERSON = Prepared(
    select(
        people.c.id, people.c.name, people.c.active, people.c.phone,
        select(func.coalesce(func.sum(postings.c.amount), 0)).where(postings.c.account == bindparam("account"))
        .scalar_subquery().label("balance"),
        _COUNTED.c.today_ms, _COUNTED.c.week_ms, _COUNTED.c.last_ended,
        (_COUNTED.c.spent + select(func.coalesce(func.sum(bundles.c.price), 0)).where(
            bundles.c.person == bindparam("person"), bundles.c.from_at >= bindparam("monday"),
            bundles.c.until_at > bindparam("monday")).scalar_subquery()).label("spent"),
        select(func.count()).select_from(cdrs)
        .where(cdrs.c.person == bindparam("person"), cdrs.c.closed_at.is_(None), cdrs.c.service == "contact",
               cdrs.c.id != bindparam("call"))
        .scalar_subquery().label("open_calls"),
        people.c.incentive, people.c.at_risk,
    )
    .join_from(people, _COUNTED, true())
    .where(people.c.id == bindparam("person"))
)


def ask_permits(conn: Connection, request: CallRequest, person: PersonId) -> Later[tuple[PermitFacts, ...]]:
    """Leave that this person was given for this number and that was not withdrawn, in force or not."""
    if isinstance(request.dialled, Unreadable):
        return lambda: ()
    number = request.dialled.number
    asked = _PERMITS.run(conn, {"person": person, "number": str(number)})
    return lambda: tuple(
        PermitFacts(id, PermitKind(kind), number, unstamp(since), unstamp(until),
                    tuple(name for name in (given, agreed) if name), bool(once), bool(used))
        for id, kind, since, until, once, given, agreed, used in asked.fetchall()
    )


def bundles_left(conn: Connection, person: PersonId, at: datetime) -> tuple[BundleFacts, ...]:
    """Bundles in force that have something left, of talk or of texts, the one that ends first before the others."""
    return _left(_BUNDLES.run(conn, {"person": person, "now": stamp(at)}).fetchall())


def _left(rows: Iterable[Sequence[Any]]) -> tuple[BundleFacts, ...]:
    return tuple(BundleFacts(bundle, offer, unstamp(since), unstamp(until), int(left), texts)
                 for bundle, offer, since, until, left, texts in rows if left > 0 or texts)


def ask_person(conn: Connection, request: CallRequest, person: PersonId, zone: str) -> Later[PersonFacts | None]:
    """The person with all that limits count; None for who is not known. Days and weeks are those of `zone`."""
    midnight, monday = local_midnight(request.at, zone), local_monday(request.at, zone)
    asked = _PERSON.run(conn, {
        "person": person, "account": person_account(person), "call": request.call,
        "midnight": stamp(midnight), "monday": stamp(monday), "since": stamp(min(monday, request.at - LOOK_BACK)),
    })
    recent = _RECENT.run(conn, {"person": person, "day_ago": stamp(request.at - timedelta(days=1))})
    held = _BUNDLES.run(conn, {"person": person, "now": stamp(request.at)})

    def said() -> PersonFacts | None:
        row = asked.fetchone()
        if row is None:
            return None
        (id, name, active, phone, balance, today_ms, week_ms, last_ended, spent, open_calls, incentive, at_risk) = row
        return PersonFacts(
            id=PersonId(id), name=name, active=bool(active), phone=PhoneId(phone) if phone else None,
            balance=Millipence(int(balance)), talked_today=today_ms / 1000, on_call=open_calls > 0, incentive=incentive,
            at_risk=bool(at_risk),
            talked_this_week=week_ms / 1000, spent_this_week=Millipence(int(spent)),
            bundles=_left(held.fetchall()),
            last_ended=unstamp(last_ended) if last_ended else None,
            recent_calls=tuple(unstamp(begun) for begun, in recent.fetchall()),
        )

    return said
