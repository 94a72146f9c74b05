"""SIPp (Debian's sip-tester) as telephones and as the trunk: a rate, a number of calls, and how many went through."""
import csv
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bench_site import Handset

SCENARIOS = Path(__file__).with_name("scenarios")
LONGEST_CALL = 15.0
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SippResult:
    good: int
    failed: int
    retransmitted: int
    seconds: float
    error: str
    """What SIPp said first of what went wrong."""


def available() -> bool:
    return shutil.which("sipp") is not None


class SippTrunk:
    """A UAS on a port, until the context is left."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "SippTrunk":
        self._running = _start(self._folder, "trunk", self._port, 31000, ["-sf", str(SCENARIOS / "trunk.xml")])
        time.sleep(0.5)
        if self._running.poll() is not None:
            raise RuntimeError("SIPp as the trunk ended at once: is its port taken?")
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()


def call(folder: Path, target: tuple[str, int], handsets: Sequence[Handset], rate: float, calls: int, scenario: str,
         port: int) -> SippResult:
    """Place calls, one handset after another, and wait for the last. The folder takes SIPp's own files."""
    people, stats = folder / "handsets.csv", folder / f"{scenario}-{calls}.csv"
    people.write_text("SEQUENTIAL\n" + "".join(
        f"{one.user};[authentication username={one.user} password={one.password}];{one.keyed}\n" for one in handsets
    ), "utf-8")
    errors = folder / f"{scenario}.errors"
    stats.unlink(missing_ok=True)
    errors.unlink(missing_ok=True)
    limit = calls / rate + LONGEST_CALL
    began = time.monotonic()
    running = _start(folder, scenario, port, 30000, [
        "-sf", str(SCENARIOS / f"{scenario}.xml"), "-inf", str(people), "-r", f"{rate:g}", "-m", str(calls), "-l", "1000",
        "-trace_stat", "-stf", str(stats), "-fd", "1", "-trace_err", "-error_file", str(errors),
        "-timeout", f"{limit:.0f}", f"{target[0]}:{target[1]}",
    ])
    try:
        running.wait(limit + 20)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        raise
    with stats.open(newline="") as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    said = errors.read_text("utf-8", "replace") if errors.exists() else ""
    return SippResult(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), int(last["Retransmissions(C)"]),
                      time.monotonic() - began, " ".join(said[:600].split()))


def _start(folder: Path, name: str, port: int, media: int, more: list[str]) -> "subprocess.Popen[bytes]":
    with (folder / f"{name}.out").open("wb") as out:
        return subprocess.Popen(
            ["sipp", "-i", HOST, "-mi", HOST, "-p", str(port), "-mp", str(media), "-nostdin", "-buff_size", "4000000", *more],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env={**os.environ, "TERM": "dumb"},
        )
