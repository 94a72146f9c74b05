"""The ledger as the database holds it, added up again in SQL: sums of millions of postings never leave it."""
from typing import Any

from sqlalchemy import Connection, and_, func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from switch.core.ids import CallId
from switch.core.money import Millipence
from switch.ledger.checks import LedgerProblem, mischarged, overdrawn, stuck
from switch.ledger.postings import Account, Reference, SiteAccount
from switch.store.engine import Bound, database_at
from switch.store.errors import StoreUnavailable
from switch.store.tables import cdrs, postings

_TOTAL = func.sum(postings.c.amount)
_UNBALANCED = (select(postings.c.reference, _TOTAL.label("total")).group_by(postings.c.reference).having(_TOTAL != 0)
               .order_by(postings.c.reference))
_TWICE = (select(postings.c.reference, postings.c.account, func.count().label("times"))
          .group_by(postings.c.reference, postings.c.account).having(func.count() > 1))
_WRONG = (select(postings.c.account, _TOTAL.label("total")).where(postings.c.account.like("person:%"))
          .group_by(postings.c.account).having(_TOTAL < 0))
_HELD = (select(postings.c.account, _TOTAL.label("total")).where(postings.c.account.like("held:%"))
         .group_by(postings.c.account).having(_TOTAL != 0))
_BOOKED = func.coalesce(postings.c.amount, 0)
_MISCHARGED = (
    select(cdrs.c.id, cdrs.c.charged, _BOOKED.label("booked"))
    .join_from(cdrs, postings, and_(postings.c.reference == "call:" + cdrs.c.id, postings.c.account == SiteAccount.INCOME_CALLS),
               isouter=True)
    .where(cdrs.c.charged != _BOOKED)
)
_AFTER: ColumnElement[Any] = literal_column(str(len("call:") + 1))
_NO_RECORD = (  # the call's id out of the reference, and not the other way: so that SQLite finds each by its key
    select(postings.c.reference).where(postings.c.account == SiteAccount.INCOME_CALLS, postings.c.reference.like("call:%"))
    .where(~select(cdrs.c.id).where(cdrs.c.id == func.substr(postings.c.reference, _AFTER)).exists())
)


def verify_books(conn: Connection) -> list[LedgerProblem]:
    """Every account added up again: what does not balance, was booked twice, is overdrawn, stays held, or is not as recorded."""
    found = [LedgerProblem(Reference(row.reference), f"off by {row.total} thousandths of a penny")
             for row in conn.execute(_UNBALANCED)]
    found += [LedgerProblem(Reference(row.reference), f"booked {row.times} times to {row.account}")
              for row in conn.execute(_TWICE)]
    running = {CallId(id) for id in conn.execute(select(cdrs.c.id).where(cdrs.c.closed_at.is_(None))).scalars()}
    sums = {Account(row.account): int(row.total) for asked in (_WRONG, _HELD) for row in conn.execute(asked)}
    found += overdrawn(sums) + stuck(sums, running)
    found += mischarged((CallId(row.id), Millipence(row.charged), Millipence(row.booked)) for row in conn.execute(_MISCHARGED))
    found += [LedgerProblem(Reference(row.reference), "was charged, and there is no such call")
              for row in conn.execute(_NO_RECORD)]
    return found


def verify_books_at(url: str) -> list[LedgerProblem]:
    """The same of a whole database, however long it takes. StoreUnavailable."""
    database = database_at(url)
    bound = Bound(database.reading(), database)
    try:
        with bound.transaction() as conn:
            return verify_books(conn)
    except SQLAlchemyError as error:
        raise StoreUnavailable("the database did not answer") from error
    finally:
        bound.drop()
        bound.engine.dispose()
