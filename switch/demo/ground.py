"""The ground that is played on: an example site, its switch running, and what may be read of it afterwards."""
import asyncio
import json
import os
import signal
import socket
import sys
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from dialplans.prompts.table import load_table
from recordings.keys import load_master
from recordings.spool import BadSpool, read_spool, spool_of
from switch.build import example as example_site
from switch.build.site import Site, SiteProblems, SystemIds, clock_from, open_store, read_site
from switch.build.vault import open_vault
from switch.demo import model
from switch.demo.books import set_right
from switch.demo.expect import Recording
from switch.demo.scenarios import WINTER
from switch.media import g711
from switch.media.prompts import PromptLibrary
from switch.media.wav import read_wav
from switch.runtime.control import NoSwitch, ask
from switch.runtime.supervisor import dying_with_parent
from switch.softphone.ears import Sounds
from switch.store.database import Store

READY_SECONDS = 40.0
STOP_SECONDS = 30.0
CONSOLE_LOOKS = 100
LOG_LINES = 15
CANNOT = "cannot start:"
"""What a role of `wingline` says that has no hope. `up` would try it six times."""


class DemoError(Exception):
    """Why the demo cannot be played, in a sentence that says what to do."""


@dataclass
class Ground:
    """An example site and its switch, which is ours from `start` to `stop` unless it ran already."""

    folder: Path
    site: Site
    example: dict[str, Any]
    sounds: Sounds
    store: Store
    ours: "asyncio.subprocess.Process | None" = None
    used: bool = False
    """Whether a round was begun."""

    @property
    def control(self) -> Path:
        return self.site.settings.control_socket

    @property
    def log(self) -> Path:
        """What the `wingline up` that `start` started says."""
        return self.folder / "demo.log"

    @property
    def sip(self) -> tuple[str, int]:
        return self.example["sip"]["host"], self.example["sip"]["udp"]

    async def start(self) -> None:
        """Returns when the switch serves. DemoError when it does not, with the last lines that it said."""
        if self._serves():
            return
        _must_be_free(self.sip)
        argv = dying_with_parent(sys.executable, "-m", "switch.cli", "up", "--dir", str(self.folder))
        with self.log.open("wb") as log:
            self.ours = await asyncio.create_subprocess_exec(
                *(part.replace("{parent}", str(os.getpid())) for part in argv), stdin=asyncio.subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not await asyncio.to_thread(self._serves):
                    if self.ours.returncode is not None or CANNOT in self.last_lines():
                        raise DemoError(f"the switch does not start:\n{self.last_lines()}")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise DemoError(f"the switch was not ready after {READY_SECONDS:g} s:\n{self.last_lines()}") from None

    async def console(self) -> str:
        """Where its console listens; it starts after the switch, and is waited for."""
        return await self._told(self.site.settings.console_address)

    async def families(self) -> str:
        """Where the page for families does, beside it."""
        return await self._told(self.site.settings.families_address)

    async def _told(self, file: Path) -> str:
        for _ in range(CONSOLE_LOOKS):
            if address := _address(file):
                return address
            await asyncio.sleep(0.1)
        return f"not there yet: wingline tells its address in state/{file.name}"

    async def stop(self) -> str:
        """SIGTERM to the switch that `start` started; what was wrong with its end, or nothing."""
        process, self.ours = self.ours, None
        if process is None:
            return ""
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            code = await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            return f"the switch did not stop within {STOP_SECONDS:g} s:\n{self.last_lines()}"
        return "" if code == 0 else f"the switch ended with exit code {code}:\n{self.last_lines()}"

    def last_lines(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LOG_LINES:])

    async def set_right(self) -> None:
        """Undo what a round has used up or stopped: see `books.set_right`."""
        self.used = True
        await set_right(self.store, self.example, WINTER, self.site.clock.wall(), SystemIds().token())

    async def recording(self, call: str) -> Recording | None:
        """Whatever spool or vault have of a call, whether its record names it or not; of a spool up to its last whole frame."""
        data = await self._sound(call)
        if data is None:
            return None

        def voices(channel: bytes) -> frozenset[str]:
            return frozenset(name for name in self.sounds.speech if self.sounds.is_in(name, channel))

        left, right = await asyncio.to_thread(lambda: (voices(data[::2]), voices(data[1::2])))
        return Recording(len(data) / 2 / g711.RATE, left, right)

    async def _sound(self, call: str) -> bytes | None:
        """The worker takes a spool into the vault while we look: so the vault is asked once more after it."""
        settings, store = self.site.settings, self.store
        vault = await asyncio.to_thread(open_vault, settings, store, self.site.clock.wall)
        master = await asyncio.to_thread(load_master, settings.recordings.master_key)
        for _ in range(2):
            if await vault.recording(call) is not None:
                return await vault.read(call, 0, await vault.size(call))
            try:
                return await asyncio.to_thread(read_spool, spool_of(settings.recordings.spools, call), master)
            except (FileNotFoundError, BadSpool):
                continue
        return None

    def _serves(self) -> bool:
        try:
            ask(self.control, {"do": "health"}, 2.0)
        except NoSwitch:
            return False
        return True


def ground_at(folder: Path) -> Ground:
    """The example site in a folder, written there when the folder is empty or missing. DemoError for anything else."""
    try:
        if not folder.exists() or not any(folder.iterdir()):
            example_site.write(folder)
            if model.installed():
                model.give_model(folder)
        example = json.loads((folder / "example.json").read_text("utf-8"))
        site = read_site(folder, clock_from(None))
        prompts = PromptLibrary.load(site.settings.prompts.language, site.settings.prompts.dir)
        return Ground(folder.resolve(), site, example, load_sounds(prompts), open_store(site.settings))
    except FileNotFoundError as error:
        raise DemoError(
            f"{error.filename} is not there: the demo plays on an example site; `wingline init --example DIR` makes one"
        ) from None
    except (OSError, SiteProblems, ValueError) as error:
        raise DemoError(f"{folder} cannot be played on: {error}") from None


def _must_be_free(at: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(at)
        except OSError as error:
            what = f"UDP port {at[1]} of {at[0]}, where the switch is to listen"
            raise DemoError(f"{what}, is not free: {error.strerror}") from None


def load_sounds(prompts: PromptLibrary) -> Sounds:
    """The speech that ships with the demo, and the prompts of the site."""
    folder = resources.files("switch.demo") / "speech"
    lines = tomllib.loads((folder / "lines.toml").read_text("utf-8"))
    speech = {name: read_wav((folder / f"{name}.wav").read_bytes()).data for name in lines}
    spoken = [prompt.id for prompt in load_table("en") if prompt.id not in prompts.missing]
    return Sounds(speech, {name: prompts.alaw(name) for name in spoken})


def _address(file: Path) -> str:
    """What the console wrote, once it has."""
    return file.read_text("utf-8").strip() if file.exists() else ""
