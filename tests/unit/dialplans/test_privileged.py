"""The signed list's text: every fault by its line, and nothing lost between two lists without an order that names it."""
from datetime import date

import pytest

from dialplans.privileged import Accepted, ListedKind, PrivilegedList, accepted, lost, read_privileged
from dialplans.reading import PlanProblem
from switch.core.facts import ContactKind, SignedListFacts
from switch.core.grants import Privacy
from switch.core.numbers import E164, ShortCode
from tests.unit.dialplans.world import ask, facts, plan

LAW, COURT = "01632 960201", "+44 1632 960202"


def entry(number: str, name: str = "Hartnell and Quill", **changes: str) -> str:
    words = {"kind": '"solicitor"', "since": "2026-01-05", "verified": '"the Law Society, by telephone"'} | changes
    lines = [f'number = "{number}"', f'name = "{name}"', *(f"{key} = {value}" for key, value in words.items() if value)]
    return "[[number]]\n" + "\n".join(lines) + "\n"


def gone(number: str, order: str = "MoJ 2026/14") -> str:
    return f'[[removed]]\nnumber = "{number}"\norder = "{order}"\nname = "D. Governor"\n'


def good(text: str) -> PrivilegedList:
    found = read_privileged(text, "privileged.toml")
    assert isinstance(found, PrivilegedList), found
    return found


def problems(text: str) -> list[tuple[int, str]]:
    found = read_privileged(text, "privileged.toml")
    assert isinstance(found, tuple)
    return [(problem.line, problem.text) for problem in found]


def test_a_list_is_read() -> None:
    found = good("serial = 3\n" + entry(LAW) + entry("116123", "Samaritans", kind='"helpline"') + gone(COURT))
    law = found.numbers[E164("441632960201")]
    assert (found.serial, law.name, law.kind, law.since) == (3, "Hartnell and Quill", ListedKind.SOLICITOR, date(2026, 1, 5))
    assert ShortCode("GB", "116123") in found.numbers
    assert found.removed[E164("441632960202")].order == "MoJ 2026/14"
    assert accepted(found) == Accepted(3, found.digest, frozenset({"+441632960201", "116123"}))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("serial = \n", 1, "this is not TOML"),
        ("serial = 1\n" + entry(LAW) + "[[number]\n", 8, "this is not TOML"),
        ('serial = """', 1, "this is not TOML"),
        (entry(LAW), 1, "`serial` is missing"),
        ("serial = 0\n" + entry(LAW), 1, "from 1 to"),
        ("serial = 1\n", 1, "an empty list protects nobody"),
        ("serial = 1\n" + entry(LAW) + entry("(01632) 960-201"), 8, "stands on line 2 already"),
        ("serial = 1\n" + entry("07700900123,,5"), 3, "is not a telephone number"),
        ("serial = 1\n" + entry(LAW, kind='"friend"'), 5, "is no kind"),
        ("serial = 1\n" + entry(LAW, kind=""), 2, "is missing"),
        ("serial = 1\n" + entry(LAW, since='"2026"'), 6, "must be a date"),
        ("serial = 1\n" + entry(LAW, verified=""), 2, "`number.verified` is missing"),
        ("serial = 1\n" + entry(LAW, nmae='"x"'), 8, "is not a key"),
        ('serial = 1\n[[number]]\nname = "x"\nkind = "court"\nsince = 2026-01-05\nverified = "x"\n', 2, "`number.number`"),
        ("serial = 1\n" + entry(LAW) + gone(LAW), 9, "say one"),
        ("serial = 1\n" + entry(LAW) + gone(COURT) + gone("01632960202"), 12, "stands on line 8 already"),
        ("serial = 1\n" + entry(LAW) + gone(COURT, order=""), 10, "`removed.order` must be"),
        ("serail = 1\n" + entry(LAW), 1, "`serial` is missing"),
    ],
)  # fmt: skip
def test_every_fault_has_its_line(text: str, line: int, words: str) -> None:
    found = problems(text)
    assert any(at == line and words in said for at, said in found), found


BEFORE = good("serial = 3\n" + entry(LAW) + entry(COURT, kind='"court"'))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("serial = 3\n" + entry(LAW) + entry(COURT, kind='"court"'), []),
        ("serial = 4\n" + entry(LAW) + entry(COURT) + entry("01632 960203"), []),
        ("serial = 4\n" + entry("0044 1632 960201", "Another name") + entry(COURT), []),
        ("serial = 9\n" + entry(LAW) + gone(COURT), []),
        ("serial = 4\n" + entry(LAW), ["+441632960202"]),
        ("serial = 4\n" + entry("01632 960209"), ["+441632960201", "+441632960202"]),
        ("serial = 4\n" + entry(LAW) + gone("01632 960299"), ["+441632960202"]),
        ("serial = 2\n" + entry(LAW) + entry(COURT), ["serial 2 is older than 3"]),
        ("serial = 2\n" + entry(LAW), ["serial 2 is older than 3", "+441632960202"]),
        ("serial = 3\n" + entry(LAW) + entry(COURT), ["serial 3 was accepted with another text"]),
    ],
)  # fmt: skip
def test_what_may_follow_an_accepted_list(text: str, words: list[str]) -> None:
    said = lost(accepted(BEFORE), good(text))
    assert len(said) == len(words)
    assert all(word in problem.text for word, problem in zip(words, said, strict=True))
    assert all(isinstance(problem, PlanProblem) and problem.file == "privileged.toml" for problem in said)


@pytest.mark.parametrize("kind", list(ContactKind))
@pytest.mark.parametrize("listed", [SignedListFacts(7, problem=""), SignedListFacts()])
def test_what_staff_found_is_privileged_before_the_list_has_it(kind: ContactKind, listed: SignedListFacts) -> None:
    decision = ask(facts(contact={"kind": kind}, found_privileged=True, listed=listed))
    assert decision.refusal is None
    assert (decision.privacy, decision.warrant()) == (Privacy.PRIVILEGED, None)


@pytest.mark.parametrize("kind", list(ContactKind))
def test_a_listed_number_is_privileged_whatever_the_contact_says(kind: ContactKind) -> None:
    decision = ask(facts(contact={"kind": kind}, listed=SignedListFacts(7, "Hartnell and Quill", "")))
    assert decision.refusal is None
    assert (decision.privacy, decision.warrant()) == (Privacy.PRIVILEGED, None)
    assert not decision.announcement.offers_stop
    assert decision.announcement.to_caller == ("will-hear-privileged",)
    assert decision.limit == ask(facts(contact={"kind": ContactKind.PRIVILEGED})).limit


@pytest.mark.parametrize(
    ("listed", "privacy"),
    [(SignedListFacts(7, problem=""), Privacy.MONITORED), (SignedListFacts(7, "Careers line", ""), Privacy.PRIVILEGED),
     (SignedListFacts(), Privacy.PRIVILEGED)],
)  # fmt: skip
def test_a_helpline_stays_open_and_is_recorded_only_under_a_list_that_stands(listed: SignedListFacts, privacy: Privacy) -> None:
    by = plan('[[helpline]]\nnumber = "0808 157 0123"\nname = "Careers line"\nprivileged = false\n')
    decision = ask(facts(listed=listed), "08081570123", by)
    assert decision.refusal is None
    assert decision.privacy is privacy


@pytest.mark.parametrize(("found", "privacy"), [(True, Privacy.PRIVILEGED), (False, Privacy.MONITORED)])
def test_a_helpline_that_staff_found_to_be_privileged_is_not_recorded(found: bool, privacy: Privacy) -> None:
    """The plan says that it may be; two members of staff say otherwise, and the signed list does not have it yet."""
    by = plan('[[helpline]]\nnumber = "0808 157 0123"\nname = "Careers line"\nprivileged = false\n')
    decision = ask(facts(found_privileged=found), "0808 157 0123", by)
    assert decision.refusal is None
    assert decision.privacy is privacy
    assert (decision.warrant() is None) is found
