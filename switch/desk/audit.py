"""The log of who did what, as inspectors ask for it, and words beside it that are lawfully erased."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import StaffId
from switch.core.processing import Processing, actions_of, kind_of, role_of
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_number, prison_number, refused, second_name, unreasoned
from switch.ports.audit import AuditRow
from switch.ports.desk import Changes

MOST = 1000


@dataclass(frozen=True, slots=True)
class Logged:
    """One row as section 62 of the Data Protection Act 2018 asks for it: when, who and in what part, what kind of processing,
    under what authority, why, on whose second word, and to whom. `erased`: why and the names were erased since."""

    row: int
    at: datetime
    kind: Processing | None
    action: str
    actor: str
    role: str
    subject: Mapping[str, str]
    detail: Mapping[str, str | int | bool | None]
    authority: str
    reason: str
    second: str
    recipient: str
    erased: bool


@dataclass(frozen=True, slots=True)
class WordsErased:
    """The words beside a row are gone, for everybody and for good."""

    row: int


async def log(desk: Desk, actor: StaffId, at: datetime, kind: Processing | None = None, person: str = "",
              since: datetime | None = None, until: datetime | None = None, most: int = MOST) -> list[Logged] | Refused:
    """The newest rows, oldest first: of one kind of processing, or all; about one person, or everybody; from one moment to
    another."""
    who = prison_number(person) if person else None
    problems = [bad_number(person)] if person and who is None else []
    if not 1 <= most <= MOST:
        problems.append(Problem("bad-most", f"at most {MOST} rows are listed at once, and at least one"))
    if since is not None and until is not None and until <= since:
        problems.append(Problem("bad-times", "the end of that time lies before its beginning"))
    if problems:
        return Refused(tuple(problems))
    actions = None if kind is None else actions_of(kind)
    rows = await desk.work.look(actor, at, lambda changes: changes.audit_rows(actions, who, since, until, most))
    return [logged(row) for row in rows]


async def erase_words(desk: Desk, actor: StaffId, at: datetime, row: int, reason: str, second: str) -> WordsErased | Refused:
    """Reason and names beside one row, erased by destroying their key: on two names, with a reason, which is beside a row of its
    own. The row itself, and the chain, stand."""
    if problem := unreasoned(reason) or second_name(actor, second, "erasing what was written down"):
        return problem

    def work(changes: Changes) -> WordsErased | Refused:
        found = changes.audit_row(row)
        if found is None:
            return refused("unknown-row", f"the audit has no row {row}")
        if found.erased:
            return refused("as-it-is", f"the words beside row {row} were erased already")
        if not changes.erase_words(row):
            return refused("no-words", f"there are no words beside row {row}")
        changes.audit("words-erased", {"row": str(row)}, {"second": second.strip()}, note=reason.strip())
        return WordsErased(row)

    return await attempt(desk, actor, at, "words-erased", {"row": str(row)}, work)


def logged(row: AuditRow) -> Logged:
    """A row with its kind and part. Where a row has a code for why, and no words, that is its reason."""
    words, why = row.words, row.detail.get("why") or row.detail.get("reason") or ""
    return Logged(row.seq, row.at, kind_of(row.action), row.action, row.actor, role_of(row.actor), row.subject, row.detail,
                  str(row.detail.get("authority") or row.subject.get("authority") or ""), words.get("reason", str(why)),
                  words.get("second", ""), words.get("recipient", ""), row.erased)
