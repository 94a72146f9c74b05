"""What the command line asks of a site: a call cut with or without its database, calls as lines, its prompts."""
import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

from switch.build.harm import KEPT
from switch.build.site import SiteProblems, SystemClock, read_settings
from switch.build.staff import at_desk
from switch.core.ids import StaffId
from switch.core.node_orders import Kept
from switch.desk import calls
from switch.desk.asking import Refused
from switch.runtime.control import ControlRefused, NoSwitch, ask
from switch.settings.tree import Settings
from switch.store.errors import StoreError
from switch.store.listing import call_line

Role = Callable[[], None]
__all__ = ["Role", "StoreError", "call_line", "cut", "described", "one_line", "prompts_of"]


def cut(settings: Settings, clock: SystemClock, call: str, reason: str, staff: str) -> str:
    """The node is asked first: it obeys at once and sees to it that the store has the order, with its audit row, now or once
    it is back. A call of another node, or of one that is down, is ended by its row. One that nobody has is a LookupError."""
    if not reason.strip():
        raise ValueError("say why: the reason is kept with the call")
    who = staff or getpass.getuser()
    try:
        answer = ask(settings.control_socket, {"do": "cut", "call": call, "staff": who, "reason": reason})
    except (ControlRefused, NoSwitch) as error:
        not_here = error
    else:
        later = KEPT[Kept(answer["kept"])]
        return f"{call}: cut" + (f"; {later}" if later else "")
    try:
        ordered = at_desk(settings, clock, StaffId(who), lambda desk, actor, at: calls.cut_call(desk, actor, at, call, reason))
    except StoreError:
        raise LookupError(f"{call} could not be cut: {not_here}") from None
    if isinstance(ordered, Refused):
        raise LookupError(f"{call} could not be cut: {not_here}")
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
