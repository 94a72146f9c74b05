"""The canary's part of a round: a privileged call that must leave nothing, rung as `wingline canary run` rings it."""
import json
import sys
from typing import Any

from switch.build.canary import run_canary
from switch.build.staff import SystemMint, make_desk
from switch.core.ids import StaffId
from switch.demo.books import BY
from switch.demo.ground import Ground
from switch.desk import canary
from switch.desk.asking import Refused
from switch.ports.canary import CanaryRun, Verdict
from switch.settings import cast
from switch.store import codec
from switch.store.pins import PinHasher

WHO, SECOND = StaffId(BY), "demo's second"


async def ring_canary(ground: Ground) -> CanaryRun | Refused:
    """Give the example's prison its canary where it has none, and ring it. Refused on an example of before there were any."""
    settings, clock, mint = ground.site.settings, ground.site.clock, SystemMint(PinHasher())
    desk, number = make_desk(settings, ground.store, mint), settings.canary.number
    try:
        if number and not await canary.read(desk, WHO, clock.wall()):
            added = await canary.add(desk, WHO, clock.wall(), cast.ESTABLISHMENT, cast.MD5_NETWORK, number, SECOND)
            if isinstance(added, Refused):
                return added
        return await run_canary(settings, desk, WHO, clock, cast.ESTABLISHMENT)
    finally:
        mint.close()


def told(done: CanaryRun | Refused, as_json: bool) -> bool:
    """Print what came of it; whether it passed."""
    passed = isinstance(done, CanaryRun) and done.verdict is Verdict.PASSED
    if as_json:
        row: dict[str, Any] = {"verdict": None, "problems": [str(done)]} if isinstance(done, Refused) else codec.plain(done)
        sys.stdout.write(json.dumps({"kind": "canary", **row, "ok": passed}, ensure_ascii=False) + "\n")
    else:
        why = str(done) if isinstance(done, Refused) else "; ".join(done.problems)
        sys.stdout.write("canary: nothing was kept of a privileged call\n" if passed else f"canary: NOT PASSED: {why}\n")
    sys.stdout.flush()
    return passed
