"""What the worker does with money once a day: subscriptions renewed as their day begins, and the books added up in the night."""
import asyncio
from datetime import datetime, time

import structlog

from switch.core.ids import StaffId
from switch.desk import subscriptions
from switch.desk.asking import Desk, Refused
from switch.ledger.checks import LedgerProblem
from switch.runtime.daily import DailyJob
from switch.store.books import verify_books_at
from switch.store.database import Store
from switch.store.orders import PlaceAlarm

log = structlog.get_logger("worker")
TOLD = 20
"""Differences that an alarm names; `wingline verify-books` tells all."""


def money_jobs(desk: Desk, store: Store, url: str, actor: StaffId) -> tuple[DailyJob, ...]:
    """`url` is the store's: the books are added up on a connection of their own, as it may take longer than a read may."""

    async def renew(establishment: str, at: datetime) -> None:
        done = await subscriptions.renew(desk, actor, at, establishment)
        if isinstance(done, Refused):
            raise RuntimeError(str(done))
        if done.renewed or done.lapsed or done.ended:
            log.info("subscriptions.renewed", establishment=establishment, renewed=done.renewed, lapsed=done.lapsed,
                     ended=done.ended)

    async def verify(_estate: str, at: datetime) -> None:
        found = await asyncio.to_thread(verify_books_at, url)
        if found:
            log.error("books.differ", differences=len(found))
            await store.write(PlaceAlarm(f"books:{at.date()}", "books-differ", _text(found), None, at))
        else:
            log.info("books.right")

    return (DailyJob("renew-subscriptions", time(0), renew), DailyJob("verify-books", time(3, 30), verify, estate=True))


def _text(found: list[LedgerProblem]) -> str:
    more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return f"The books differ ({len(found)} in all): " + "; ".join(f"{one.reference}: {one.text}" for one in found[:TOLD]) + more
