"""Two consoles on one database: the same reference, or the same name of a request, counts once whichever of them it comes to."""
import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy.exc import IntegrityError

from admin.app import SILENT, create_app
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.admin.counter import GENEROUS, Counter, open_counter
from tests.unit.admin.test_supplier import GOOD, PERSON, service_of
from tests.unit.desk.office import ANN
from tests.unit.store.keys import MASTER

AT_ONCE = 20


@pytest_asyncio.fixture
async def counter(tmp_path: Path, url: str) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path, url=url) as made:
        await made.office.receive()
        yield made


@pytest_asyncio.fixture
async def other(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """The second console: an application, a writer and readers of its own."""
    store = Store(counter.office.site.url, busy_ms=5000, patience=20, keys=MASTER)
    desk = replace(counter.office.desk, work=SqlUnitOfWork(store, {}))
    app = create_app(desk, counter.clock.wall, StoreError, IntegrityError, b"x" * 32, GENEROUS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://other") as http:
        yield http
    await store.close()


async def at_once(counter: Counter, other: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str]
                  ) -> list[httpx.Response]:
    """Every answer; whoever is told that the database did not answer asks again, as a client would: it may not count twice."""
    async def asked(side: httpx.AsyncClient) -> httpx.Response:
        while (answer := await side.post(path, json=body, headers=headers)).status_code == 503:
            assert SILENT in answer.text
        return answer

    sides = (counter.http, other)
    return list(await asyncio.gather(*(asked(sides[turn % 2]) for turn in range(AT_ONCE))))


async def test_twenty_of_one_reference_at_once_count_once(counter: Counter, other: httpx.AsyncClient) -> None:
    service = await service_of(counter)
    headers = {"Authorization": f"Bearer {service.token}"}
    for path in ("/pcs/AccountCredit", "/pcs/ControlledNumber"):
        answers = await at_once(counter, other, path, GOOD[path], headers)
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
        assert len({answer.text for answer in answers}) == 1
    assert (await service.post("/pcs/Balance", PERSON)).json()["balancePence"] == 10
    assert len(await service.approvals()) == 1
    for turn in range(2):
        await at_once(counter, other, "/pcs/AccountCredit", GOOD["/pcs/AccountCredit"] | {"reference": f"other-{turn}"}, headers)
    assert (await service.post("/pcs/Balance", PERSON)).json()["balancePence"] == 30


async def test_twenty_of_one_name_at_once_are_one(counter: Counter, other: httpx.AsyncClient) -> None:
    key = await counter.key()
    headers = {"Authorization": f"Bearer {key}", "X-Staff": "officer", "Idempotency-Key": "n-1"}
    answers = await at_once(counter, other, "/api/pins/issue-pin", {"number": ANN, "reason": "forgotten"}, headers)
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == 1
    assert [action for action, _, _ in await counter.office.audit()].count("pin-issued") == 1
