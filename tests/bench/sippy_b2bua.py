"""PyPI's sippy `b2bua_simple` in an environment of its own: a signalling-only B2BUA, no challenge, rules, record or sound."""
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.sockets import HOST

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venv-bench"
WANTED = Path(__file__).with_name("sippy-requirements.txt")


def install() -> str:
    """Make the environment where it is not there. Why it cannot be had, or an empty string."""
    if (HOME / "bin" / "b2bua_simple").exists():
        return ""
    for words in ([sys.executable, "-m", "venv", str(HOME)],
                  [str(HOME / "bin" / "pip"), "install", "--quiet", "--requirement", str(WANTED)]):
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            return f"sippy could not be installed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    return ""


def version() -> str:
    return WANTED.read_text("utf-8").strip().partition("==")[2]


class Sippy:
    """Runs from entering the context to leaving it; its log is switched off, which is its fastest."""

    def __init__(self, folder: Path, port: int, trunk: tuple[str, int]) -> None:
        self._folder, self.port, self._trunk = folder, port, trunk

    def __enter__(self) -> "Sippy":
        with (self._folder / "sippy.log").open("w") as log:
            self._running = subprocess.Popen(
                [str(HOME / "bin" / "b2bua_simple"), "-f", "-l", HOST, "-p", str(self.port),
                 "-n", f"{self._trunk[0]}:{self._trunk[1]}"],
                stdout=log, stderr=log, env={**os.environ, "SIPLOG_BEND": "none"},
            )
        time.sleep(2)
        if self._running.poll() is not None:
            raise RuntimeError(f"sippy ended at once: {(self._folder / 'sippy.log').read_text()[-500:]}")
        return self

    def __exit__(self, *_: object) -> None:
        self._running.kill()
        self._running.wait()

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def sip(self) -> tuple[str, int]:
        return HOST, self.port
