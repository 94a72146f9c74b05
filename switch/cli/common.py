"""What all commands share: the site's folder, the moment, who asks, and how an answer or a refusal is printed."""
import getpass
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from switch.build import site, staff
from switch.build.logs import set_up_logs
from switch.build.staff import StoreError
from switch.core.ids import StaffId
from switch.desk.asking import Refused
from switch.settings.tree import Settings

T = TypeVar("T")
Dir = Annotated[Path, typer.Option("--dir", help="The site's folder, the one that holds wingline.toml.")]
Now = Annotated[
    str | None,
    typer.Option("--now", help="Pretend that it is this moment (2026-11-23T21:30:00Z), or so much later (+3h); time runs on."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Staff = Annotated[str, typer.Option("--staff", help="Who does it; the system user when left out.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the change.")]
At = Annotated[str, typer.Option("--site", help="The establishment; needed where more than one could be meant.")]
HERE = Path()
TRY_AGAIN = 3
"""Exit code where nothing is known to have been done: the database did not answer."""


def fail(error: Exception | str, code: int = 1) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(code)


def clock_of(now: str | None) -> site.SystemClock:
    try:
        return site.clock_from(now)
    except ValueError as error:
        raise fail(f"--now: {error}; write it as 2026-11-23T21:30:00Z or +3h", 2) from None


def open_site(folder: Path, now: str | None) -> site.Site:
    """Settings and plan of the folder; ends the command with every problem that they have."""
    try:
        found = site.read_site(folder, clock_of(now))
    except site.SiteProblems as error:
        raise fail(error) from None
    set_up_logs(found.settings.log.level, found.settings.log.format)
    return found


Instead = Callable[[Settings, StaffId, datetime], T]
"""What is done where the database does not answer: the site, who asks, and now."""


def ask(folder: Path, now: str | None, who: str, use: "staff.Use[T | Refused]", instead: "Instead[T] | None" = None) -> T:
    """What the desk says; ends the command with 1 and every problem where it refuses. Without a database, what `instead` says."""
    try:
        clock, settings = clock_of(now), site.read_settings(folder)
    except site.SiteProblems as error:
        raise fail(error) from None
    set_up_logs(settings.log.level, settings.log.format)
    name = StaffId(who or getpass.getuser())
    try:
        answer = staff.at_desk(settings, clock, name, use)
    except StoreError as error:
        if instead is not None:
            warn([f"{error}: the order goes to this node's switch"])
            return instead(settings, name, clock.wall())
        raise fail(f"{error}: nothing is known to have been done; look, then try again", TRY_AGAIN) from None
    if isinstance(answer, Refused):
        raise fail(str(answer))
    return answer


def say(*lines: str) -> None:
    for line in lines:
        typer.echo(line)


def warn(warnings: Iterable[str]) -> None:
    for line in warnings:
        typer.echo(f"note: {line}", err=True)


def print_rows(rows: Iterable[tuple[dict[str, Any], str]], as_json: bool) -> None:
    """Each row as JSON, or for a person to read."""
    for row, text in rows:
        typer.echo(json.dumps(row, ensure_ascii=False) if as_json else text)


def moment(text: str | None, now: datetime, option: str) -> datetime | None:
    """An instant (RFC 3339; UTC where it names no zone) or so much later (+3h)."""
    if text is None:
        return None
    try:
        if text.startswith("+") and text[-1:] in site.UNITS:
            return now + timedelta(**{site.UNITS[text[-1]]: int(text[1:-1])})
        wanted = datetime.fromisoformat(text)
    except ValueError as error:
        raise fail(f"{option}: {error}; write it as 2026-11-23T21:30:00Z or +3h", 2) from None
    return wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
