"""`wingline transcripts`: sought by words and read, under authority; and the work that makes them."""
import json
from typing import Annotated

import typer

from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, moment, say
from switch.desk import transcripts
from switch.desk.transcripts import FoundCall, ShownTranscript
from switch.ports.transcripts import JobState, TranscriptJob
from switch.store import codec

app = typer.Typer(help="Transcripts: search, show, jobs, retry.", no_args_is_help=True)


@app.command()
def search(text: Annotated[str, typer.Argument(help='Words, and "phrases in quotes": all of them must have been said.')],
           reason: Reason, person: Annotated[str, typer.Option("--person", help="Calls of this person.")] = "",
           number: Annotated[str, typer.Option("--number", help="Calls to this number.")] = "",
           site: Annotated[str, typer.Option("--site", help="Calls of this establishment.")] = "",
           since: Annotated[str | None, typer.Option("--since", help="Begun at this moment or later.")] = None,
           until: Annotated[str | None, typer.Option("--until", help="Begun before this moment.")] = None,
           most: Annotated[int, typer.Option("--most", help="So many recordings.")] = 20, as_json: Json = False,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Find calls in which something was said, of those that you may hear. What you sought is kept as hashes."""
    here = clock_of(now).wall()
    begin, end = moment(since, here, "--since"), moment(until, here, "--until")
    found = ask(folder, now, staff, lambda desk, actor, at: transcripts.search(
        desk, actor, at, text, reason, person, number, site, begin, end, most))
    for one in found:
        say(json.dumps({"record": "found-call", **codec.plain(one)}, ensure_ascii=False) if as_json else _found(one))
    if not found and not as_json:
        say("nothing of the kind was said in a call that you may hear and that is transcribed")


@app.command()
def show(recording: Annotated[str, typer.Argument(help="The recording, which is its call's id.")], reason: Reason,
         as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """What was heard in one call, side by side, under the authority that lets you hear it."""
    shown = ask(folder, now, staff, lambda desk, actor, at: transcripts.show(desk, actor, at, recording, reason))
    say(json.dumps({"record": "transcript", **codec.plain(shown)}, ensure_ascii=False) if as_json else _shown(shown))


@app.command()
def jobs(state: Annotated[JobState | None, typer.Option("--state", help="In one state alone.")] = None,
         most: Annotated[int, typer.Option("--most", help="The newest so many.")] = 100, as_json: Json = False,
         folder: Dir = HERE, now: Now = None) -> None:
    """What waits to be transcribed, what is done, and what was given up and why."""
    for one in ask(folder, now, "", lambda desk, actor, at: transcripts.transcript_jobs(desk, actor, at, state, most)):
        say(json.dumps({"record": "transcript-job", **codec.plain(one)}, ensure_ascii=False) if as_json else _job(one))


@app.command()
def retry(recording: Annotated[str, typer.Argument(help="One recording; all that were given up when left out.")] = "",
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Have what was given up transcribed after all."""
    done = ask(folder, now, staff, lambda desk, actor, at: transcripts.retry(desk, actor, at, recording))
    say(f"{done.recordings} recordings are tried again")


def _found(one: FoundCall) -> str:
    lines = [f"{one.recording}  {one.person or '-'} to {one.number}  (authority {one.authority})"]
    lines += [f"  {passage.start:7.1f} s  {passage.side:<7}  {passage.before} [{passage.said}] {passage.after}"
              for passage in one.passages]
    return "\n".join(lines)


def _shown(one: ShownTranscript) -> str:
    head = f"{one.recording}: as {one.engine} ({one.model}) heard it, which may be wrong; the recording is what was said"
    return "\n".join([head, *(f"{turn.start:7.1f} s  {turn.side:<7}  {turn.text}" for turn in one.turns)])


def _job(one: TranscriptJob) -> str:
    tier = f"  {one.tier}" if one.tier else ""
    done = f"  {one.words} words by {one.engine} {one.model}" if one.state is JobState.DONE else ""
    return f"{one.started_at:%Y-%m-%d %H:%M} {one.recording}  {one.state}  {one.seconds:.0f} s{tier}{done}  {one.error}".rstrip()
