"""What becomes of a recording: sealed, kept from who has no authority, written down, a lead, handed out, held, erased.

Each step is the use case that staff have, on the site that was played on; nothing is read but what the site itself wrote.
"""
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TypeVar

from recordings.evidence import verify
from recordings.transcript import Channel, Transcript
from recordings.vault import Erased, Held, NotKept, Vault, VaultProblem
from switch.build.evidence import write_pack
from switch.build.shelf import with_shelf
from switch.build.staff import SystemMint, make_desk
from switch.build.vault import open_vault
from switch.core.ids import RecordingId, StaffId
from switch.demo.books import BY
from switch.demo.ground import DemoError, Ground
from switch.desk import holding, leads, watch_words
from switch.desk.asking import Desk, Refused
from switch.ports.keeping import HoldReach
from switch.ports.listening import Access, NotAllowed
from switch.ports.watch import WatchKind
from switch.settings import cast
from switch.store.pins import PinHasher

T = TypeVar("T")
WHO, SECOND = StaffId(BY), "demo's second"
SUBJECT, WORD = "demo", "letter"
"""One of the words that the people of the demo say."""
LINES = tomllib.loads((resources.files("switch.demo") / "speech" / "lines.toml").read_text("utf-8"))
SEALED_WITHIN, WRITTEN_WITHIN = 30.0, 90.0
ENOUGH = 0.8
"""Of the words that were said, so many are in the transcript."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing shown. `ok` None where it could not be shown here, and `text` says why."""

    name: str
    ok: bool | None
    text: str


@asynccontextmanager
async def _desk(ground: Ground) -> AsyncIterator[tuple[Desk, Access]]:
    """The desk of the site, and its door to recordings."""
    settings, mint = ground.site.settings, SystemMint(PinHasher())
    desk, site_shelf = with_shelf(make_desk(settings, ground.store, mint), settings, ground.store, ground.site.clock.wall)
    try:
        shelf = await asyncio.to_thread(site_shelf)
        if shelf is None:
            raise DemoError("the vault of the site cannot be opened: `wingline init` makes missing keys")
        yield desk, shelf.access
    finally:
        await site_shelf.close()
        mint.close()


async def watch(ground: Ground) -> None:
    """Before the round: one word is looked for in what will be said."""
    async with _desk(ground) as (desk, _):
        made = await watch_words.add_list(desk, WHO, ground.site.clock.wall(), SUBJECT, cast.ESTABLISHMENT)
        if not isinstance(made, Refused):
            await watch_words.add_word(desk, WHO, ground.site.clock.wall(), made.id, WatchKind.WORDS, WORD)


async def follow(ground: Ground, call: str, cell_said: str, outside_said: str) -> list[Step]:
    """After the round: one call's recording from its seal to its end; `cell_said` and `outside_said` are lines of the demo."""
    recording, clock, steps = RecordingId(call), ground.site.clock, list[Step]()
    vault = await asyncio.to_thread(open_vault, ground.site.settings, ground.store, clock.wall)

    async with _desk(ground) as (desk, access):
        if not await _until(lambda: _kept(vault.recording(call)), SEALED_WITHIN):
            return [Step("sealed", False, f"not in the vault after {SEALED_WITHIN:g} s")]
        wrong = await vault.verify(recording)
        steps.append(Step("sealed", not wrong, "; ".join(wrong) or "sealed, and as it was recorded"))

        try:
            await access.open(WHO, recording, "shown in the demo")
            steps.append(Step("authority", False, "somebody without authority could open it"))
        except NotAllowed as error:
            steps.append(Step("authority", True, f"nobody hears it without authority: {error}"))

        if ground.site.settings.transcription.model:
            steps += await _written(ground, desk, lambda: vault.part(recording, "transcript"), call, cell_said, outside_said)
        else:
            steps.append(Step("transcript", None, "the site has no model of speech; a new one that `make demo` makes has"))

        with tempfile.TemporaryDirectory(prefix="wingline-demo-pack-") as folder:
            steps.append(await asyncio.to_thread(_handed_out, ground, call, Path(folder) / "pack.zip"))

        steps += await _held_then_erased(ground, desk, vault, recording)
    return steps


async def _held_then_erased(ground: Ground, desk: Desk, vault: Vault, recording: RecordingId) -> list[Step]:
    """A hold keeps it when its time is over, by a clock set to then; without one its key is destroyed."""
    now = ground.site.clock.wall()
    later = now + timedelta(days=400)

    async def due() -> bool:
        return any(one.id == recording for one in await holding.due(desk, WHO, later, cast.ESTABLISHMENT))

    held = await holding.place(desk, WHO, now, HoldReach.RECORDING, recording, StaffId("governor"), "shown in the demo",
                               "for a moment", now + timedelta(days=1))
    if isinstance(held, Refused):
        return [Step("hold", False, str(held))]
    kept = not await due() and await _refuses(vault.erase(recording, "demo", WHO), Held)
    await holding.release(desk, WHO, now, held.id, "shown")
    over = await due()
    await vault.erase(recording, "its time was over, by a clock set to then", WHO)
    gone = over and await _refuses(vault.read(recording, 0, 1), Erased)
    return [Step("hold", kept, "held: not erased when its time is over" if kept else "it would have been erased all the same"),
            Step("erasure", gone, "its key is destroyed at the end of its time; the proof stays" if gone else "it can be read")]


async def _written(ground: Ground, desk: Desk, part: Callable[[], Awaitable[bytes | None]], call: str, cell_said: str,
                   outside_said: str) -> list[Step]:
    if not await _until(lambda: _kept(part()), WRITTEN_WITHIN):
        return [Step("transcript", False, f"not written after {WRITTEN_WITHIN:g} s")]
    text = Transcript.from_json(await part() or b"")
    heard = {side: {_bare(word.text) for word in text.words if word.channel is side} for side in Channel}
    shares = []
    for side, line in ((Channel.LEFT, cell_said), (Channel.RIGHT, outside_said)):
        said = {_bare(word) for word in LINES[line]["say"].split()}
        shares.append(len(said & heard[side]) / len(said))
    written = Step("transcript", min(shares) >= ENOUGH,
                   f"{shares[0]:.0%} of the words from the cell and {shares[1]:.0%} from outside are in it ({text.model})")

    async def found() -> bool:
        return any(one.recording == call for one in await leads.listed(desk, WHO, ground.site.clock.wall(), cast.ESTABLISHMENT))

    lead = await _until(found, SEALED_WITHIN)
    return [written, Step("lead", lead, f"the word {WORD!r} made a lead" if lead else f"the word {WORD!r} made no lead")]


async def _until(true: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Whether it came true in time."""
    try:
        async with asyncio.timeout(seconds):
            while not await true():  # noqa: ASYNC110  # another process writes what is waited for
                await asyncio.sleep(0.3)
    except TimeoutError:
        return False
    return True


async def _kept(asked: Awaitable[object | None]) -> bool:
    try:
        return await asked is not None
    except NotKept:
        return False


async def _refuses(asked: Awaitable[object], why: type[VaultProblem]) -> bool:
    try:
        await asked
    except why:
        return True
    return False


def _bare(word: str) -> str:
    return re.sub(r"[^a-z']", "", word.lower())


def _handed_out(ground: Ground, call: str, pack: Path) -> Step:
    """An evidence pack, checked by its own program in a Python that knows nothing of us."""
    try:
        made = write_pack(ground.site.settings, ground.site.clock, WHO, call, pack, "a court", "shown in the demo", SECOND)
    except (VaultProblem, OSError) as error:
        return Step("evidence", False, str(error))
    if isinstance(made, Refused):
        return Step("evidence", False, str(made))
    done = subprocess.run([sys.executable, "-I", verify.__file__, str(pack), "--fingerprint", made.fingerprint],
                          capture_output=True, text=True, check=False)
    return Step("evidence", done.returncode == 0, " ".join((done.stdout + done.stderr).splitlines()[-1:]))


def told(steps: list[Step], as_json: bool) -> bool:
    """Print each step; whether all went as they should."""
    for step in steps:
        if as_json:
            row = {"kind": "evidence", "step": step.name, "ok": step.ok, "text": step.text}
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            mark = {True: "", False: "NOT AS IT SHOULD BE: ", None: "not shown: "}[step.ok]
            sys.stdout.write(f"recording, {step.name}: {mark}{step.text}\n")
    sys.stdout.flush()
    return not any(step.ok is False for step in steps)
