"""The canary is rung over a real switch: it passes where nothing listens, and fails loudly on every build that listens."""
import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.phones.site import Ports, Site

pytestmark = [pytest.mark.wire, pytest.mark.timeout(600)]

SITE = "wick-hill"
TAP = """
from switch.core.grants import Privacy, RecordingWarrant
from switch.media.embedded.engine import EmbeddedEngine
right = EmbeddedEngine.gate
async def gate(self, call, open):
    await right(self, call, open)
    if open:  # a build that records whatever talks
        self._start_tap(self._calls[call], RecordingWarrant(call, Privacy.MONITORED))
EmbeddedEngine.gate = gate
"""
BUG = """
import os
from switch.media.embedded.rtp_leg import RtpLeg
right = RtpLeg.datagram_received
def datagram_received(self, data, addr):  # a build that copies packets beside all that is known of taps
    with open(os.environ["BUG"], "ab") as file:
        file.write(data[12:])
    right(self, data, addr)
RtpLeg.datagram_received = datagram_received
"""
LIST = """
from switch.build.privileged import Keeper
from switch.core.facts import SignedListFacts
Keeper.listed = lambda self, dialled: SignedListFacts(1, None, "")  # a build that has forgotten who is on the list
"""
BROKEN = {
    "a tap": (TAP, ["something listened to it: recorded has", "something listened to it: tapped has", "(its name)",
                    "the database has work recording-sealed", "its record names the recording"]),
    "a copy": (BUG, ["(its sound)"]),
    "a list that is not asked": (LIST, ["recorded has", "tapped has", "its record does not say that it is privileged"]),
}


def wingline(site: Site, *args: str, seconds: float = 150.0) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "switch.cli", *args, "--dir", str(site.folder), "--now", site.now()]
    return subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)


def add(site: Site) -> None:
    done = wingline(site, "canary", "add", SITE, "--network", "cells-md5", "--staff", "officer", "--second", "governor")
    assert done.returncode == 0, done.stderr


def rung(site: Site) -> tuple[int, dict[str, Any]]:
    done = wingline(site, "canary", "run", SITE, "--json")
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


@pytest.fixture
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site whose processes are a broken build: what breaks it is loaded before anything of ours."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "sitecustomize.py").write_text(request.param)
    site = Site(tmp_path / SITE, Ports())
    bug = site.folder / "recordings" / "system.log"
    bug.parent.mkdir(exist_ok=True)
    site.up(seconds=120, through=("env", f"PYTHONPATH={tmp_path / 'build'}", f"BUG={bug}"))
    try:
        yield site
    finally:
        site.drain()


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Site]:
    """A site as it should be."""
    site = Site(tmp_path / SITE, Ports()).up(seconds=120)
    try:
        yield site
    finally:
        site.drain()


async def test_it_passes_where_nothing_listens_and_an_order_is_no_failure(sound: Site) -> None:
    site = sound
    assert await asyncio.to_thread(lambda: wingline(site, "canary").returncode) == 1, "there is none"
    await asyncio.to_thread(add, site)
    code, found = await asyncio.to_thread(rung, site)
    assert (code, found["verdict"], found["problems"]) == (0, "passed", [])
    (call,) = site.calls()
    assert (call["id"], call["privileged"], call["outcome"], call["recording"]) == (found["call"], True, "connected", None)
    assert call["charged_pence"] == 0
    assert call["talk_seconds"] >= 3.0
    assert not site.kept()
    assert site.alarms() == []
    stands = await asyncio.to_thread(wingline, site, "canary")
    assert (stands.returncode, stands.stdout[:4]) == (0, "good")
    killed = wingline(site, "kill", "site", SITE, "--no-new", "--reason", "a fight", "--staff", "officer")
    assert killed.returncode == 0, killed.stderr
    code, found = await asyncio.to_thread(rung, site)
    assert (code, found["verdict"]) == (1, "not-run"), found["problems"]
    assert found["problems"][0] == "it was refused: orders"
    assert await asyncio.to_thread(lambda: wingline(site, "canary").returncode) == 0, "what passed today still stands"
    assert site.alarms() == []


@pytest.mark.parametrize(("broken", "says"), list(BROKEN.values()), ids=list(BROKEN), indirect=["broken"])
async def test_a_build_that_listens_is_found_out(broken: Site, says: list[str]) -> None:
    await asyncio.to_thread(add, broken)
    code, found = await asyncio.to_thread(rung, broken)
    told = "; ".join(found["problems"])
    assert (code, found["verdict"]) == (1, "failed"), told
    assert [word for word in says if word not in told] == [], told
    (alarm,) = [one for one in broken.alarms() if one["kind"] == "canary-failed"]
    assert alarm["call"] == found["call"]
    assert told in alarm["text"]
    stands = await asyncio.to_thread(wingline, broken, "canary")
    assert (stands.returncode, stands.stdout[:8]) == (1, "NOT GOOD")
