"""Transcripts for staff: sought by words, read, and the work that makes them. A transcript is a lead to a place in the audio.

No word is shown but under an authority that lets its recording be heard, and each that is shown leaves an audit row.
"""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recordings.keys import KeyProblem
from recordings.objects import ObjectProblem
from recordings.transcribe.index import BadQuery, Match, matches, read_query
from recordings.transcribe.search import TranscriptReader
from recordings.transcript import Transcript, TranscriptProblem
from recordings.vault import VaultProblem
from recordings.watch.match import context
from switch.core.authority import Leave, ListenFacts, may_listen
from switch.core.ids import CallId, RecordingId, StaffId
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    place_name,
    prison_number,
    refused,
    telephone,
    unreasoned,
)
from switch.desk.leads import seen
from switch.ports.desk import Changes, Detail
from switch.ports.leads import Lead
from switch.ports.transcripts import JobState, Sought, TranscriptJob

MOST = 100
AROUND = 8
"""Words shown before and after what was sought."""
PASSAGES = 5
"""Of one transcript."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Where it was said: `side` is `person` or `contact`, seconds are of the recording, and `said` is what was sought as it was
    heard, between the words around it."""

    side: str
    start: float
    before: str
    said: str
    after: str
    confidence: float


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A recording in which everything that was sought was said. `authority` is by what right it is shown."""

    recording: RecordingId
    person: str | None
    number: str
    authority: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """What one side said without a long pause."""

    side: str
    start: float
    text: str


@dataclass(frozen=True, slots=True)
class ShownTranscript:
    """A transcript as it may be read; of an engine that hears wrongly at times."""

    recording: RecordingId
    engine: str
    model: str
    language: str
    authority: str
    turns: tuple[SaidTurn, ...]


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A lead with the words around it, as an engine heard them, which hears wrongly at times."""

    lead: Lead
    authority: str
    engine: str
    model: str
    turns: tuple[SaidTurn, ...]


@dataclass(frozen=True, slots=True)
class Requeued:
    """How many recordings are tried again."""

    recordings: int


async def search(desk: Desk, actor: StaffId, at: datetime, text: str, reason: str, person: str = "", number: str = "",
                 establishment: str = "", since: datetime | None = None, until: datetime | None = None, most: int = 20
                 ) -> list[FoundCall] | Refused:
    """Recordings in which all of this was said, words and "phrases in quotes", the newest first: those that whoever asks may
    hear, and no other. What was sought stands in the audit row as the hashes that the index has of it."""
    sought = _sought(desk, text, reason, person, number, establishment, since, until, most)
    if isinstance(sought, Refused):
        return sought
    reader = await _reader(desk)
    if isinstance(reader, Refused):
        return reader
    query = read_query(text, reader.language)
    phrases = reader.hasher.phrases(query)
    wanted = Sought(phrases, sought.person, sought.number, sought.establishment, since, until)

    def look(changes: Changes) -> list[RecordingId]:
        found = changes.find_words(wanted, actor, 2 * most)
        return [one for one in found if _leave(changes, one, actor, at)[1] is not None]

    told = list[tuple[RecordingId, tuple[Passage, ...]]]()
    for recording in await desk.work.look_apart(actor, at, look):
        words = await _words(reader, recording)
        if isinstance(words, Transcript) and (fits := matches(words, query)):  # two stems may have one hash
            told.append((recording, _passages(words, fits)))
        if len(told) == most:
            break

    def read(changes: Changes) -> list[FoundCall]:
        words = " / ".join(" ".join(phrase) for phrase in phrases)
        changes.audit("transcripts-searched", {}, {"found": len(told), "sought": words}, note=reason.strip())
        shown = []
        for recording, passages in told:
            facts, leave = _leave(changes, recording, actor, at)
            if facts is not None and leave is not None:
                detail: Detail = {"authority": leave.authority, "passages": len(passages)}
                changes.audit("transcript-read", {"recording": recording}, detail)
                shown.append(FoundCall(recording, facts.person, facts.number, leave.authority, passages))
        return shown

    return await attempt(desk, actor, at, "transcripts-searched", {}, read)


async def show(desk: Desk, actor: StaffId, at: datetime, recording: str, reason: str) -> ShownTranscript | Refused:
    """What was heard in one recording, under the authority that lets it be heard."""
    read = await _read(desk, actor, at, recording, reason, 0)
    if isinstance(read, Refused):
        return read
    words, leave = read
    return ShownTranscript(RecordingId(recording), words.engine, words.model, words.language, leave.authority, _turns(words))


async def around(desk: Desk, actor: StaffId, at: datetime, lead: str, reason: str) -> ShownLead | Refused:
    """A lead of a recording with what both sides said around it, under the authority that lets the recording be heard."""
    known = await desk.work.look(actor, at, lambda changes: seen(changes, actor, lead))
    if isinstance(known, Refused):
        return known
    if known.recording is None or known.start is None or known.end is None:
        return refused("no-recording", f"{lead} is of no recording: what was counted is in the list of leads")
    read = await _read(desk, actor, at, known.recording, reason, 1)
    if isinstance(read, Refused):
        return read
    words, leave = read
    near = replace(words, words=context(words.words, known.start, known.end))
    return ShownLead(known, leave.authority, words.engine, words.model, _turns(near))


async def _read(desk: Desk, actor: StaffId, at: datetime, recording: str, reason: str, passages: int
                ) -> tuple[Transcript, Leave] | Refused:
    """A transcript under leave, which is asked before it is opened and once more in the transaction of the audit row. `passages`:
    so many of it are shown, 0 for all."""
    if problem := unreasoned(reason):
        return problem
    reader = await _reader(desk)
    if isinstance(reader, Refused):
        return reader
    id = RecordingId(recording)

    def may(changes: Changes) -> Leave | Refused:
        facts = changes.listen_facts(CallId(id), actor)
        if facts is None:
            return refused("unknown-call", f"there is no call {recording[:64]}")
        leave = may_listen(facts, at)
        return leave if isinstance(leave, Leave) else refused(leave.because, leave.text)

    first = await attempt(desk, actor, at, "transcript-read", {"recording": recording}, may)
    if isinstance(first, Refused):
        return first
    words = await _words(reader, id)
    if isinstance(words, Refused):
        return words

    def read(changes: Changes) -> Leave | Refused:
        leave = may(changes)
        if isinstance(leave, Leave):
            detail: Detail = {"authority": leave.authority, "passages": passages}
            changes.audit("transcript-read", {"recording": id}, detail, note=reason.strip())
        return leave

    leave = await attempt(desk, actor, at, "transcript-read", {"recording": recording}, read)
    return leave if isinstance(leave, Refused) else (words, leave)


def _turns(words: Transcript) -> tuple[SaidTurn, ...]:
    return tuple(SaidTurn(turn.channel.side, turn.start, turn.text) for turn in words.turns())


async def transcript_jobs(desk: Desk, actor: StaffId, at: datetime, state: JobState | None = None, most: int = 100
                          ) -> list[TranscriptJob] | Refused:
    """Recordings as they are worked on, or those in one state, the newest first: what waits, and what was given up and why."""
    if not 1 <= most <= 1000:
        return refused("bad-most", "at most 1000 are listed at once, and at least one")
    return await desk.work.look(actor, at, lambda changes: list(changes.transcript_jobs(state, most)))


async def retry(desk: Desk, actor: StaffId, at: datetime, recording: str = "") -> Requeued | Refused:
    """Have one recording that was given up, or all of them, transcribed after all."""

    def work(changes: Changes) -> Requeued | Refused:
        number = changes.requeue_transcripts(RecordingId(recording) if recording else None)
        if recording and not number:
            return refused("as-it-is", f"{recording[:64]}: its transcript was not given up")
        changes.audit("transcripts-requeued", {"recording": recording} if recording else {}, {"recordings": number})
        return Requeued(number)

    return await attempt(desk, actor, at, "transcripts-requeued", {"recording": recording} if recording else {}, work)


def _sought(desk: Desk, text: str, reason: str, person: str, number: str, establishment: str, since: datetime | None,
            until: datetime | None, most: int) -> Sought | Refused:
    """Everything but the phrases; or every problem at once."""
    problems = list[Problem]()
    who = prison_number(person) if person else None
    to = telephone(number) if number else None
    if person and who is None:
        problems.append(bad_number(person))
    if isinstance(to, Problem):
        problems.append(to)
    if establishment and place_name(establishment) is None:
        problems.append(Problem("bad-place", f"{establishment!r} is no establishment"))
    if since is not None and until is not None and until <= since:
        problems.append(Problem("bad-times", "the end of that time lies before its beginning"))
    if not 1 <= most <= MOST:
        problems.append(Problem("bad-most", f"at most {MOST} recordings are shown at once, and at least one"))
    if bad := unreasoned(reason):
        problems += bad.problems
    try:
        read_query(text, "")
    except BadQuery as error:
        problems.append(Problem("bad-query", str(error)))
    if problems or isinstance(to, Problem):
        return Refused(tuple(problems))
    return Sought((), who, to, establishment or None, since, until)


async def _reader(desk: Desk) -> TranscriptReader | Refused:
    if desk.transcripts is None:
        return refused("no-vault", "there is no vault here to read transcripts from")
    try:
        return await desk.transcripts()
    except (KeyProblem, OSError) as error:
        return refused("no-key", str(error))


async def _words(reader: TranscriptReader, recording: RecordingId) -> Transcript | Refused:
    try:
        found = await reader.transcript(recording)
    except (VaultProblem, KeyProblem, ObjectProblem, TranscriptProblem) as error:
        return refused("not-readable", str(error))
    return refused("no-transcript", f"{recording}: it is not transcribed yet") if found is None else found


def _leave(changes: Changes, recording: RecordingId, listener: StaffId, at: datetime) -> tuple[ListenFacts | None, Leave | None]:
    facts = changes.listen_facts(CallId(recording), listener)
    leave = None if facts is None else may_listen(facts, at)
    return facts, leave if isinstance(leave, Leave) else None


def _passages(words: Transcript, fits: Sequence[Match]) -> tuple[Passage, ...]:
    found = []
    for one in fits[:PASSAGES]:
        line = words.channel(one.channel)
        said = line[one.first : one.last + 1]
        found.append(Passage(
            one.channel.side, said[0].start, " ".join(word.text for word in line[max(0, one.first - AROUND) : one.first]),
            " ".join(word.text for word in said), " ".join(word.text for word in line[one.last + 1 : one.last + 1 + AROUND]),
            min(word.confidence for word in said)))
    return tuple(found)
