"""What a demonstration shows: a line for each call that is over, or a live board in the terminal."""
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from switch.demo.ground import Ground
from switch.demo.play import Part, Stage
from switch.runtime.control import ControlRefused, NoSwitch, ask

EVERY = 0.5
"""Seconds between looks at the switch."""
STYLES = {"talking": "bold green", "telling": "yellow", "announcing": "cyan", "dialling": "blue", "stopping": "magenta"}


def print_json(part: Part) -> None:
    """One object, one line."""
    sys.stdout.write(json.dumps(part.line(), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_line(part: Part, names: dict[str, str]) -> None:
    """A call for a person to read; `names` are people by prison number."""
    sys.stdout.write(as_line(part, names, sys.stdout.encoding) + "\n")
    sys.stdout.flush()


def as_line(part: Part, names: dict[str, str], encoding: str) -> str:
    """The line, with a tick or a cross where the terminal has them."""
    line, scenario = part.line(), part.scenario
    mark = _mark(line["ok"], encoding)
    if part.row is None:
        came = "no record"
    else:
        came = (
            f"{line['outcome']} ({line['end_by']}: {line['end_why']}), talked {line['talk_seconds']:.1f} s, "
            f"{line['charged_pence']} p, {'recorded' if line['recording'] else 'not recorded'}"
        )
    who = names.get(scenario.person, scenario.person)
    text = f"{mark} {scenario.name:<40} {scenario.phone} {who} to {scenario.dials}: {came}"
    return text if line["ok"] else f"{text}\n    {line['why_not']}"


def _mark(ok: bool, encoding: str) -> str:
    mark = "✓" if ok else "✗"
    try:
        mark.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "ok  " if ok else "FAIL"
    return mark


class LiveBoard:
    """Redraws the parts of the round that is played, with what the switch says of its calls, until its task is cancelled."""

    def __init__(self, ground: Ground, cells: dict[str, str], names: dict[str, str]) -> None:
        self._ground, self._cells, self._names = ground, cells, names
        self.parts: Sequence[Part] = ()
        self.round = 0

    async def show(self) -> None:
        console = Console()
        with Live(console=console, auto_refresh=False, transient=False) as live:
            while True:
                live.update(self.table(await self._calls()), refresh=True)
                await asyncio.sleep(EVERY)

    async def _calls(self) -> dict[str, dict[str, Any]]:
        """The live calls by telephone; none while the switch does not answer."""
        try:
            said = await asyncio.to_thread(ask, self._ground.control, {"do": "calls"}, 2.0)
        except (NoSwitch, ControlRefused):
            return {}
        return {row["phone"]: row for row in said["calls"]}

    def table(self, calls: dict[str, dict[str, Any]]) -> Table:
        over = [part for part in self.parts if part.stage is Stage.OVER]
        good = sum(not part.why_not for part in over)
        title = f"Wingline demo, round {self.round}: {good} of {len(over)} ended as they should. Ctrl-C ends."
        table = Table(title=title, title_justify="left", expand=False)
        for heading in ("scenario", "cell", "person", "to", "state", "seconds", "outcome"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left", no_wrap=heading != "outcome")
        for part in self.parts:
            scenario = part.scenario
            state, seconds, outcome = self._now(part, calls.get(scenario.phone))
            table.add_row(
                scenario.name, self._cells[scenario.phone], self._names.get(scenario.person, ""), scenario.dials,
                state, seconds, outcome,
            )  # fmt: skip
        return table

    def _now(self, part: Part, call: dict[str, Any] | None) -> tuple[Text, str, Text]:
        if part.stage is Stage.OVER:
            line = part.line()
            if not line["ok"]:
                return Text("over"), _seconds(line["talk_seconds"]), Text(line["why_not"], "bold red")
            return Text("over"), _seconds(line["talk_seconds"]), Text(f"✓ {line['outcome']}: {line['end_why']}", "green")
        if part.stage is Stage.WAITS or call is None:
            return Text("" if part.stage is Stage.WAITS else "ringing the switch", "dim"), "", Text()
        since = datetime.fromisoformat(call["talking_since"] or call["since"])
        state = call["state"].replace("_", " ")
        return Text(state, STYLES.get(state, "")), _seconds((datetime.now(UTC) - since).total_seconds()), Text()


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"
