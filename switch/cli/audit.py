"""`wingline audit`: the log of who did what."""
import typer

from switch.build import audit, site
from switch.build.staff import StoreError
from switch.cli.common import HERE, TRY_AGAIN, Dir, fail, say

app = typer.Typer(help="The log of who did what: whether it is whole.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """So that a single command has its name."""


@app.command()
def verify(folder: Dir = HERE) -> None:
    """Read the audit from its beginning, and say whether a row was changed, moved or left out. Exits 1 where one was."""
    try:
        rows, problems = audit.verify(site.read_settings(folder))
    except site.SiteProblems as error:
        raise fail(error) from None
    except StoreError as error:
        raise fail(error, TRY_AGAIN) from None
    say(*map(str, problems))
    if problems:
        raise typer.Exit(1)
    say(f"the audit is whole: {rows} rows, each bound to the one before it")
