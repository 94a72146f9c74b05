"""`wingline audit`: the log of who did what."""
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from switch.build import audit as whole
from switch.build import site
from switch.build.staff import StoreError
from switch.cli.common import HERE, TRY_AGAIN, Dir, Json, Now, Reason, Staff, ask, clock_of, fail, moment, print_rows, say
from switch.core.processing import Processing
from switch.desk import audit

app = typer.Typer(help="The log of who did what: read, verified, and words beside it erased.", no_args_is_help=True)


@app.command("list")
def list_(kind: Annotated[Processing | None, typer.Option("--kind", help="One kind of processing (DPA 2018 s.62).")] = None,
          person: Annotated[str, typer.Option("--person", help="Prison number, A1234BC.")] = "",
          since: Annotated[str | None, typer.Option("--since", help="From then on (2026-11-23T21:30:00Z or -3h).")] = None,
          until: Annotated[str | None, typer.Option("--until", help="Until then.")] = None,
          most: Annotated[int, typer.Option("--most", help="How many rows at the most, the newest.")] = 100,
          staff: Staff = "", as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Who did what, when, in what part, why, under what authority and for whom. That you looked is noted too."""
    clock = clock_of(now).wall()
    first, last = moment(since, clock, "--since"), moment(until, clock, "--until")
    rows = ask(folder, now, staff, lambda desk, actor, at: audit.log(desk, actor, at, kind, person, first, last, most))
    print_rows((({"record": "audit", **asdict(one), "at": one.at.isoformat()}, one_line(one)) for one in rows), as_json)


@app.command()
def erase(row: Annotated[int, typer.Argument(help="The row's number.")], reason: Reason,
          second: Annotated[str, typer.Option("--second", help="The second member of staff who agrees.")],
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Erase the words and names beside one row for good. The row stays, and so does the chain."""
    done = ask(folder, now, staff, lambda desk, actor, at: audit.erase_words(desk, actor, at, row, reason, second))
    say(f"row {done.row}: the words beside it are erased")


@app.command()
def verify(kept: Annotated[Path | None, typer.Option("--from", help="A folder of checkpoints that was kept elsewhere, instead of "
                                                     "those in the site's store of objects.")] = None,
           key: Annotated[list[Path] | None, typer.Option("--key", help="A public key that signed them, in PEM, instead of the "
                                                          "site's; may be said again.")] = None,
           folder: Dir = HERE) -> None:
    """Read the audit from its beginning, against every checkpoint: whether a row was changed, moved or left out, or the end cut
    off. Exits 1 where one was."""
    try:
        found = whole.verify_site(site.read_settings(folder), kept, key or ())
    except StoreError as error:
        raise fail(error, TRY_AGAIN) from None
    except (site.SiteProblems, *whole.PROBLEMS) as error:
        raise fail(error) from None
    say(*found.problems)
    if found.problems:
        raise typer.Exit(1)
    say(f"the audit is whole: {found.rows} rows, each bound to the one before it, and {found.checkpoints} checkpoints up to row "
        f"{found.anchored}")


def one_line(one: audit.Logged) -> str:
    """A row for a person to read."""
    about = " ".join(f"{name}={id}" for name, id in {**one.subject, **one.detail}.items() if id is not None)
    words = "".join(f"  {what}: {text}" for what, text in (
        ("authority", one.authority), ("why", one.reason), ("second", one.second), ("to", one.recipient)) if text)
    gone = "  (words erased)" if one.erased else ""
    return (f"{one.row:>8}  {one.at:%Y-%m-%d %H:%M:%S}  {one.kind or '?':<12} {one.action}  {one.actor} ({one.role})  {about}"
            f"{words}{gone}")
