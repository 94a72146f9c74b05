"""The contract of `ports.media.MediaEngine` on every engine, and on broken ones, each of which must fail it."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from recordings.intake import Intake
from switch.media.embedded import EmbeddedEngine, EmbeddedSettings
from tests.contracts import broken, listen_checks, machine_checks, sound_checks, tap_checks
from tests.contracts.studio import Check, Maker, Rig, TonePrompts, free_ports
from tests.vaults import MASTER

CHECKS = sound_checks.SOUND + tap_checks.TAP + machine_checks.MACHINES + listen_checks.LISTEN
BROKEN: tuple[tuple[type[EmbeddedEngine], Check, str], ...] = (
    (broken.NoGate, sound_checks.nothing_crosses_a_shut_gate, "before the gate"),
    (broken.FreedPort, sound_checks.a_closed_call_is_not_heard_by_the_next, "hears an old call"),
    (broken.ClosedGap, tap_checks.a_gap_stays_silence, "recorded of|gap was closed"),
    (broken.TapWithoutWarrant, tap_checks.no_tap_without_its_warrant, "DID NOT RAISE"),
    (broken.LostDigit, sound_checks.a_digit_whose_end_is_lost_is_told, "2 Digit awaited"),
    (broken.NosyEar, machine_checks.a_privileged_call_is_not_listened_to, "DID NOT RAISE"),
    (broken.OpenEar, listen_checks.a_privileged_call_is_heard_by_nobody, "DID NOT RAISE"),
    (broken.EndlessTicket, listen_checks.it_ends_with_the_ticket_and_goes_on_with_the_next, "frames in 0.6 s"),
    (broken.EarlyRunning, tap_checks.running_means_on_the_disk, "there is no file"),
)


def embedded(root: Path, kind: type[EmbeddedEngine] = EmbeddedEngine) -> Maker:
    """Makes rigs around the embedded engine, or a broken one, with a real spool under `root`."""

    @asynccontextmanager
    async def maker(calls: int = 1, silent_after: float = 10.0) -> AsyncIterator[Rig]:
        settings = EmbeddedSettings(ports=free_ports(4 * calls), silent_after=silent_after, quiet_after=0.5, drain_limit=3.0)
        spool = Intake(root, MASTER, lines=4)
        engine = kind(settings, TonePrompts(), spool)
        try:
            yield Rig(engine, root)
        finally:
            await engine.aclose()
            spool.close()

    return maker


@pytest.fixture(params=["embedded"])
def maker(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    return {"embedded": embedded}[request.param](tmp_path)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_an_engine_keeps_the_contract(check: Check, maker: Maker) -> None:
    await check(maker)


@pytest.mark.parametrize(("kind", "check", "says"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
async def test_a_broken_engine_fails(kind: type[EmbeddedEngine], check: Check, says: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception), match=says):
        await check(embedded(tmp_path, kind))
