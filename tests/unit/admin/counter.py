"""The web application on a desk of its own, asked without a socket; and what its tables hold, to see that nothing changed."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from admin.app import USUAL_STAY, Gates, create_app
from admin.entry.house import Stay
from admin.live.site import NOT_LIVE, Live
from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from switch.desk.access import issue_key
from switch.ports.access import Scope
from switch.store.errors import StoreError
from switch.store.tables import metadata
from tests.unit.desk.office import GOVERNOR, Office, good, make_office
from tests.unit.store.site import AT, StandingClock

GENEROUS = Gates(1_000_000, 10_000, 100_000)


@dataclass
class Counter:
    office: Office
    app: FastAPI
    http: httpx.AsyncClient
    clock: StandingClock

    async def key(self, *scopes: Scope, name: str = "", until: datetime | None = None, holder: str = "") -> str:
        name = name or holder or "a system"
        return good(await issue_key(self.office.desk, GOVERNOR, AT, name, scopes or tuple(Scope), until, holder)).token

    async def ask(self, path: str, body: Any = None, key: str = "", method: str = "", **more: Any) -> httpx.Response:
        headers = {"X-Staff": "officer"} | ({"Authorization": f"Bearer {key}"} if key else {}) | more.pop("headers", {})
        if body is not None and "content" not in more:
            more["json"] = body
        return await self.http.request(method or ("GET" if body is None else "POST"), path, headers=headers, **more)

    async def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row but those of the audit."""
        return await self.office.site.store.read(lambda conn: {
            table.name: sorted(map(tuple, conn.execute(select(table))), key=repr)
            for table in metadata.sorted_tables if table.name not in ("audit", "audit_notes")})


def codes(answer: httpx.Response) -> list[str]:
    return [one["code"] for one in answer.json()["problems"]]


@asynccontextmanager
async def open_counter(folder: Path, gates: Gates = GENEROUS, url: str = "", stay: Stay = USUAL_STAY, live: Live = NOT_LIVE,
                       **desk: Any) -> AsyncIterator[Counter]:
    """`desk`: what this one has otherwise. An SQLite file where no `url` is given."""
    office = await make_office(folder, url)
    plan = load_plan(shipped_plans(), "example")
    assert isinstance(plan, Plan)
    office.desk, now = replace(office.desk, plan=plan, **desk), StandingClock()
    app = create_app(office.desk, now.wall, StoreError, IntegrityError, b"x" * 32, gates, stay, live=live)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as http:
            yield Counter(office, app, http, now)
        assert await office.whole(), "the audit chain"
    finally:
        office.mint.hasher.close()
        await office.site.close()
