"""Subject access: what is held of a person in prison, or of a party outside, given out by two members of staff.

Nothing of others goes with it, and of privileged calls no more than that they took place. What a party is given has nothing of
the person in prison. Each disclosure leaves an audit row with the digest of its manifest; docs/subject-access.md says
what is in it.
"""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from switch.core.facts import ContactKind
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.money import pence
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_number,
    find,
    prison_number,
    refused,
    second_name,
    unreasoned,
)
from switch.desk.disclosing import (
    GIVEN,
    GIVEN_TO_PARTIES,
    OWN_IDS,
    DisclosedFile,
    Exemption,
    Log,
    Others,
    Table,
    Withheld,
    audit_table,
    files_of,
    findings,
)
from switch.ports.calls import CallRow
from switch.ports.desk import Changes, Person
from switch.ports.disclosure import KeptSound
from switch.ports.money import Entry, Line

SINCE = datetime(2000, 1, 1, tzinfo=UTC)
EVERY_CALL = 1_000_000
README = """This is what is held of you by the telephone system of the prison, on the day that manifest.json names.

Each table is there twice: as CSV for a spreadsheet, as JSON for a program. manifest.json names every file with its SHA-256, so
that anybody can see that none was changed since.

Numbers and names of other people are left out, and so are the names of staff: "contact 1" is the same number throughout, and has
no meaning outside these files. Of calls that are privileged, such as those to a solicitor, there is only that they took place.
withheld.csv says what was left out, and by which exemption. Whoever thinks that something is missing or wrong may complain to the
prison, and to the Information Commissioner (ico.org.uk).
"""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is given out, and for the controller alone the whole log of what was not. `digest` is the manifest's SHA-256, which
    the audit has."""

    id: str
    about: str
    made_at: datetime
    files: tuple[DisclosedFile, ...]
    withheld: tuple[Withheld, ...]
    digest: str


async def of_person(desk: Desk, actor: StaffId, at: datetime, number: str, second: StaffId, recipient: str, reason: str
                    ) -> Disclosure | Refused:
    """Calls with their decisions, recordings, contacts, money and audit rows of somebody in prison."""
    person = prison_number(number)
    problems = _asked(actor, second, recipient, reason) + ([] if person else [bad_number(number)])
    if problems or person is None:
        return Refused(tuple(problems))

    def tables(changes: Changes, log: Log) -> tuple[Table, ...] | Refused:
        found = find(changes, person)
        return found if isinstance(found, Refused) else _person_tables(changes, found, desk.helplines, at, log)

    return await _given(desk, actor, at, {"person": person}, person, second, recipient, reason, tables)


async def of_party(desk: Desk, actor: StaffId, at: datetime, party: str, second: StaffId, recipient: str, reason: str
                   ) -> Disclosure | Refused:
    """What is held of a contact: numbers, consent, stops, orders that protect them, and that they were rung."""
    if problems := _asked(actor, second, recipient, reason):
        return Refused(tuple(problems))
    return await _given(desk, actor, at, {"party": party}, party, second, recipient, reason,
                        lambda changes, log: _party_tables(changes, party, log))


async def _given(desk: Desk, actor: StaffId, at: datetime, subject: dict[str, str], about: str, second: StaffId, recipient: str,
                 reason: str, tables: "Callable[[Changes, Log], tuple[Table, ...] | Refused]") -> Disclosure | Refused:
    id = desk.mint.id()

    def work(changes: Changes) -> Disclosure | Refused:
        log = Log()
        made = tables(changes, log)
        if isinstance(made, Refused):
            return made
        files = files_of(about, at, recipient.strip(), made, log, README)
        withheld, digest = log.entries(), files[-1].sha256
        changes.audit("subject-access-given", subject | {"disclosure": id}, {
            "second": second.strip(), "manifest": digest, "files": len(files), "withheld": sum(one.items for one in withheld)},
            note=reason.strip(), recipient=recipient.strip())
        return Disclosure(id, about, at, files, withheld, digest)

    return await attempt(desk, actor, at, "subject-access-given", subject, work, apart=True)


def _asked(actor: StaffId, second: StaffId, recipient: str, reason: str) -> list[Problem]:
    problems: list[Problem] = []
    for problem in (second_name(actor, second, "what is held of somebody leaves the house"), unreasoned(reason)):
        problems += problem.problems if problem else ()
    if not recipient.strip():
        problems.append(Problem("no-recipient", "say to whom it is given"))
    return problems


def _person_tables(changes: Changes, person: Person, helplines: frozenset[str], at: datetime, log: Log) -> tuple[Table, ...]:
    approvals = changes.approvals(person=person.id)
    others = Others([one.number for one in approvals], helplines)
    calls = [one for one in changes.calls(False, person.id, None, None, EVERY_CALL) if one.kind == "call"]
    # in quarantine: found to be privileged after it was recorded
    private = {one.id for one in calls if one.privileged or one.quarantined}
    flags = person.flags
    about = Table("about", ("number", "name", "establishment", "cell", "status", "incentive", "foreign_national", "legal",
                            "at_risk", "language", "needs"),
                  ((person.id, person.name, person.establishment, person.cell, person.status, person.incentive,
                    flags.foreign_national, flags.legal, flags.at_risk, flags.language, " ".join(flags.needs)),))
    contacts = []
    for one in approvals:
        hidden = one.kind is ContactKind.PRIVILEGED
        contacts.append((others.number(one.number), one.kind, one.state, one.reason, None if hidden else one.relationship,
                         one.relay, one.applied_at.isoformat() if one.applied_at else None))
        log.add("contacts", "names and numbers of contacts", Exemption.OTHERS, others.hidden(one.number))
    kept = {one.call: one for one in changes.kept_sounds(person.id)}
    recordings = tuple((one.id, one.started_at, round(one.talk_seconds), *_ends(kept.get(CallId(one.id))))
                       for one in calls if one.recording and one.id not in private)
    log.add("recordings", "the voices of those who were called: recordings are listed and not given", Exemption.OTHERS,
            len(recordings))
    return (
        about, _calls(calls, private, others, log),
        Table("recordings", ("call", "started_at", "seconds", "kept_until", "erased_at"), recordings),
        Table("contacts", ("contact", "kind", "state", "reason", "relationship", "relay", "applied_at"), tuple(contacts)),
        _money(changes, person.id, at, private, others, log),
        audit_table(changes.audit_about(person.id), person.id, GIVEN, log, OWN_IDS),
    )


def _ends(kept: KeptSound | None) -> tuple[str | None, str | None]:
    if kept is None:
        return None, None
    return kept.until.isoformat() if kept.until else None, kept.erased_at.isoformat() if kept.erased_at else None


def _calls(calls: list[CallRow], private: set[str], others: Others, log: Log) -> Table:
    rows: list[tuple[str | int | float | bool | None, ...]] = []
    for one in calls:
        if one.id in private:
            log.add("calls", "privileged calls: everything but that they took place", Exemption.PRIVILEGE)
            rows.append((None, one.started_at, "privileged", *[None] * 8))
            continue
        log.add("calls", "numbers called", Exemption.OTHERS, others.hidden(one.to))
        rows.append((one.id, one.started_at, others.number(one.to), one.phone, one.outcome, one.end_by, one.end_why,
                     round(one.ring_seconds), round(one.talk_seconds), one.charged_pence, findings(one, others, log)))
    return Table("calls", ("call", "started_at", "to", "telephone", "outcome", "ended_by", "ended_why", "rang_seconds",
                           "talked_seconds", "charged_pence", "decision"), tuple(rows))


def _money(changes: Changes, person: PersonId, at: datetime, private: set[str], others: Others, log: Log) -> Table:
    """The sums of privileged calls stand, or the account would not add up; to whom and how long they were does not."""
    rows = []
    for line in changes.lines(person, SINCE, at):
        hidden = line.entry is Entry.CALL and line.reference.removeprefix("call:") in private
        reference, to, seconds, told = ("", "", None, "") if hidden else _line(line, others, log)
        if hidden:
            log.add("money", "privileged calls: to whom and how long", Exemption.PRIVILEGE)
        rows.append((line.at.isoformat(), line.entry, pence(line.amount), pence(line.balance), reference, to, seconds, told))
    return Table("money", ("at", "entry", "pence", "balance_pence", "reference", "to", "seconds", "told"), tuple(rows))


def _line(line: Line, others: Others, log: Log) -> tuple[str, str, int | None, str]:
    if line.number is None:
        return line.reference, "", None, line.told
    log.add("money", "numbers called", Exemption.OTHERS, others.hidden(line.number))
    return line.reference, others.number(line.number), round(line.seconds), line.told


def _party_tables(changes: Changes, party: str, log: Log) -> tuple[Table, ...] | Refused:
    found = changes.party(party)
    if found is None or found.prisoner is not None:
        return refused("unknown-party", f"{party[:64]}: there is no such party outside")
    numbers = changes.all_numbers(party)
    about = Table("about", ("party", "kind", "name", "born", "address", "child", "child_level"), (
        (party, found.kind, found.name, found.born.isoformat() if found.born else None, found.address, found.child,
         found.child_level),))
    approvals = changes.approvals(party=party)
    log.add("contacts", "who in prison asked to ring", Exemption.OTHERS, len(approvals))
    contacts = Table("contacts", ("number", "kind", "state", "applied_at"), tuple(
        (one.number, one.kind, one.state, one.applied_at.isoformat() if one.applied_at else None) for one in approvals))
    said = changes.all_consents(party)
    log.add("consent", "in whose name it was asked, and by which staff", Exemption.OTHERS, len(said))
    consent = Table("consent", ("number", "consent", "how", "at"), tuple(
        (one.number, one.consent, one.how, one.at.isoformat()) for one in said))
    stops = changes.stops_at([one.number for one in numbers])
    log.add("stops", "whose calls are stopped", Exemption.OTHERS, sum(not one.everyone for one in stops))
    orders = changes.orders_about(party)
    log.add("orders", "whom an order binds, and by which court", Exemption.OTHERS, len(orders))
    return (
        about,
        Table("numbers", ("number", "since", "until", "verified_at"), tuple(
            (one.number, *(when.isoformat() if when else None for when in (one.since, one.until, one.verified_at)))
            for one in numbers)),
        contacts, consent,
        Table("stops", ("number", "of_every_prison", "how", "placed_at", "undone_at"), tuple(
            (one.number, one.everyone, one.source, one.placed_at.isoformat(),
             one.undone_at.isoformat() if one.undone_at else None)
            for one in stops)),
        Table("orders", ("kind", "from", "until"), tuple(
            (one.kind, one.start.isoformat(), one.until.isoformat() if one.until else None) for one in orders)),
        _party_calls(changes, party, log),
        audit_table(changes.audit_about(party), party, GIVEN_TO_PARTIES, log),
    )


def _party_calls(changes: Changes, party: str, log: Log) -> Table:
    rows: list[tuple[str | int | float | bool | None, ...]] = []
    for one in changes.calls_to_party(party):
        log.add("calls", "who in prison rang", Exemption.OTHERS)
        if one.privileged:
            log.add("calls", "privileged calls: everything but that they took place", Exemption.PRIVILEGE)
            rows.append((one.started_at.isoformat(), "privileged", None, None, None, None))
        else:
            rows.append((one.started_at.isoformat(), one.number, one.outcome, round(one.ring_seconds), round(one.talk_seconds),
                         one.recorded))
    return Table("calls", ("started_at", "number", "outcome", "rang_seconds", "talked_seconds", "recorded"), tuple(rows))
