"""What the bench knows of this machine: CPU seconds of processes by /proc, a clock, and one line that names the machine."""
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One process by /proc: its name, its parent, and user and system seconds, those of children it has reaped included."""

    pid: int
    name: str
    parent: int
    seconds: float


def processes() -> dict[int, Process]:
    """Every process that can be seen now."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue  # it ended while we looked
        name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        found[int(folder.name)] = Process(int(folder.name), name, int(rest[1]), sum(int(one) for one in rest[11:15]) / TICK)
    return found


def tree(root: int) -> list[Process]:
    """A process and all that descend from it."""
    every = processes()
    below = {root}
    grown = True
    while grown:
        more = {one.pid for one in every.values() if one.parent in below} - below
        grown = bool(more)
        below |= more
    return [every[pid] for pid in sorted(below) if pid in every]


def cpu(root: int) -> float:
    """CPU seconds so far of a process and all that descend from it."""
    return sum(one.seconds for one in tree(root))


def machine_line() -> str:
    """Processor, cores, kernel, Python."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    name = model[1].strip() if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}"


def debian_version(package: str) -> str:
    """Of an installed package, empty when it is not there."""
    found = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def python_versions(packages: Iterable[str]) -> str:
    """`name version` of those that are installed in this environment."""
    said = []
    for package in packages:
        try:
            said.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(said)


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` of all values do not exceed (nearest rank). ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def wait_until(true: Callable[[], bool], seconds: float, what: str, every: float = 0.1) -> None:
    """Ask until it is so. TimeoutError that names `what`."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(every)
