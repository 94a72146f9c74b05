"""The books of a site, added up again on a connection of their own: it may take longer than a read of the desk may."""
from typing import Any

from switch.build.site import up_to_date
from switch.desk.money import Offer
from switch.desk.subscriptions import Subscribed
from switch.ledger.checks import LedgerProblem
from switch.ports.money import Left, Line
from switch.settings.tree import Settings
from switch.store import codec
from switch.store.books import verify_books_at


def problems_of_books(settings: Settings) -> list[LedgerProblem]:
    """StoreError where the database does not answer."""
    up_to_date(settings)
    return verify_books_at(settings.store_url)


def money_row(kind: str, record: Line | Offer | Left | Subscribed) -> dict[str, Any]:
    """One line of `--json`, as `as_row` makes those of other records."""
    return {"record": kind, **codec.plain(record)}
