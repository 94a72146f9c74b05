"""`wingline demo`: rounds of real calls on an example site, from the command line to the exit code."""
import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from switch.build.logs import set_up_logs
from switch.demo import evidence
from switch.demo.board import LiveBoard, print_json, print_line
from switch.demo.canary import ring_canary, told
from switch.demo.ground import DemoError, Ground, ground_at
from switch.demo.play import Part, Players
from switch.demo.scenarios import ROUND
from switch.demo.welcome import welcome
from switch.store.errors import StoreError

FOLLOWED = "credit-runs-out"
PAUSE = 3.0
"""Seconds between rounds, so that a board can be read."""


def main(folder: Path | None, once: bool, as_json: bool) -> int:
    """Play on the example site in `folder`, or on a new one that is gone afterwards; the exit code: 0 when all went as it should.

    With `once`, or where standard output is no terminal, one round, a line for each call as it ends (`as_json`: an object a line,
    the fields of `wingline calls --json` with `scenario`, `ok` and `why_not`), one for the canary, and one for each
    step of a recording from its seal to its end. Else rounds until Ctrl-C,
    on a live board, or with `as_json` as lines. A switch that runs on the folder already is used and left running; else one is
    started and stopped.
    """
    set_up_logs("error", "text")
    home = folder or Path(tempfile.mkdtemp(prefix="wingline-demo-"))
    try:
        ground = ground_at(home)
        code = asyncio.run(_demonstrate(ground, once or not sys.stdout.isatty(), as_json))
    except DemoError as error:
        _say(f"wingline demo: {error}")
        code = 2
    if folder is None and code == 0:
        shutil.rmtree(home, ignore_errors=True)
    elif folder is None:
        _say(f"The site is kept for a look: {home}")
    return code


async def _demonstrate(ground: Ground, once: bool, as_json: bool) -> int:
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    good, trouble = True, ""
    try:
        await ground.start()
        if not as_json:
            _say(welcome(ground.folder, ground.example, await ground.console()))
            _say(f"The page for families: {await ground.families()}")
        good = await _rounds(ground, once, as_json)
    except* (OSError, StoreError) as errors:  # the parts of a round are a group
        good = False
        _say(f"wingline demo: broken off: {_first(errors)}")
    except* asyncio.CancelledError:
        good = not once  # a round that was asked for and broken off did not end as it should
    finally:
        trouble = await ground.stop()
        if ground.used:  # by now what was broken off is charged too
            with contextlib.suppress(StoreError):
                await ground.set_right()
        await ground.store.close()
    if trouble:
        _say(f"wingline demo: {trouble}")
    return 0 if good and not trouble else 1


async def _rounds(ground: Ground, once: bool, as_json: bool) -> bool:
    """Whether every call of every round ended as it should; returns after the first round where `once`."""
    names = {person["number"]: person["name"] for person in ground.example["people"]}
    board = None if once or as_json else LiveBoard(ground, {p["user"]: p["cell"] for p in ground.example["phones"]}, names)

    def over(part: Part) -> None:
        if as_json:
            print_json(part)
        elif board is None:
            print_line(part, names)

    players = Players(ground, over)
    showing: asyncio.Task[None] | None = None
    good = True
    try:
        await players.start()
        while True:
            parts = [Part(scenario) for scenario in ROUND]
            if board is not None:
                board.parts, board.round = parts, board.round + 1
                showing = showing or asyncio.create_task(board.show())
            ringing = asyncio.create_task(ring_canary(ground)) if once else None
            if once:
                await evidence.watch(ground)
            await players.play(parts)
            good &= not any(part.why_not for part in parts)
            if ringing is not None:
                good &= told(await ringing, as_json)
                good &= await _followed(ground, parts, as_json)
                if not as_json:
                    fine = sum(not part.why_not for part in parts)
                    _say(f"{fine} of {len(parts)} calls ended as they should.")
                return good
            await asyncio.sleep(PAUSE)
    finally:
        if showing is not None:
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing
        players.close()


async def _followed(ground: Ground, parts: list[Part], as_json: bool) -> bool:
    """What becomes of the recording of one call of the round, that of 8 seconds; whether it went as it should."""
    part = next(part for part in parts if part.scenario.name == FOLLOWED)
    if part.row is None:
        return False  # told already: there is no record of it
    said, answered = part.scenario.says, part.scenario.outside.says
    return evidence.told(await evidence.follow(ground, part.row["id"], said, answered), as_json)


def _first(error: BaseException) -> BaseException:
    """The first plain error in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, BrokenPipeError):  # nor can what is still buffered be written at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return error


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
