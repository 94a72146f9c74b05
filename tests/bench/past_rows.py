"""The row about trying a changed plan on the past: a database full of closed calls, made by this script."""
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from dialplans.decide import decide
from switch.build.what_if import try_together
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.money import Millipence
from switch.core.numbers import E164, Dialled
from switch.store import codec
from switch.store.engine import Bound, database_at
from switch.store.migrate import upgrade
from switch.store.stamps import stamp
from switch.store.tables import cdrs
from tests.bench.bench_site import RunningSite
from tests.bench.words import Row, Size
from tests.unit.dialplans.world import PLAN, facts, plan

BEGAN = datetime(2026, 10, 1, 8, tzinfo=UTC)
CALLS_EACH = 200
A_TIME = 20_000
CHANGED = "[length]\nsocial = 420\n[call]\ngap_seconds = 600\n[allowance]\nminutes_per_day = 30\npence_per_week = 1500\n"


def what_if_rate(_site: RunningSite, size: Size) -> list[Row]:
    """Requests a second with two processes, and what the facts of one take in the database."""
    with tempfile.TemporaryDirectory(prefix="wingline-past-") as folder:
        url = f"sqlite:///{folder}/past.db"
        upgrade(url)
        held = fill(url, size.past)
        began = time.monotonic()
        tally = try_together(url, plan(CHANGED), BEGAN - timedelta(days=1), 2)
        took = time.monotonic() - began
        disk = os.stat(Path(folder) / "past.db").st_size
    if tally.requests != size.past:
        raise RuntimeError(f"{tally.requests} of {size.past} requests were tried")
    note = (f"{size.past} requests of {size.past // CALLS_EACH} people in {took:.1f} s, two processes; "
            f"SQLite of {disk / 1e9:.1f} GB; facts {held:.0f} bytes a call; {sum(tally.calls.values())} calls otherwise")
    return [Row("A changed plan tried on the past", f"{size.past / took:.0f} requests/s", note=note)]


def fill(url: str, calls: int) -> float:
    """So many closed calls, five minutes each, a few a day; returns the mean bytes of facts."""
    bound = Bound(database_at(url).writing(5000), database_at(url))
    dialled = Dialled(E164("447700900123"))
    text = codec.dumps(decide(PLAN, facts(), CallId("past"), dialled))
    bytes_, made = 0, 0
    while made < calls:
        rows = []
        for n in range(made, min(calls, made + A_TIME)):
            who, nth = divmod(n, CALLS_EACH)
            person, at = PersonId(f"A{who:05}"), BEGAN + timedelta(hours=3 * (nth % 5), days=nth // 5, minutes=who % 50)
            talked = 60 + (n * 37) % 540
            known = facts(at=at, person={
                "id": person, "name": "Somebody Invented", "phone": PhoneId("b1-01"), "balance": Millipence(400_000 - nth * 1000),
                "talked_today": float(300 * (nth % 5)), "talked_this_week": float(1500 * (nth // 5 % 7)),
                "spent_this_week": Millipence(30_000 * (nth % 35)), "last_ended": at - timedelta(hours=3),
                "recent_calls": tuple(at - timedelta(hours=3 * back) for back in range(1, 1 + nth % 5)), "incentive": "standard",
            })
            kept = codec.lean(known)
            bytes_ += len(kept)
            rows.append({
                "id": f"call-{n:08}", "node": "node-1", "started_at": stamp(at), "phone": "b1-01", "person": person,
                "dialled": "+447700900123", "relay": None, "service": "contact", "privileged": False, "metered": True,
                "decision": text, "closed_at": stamp(at + timedelta(seconds=talked + 25)), "outcome": "connected",
                "end_by": "person", "end_why": "hung-up", "end_note": None, "ring_ms": 8000, "talk_ms": talked * 1000,
                "charged": talked * 92, "permit": None, "bundle": None, "bundle_seconds": 0, "recording": None, "media": None,
                "facts": kept,
            })
        with bound.transaction() as conn:
            conn.execute(insert(cdrs), rows)
        made += len(rows)
    bound.drop()
    return bytes_ / calls
