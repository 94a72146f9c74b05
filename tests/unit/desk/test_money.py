"""Credit at the desk: the cap and its exceptions, names that are said twice, refunds, bundles, statements; what calls hold."""
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from dialplans.load import load_plan, shipped_plans
from dialplans.model import Rate
from dialplans.plan import Plan
from switch.cli import app
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.core.reasons import EndedBy, EndReason, Why
from switch.desk import leaving, money, people
from switch.desk.asking import Desk
from switch.ports.desk import Flags
from switch.ports.money import Credit, Entry, Movement
from switch.store.books import verify_books
from switch.store.calls import CloseCall, CloseLost
from switch.store.tables import postings
from tests.ready import write_example
from tests.unit.desk.office import ANN, AT, BEN, OFFICER, Office, good, why
from tests.unit.store.site import decision, ended, request

SITE = '''
extends = "estate"
title = "HMP Moor"
[emergency]
control_room = "sip:control@192.0.2.10"
[[bundle]]
name = "an hour"
from = 2026-01-01
minutes = 60
pence = 150
every = "week"
classes = ["mobile"]
[[bundle]]
name = "old"
from = 2025-01-01
until = 2025-12-31
minutes = 60
pence = 150
every = "month"
classes = ["mobile"]
[[group]]
name = "basic at Moor"
establishments = ["moor"]
wings = ["M"]
incentives = ["basic"]
[group.allowance]
pence_held = 1000
'''


def made() -> Plan:
    plan = load_plan(shipped_plans() | {"moor.toml": SITE}, "moor")
    assert isinstance(plan, Plan), plan
    return plan


PLAN = made()
RATE = Rate("dear", Millipence(6000))


def desk_of(office: Office) -> Desk:
    return replace(office.desk, plan=PLAN)


async def sound(office: Office) -> None:
    assert await office.site.store.read(verify_books) == []


@pytest.mark.parametrize(("flags", "has", "asks", "limit", "refusal"), [
    (Flags(), 4999, 1, None, None), (Flags(), 4999, 2, None, "cap"), (Flags(), 0, 5000, None, None),
    (Flags(), 0, 5001, None, "cap"),
    (Flags(foreign_national=True), 4999, 9000, None, None), (Flags(legal=True), 4999, 9000, None, None),
    (Flags(), 4999, 1001, 6000, None), (Flags(), 4999, 1002, 6000, "cap"),
    (Flags(legal=True), 0, 101, 100, "cap"), (Flags(foreign_national=True), 0, 100, 100, None),
])  # fmt: skip
async def test_the_cap_and_its_exceptions(office: Office, flags: Flags, has: int, asks: int, limit: int | None,
                                          refusal: str | None) -> None:
    await office.receive(flags=flags)
    if has:
        await office.credit(ANN, has)
    answer = await money.top_up(desk_of(office), OFFICER, AT, ANN, "r1", asks, limit)
    if refusal:
        assert why(answer) == [refusal]
        assert (await office.audit())[-1][:2] == ("credit-added-refused", {"person": ANN})
    else:
        assert answer == Movement("topup:r1", ANN, asks * 1000, (has + asks) * 1000)
    await sound(office)


async def test_a_lower_cap_of_a_site_and_level(office: Office) -> None:
    await office.receive()
    good(await people.change(office.desk, OFFICER, AT, ANN, incentive="basic"))
    assert why(await money.top_up(desk_of(office), OFFICER, AT, ANN, "r1", 1001)) == ["cap"]
    good(await money.top_up(desk_of(office), OFFICER, AT, ANN, "r1", 1000))


async def test_a_reference_is_one_top_up_and_one_answer(office: Office) -> None:
    await office.receive()
    desk = desk_of(office)
    first = good(await money.top_up(desk, OFFICER, AT, ANN, "r1", 3000))
    good(await money.top_up(desk, OFFICER, AT, ANN, "r2", 2000))
    rows = await office.audited()
    assert await money.top_up(desk, OFFICER, AT, ANN, "r1", 3000) == first  # nor does the cap say otherwise now
    assert await office.audited() == rows
    assert why(await money.top_up(desk, OFFICER, AT, ANN, "r1", 2999)) == ["reference-taken"]
    good(await leaving.release(desk, OFFICER, AT, ANN))
    assert await money.top_up(desk, OFFICER, AT, ANN, "r1", 3000) == first
    assert why(await money.top_up(desk, OFFICER, AT, ANN, "r3", 1)) == ["gone"]
    await sound(office)


async def test_what_is_malformed_is_refused_whole(office: Office) -> None:
    assert why(await money.top_up(desk_of(office), OFFICER, AT, "x", "", 0, -1)) == [
        "bad-number", "bad-reference", "bad-amount", "bad-amount"]
    assert why(await money.top_up(desk_of(office), OFFICER, AT, ANN, "r1", 10**6 + 1)) == ["bad-amount"]
    assert why(await money.top_up(desk_of(office), OFFICER, AT, ANN, "r1", 1)) == ["unknown-person"]
    await office.receive()
    assert why(await money.top_up(office.desk, OFFICER, AT, ANN, "r1", 1)) == ["no-plan"]
    assert why(await money.refund(office.desk, OFFICER, AT, "c1", " ")) == ["no-reason"]
    assert why(await money.statement(office.desk, OFFICER, AT, ANN, AT, AT)) == ["bad-period"]
    assert why(await money.balance(office.desk, OFFICER, AT, BEN)) == ["unknown-person"]
    assert why(await money.goodwill(office.desk, OFFICER, AT, ANN, "r1", 0, "")) == ["bad-amount", "no-reason"]


async def ring(office: Office, call: str, limit: float = 600.0) -> None:
    assert await office.site.records.open(request(call), ANN, decision(call, rate=RATE, limit=limit)) is None  # type: ignore[arg-type]


async def hang_up(office: Office, call: str, talked: float) -> None:
    decided = decision(call, rate=RATE)
    await office.site.store.write(CloseCall(ended(request(call), decided, ANN, talked), "node"))  # type: ignore[arg-type]


async def credit(office: Office) -> Credit:
    return good(await money.balance(office.desk, OFFICER, AT, ANN)).credit


async def test_a_call_holds_its_most_and_gives_back_the_rest(office: Office) -> None:
    await office.receive()
    desk = desk_of(office)
    good(await money.top_up(desk, OFFICER, AT, ANN, "r1", 100))
    await ring(office, "c1")  # ten minutes at 6p
    assert await credit(office) == Credit(ANN, 40_000, 60_000)
    assert why(await money.sell_bundle(desk, OFFICER, AT, ANN, "an hour", "b1")) == ["credit"]
    assert why(await money.top_up(desk, OFFICER, AT, ANN, "r2", 4901)) == ["cap"]  # what is held counts
    assert why(await money.refund(desk, OFFICER, AT, "c1", "noise")) == ["on-call"]
    await sound(office)
    await hang_up(office, "c1", 61.0)
    assert await credit(office) == Credit(ANN, 93_900, 0)
    await hang_up(office, "c1", 61.0)
    await sound(office)


@pytest.mark.parametrize("how", ["unanswered", "lost"])
async def test_a_call_that_nobody_took_gives_all_back(office: Office, how: str) -> None:
    await office.receive()
    await office.credit(ANN, 100)
    await ring(office, "c1")
    if how == "lost":
        assert await office.site.store.write(CloseLost(CallId("c1"), AT))
        assert not await office.site.store.write(CloseLost(CallId("c1"), AT))
    else:
        await hang_up(office, "c1", 0.0)
    assert await credit(office) == Credit(ANN, 100_000, 0)
    await sound(office)


async def test_what_was_spent_since_the_decision_rings_nobody(office: Office) -> None:
    await office.receive()
    await office.credit(ANN, 59)
    refusal = await office.site.records.open(request("c1"), ANN, decision("c1", rate=RATE))  # type: ignore[arg-type]
    assert refusal == "credit"
    assert await credit(office) == Credit(ANN, 59_000, 0)
    await ring(office, "c2", limit=590.0)
    assert await credit(office) == Credit(ANN, 0, 59_000)
    await sound(office)


async def test_a_refund_is_given_once_and_is_no_more_than_the_charge(office: Office) -> None:
    await office.receive()
    await office.credit(ANN, 100)
    await ring(office, "c1")
    await hang_up(office, "c1", 60.0)
    assert why(await money.refund(office.desk, OFFICER, AT, "c1", "noise", 7)) == ["too-much"]
    assert why(await money.refund(office.desk, OFFICER, AT, "c9", "noise")) == ["unknown-call"]
    back = good(await money.refund(office.desk, OFFICER, AT, "c1", "noise"))
    assert back == Movement("refund:c1", ANN, 6_000, 100_000)
    assert await money.refund(office.desk, OFFICER, AT, "c1", "noise") == back
    assert why(await money.refund(office.desk, OFFICER, AT, "c1", "noise", 5)) == ["refunded"]
    assert await office.desk.work.look(OFFICER, AT, lambda changes: changes.spent_this_week(PersonId(ANN))) == 0
    assert good(await money.goodwill(office.desk, OFFICER, AT, ANN, "g1", 5, "a week without telephones")).balance == 105_000
    assert await office.notes() == ["noise", "a week without telephones"]
    await sound(office)


async def test_a_bundle_is_sold_within_credit_and_the_week(office: Office) -> None:
    await office.receive()
    desk = desk_of(office)
    good(await people.change(office.desk, OFFICER, AT, ANN, incentive="basic"))  # 600 pence a week
    assert [one.name for one in await money.offers(desk, OFFICER, AT)] == ["an hour"]
    assert await money.offers(office.desk, OFFICER, AT) == []
    assert why(await money.sell_bundle(desk, OFFICER, AT, ANN, "old", "b0")) == ["unknown-offer"]
    assert why(await money.sell_bundle(desk, OFFICER, AT, ANN, "an hour", "b0")) == ["credit"]
    await office.credit(ANN, 1000)
    sold = [good(await money.sell_bundle(desk, OFFICER, AT, ANN, "an hour", f"b{n}")) for n in range(4)]
    assert sold[0].until == AT + timedelta(days=7)
    assert why(await money.sell_bundle(desk, OFFICER, AT, ANN, "an hour", "b4")) == ["spend-limit"]
    assert await money.sell_bundle(desk, OFFICER, AT, ANN, "an hour", "b0") == sold[0]
    assert await credit(office) == Credit(ANN, 400_000, 0)
    next_week = AT + timedelta(days=7)
    good(await money.sell_bundle(desk, OFFICER, next_week, ANN, "an hour", "b4"))
    await sound(office)


async def test_a_statement_tells_each_line_and_what_was_left(office: Office) -> None:
    await office.receive()
    desk = desk_of(office)
    good(await money.top_up(desk, OFFICER, AT - timedelta(days=2), ANN, "r1", 300))
    good(await money.top_up(desk, OFFICER, AT - timedelta(days=1), ANN, "r2", 100))
    good(await money.sell_bundle(desk, OFFICER, AT - timedelta(hours=1), ANN, "an hour", "b1"))
    await ring(office, "c1")
    await hang_up(office, "c1", 60.0)
    good(await money.refund(desk, OFFICER, AT + timedelta(hours=1), "c1", "noise", 1))
    await ring(office, "c2")
    told = good(await money.statement(desk, OFFICER, AT, ANN, AT - timedelta(days=1), AT + timedelta(days=1)))
    assert (told.opening, told.closing) == (300_000, 245_000)
    assert [(line.entry, line.amount, line.balance) for line in told.lines] == [
        (Entry.TOP_UP, 100_000, 400_000), (Entry.BUNDLE, -150_000, 250_000), (Entry.CALL, -6_000, 244_000),
        (Entry.REFUND, 1_000, 245_000)]
    assert money.as_csv(told).splitlines()[3] == "2026-11-23T10:01:10+00:00,call,+447700900123,60,-6,244,call:c1,"
    purse = good(await money.balance(desk, OFFICER, AT, ANN))
    assert purse.last[1:] == told.lines
    assert purse.credit == Credit(ANN, 185_000, 60_000)
    later = good(await money.statement(desk, OFFICER, AT, ANN, AT + timedelta(days=1), AT + timedelta(days=2)))
    assert (later.opening, later.closing, later.lines) == (245_000, 245_000, ())


async def test_a_statement_says_in_plain_words_what_was_not_charged(office: Office) -> None:
    await office.receive()
    await office.credit(ANN, 100)
    machine = EndReason(EndedBy.PERSON, Why.HUNG_UP, "answering machine (a beep of 1000 Hz, 7.2 s after the answer), not charged")
    no_answer, refused = EndReason(EndedBy.CARRIER, Why.NO_ANSWER), EndReason(EndedBy.POLICY, Why.NO_CREDIT)
    for call, talked, reason, free in (("c1", 12.0, machine, True), ("c2", 0.0, no_answer, False), ("c3", 0.0, refused, False),
                                       ("c4", 60.0, None, False), ("c5", 0.0, machine, True)):
        await ring(office, call)
        closed = ended(request(call), decision(call, rate=RATE), PersonId(ANN), talked, reason)
        await office.site.store.write(CloseCall(replace(closed, ending=replace(closed.ending, uncharged=free)), "node"))
    told = good(await money.statement(office.desk, OFFICER, AT, ANN, AT, AT + timedelta(days=1)))
    assert {line.reference: (line.amount, line.told) for line in told.lines if line.entry is Entry.CALL} == {
        "call:c1": (0, "answering machine, not charged"), "call:c2": (0, "no answer, not charged"), "call:c4": (-6000, ""),
        "call:c5": (0, "answering machine, not charged")}
    assert money.as_csv(told).splitlines()[-1].startswith("2026-11-23T10:01:10+00:00,call,+447700900123,60,-6,94,call:c4,")
    assert ",call:c1,\"answering machine, not charged\"\n" in money.as_csv(told).replace("\r\n", "\n")


@pytest.mark.parametrize(("reference", "account", "amount", "said"), [
    ("topup:x", "person:A1234BC", 5, ["topup:x: off by 5 thousandths of a penny"]),
    ("call:c9", "income:calls", 5, ["call:c9: off by 5 thousandths of a penny",
                                "call:c9: was charged, and there is no such call"]),
    ("call:c1", "income:calls", 5, ["call:c1: off by 5 thousandths of a penny", "call:c1: charged 0 on the record, booked 5"]),
    ("hold:c9", "held:c9", 5, ["hold:c9: off by 5 thousandths of a penny",
                               "held:c9: still holds 5 thousandths of a penny, and its call does not run"]),
    ("x", "person:A1234BC", -100_001, ["x: off by -100001 thousandths of a penny",
                                       "person:A1234BC: stands at -1 thousandths of a penny, below nothing"]),
])  # fmt: skip
async def test_the_books_tell_what_is_wrong(office: Office, reference: str, account: str, amount: int, said: list[str]) -> None:
    await office.receive()
    await office.credit(ANN, 100)
    await ring(office, "c1")
    await hang_up(office, "c1", 0.0)
    assert await money.verify(office.desk, OFFICER, AT) == []
    row = {"reference": reference, "account": account, "amount": amount, "at": "2026-11-23T10:00:00.000Z"}
    await office.site.store.write(lambda conn: conn.execute(insert(postings), row).close())
    assert await money.verify(office.desk, OFFICER, AT) == said


def test_from_the_command_line(tmp_path: Path) -> None:
    write_example(tmp_path / "site")

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*args, "--dir", str(tmp_path / "site")])
        return done.exit_code, done.output

    assert run("people", "receive", "B2001BB", "--name", "Bo Newman", "--site", "wick-hill")[0] == 0
    assert run("money", "top-up", "B2001BB", "250", "--reference", "r1") == (0, "topup:r1  B2001BB  250p, then free 250p\n")
    assert run("money", "top-up", "B2001BB", "5000", "--reference", "r2")[0] == 1
    assert run("money", "goodwill", "B2001BB", "5", "--reference", "g1", "--reason", "fault")[0] == 0
    assert "free 255p  held 0p" in run("money", "balance", "B2001BB")[1]
    assert run("money", "refund", "nothing", "--reason", "noise")[0] == 1
    code, text = run("money", "statement", "B2001BB", "--until", "+1h", "--csv")
    assert (code, [line.split(",")[1:6] for line in text.splitlines()[1:]]) == (
        0, [["top-up", "", "0", "250", "250"], ["refund", "", "0", "5", "255"]])
    assert run("money", "offers")[0] == 0
    assert run("money", "sell", "B2001BB", "nothing", "--reference", "b1")[0] == 1
    assert run("verify-books")[0] == 0
