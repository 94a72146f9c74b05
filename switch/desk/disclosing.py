"""What is given of somebody's data, what is not, and why: pure, from what was read to the files of a disclosure.

Unknown means withheld: an action of the audit, a rule's finding or a detail that nobody has looked at is not given. The grounds
are those of section 45(4) of the Data Protection Act 2018.
"""
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialplans.prompts.table import load_table
from switch.core.money import Millipence, pence
from switch.core.reasons import REFUSALS, Why, prompt_of
from switch.desk.table import write_table
from switch.ports.calls import CallRow
from switch.ports.disclosure import AuditRow, Scalars

Cell = str | int | float | bool | None


class Exemption(StrEnum):
    """By what a part is withheld: section 45(4) of the Data Protection Act 2018, and legal privilege."""

    CRIME = "DPA 2018 s.45(4)(b): prevention and detection of crime"
    OTHERS = "DPA 2018 s.45(4)(e): rights and freedoms of others"
    PRIVILEGE = "DPA 2018 s.45A: legal professional privilege"


@dataclass(frozen=True, slots=True)
class Withheld:
    """So many values of one kind that a file does not have. What is not `told` stands in the controller's log alone, since to say
    that there is such a thing would undo what it is withheld for (s.45(6))."""

    file: str
    what: str
    items: int
    exemption: Exemption
    told: bool = True


@dataclass(slots=True)
class Log:
    """Counts what is withheld while files are made."""

    counts: dict[tuple[str, str, Exemption, bool], int] = field(default_factory=dict)

    def add(self, file: str, what: str, exemption: Exemption, items: int = 1, told: bool = True) -> None:
        if items:
            self.counts[file, what, exemption, told] = self.counts.get((file, what, exemption, told), 0) + items

    def entries(self) -> tuple[Withheld, ...]:
        return tuple(Withheld(file, what, items, exemption, told)
                     for (file, what, exemption, told), items in sorted(self.counts.items()))


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    heading: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class DisclosedFile:
    """`sha256` is that of the text in UTF-8."""

    name: str
    text: str
    sha256: str


class Others:
    """Numbers and approvals of others under names of this disclosure alone: the same one is the same each time."""

    def __init__(self, known: Iterable[str], shown: frozenset[str] = frozenset()) -> None:
        self._shown = shown
        self._names = {number: f"contact {place}" for place, number in enumerate(dict.fromkeys(known), 1)}
        self._more = 0

    def number(self, number: str) -> str:
        """Helplines are nobody's, and stand as they are."""
        if number in self._shown:
            return number
        if number not in self._names:
            self._more += 1
            self._names[number] = f"number {self._more}"
        return self._names[number]

    def hidden(self, number: str) -> bool:
        return number not in self._shown


OWN_RULES = frozenset({
    "person-known", "account-open", "site-open", "one-call-at-a-time", "within-hours", "gap-over", "calls-left", "allowance-left",
    "week-left", "has-a-price", "spend-left", "credit-left", "relay-approved", "room-to-record",
})
"""Rules whose findings speak of the person, the plan and the day. All others may speak of whoever is called, of staff or of an
order that protects somebody."""

GIVEN: Mapping[str, frozenset[str]] = {
    "person-added": frozenset(), "person-received": frozenset({"incentive"}),
    "person-changed": frozenset({"incentive", "renamed"}), "cell-moved": frozenset({"from"}),
    "person-transferred": frozenset({"from"}), "person-away": frozenset({"status"}),
    "person-back": frozenset({"from"}), "person-released": frozenset({"numbers_rested", "paid"}),
    "person-recalled": frozenset({"numbers_back"}), "pin-issued": frozenset({"first"}), "pin-wrong": frozenset({"count"}),
    "pin-locked": frozenset(), "pin-unlocked": frozenset({"telephones"}), "pin-cleared": frozenset(),
    "language-set": frozenset({"language"}), "speed-dial-set": frozenset({"slot"}), "speed-dial-cleared": frozenset({"slot"}),
    "credit-added": frozenset({"amount"}), "credit-paid-out": frozenset({"amount"}), "call-refunded": frozenset({"amount"}),
    "goodwill-given": frozenset({"amount"}), "bundle-sold": frozenset({"seconds", "price", "texts"}),
    "subscription-begun": frozenset({"price"}), "subscription-cancelled": frozenset(),
    "subscription-lapsed": frozenset({"why"}), "subscription-ended": frozenset({"why"}),
    "permit-given": frozenset({"kind", "once"}), "emergency-call-granted": frozenset(),
    "contact-added": frozenset({"kind", "state"}), "contact-applied": frozenset({"kind", "relationship"}),
    "contact-checks-begun": frozenset({"from"}), "contact-approved": frozenset({"kind"}), "contact-refused": frozenset({"from"}),
    "contact-withdrawn": frozenset({"from"}), "subject-access-given": frozenset(),
}
"""Actions of the audit that are given to the person whom they are about, with the details that are."""
GIVEN_TO_PARTIES: Mapping[str, frozenset[str]] = {
    "consent-recorded": frozenset({"consent", "numbers"}), "party-number-changed": frozenset(),
    "child-level-set": frozenset({"level"}), "subject-access-given": frozenset(),
}
OWN_IDS = ("reference", "bundle", "subscription", "permit")
"""What a row's ids may show besides the person; an establishment and a cell are where they were."""
SYSTEM = frozenset({"switch", "daily", "worker", "init"})


def role(actor: str) -> str:
    """Who did it, without a name."""
    if actor.startswith("call:"):
        return "on the telephone"
    return "the system" if actor in SYSTEM else "a member of staff"


def audit_table(rows: Sequence[AuditRow], about: str, given: Mapping[str, frozenset[str]], log: Log, keys: Sequence[str] = ()
                ) -> Table:
    """The rows that are the subject's own. One that names somebody else too, in whatever place, is not."""
    name, told = "audit", list[tuple[Cell, ...]]()
    for row in rows:
        if about not in (row.subject.get("person"), row.subject.get("party")):
            log.add(name, "rows about others, or about many, that name the subject too", Exemption.OTHERS)
        elif row.action not in given:
            log.add(name, "rows of what is done about crime, or that nobody has cleared", Exemption.CRIME, told=False)
        else:
            told.append((row.at.isoformat(), row.action, role(row.actor), _plain({key: row.subject.get(key) for key in keys}),
                         _plain({key: row.detail.get(key) for key in sorted(given[row.action])})))
            hidden = [key for key in row.detail if key not in given[row.action]]
            log.add(name, "details of rows", Exemption.OTHERS, len(hidden))
            log.add(name, "names of staff", Exemption.OTHERS, role(row.actor) == "a member of staff")
    if told:
        log.add(name, "staff's own words beside the rows", Exemption.OTHERS)
    return Table(name, ("at", "action", "by", "about", "detail"), tuple(told))


MONEY = frozenset({"amount", "price", "paid"})


def _plain(said: Scalars) -> str:
    """Thousandths of a penny as pence."""
    return "; ".join(f"{key}: {_sum(value) if key in MONEY else value}" for key, value in said.items() if value is not None)


def _sum(value: Cell) -> str:
    return f"{pence(Millipence(value))}p" if isinstance(value, int) else str(value)


def findings(call: CallRow, others: Others, log: Log) -> str:
    """A decision in plain words: what the person was told, and what each rule that speaks of themselves found."""
    lines = [_told(call.end_why)] if call.outcome == "refused" else []
    for one in call.findings:
        if one["rule"] in OWN_RULES:
            lines.append(one["text"].replace(call.to, others.number(call.to)))
        else:
            log.add("calls", "findings about whoever was called, about staff or about orders", Exemption.OTHERS)
    return " ".join(line for line in lines if line)


def _told(why: str | None) -> str:
    """The words in which a refusal was spoken; a victim's number was refused in those of a stranger's, and is here."""
    if why is None or why not in {str(one) for one in REFUSALS}:
        return "The call was refused."
    return load_table("en")[prompt_of(Why(why))].say


def files_of(about: str, made_at: datetime, recipient: str, tables: Sequence[Table], log: Log, readme: str
             ) -> tuple[DisclosedFile, ...]:
    """Each table as JSON and CSV, what was withheld as far as it may be told, and last the manifest, which names them all."""
    withheld = Table("withheld", ("file", "what", "items", "exemption"), tuple(
        (one.file, one.what, one.items, str(one.exemption)) for one in log.entries() if one.told))
    made = [_file("README.txt", readme)]
    for table in (*tables, withheld):
        objects = [dict(zip(table.heading, row, strict=True)) for row in table.rows]
        made.append(_file(f"{table.name}.json", json.dumps(objects, ensure_ascii=False, indent=1) + "\n"))
        made.append(_file(f"{table.name}.csv", write_table(table.heading, [[_cell(cell) for cell in row] for row in table.rows])))
    manifest = {
        "about": about, "made_at": made_at.isoformat(), "recipient": recipient,
        "files": [{"name": one.name, "sha256": one.sha256, "bytes": len(one.text.encode())} for one in made],
    }
    return (*made, _file("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"))


def _cell(cell: Cell) -> str:
    """As a spreadsheet takes it; what it would run has a quotation mark before it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text[:1] in tuple("=+-@\t\r") else text


def _file(name: str, text: str) -> DisclosedFile:
    return DisclosedFile(name, text, hashlib.sha256(text.encode()).hexdigest())
