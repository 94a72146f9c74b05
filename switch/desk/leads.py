"""Leads: raised by machines, looked at by staff. Each has at most one owner, who decides what it was worth.

Nobody learns of a lead that has somebody in it to whom they are declared to be connected: for them it is not there. A lead holds
no word that was said.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialplans.plan import WatchRules
from recordings.transcript import Channel, Word
from recordings.watch.live import SAME
from recordings.watch.match import Hit, Matcher
from recordings.watch.rank import score, usefulness
from recordings.watch.sound import Finding
from switch.core.ids import CallId, RecordingId, StaffId
from switch.desk.asking import Desk, Refused, attempt, refused
from switch.ports.desk import Changes
from switch.ports.leads import Lead, LeadDecision, LeadKind, Pattern, WatchedCall
from switch.ports.watch import WatchWord

WEIGHT = 0.6
"""Of what is beyond words, as of a watch word whose weight is 60."""
ALARM = "watch-word"
"""Kind of the alarm of a word that is heard while its call runs: one for each entry and call."""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What a night's look at the records came to."""

    raised: int
    dropped: int


async def hear(desk: Desk, actor: StaffId, at: datetime, call: str, words: Sequence[Word], live: bool = False
               ) -> list[Lead] | Refused:
    """Leads from what was heard in a call: each entry in use at its establishment, wherever it was said. Heard again, live or
    later, it is the same lead. `live`: staff are told by an alarm too. None of a call that nobody may hear."""

    def work(changes: Changes) -> list[Lead] | Refused:
        found = changes.watched_call(CallId(call))
        if found is None:
            return refused("not-heard", f"{call}: nothing is looked for in a call that nobody may hear")
        lists = changes.watch_lists(found.establishment)
        entries = {one.id: one for one in changes.watch_words([one.id for one in lists])}
        there = list(changes.leads_of(RecordingId(call)))
        raised: list[Lead] = []
        for hit in Matcher(entries.values()).find(words):
            if not any(_same(hit, one) for one in (*there, *raised)):
                raised.append(_of_hit(desk, at, found, entries[hit.word], hit, live))
        _raise(changes, raised, {"call": call})
        for one in raised if live else ():
            changes.raise_alarm(f"{ALARM}:{call}:{one.word}", ALARM, _alarm_text(one), CallId(call))
        return raised

    return await attempt(desk, actor, at, "leads-raised", {"call": call}, work)


async def looked_for(desk: Desk, actor: StaffId, at: datetime, call: str) -> Sequence[WatchWord] | Refused:
    """The entries in use at the establishment of a call, for whatever hears it while it runs. None of a call that nobody may
    hear."""

    def look(changes: Changes) -> Sequence[WatchWord] | Refused:
        known = changes.watched_call(CallId(call))
        if known is None:
            return refused("not-heard", f"{call}: nothing is looked for in a call that nobody may hear")
        return changes.watch_words([one.id for one in changes.watch_lists(known.establishment)])

    return await desk.work.look(actor, at, look)


async def found(desk: Desk, actor: StaffId, at: datetime, call: str, findings: Sequence[Finding]) -> list[Lead] | Refused:
    """Leads from what is beyond words in the sound of a call. Found again, it is the same lead. None of a call that nobody may
    hear."""

    def work(changes: Changes) -> list[Lead] | Refused:
        known = changes.watched_call(CallId(call))
        if known is None:
            return refused("not-heard", f"{call}: nothing is looked for in a call that nobody may hear")
        there = {(one.kind, one.start) for one in changes.leads_of(RecordingId(call))}
        raised = [_of_finding(desk, at, known, one) for one in findings if (one.kind, round(one.start, 3)) not in there]
        _raise(changes, raised, {"call": call})
        return raised

    return await attempt(desk, actor, at, "leads-raised", {"call": call}, work)


async def look_back(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> LookedBack | Refused:
    """Leads from an establishment's records of people, calls and applications put together, by the plan's thresholds; what a lead
    was about in the same days raises no other. The audit has each such combination, whatever came of it. Leads of no recording
    that are older than the plan keeps them go."""
    if desk.plan is None:
        return refused("no-plan", "the plan cannot be read, so that nobody knows what is too often: see check-plan")
    rules = desk.plan.watch

    def work(changes: Changes) -> LookedBack | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        since = at - timedelta(days=rules.days.value)
        raised: list[Lead] = []
        for kind, least, patterns in _patterns(changes, rules, establishment, since):
            told = changes.leads_about(kind, establishment, since)
            raised += [_of_pattern(desk, at, kind, establishment, one, least) for one in patterns if one.about not in told]
        changes.add_leads(raised)
        changes.audit("records-combined", {"establishment": establishment}, {
            "since": since.isoformat(), "leads": " ".join(one.id for one in raised)})
        dropped = changes.drop_old_leads(establishment, at - timedelta(days=rules.keep_days.value))
        return LookedBack(len(raised), dropped)

    return await attempt(desk, actor, at, "records-combined", {"establishment": establishment}, work)


async def listed(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None, decided: bool = False) -> list[Lead]:
    """Those that wait, best first, or those that were decided, newest first."""

    def look(changes: Changes) -> list[Lead]:
        connected = changes.connected(actor)
        found = [one for one in changes.leads(establishment, decided) if not connected.intersection(one.people)]
        if decided:
            return sorted(found, key=lambda one: one.decided_at or at, reverse=True)
        return sorted(found, key=lambda one: -rank(one))

    return await desk.work.look(actor, at, look)


async def take(desk: Desk, actor: StaffId, at: datetime, lead: str) -> Lead | Refused:
    """It is this member of staff's to look at, until they decide or give it back."""

    def work(changes: Changes) -> Lead | Refused:
        found = _open(changes, actor, lead)
        if isinstance(found, Refused):
            return found
        if found.owner not in (None, actor):
            return refused("taken", f"{lead}: {found.owner} has it")
        changes.own_lead(lead, actor)
        changes.audit("lead-taken", _subject(found))
        return replace(found, owner=actor)

    return await attempt(desk, actor, at, "lead-taken", {"lead": lead}, work)


async def give_back(desk: Desk, actor: StaffId, at: datetime, lead: str) -> Lead | Refused:
    """It is anybody's again."""

    def work(changes: Changes) -> Lead | Refused:
        found = _own(changes, actor, lead)
        if isinstance(found, Refused):
            return found
        changes.own_lead(lead, None)
        changes.audit("lead-given-back", _subject(found))
        return replace(found, owner=None)

    return await attempt(desk, actor, at, "lead-given-back", {"lead": lead}, work)


async def decide(desk: Desk, actor: StaffId, at: datetime, lead: str, decision: LeadDecision, note: str = "") -> Lead | Refused:
    """What it was worth, by whoever has it; their own words are kept beside the audit. A word learns from it."""

    def work(changes: Changes) -> Lead | Refused:
        found = _own(changes, actor, lead)
        if isinstance(found, Refused):
            return found
        changes.decide_lead(lead, decision)
        changes.audit("lead-decided", _subject(found), {"decision": decision}, note.strip(),
                      found.people[0] if found.people else None)
        return replace(found, decision=decision, decided_at=at)

    return await attempt(desk, actor, at, "lead-decided", {"lead": lead}, work)


def rank(lead: Lead) -> float:
    """Its score, less where its word is mostly false by now."""
    return lead.score * usefulness(lead.useful, lead.false)


def _patterns(changes: Changes, rules: WatchRules, establishment: str, since: datetime
              ) -> Iterable[tuple[LeadKind, int, Sequence[Pattern]]]:
    rung, applied = rules.shared_number_people.value, rules.applied_number_people.value
    tried = rules.borrowed_pin_calls.value
    yield LeadKind.SHARED_NUMBER, rung, changes.shared_numbers(establishment, since, rung)
    yield LeadKind.APPLIED_BY_MANY, applied, changes.applied_numbers(establishment, applied)
    pins = changes.borrowed_pins(establishment, since, tried)
    yield LeadKind.BORROWED_PIN, tried, [replace(one, about=f"{one.people[0]} {one.about}") for one in pins]


def _of_pattern(desk: Desk, at: datetime, kind: LeadKind, establishment: str, one: Pattern, least: int) -> Lead:
    """Half certain at the threshold, and certain at twice as much."""
    often = one.times if kind is LeadKind.BORROWED_PIN else len(one.people)
    evidence: Mapping[str, str | int] = {"about": one.about, "times": one.times, "people": len(one.people)}
    return Lead(f"lead-{desk.mint.id()}", kind, establishment, one.about, min(1.0, often / (2 * least)), at, one.people,
                evidence=evidence)


def _of_hit(desk: Desk, at: datetime, call: WatchedCall, entry: WatchWord, hit: Hit, live: bool) -> Lead:
    return Lead(f"lead-{desk.mint.id()}", LeadKind.WORD, call.establishment, f"{hit.word} {hit.channel}",
                score(entry.weight, hit.confidence), at, () if call.person is None else (call.person,), hit.word,
                RecordingId(call.call), hit.start, hit.end, hit.channel, hit.confidence, live)


def _of_finding(desk: Desk, at: datetime, call: WatchedCall, one: Finding) -> Lead:
    return Lead(f"lead-{desk.mint.id()}", one.kind, call.establishment, one.kind, WEIGHT * one.confidence, at,
                () if call.person is None else (call.person,), None, RecordingId(call.call), one.start, one.end, one.channel,
                one.confidence, evidence=one.evidence)


def _alarm_text(one: Lead) -> str:
    minutes, seconds = divmod(int(one.start or 0), 60)
    side = "the person in prison" if one.channel == Channel.LEFT else "the contact"
    return f"A watch word was heard in call {one.recording}, which runs: {minutes}:{seconds:02} in, from {side} (lead {one.id})"


def _same(hit: Hit, lead: Lead) -> bool:
    return lead.word == hit.word and lead.channel == hit.channel and lead.start is not None and abs(lead.start - hit.start) < SAME


def _raise(changes: Changes, raised: Sequence[Lead], subject: Mapping[str, str]) -> None:
    changes.add_leads(raised)
    if raised:
        changes.audit("leads-raised", subject, {"leads": " ".join(one.id for one in raised)})
    for one in raised:
        if one.recording is not None:
            changes.publish("lead-raised", one.id, {"call": one.recording})


def _open(changes: Changes, actor: StaffId, lead: str) -> Lead | Refused:
    found = seen(changes, actor, lead)
    if not isinstance(found, Refused) and found.decision is not None:
        return refused("decided", f"{lead} was decided already: {found.decision}")
    return found


def _own(changes: Changes, actor: StaffId, lead: str) -> Lead | Refused:
    found = _open(changes, actor, lead)
    if not isinstance(found, Refused) and found.owner != actor:
        return refused("not-yours", f"{lead}: take it first")
    return found


def seen(changes: Changes, actor: StaffId, lead: str) -> Lead | Refused:
    """A lead as this member of staff may know of it; for whoever is connected to somebody in it, it is not there."""
    found = changes.lead(lead)
    if found is None or changes.connected(actor).intersection(found.people):
        return refused("unknown-lead", f"there is no lead {lead[:40]}: `wingline leads list` shows those that wait")
    return found


def _subject(lead: Lead) -> dict[str, str]:
    return {"lead": lead.id} | ({"call": lead.recording} if lead.recording else {})
