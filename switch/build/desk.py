"""What the command line asks of a site: calls listed, shown and cut, a decision explained."""
import asyncio
import getpass
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from switch.build.harm import KEPT
from switch.build.site import Site, SiteProblems, SystemIds, open_store, read_settings
from switch.core.node_orders import Kept
from switch.runtime.control import ControlRefused, NoSwitch, ask
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.listing import call_line, list_calls, show_call
from switch.store.orders import OrderCut

Role = Callable[[], None]
T = TypeVar("T")
__all__ = ["Role", "StoreError", "cut", "described", "listed", "one_line", "prompts_of", "shown"]


def _with_store(site: Site, work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    store = open_store(site.settings)  # files and migrations, before there is a loop to hold up

    async def run() -> T:
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def listed(site: Site, live: bool) -> list[dict[str, Any]]:
    """Every call as `calls --json` prints it, oldest first."""
    rows = _with_store(site, lambda store: store.read(lambda conn: list_calls(conn, live=live)))
    return [call_line(row) for row in rows]


def shown(site: Site, call: str) -> dict[str, Any] | None:
    row = _with_store(site, lambda store: store.read(lambda conn: show_call(conn, call)))
    return None if row is None else call_line(row)


def cut(site: Site, call: str, reason: str, staff: str) -> str:
    """The node is asked first: it obeys at once and sees to it that the store has the order, with its audit row, now or once
    it is back. A call of another node, or of one that is down, is ended by its row. One that nobody has is a LookupError."""
    if not reason.strip():
        raise ValueError("say why: the reason is kept with the call")
    who = staff or getpass.getuser()
    try:
        answer = ask(site.settings.control_socket, {"do": "cut", "call": call, "staff": who, "reason": reason})
    except (ControlRefused, NoSwitch) as error:
        not_here = error
    else:
        later = KEPT[Kept(answer["kept"])]
        return f"{call}: cut" + (f"; {later}" if later else "")
    order = OrderCut(SystemIds().call(), call, reason, who, site.clock.wall())
    try:
        _with_store(site, lambda store: store.write(order))
    except (KeyError, StoreError):
        raise LookupError(f"{call} could not be cut: {not_here}") from None
    return f"{call}: ordered; the switch that has it ends it within the second that it takes to look ({not_here})"


def one_line(row: dict[str, Any]) -> str:
    """A call for a person to read."""
    how = f"{row['outcome'] or 'running':<11} {row['end_by'] or '':<8} {row['end_why'] or '':<20}"
    private = " privileged" if row["privileged"] else ""
    if row["kind"] != "call":
        private = f" {row['kind']}"
    return (
        f"{row['started_at'][:19]} {row['id']} {row['phone']:<6} {row['person'] or '-':<8} {row['to']:<16} {how} "
        f"rang {row['ring_seconds']:5.1f} s  talked {row['talk_seconds']:6.1f} s  {row['charged_pence']} p{private}"
    )


def described(row: dict[str, Any]) -> list[str]:
    """One call with its findings."""
    lines = [f"{name.replace('_', ' '):<14} {row[name]}" for name in row if name not in ("kind", "findings")]
    for finding in row["findings"]:
        source = finding.get("source")
        where = f"  ({source['file']}:{source['line']})" if source else ""
        lines.append(f"{'allowed' if finding['allowed'] else 'REFUSED':<14} {finding['rule']}: {finding['text']}{where}")
    return lines


def prompts_of(folder: Path, make: bool = False) -> tuple[Path, str]:
    """The site's own prompt folder and its language; the shipped ones alone where there is no site."""
    try:
        settings = read_settings(folder)
    except SiteProblems:
        return folder / "prompts", "en"
    if make:
        settings.prompts.dir.mkdir(parents=True, exist_ok=True)
    return settings.prompts.dir, settings.prompts.language
