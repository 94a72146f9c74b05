"""`wingline canary`: the call that proves, each day and for each establishment, that nothing is kept of a privileged one."""
import json
from typing import Annotated

import typer

from switch.build import site
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, fail, say
from switch.desk import canary
from switch.desk.canary import CanaryState
from switch.ports.canary import CanaryRun, Verdict
from switch.store import codec

app = typer.Typer(help="The daily proof that nothing is kept of a privileged call.")
Site = Annotated[str, typer.Argument(help="The establishment.")]


@app.callback(invoke_without_command=True)
def canary_(context: typer.Context, as_json: Json = False,
            metrics: Annotated[bool, typer.Option("--metrics", help="As metrics in Prometheus' text form.")] = False,
            folder: Dir = HERE, now: Now = None) -> None:
    """Say what stands. Exits 1 where the last one that rang failed, none has passed for 26 hours, or there is no canary."""
    if context.invoked_subcommand is not None:
        return
    found = ask(folder, now, "", canary.read)
    moment = clock_of(now).wall()
    for one in found:
        if metrics:
            label = f'{{establishment="{one.canary.establishment}"}}'
            age = -1.0 if one.passed_at is None else max(0.0, (moment - one.passed_at).total_seconds())
            say(f"wingline_canary_fresh{label} {int(one.fresh)}", f"wingline_canary_passed_age_seconds{label} {age:.0f}")
        else:
            say(json.dumps({"record": "canary", **codec.plain(one)}, ensure_ascii=False) if as_json else _line(one))
    if not found:
        raise fail("no establishment has a canary: `wingline canary add` gives it one")
    if not all(one.fresh for one in found):
        raise typer.Exit(1)


@app.command()
def add(establishment: Site,
        network: Annotated[str, typer.Option("--network", help="The access network that this machine's own address is in.")],
        second: Annotated[str, typer.Option("--second", help="The other member of staff who says so.")], staff: Staff = "",
        folder: Dir = HERE, now: Now = None) -> None:
    """Give an establishment its canary, at the number that [canary] in the settings says."""
    try:
        number = site.read_settings(folder).canary.number
    except site.SiteProblems as error:
        raise fail(error) from None
    made = ask(folder, now, staff, lambda desk, actor, at: canary.add(desk, actor, at, establishment, network, number, second))
    say(f"{made.establishment}: its canary rings {made.number} from telephone {made.phone}, once a day")


@app.command()
def remove(establishment: Site, reason: Reason,
           second: Annotated[str, typer.Option("--second", help="The other member of staff who says so.")], staff: Staff = "",
           folder: Dir = HERE, now: Now = None) -> None:
    """Take its canary from an establishment, on two names. What came of its runs stays."""
    gone = ask(folder, now, staff, lambda desk, actor, at: canary.remove(desk, actor, at, establishment, second, reason))
    say(f"{gone.establishment}: no canary is rung any more; nothing else proves each day that privileged calls are not kept")


@app.command()
def run(establishment: Site, as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Ring it now, which takes about half a minute. Exits 1 unless it passed."""
    from switch.build.canary import run_canary  # telephones are needed by no other command

    clock = clock_of(now)
    try:
        settings = site.read_settings(folder)
    except site.SiteProblems as error:
        raise fail(error) from None
    done = ask(folder, now, staff, lambda desk, actor, at: run_canary(settings, desk, actor, clock, establishment))
    say(json.dumps(_row(done), ensure_ascii=False) if as_json else _told(done))
    if done.verdict is not Verdict.PASSED:
        raise typer.Exit(1)


@app.command()
def runs(establishment: Site, as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """The newest runs, newest first."""
    for one in ask(folder, now, "", lambda desk, actor, at: canary.runs(desk, actor, at, establishment)):
        say(json.dumps(_row(one), ensure_ascii=False) if as_json else _told(one))


def _row(run: CanaryRun) -> dict[str, object]:
    return {"record": "canary-run", **codec.plain(run)}


def _told(run: CanaryRun) -> str:
    said = "".join(f"\n    {problem}" for problem in run.problems)
    verdict = run.verdict or "ringing, or broken off"
    return f"{run.began_at:%Y-%m-%d %H:%M} UTC  {run.establishment}  {verdict}  {run.call or ''}{said}"


def _line(one: CanaryState) -> str:
    passed = "never" if one.passed_at is None else f"{one.passed_at:%Y-%m-%d %H:%M} UTC"
    last = "" if one.last is None else f"; the last: {_told(one.last)}"
    return f"{'good' if one.fresh else 'NOT GOOD':<9} {one.canary.establishment}  last passed {passed}{last}"
