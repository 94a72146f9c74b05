"""Live listening from end to end: under authority both voices are heard, of a privileged call never a sound, and nobody on the
telephone hears anything of it."""
import asyncio
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

from switch.media.wav import read_wav
from switch.store.audit import verify_audit
from switch.store.tables import audit
from tests.phones.ears import level_beside, share_with
from tests.phones.site import Site
from tests.phones.telephone import Leg, Telephone, cell, outside
from tests.wire.desk.test_kill import CELL, FAR, talk

pytestmark = pytest.mark.wire

PRIVATE_CELL, PRIVATE_FAR = 2650.0, 2850.0
SILENT = -50.0
SOLICITOR = "02079460130"


async def wingline(site: Site, *args: str, staff: str = "listener") -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(site.wingline, *args, "--staff", staff, "--now", site.now())


async def authorised(site: Site, person: str, until: str = "+1h") -> str:
    """An authorisation over a person, by two."""
    texts = ("--necessity", "threats were made by telephone", "--proportionality", "this person's calls alone")
    made = await wingline(site, "authority", "apply", "intelligence-led", "crime", "--person", person, *texts, "--until", until)
    assert made.returncode == 0, made.stderr
    id = made.stdout.split()[0]
    done = await wingline(site, "authority", "grant", id, "--why", "necessary", staff="governor")
    assert "in-force" in done.stdout, done.stderr
    return id


async def listened(site: Site, call: str, out: Path, seconds: float = 1.5) -> subprocess.CompletedProcess[str]:
    return await wingline(site, "listen", call, "--why", "a threat was announced", "--out", str(out), "--seconds", str(seconds))


def channels(file: Path) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    samples = read_wav(file.read_bytes()).samples()
    return samples[:, 0], samples[:, 1]


async def private(site: Site, phone: Telephone, family: Telephone) -> tuple[Leg, Leg]:
    """A1006AF's call to a solicitor, until both hear each other."""
    leg = await (await phone.dial(SOLICITOR, PRIVATE_CELL)).up()
    leg.set.press(site.pin("A1006AF"))
    far = await family.ring()
    await family.answer(far, PRIVATE_FAR)
    await far.set.hears_tone(PRIVATE_CELL)
    return leg, far


def began_of(site: Site) -> int:
    return site.read(lambda conn: len(conn.execute(select(audit).where(audit.c.action == "listening-began")).all()))


def one(site: Site, true: Callable[[dict[str, object]], bool]) -> str:
    (found,) = [str(row["id"]) for row in site.calls() if row["outcome"] is None and true(row)]
    return found


async def test_a_monitored_call_is_heard_under_authority_and_a_privileged_one_never(site: Site, tmp_path: Path) -> None:
    async with outside(site) as family, cell(site, "101") as phone, cell(site, "102") as other:
        since = site.since()
        leg, far = await talk(site, phone, family)
        quiet, lawyer = await private(site, other, family)
        call, privileged = one(site, lambda row: not row["privileged"]), one(site, lambda row: bool(row["privileged"]))
        out = tmp_path / "heard.wav"
        none = await listened(site, call, out)
        assert (none.returncode, out.exists()) == (1, False)
        assert "no authorisation covers this person" in none.stderr

        id = await authorised(site, "A1001AA")
        await authorised(site, "A1006AF")
        began = time.monotonic()
        heard = await listened(site, call, out)
        assert heard.returncode == 0, heard.stderr
        assert "1.5 s heard" in heard.stdout
        left, right = channels(out)
        assert len(left) == 12_000
        assert share_with(left, CELL) > 0.6, "the person in prison is not heard"
        assert share_with(right, FAR) > 0.6, "the contact is not heard"
        assert level_beside(left, FAR, CELL) < SILENT
        assert level_beside(right, CELL, FAR) < SILENT
        for tone in (PRIVATE_CELL, PRIVATE_FAR):
            assert level_beside(left, tone, CELL) < SILENT, "another call is heard"
            assert level_beside(right, tone, FAR) < SILENT, "another call is heard"
        assert level_beside(leg.ear(began), CELL, FAR) < SILENT, "the telephone hears itself"
        assert share_with(leg.ear(began), FAR) > 0.6
        assert share_with(far.ear(began), CELL) > 0.6

        never = await listened(site, privileged, tmp_path / "never.wav")
        assert (never.returncode, (tmp_path / "never.wav").exists()) == (1, False)
        assert "privileged: nobody can hear it" in never.stderr

        listening = asyncio.ensure_future(listened(site, call, tmp_path / "cut.wav", 60))
        async with asyncio.timeout(30):
            while began_of(site) < 2:  # noqa: ASYNC110  # another process has no event of ours
                await asyncio.sleep(0.1)
        good = await wingline(site, "authority", "cancel", id, "--why", "not needed")
        assert good.returncode == 0, good.stderr
        cut = await listening
        assert "was cancelled" in cut.stdout, cut.stderr
        assert len(channels(tmp_path / "cut.wav")[0]) < 12 * 8000, "it was heard until the next ticket"
        over = await listened(site, call, tmp_path / "over.wav")
        assert (over.returncode, (tmp_path / "over.wav").exists()) == (1, False)
        assert "was cancelled" in over.stderr
        phone.hangup(leg)
        other.hangup(quiet)
        assert (await far.over(), await lawyer.over()) == ("bye", "bye")
        await since.closed(2)
    assert site.read(verify_audit) == []
