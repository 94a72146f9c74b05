"""The supervisor with real processes: back-off, giving up, order of stopping, and nothing left behind."""
import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from switch.runtime.supervisor import Child, Restart, Stopped, Supervisor, dying_with_parent, raise_file_limit

FAST = Restart(first=0.05, longest=0.2, deaths=4, window=30)
ROLE = """
import asyncio, os, sys, time
from pathlib import Path
from switch.runtime.drain import Lifeline, asked_to_stop
log, name, linger = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
def say(what):
    with log.open("a") as file:
        file.write(f"{what} {name} {os.getpid()}\\n")
async def main():
    line = Lifeline.of(os.environ)
    say("up")
    line.ready(port=5060)
    await asked_to_stop(line)
    say("asked")
    await asyncio.sleep(linger)
    say("down")
asyncio.run(main())
"""
DEAF = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(int(os.environ["WINGLINE_SUPERVISOR_FD"]), b'{"ready": true}\\n')
time.sleep(600)
"""


def role(log: Path, name: str, linger: float = 0.0, **more: Any) -> Child:
    return Child(name, (sys.executable, "-c", ROLE, str(log), name, str(linger)), **more)


def script(name: str, text: str, *args: str, **more: Any) -> Child:
    return Child(name, (sys.executable, "-c", text, *args), **more)


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def runs(pid: int) -> bool:
    """Alive, and not a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(true: Callable[[], Any], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.02)


Meanwhile = Callable[[Supervisor], Awaitable[None]]


async def supervised(children: list[Child], meanwhile: Meanwhile, restart: Restart = FAST) -> Stopped:
    supervisor = Supervisor(children, restart)
    ready = asyncio.Event()
    running = asyncio.ensure_future(supervisor.run(ready.set))
    other = asyncio.ensure_future(ready.wait())
    await asyncio.wait({running, other}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    other.cancel()
    if not running.done():
        await meanwhile(supervisor)
    return await asyncio.wait_for(running, 20)


async def test_children_start_in_order_and_stop_in_the_reverse(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def meanwhile(supervisor: Supervisor) -> None:
        status = [(s.name, s.ready, s.deaths) for s in supervisor.status()]
        assert status == [("store", True, 0), ("worker", True, 0), ("switch", True, 0)]
        supervisor.stop()

    how = await supervised([role(log, "store"), role(log, "worker"), role(log, "switch", 0.3)], meanwhile)
    assert how.code == 0
    assert [(what, name) for what, name, _ in lines(log)] == [
        ("up", "store"), ("up", "worker"), ("up", "switch"), ("asked", "switch"), ("down", "switch"),
        ("asked", "worker"), ("down", "worker"), ("asked", "store"), ("down", "store"),
    ]


async def test_a_dead_child_comes_back_and_the_others_stay(tmp_path: Path) -> None:
    log = tmp_path / "log"

    async def meanwhile(supervisor: Supervisor) -> None:
        first = {status.name: status.pid for status in supervisor.status()}
        assert first["switch"] is not None
        os.kill(first["switch"], signal.SIGKILL)
        await until(lambda: len(lines(log)) == 3)
        await until(lambda: all(status.ready for status in supervisor.status()))
        now = {status.name: (status.pid, status.deaths) for status in supervisor.status()}
        assert now["worker"] == (first["worker"], 0)
        assert now["switch"][0] not in (None, first["switch"])
        assert now["switch"][1] == 1
        supervisor.stop()

    assert (await supervised([role(log, "worker"), role(log, "switch")], meanwhile)).code == 0


async def test_pauses_double_up_to_the_longest_and_then_it_gives_up(tmp_path: Path) -> None:
    stamps = tmp_path / "stamps"
    dying = script("switch", "import sys,time; open(sys.argv[1],'a').write(f'{time.monotonic()}\\n'); sys.exit(3)", str(stamps))

    async def never(supervisor: Supervisor) -> None:
        pytest.fail("it was never ready")

    how = await supervised([role(tmp_path / "log", "worker"), dying], never, Restart(first=0.2, longest=0.4, deaths=4, window=60))
    assert how.code == 1
    assert how.text == "gave up: switch died 4 times within 60 seconds, last: exit code 3"
    times = [float(line) for line in stamps.read_text().split()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 3
    assert gaps[0] >= 0.2
    assert gaps[1] >= 0.4
    assert gaps[2] >= 0.4
    assert gaps[2] < 5
    assert [what for what, *_ in lines(tmp_path / "log")] == ["up", "asked", "down"]


async def test_one_that_is_not_essential_may_die_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "log"
    dying = script("worker", "raise SystemExit(1)", essential=False, ready_seconds=600)

    async def meanwhile(supervisor: Supervisor) -> None:
        await until(lambda: supervisor.status()[0].deaths > FAST.deaths + 1)
        assert supervisor.status()[1].ready
        supervisor.stop()

    assert (await supervised([dying, role(log, "switch")], meanwhile)).code == 0


async def test_a_program_that_is_not_there_is_a_plain_reason(tmp_path: Path) -> None:
    async def never(supervisor: Supervisor) -> None:
        pytest.fail("it was never ready")

    how = await supervised([Child("switch", (str(tmp_path / "absent"),))], never, Restart(0.01, 0.01, 2, 60))
    assert how.code == 1
    assert "cannot be started" in how.text
    assert "No such file" in how.text


async def test_a_refusal_before_the_start_counts_as_a_death(tmp_path: Path) -> None:
    async def refuse() -> str:
        return "another server holds valkey.sock"

    async def never(supervisor: Supervisor) -> None:
        pytest.fail("it was never ready")

    how = await supervised([role(tmp_path / "log", "valkey", before=refuse)], never, Restart(0.01, 0.01, 2, 60))
    assert how.text.endswith("last: another server holds valkey.sock")
    assert lines(tmp_path / "log") == []


async def test_one_that_never_becomes_ready_is_killed(tmp_path: Path) -> None:
    async def never(supervisor: Supervisor) -> None:
        pytest.fail("it was never ready")

    silent = script("switch", "import time; time.sleep(600)", ready_seconds=0.3)
    how = await supervised([silent], never, Restart(0.01, 0.01, 2, 60))
    assert how.text == "gave up: switch died 2 times within 60 seconds, last: killed by SIGKILL"


async def test_a_deaf_child_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    pids: list[int | None] = []

    async def meanwhile(supervisor: Supervisor) -> None:
        pids.extend(status.pid for status in supervisor.status())
        supervisor.stop()

    began = time.monotonic()
    how = await supervised([role(tmp_path / "log", "worker"), script("switch", DEAF, stop_seconds=0.5)], meanwhile)
    assert how.code == 0
    assert time.monotonic() - began < 10
    assert [pid for pid in pids if pid is not None and runs(pid)] == []
    assert [what for what, *_ in lines(tmp_path / "log")] == ["up", "asked", "down"]


async def test_a_second_request_to_stop_kills_at_once(tmp_path: Path) -> None:
    async def meanwhile(supervisor: Supervisor) -> None:
        supervisor.stop()
        await until(lambda: ["asked", "switch"] in [line[:2] for line in lines(tmp_path / "log")])
        supervisor.stop()

    began = time.monotonic()
    await supervised([role(tmp_path / "log", "switch", linger=600, stop_seconds=600)], meanwhile)
    assert time.monotonic() - began < 15


async def test_output_goes_to_a_file_where_one_is_named(tmp_path: Path) -> None:
    async def meanwhile(supervisor: Supervisor) -> None:
        await until(lambda: "from the role" in (tmp_path / "out").read_text())
        supervisor.stop()

    chatty = f"import sys; print('from the role', flush=True); sys.argv[1:] = {[str(tmp_path / 'log'), 'switch', '0']!r}\n{ROLE}"
    assert (await supervised([script("switch", chatty, output=tmp_path / "out")], meanwhile)).code == 0


WHOLE = """
import asyncio, json, sys
from switch.runtime.supervisor import Child, Restart, Supervisor, dying_with_parent
role, log = sys.argv[1], sys.argv[2]
async def yes():
    return True
children = [
    Child("foreign", dying_with_parent("/bin/sleep", "600"), probe=yes),
    Child("worker", (sys.executable, "-c", role, log, "worker", "0")),
    Child("switch", (sys.executable, "-c", role, log, "switch", "0.2")),
]
supervisor = Supervisor(children)
how = asyncio.run(supervisor.run(lambda: print(json.dumps([s.pid for s in supervisor.status()]), flush=True)))
print(how.text, flush=True)
sys.exit(how.code)
"""


def whole(log: Path) -> "tuple[subprocess.Popen[str], list[int]]":
    process = subprocess.Popen(
        [sys.executable, "-c", WHOLE, ROLE, str(log)], text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("["):
            return process, json.loads(line)
    pytest.fail("the supervisor ended before its children were ready")


async def test_nobody_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    process, pids = await asyncio.to_thread(whole, tmp_path / "log")
    try:
        assert all(runs(pid) for pid in pids)
        await until(lambda: Path(f"/proc/{pids[0]}/comm").read_text() == "sleep\n")
    finally:
        process.kill()
    process.communicate()
    await until(lambda: not any(runs(pid) for pid in pids))
    assert sorted(name for what, name, _ in lines(tmp_path / "log") if what == "down") == ["switch", "worker"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_the_switch_before_the_worker(tmp_path: Path, number: signal.Signals) -> None:
    process, pids = await asyncio.to_thread(whole, tmp_path / "log")
    process.send_signal(number)
    out, _ = await asyncio.to_thread(process.communicate, None, 20)
    assert process.returncode == 0
    assert f"stopped: {number.name}" in out
    assert [(what, name) for what, name, _ in lines(tmp_path / "log")][2:] == [
        ("asked", "switch"), ("down", "switch"), ("asked", "worker"), ("down", "worker"),
    ]
    assert not any(runs(pid) for pid in pids)


def test_a_shim_whose_parent_is_gone_starts_nothing() -> None:
    argv = [part.replace("{parent}", "1") for part in dying_with_parent("/bin/echo", "started")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_the_file_limit_is_raised_as_far_as_it_may() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        goal = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
        assert raise_file_limit(4096) == goal
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == goal
        assert raise_file_limit(512) == goal, "never lowered"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
