"""The row about playing: how soon an hour's call is heard, asked of the running console over HTTP as a browser asks."""
import asyncio
import hashlib
import time
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from recordings.keys import load_master
from recordings.spool import spool_of, write_spool
from switch.build.keys import SiteKeys
from switch.build.site import SystemClock
from switch.build.staff import SystemMint, make_desk
from switch.core.ids import PersonId, PhoneId, RecordingId, StaffId
from switch.core.numbers import E164
from switch.desk.access import IssuedKey, issue_key
from switch.ports.access import Scope
from switch.ports.media import MediaReport, SealedRecording
from switch.store.calls import CloseCall, OpenCall, request_row
from switch.store.database import Store
from switch.store.pins import PinHasher
from tests.bench.bench_site import RunningSite, handsets
from tests.bench.seal_rows import conversation
from tests.bench.words import Row, Size, spread
from tests.unit.store import site as ground

CALL = "an-hour"
MINUTES, TIMES = 60, 20
FIRST = 262_144
"""Bytes of the first range: sixteen seconds of sound."""
AIM = 1000.0
LISTENER = StaffId("bench")


async def _kept(site: RunningSite, at: datetime) -> str:
    """An hour's call that the worker finds closed, leave to hear it, and the key of who may. Its token."""
    settings, mint, audio = site.settings, SystemMint(PinHasher()), conversation(MINUTES)
    store = Store(settings.store_url, patience=60, keys=SiteKeys(settings))
    try:
        one = handsets()[0][0]
        number, person = E164(one.number.removeprefix("+")), PersonId("B1000BB")
        asked, decided = ground.request(CALL, number, PhoneId(one.user), at), ground.decision(CALL, number)
        write_spool(spool_of(settings.recordings.spools, CALL), CALL, at, audio, load_master(settings.recordings.master_key))
        await store.write(OpenCall(asked, request_row(asked, person, decided, settings.node.name)))
        sealed = SealedRecording(RecordingId(CALL), f"{CALL}.spool", MINUTES * 60.0, hashlib.sha256(audio).hexdigest())
        closed = replace(ground.ended(asked, decided, person, MINUTES * 60.0), media=MediaReport(recording=sealed))
        await store.write(CloseCall(closed, settings.node.name))
        desk = make_desk(settings, store, mint)
        await desk.work.run(LISTENER, at, lambda changes: changes.draw(RecordingId(CALL), at + timedelta(days=1)))
        made = await issue_key(desk, LISTENER, at, f"bench plays {time.time()}", (Scope.RECORDINGS, Scope.READ), None, LISTENER)
        assert isinstance(made, IssuedKey), made
        return made.token
    finally:
        await store.close()
        mint.close()


def playing(site: RunningSite, _size: Size) -> list[Row]:
    """From the request to open it to the last byte of what is played first, the waveform between. Raises RuntimeError where the
    recording is not to be had."""
    now = SystemClock().wall()
    token = asyncio.run(_kept(site, now - timedelta(hours=2)))
    site.settle(120)
    ready, seeks = [], []
    address, headers = site.settings.console_address.read_text("utf-8").strip(), {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{address}/api/recordings/{CALL}/", headers=headers, timeout=30) as http:
        for turn in range(TIMES):
            began = time.perf_counter()
            opened = _good(http.post("open", json={"why": "the bench"})).json()
            peaks = _good(http.get("peaks", params={"playing": opened["playing"]})).json()
            first = _range(http, opened["playing"], 0)
            ready.append((time.perf_counter() - began) * 1000)
            if len(peaks["person"]) != MINUTES * 600 or len(first) != FIRST:
                raise RuntimeError(f"{len(peaks['person'])} peaks and {len(first)} bytes of an hour")
            began = time.perf_counter()
            _range(http, opened["playing"], opened["bytes"] // TIMES * turn)
            seeks.append((time.perf_counter() - began) * 1000)
            _good(http.post("close", json={"playing": opened["playing"]}))
    worst = max(ready)
    note = (f"the first time {ready[0]:.0f}, at most {worst:.0f} ms; then 16 s from anywhere else in it {spread(seeks)}; "
            f"promised under {AIM / 1000:g} s")
    return [Row("A call of 1 h, from opening it to its waveform and first 16 s", spread(ready), "", "", note, worst > AIM)]


def _range(http: httpx.Client, playing: str, start: int) -> bytes:
    wanted = {"Range": f"bytes={start}-{start + FIRST - 1}"}
    return _good(http.get("audio", params={"playing": playing}, headers=wanted)).content


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.status_code not in (200, 206):
        raise RuntimeError(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    return answer
