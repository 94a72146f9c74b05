"""The ledger as the database holds it, for the checks that count it through."""
from sqlalchemy import Connection, func, select

from switch.core.money import Millipence
from switch.ledger.checks import LedgerProblem, problems
from switch.ledger.postings import Account, Posting, Reference
from switch.store.tables import cdrs, postings


def read_postings(conn: Connection) -> list[Posting]:
    rows = conn.execute(select(postings.c.account, postings.c.amount, postings.c.reference).order_by(postings.c.seq))
    return [Posting(Account(row.account), Millipence(row.amount), Reference(row.reference)) for row in rows]


def verify_books(conn: Connection) -> list[LedgerProblem]:
    """Problems of the ledger itself, and calls whose charge is not what was booked for them."""
    found = problems(read_postings(conn))
    booked = select(func.coalesce(func.sum(-postings.c.amount), 0)).where(
        postings.c.reference == "call:" + cdrs.c.id, postings.c.amount < 0).scalar_subquery()
    for row in conn.execute(select(cdrs.c.id, cdrs.c.charged, booked.label("booked")).where(cdrs.c.charged != booked)):
        found.append(LedgerProblem(Reference(f"call:{row.id}"), f"charged {row.charged} on the record, booked {row.booked}"))
    return found
