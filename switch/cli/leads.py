"""`wingline leads`: what machines noticed, for a person to look at."""
from typing import Annotated

import typer

from switch.build.staff import as_row
from switch.cli.common import HERE, At, Dir, Json, Now, Staff, ask, print_rows, say
from switch.desk import leads, transcripts
from switch.ports.leads import Lead, LeadDecision
from switch.store import codec

app = typer.Typer(help="Leads, never evidence: list, show, take, decide.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id.")]


@app.command("list")
def list_(at: At = "", decided: Annotated[bool, typer.Option("--decided", help="Those that were decided.")] = False,
          as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Those that wait, best first; none with somebody to whom you are declared to be connected."""
    found = ask(folder, now, staff, lambda desk, actor, when: leads.listed(desk, actor, when, at or None, decided))
    print_rows(((as_row("lead", one) | {"rank": leads.rank(one)}, one_line(one)) for one in found), as_json)


@app.command()
def show(lead: Id, reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit.")], as_json: Json = False,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """One of a recording with what was said around it, under the authority that lets the recording be heard."""
    found = ask(folder, now, staff, lambda desk, actor, at: transcripts.around(desk, actor, at, lead, reason))
    row = as_row("lead", found.lead) | {"authority": found.authority, "said": codec.plain(found.turns)}
    heard = f"as {found.engine} ({found.model}) heard it, which may be wrong; the recording is what was said"
    said = [f"{turn.start:7.1f} s  {turn.side:<7}  {turn.text}" for turn in found.turns]
    print_rows([(row, "\n".join([one_line(found.lead), heard, *said]))], as_json)


@app.command()
def take(lead: Id, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Yours to look at, until you decide or give it back."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: leads.take(desk, actor, at, lead))))


@app.command()
def give_back(lead: Id, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Anybody's again."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: leads.give_back(desk, actor, at, lead))))


@app.command()
def decide(lead: Id, decision: Annotated[LeadDecision, typer.Argument(help="What it was worth.")],
           note: Annotated[str, typer.Option("--note", help="In your own words; kept with the decision.")] = "",
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """A word that is mostly false counts for less from then on."""
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: leads.decide(desk, actor, at, lead, decision, note))))


def one_line(lead: Lead) -> str:
    """A lead for a person to read."""
    where = ""
    if lead.recording is not None and lead.start is not None and lead.confidence is not None:
        minutes, seconds = divmod(int(lead.start), 60)
        where = f"  {lead.recording} at {minutes}:{seconds:02d} {lead.channel}, heard {lead.confidence:.0%} sure"
    counted = "".join(f"  {name} {value}" for name, value in (lead.evidence or {}).items())
    who = f"  {' '.join(lead.people)}" if lead.people else ""
    word = f"  {lead.word}" if lead.word else ""
    state = f"  {lead.decision}" if lead.decision else f"  with {lead.owner}" if lead.owner else ""
    return (f"{lead.id}  {lead.made_at:%Y-%m-%d %H:%M} UTC  {lead.establishment}  {lead.kind}{' LIVE' if lead.live else ''}"
            f"  {leads.rank(lead):.2f}{word}{where}{counted}{who}{state}")
