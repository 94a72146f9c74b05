"""`wingline what-if`."""
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from switch.build import site
from switch.build.staff import StoreError
from switch.build.what_if import HEADING, as_csv, as_text, what_if
from switch.cli.common import HERE, TRY_AGAIN, Dir, Json, Now, fail, open_site


def command(
    plan: Annotated[str, typer.Argument(help="The changed plan's name: NAME.toml in the site's plans folder.")],
    since: Annotated[str, typer.Option("--since", help="How far back: 30d, 12h.")] = "30d",
    to_csv: Annotated[Path | None, typer.Option("--csv", help="Write the table there as CSV too.")] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="How many work at once.")] = 2,
    folder: Dir = HERE, now: Now = None, as_json: Json = False,
) -> None:
    """Try a changed plan on past calls: what it would have refused, cut or let through, by rule and wing."""
    found = open_site(folder, now)
    try:
        changed = site.read_plan(found.settings, plan)
        tally = what_if(found, changed, found.clock.wall() - _span(since), processes)
    except site.SiteProblems as error:
        raise fail(error) from None
    except ValueError as error:
        raise fail(error, 2) from None
    except StoreError as error:
        raise fail(error, TRY_AGAIN) from None
    if to_csv is not None:
        to_csv.write_text(as_csv(tally), "utf-8")
    if as_json:
        for row in tally.rows():
            typer.echo(json.dumps(dict(zip(HEADING, row, strict=True))))
    else:
        typer.echo("\n".join(as_text(tally, changed)))


def _span(text: str) -> timedelta:
    unit = site.UNITS.get(text[-1:])
    if unit is None or not text[:-1].isdigit():
        raise ValueError(f"--since: {text!r} is no span: write 30d, 12h, 90m")
    return timedelta(**{unit: int(text[:-1])})
