"""The command line: reads arguments, prints answers, and leaves the rest to `switch.build`."""
import asyncio
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

# before numpy is loaded: our products are small and many, and each would wake every core and let it spin for milliseconds
os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("OPENBLAS_NUM_THREADS", "1")

from switch.build import desk, example, signing, site
from switch.build.logs import set_up_logs
from switch.cli import (
    access,
    alarms,
    audit,
    authority,
    bulletins,
    canary,
    contacts,
    copies,
    doctor,
    evidence,
    holds,
    keys,
    kill,
    leads,
    listen,
    models,
    money,
    monitoring,
    names,
    numbers,
    people,
    permits,
    placed,
    places,
    privileged,
    prompts,
    recordings,
    speed_dials,
    stops,
    subject_access,
    tasks,
    transcripts,
    users,
    watch_words,
    what_if,
)
from switch.cli.common import HERE, Dir, Json, Now
from switch.cli.common import ask as _ask
from switch.cli.common import fail as _fail
from switch.cli.common import open_site as _site
from switch.desk import calls as desk_calls
from switch.desk import explaining

app = typer.Typer(help="Wingline: an open telephone switch for prisons.", no_args_is_help=True, pretty_exceptions_enable=False)
calls_app = typer.Typer(help="Calls: list, show, cut.")
app.add_typer(calls_app, name="calls")
app.add_typer(alarms.app, name="alarms")
app.add_typer(prompts.app, name="prompts")
app.add_typer(canary.app, name="canary")
app.add_typer(copies.app, name="copies")
app.add_typer(holds.app, name="holds")
app.add_typer(holds.incidents_app, name="incidents")
app.add_typer(contacts.app, name="contacts")
app.add_typer(people.app, name="people")
app.add_typer(places.app, name="places")
app.add_typer(keys.app, name="keys")
app.add_typer(kill.app, name="kill")
app.add_typer(placed.app, name="placed")
app.add_typer(placed.relief_app, name="relief")
app.add_typer(names.app, name="names")
app.add_typer(permits.app, name="permits")
app.add_typer(numbers.app, name="numbers")
app.add_typer(stops.app, name="stops")
app.add_typer(tasks.app, name="tasks")
app.add_typer(speed_dials.app, name="speed-dials")
app.add_typer(bulletins.app, name="bulletins")
app.add_typer(access.app, name="access")
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(authority.app, name="authority")
app.add_typer(authority.connections_app, name="connections")
app.add_typer(models.app, name="models")
app.add_typer(transcripts.app, name="transcripts")
app.add_typer(money.app, name="money")
app.add_typer(monitoring.app, name="monitoring")
app.add_typer(privileged.app, name="privileged")
app.add_typer(recordings.app, name="recordings")
app.add_typer(watch_words.app, name="watch-words")
app.add_typer(leads.app, name="leads")
app.command("doctor")(doctor.command)
app.command("roll-check")(tasks.roll_check)
app.command("listen")(listen.command)
app.command("what-if")(what_if.command)
app.command("subject-access")(subject_access.command)
app.command("evidence")(evidence.command)
app.command("verify-books")(money.verify_books)

@app.command()
def up(folder: Dir = HERE, now: Now = None) -> None:
    """Run every role of the site on this machine until told to stop."""
    from switch.build import up_role  # what runs a role is needed by no other command

    found = _site(folder, now)
    stopped = up_role.main(found, folder, lambda: print("Wingline is up.", flush=True))
    if stopped.code:
        raise _fail(stopped.text, stopped.code)
    print(stopped.text)


@app.command()
def switch(folder: Dir = HERE, now: Now = None) -> None:
    """Run the switch role: SIP, media, decisions, records. Without a plan that can be read: helplines and emergency only."""
    from switch.build import switch_role

    try:
        clock, settings = site.clock_from(now), site.read_settings(folder)
    except (ValueError, site.SiteProblems) as error:
        raise _fail(error) from None
    set_up_logs(settings.log.level, settings.log.format)
    plan, no_plan = None, ""
    try:
        plan = site.read_plan(settings)
    except site.SiteProblems as error:  # helplines and emergency calls are served all the same
        no_plan = error.lines[0]
    _run(lambda: switch_role.main(settings, plan, no_plan, clock))


@app.command()
def worker(folder: Dir = HERE, now: Now = None) -> None:
    """Run the worker role: what follows a call."""
    from switch.build import worker_role

    _run(lambda: worker_role.main(_site(folder, now)))


@app.command()
def console(folder: Dir = HERE, now: Now = None) -> None:
    """Run the console role: the JSON API. A plan that cannot be read keeps nobody from the kill switch."""
    from switch.build import console_role  # the web server is needed by no other command

    try:
        clock, settings = site.clock_from(now), site.read_settings(folder)
    except (ValueError, site.SiteProblems) as error:
        raise _fail(error) from None
    set_up_logs(settings.log.level, settings.log.format)
    _run(lambda: console_role.main(settings, clock))


def _run(role: "desk.Role") -> None:
    try:
        role()
    except (OSError, RuntimeError, desk.StoreError) as error:
        raise _fail(f"cannot start: {error}") from None


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A folder that is empty or not there yet, or a site's.")] = HERE,
         example_site: Annotated[bool, typer.Option("--example", help="Write the documented example site.")] = False) -> None:
    """Write a site's folder, with secrets made on the spot; in a site's, make its database where there is none."""
    if not example_site and (folder / site.SETTINGS_FILE).exists():
        _make_database(folder)
        return
    if not example_site:
        raise _fail("say --example: the example site, documented in place, is what a real site starts from", 2)
    try:
        example.write(folder)
    except (OSError, ValueError) as error:
        raise _fail(error) from None
    print(f"The example site is in {folder}. Start it with: wingline up --dir {folder}")


def _make_database(folder: Path) -> None:
    from switch.build.vault import missing_keys  # ciphers are needed by few commands

    try:
        settings = site.read_settings(folder)
        problem = ""
        try:
            site.make_database(settings)
            print(f"The database of {folder} is made, and empty.")
        except ValueError as error:
            problem = str(error)
        made = [*asyncio.run(missing_keys(settings)),
                *signing.make_missing_keys(settings.listening.signing_key, settings.listening.key)]
    except (OSError, ValueError, site.SiteProblems, desk.StoreError) as error:
        raise _fail(error) from None
    for file in made:
        print(f"{file} is made: keep a copy where nobody but you can get at it.")
    if problem and not made:
        raise _fail(problem)


@app.command("check-config")
def check_config(folder: Dir = HERE) -> None:
    """Report every problem of the settings and of the plan that they name."""
    try:
        found = site.read_site(folder, site.SystemClock())
    except site.SiteProblems as error:
        raise _fail(error) from None
    print(f"{folder / site.SETTINGS_FILE}: good; plan {found.plan.label}")


@app.command("check-plan")
def check_plan(name: Annotated[str, typer.Argument(help="The plan's name; the one in force when left out.")] = "",
               folder: Dir = HERE) -> None:
    """Report every problem of a plan."""
    try:
        plan = site.read_plan(site.read_settings(folder), name)
    except site.SiteProblems as error:
        raise _fail(error) from None
    print(f"plan {plan.label}: good; from {', '.join(plan.files)}")


@app.command()
def explain(person: Annotated[str, typer.Option("--person", help="Prison number, A1234BC.")] = "",
            to: Annotated[str, typer.Option("--to", help="The number as it would be dialled.")] = "",
            call: Annotated[str, typer.Option("--call", help="A past call's id instead: the decision that was made then.")] = "",
            at: Annotated[str | None, typer.Option("--at", help="When; now when left out.")] = None, folder: Dir = HERE) -> None:
    """Say what the plan would decide about a call, or decided then, and every rule's reason. Exits 1 when it is refused."""
    if bool(call) == bool(person and to):
        raise _fail("say --person and --to, or --call with the id of a past call", 2)
    told = _ask(folder, at, "", lambda desk, actor, now: explaining.explain_call(desk, actor, now, call) if call
                else explaining.explain_request(desk, actor, now, person, to))
    print("\n".join(told.lines))
    if not told.allowed:
        raise typer.Exit(1)


@calls_app.callback(invoke_without_command=True)
def calls(context: typer.Context, folder: Dir = HERE,
          live: Annotated[bool, typer.Option("--live", help="Only calls that run.")] = False, as_json: Json = False) -> None:
    """List calls, oldest first."""
    context.obj = folder
    if context.invoked_subcommand is None:
        _print_calls(map(desk.call_line, _ask(folder, None, "", lambda at_desk, actor, at: desk_calls.list_calls(
            at_desk, actor, at, live))), as_json)


@calls_app.command("show")
def calls_show(context: typer.Context, call: Annotated[str, typer.Argument(help="The call's id.")], folder: Dir = HERE,
               as_json: Json = False) -> None:
    """Show one call with every finding."""
    row = desk.call_line(_ask(_folder(context, folder), None, "", lambda at_desk, actor, at: desk_calls.show_call(
        at_desk, actor, at, call)))
    print(json.dumps(row, ensure_ascii=False) if as_json else "\n".join(desk.described(row)))


@calls_app.command("cut")
def calls_cut(context: typer.Context, call: Annotated[str, typer.Argument(help="The call's id.")],
              reason: Annotated[str, typer.Option("--reason", help="Why; kept with the call and in the audit.")],
              staff: Annotated[str, typer.Option("--staff", help="Who orders it; the system user when left out.")] = "",
              folder: Dir = HERE) -> None:
    """End a call that runs. Works through the node's control socket, and by an order in the store where that is gone."""
    try:
        print(desk.cut(site.read_settings(_folder(context, folder)), site.clock_from(None), call, reason, staff))
    except (LookupError, ValueError, site.SiteProblems, desk.StoreError) as error:
        raise _fail(error) from None


def _folder(context: typer.Context, folder: Path) -> Path:
    """`--dir` may stand before or after the subcommand."""
    return folder if folder != HERE else context.obj or HERE


def _print_calls(rows: Iterable[dict[str, object]], as_json: bool) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if as_json else desk.one_line(row))


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="Play one round and end.")] = False, as_json: Json = False,
         folder: Annotated[Path | None, typer.Option("--dir", help="An example site; a new one when left out.")] = None) -> None:
    """Play real calls on the example site, cells and families speaking; exits 0 only if all ended as they should."""
    from switch.demo import run  # its phones and its board are needed by no other command

    raise typer.Exit(run.main(folder, once, as_json))


def main() -> None:
    """The `wingline` command. Whatever it writes is for this user alone."""
    site.private_files()
    app()
