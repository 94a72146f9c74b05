"""Number lists at the desk: who is reached, at which level, for how long; what ends the calls that run; loads; wrong numbers."""
from dataclasses import replace
from datetime import timedelta

import pytest

from dialplans.model import Service
from switch.core.facts import Facts
from switch.core.ids import PersonId, PhoneId
from switch.core.lists import ListKind, ListLevel
from switch.core.numbers import E164
from switch.desk import numbers
from switch.store.facts import read_facts
from switch.store.orders import read_live_orders
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.dialplans.world import PLAN, plan
from tests.unit.store.site import AT, MUM, decision, request

HOUR = timedelta(hours=1)
OTHER = E164("447700900124")


async def add(office: Office, level: ListLevel, *targets: str, kind: ListKind = ListKind.BAR, **more: object) -> numbers.Listed:
    return good(await numbers.add(office.desk, OFFICER, AT, kind, "07700 900123", level, targets, "a reason",
                                  **more))  # type: ignore[arg-type]  # by name


async def known(office: Office, phone: str = "m1", person: str = ANN, after: timedelta = timedelta(), number: E164 = MUM,
                ) -> Facts:
    asked = request("new", number, PhoneId(phone), AT + after)
    return await office.site.store.read(lambda conn: read_facts(conn, asked, PersonId(person)))


async def ends(office: Office, after: timedelta = timedelta()) -> set[str]:
    return {order.call for order in await office.site.store.read(lambda conn: read_live_orders(conn, AT + after))}


async def two_calls(office: Office) -> None:
    """c1 from moor by Ann, c2 from fen by Ben, both to the same number."""
    await office.receive()
    await office.receive(BEN, "F1", FEN)
    for call, phone, person in (("c1", "m1", ANN), ("c2", "f1", BEN)):
        await office.credit(person, 100)
        assert await office.site.records.open(request(call, phone=PhoneId(phone)), PersonId(person), decision(call)) is None


@pytest.mark.parametrize(("level", "targets", "reached"), [
    (ListLevel.ESTATE, (), {"c1", "c2"}), (ListLevel.ESTABLISHMENT, (MOOR,), {"c1"}), (ListLevel.ESTABLISHMENT, (FEN,), {"c2"}),
    (ListLevel.PERSON, (ANN,), {"c1"}), (ListLevel.PERSON, (ANN, BEN), {"c1", "c2"}), (ListLevel.PERSON, (BEN,), {"c2"}),
])
async def test_a_bar_reaches_whom_it_names_and_ends_their_calls(
    office: Office, level: ListLevel, targets: tuple[str, ...], reached: set[str],
) -> None:
    await two_calls(office)
    await add(office, level, *targets)
    found = {"c1": (await known(office)).lists, "c2": (await known(office, "f1", BEN)).lists}
    assert {call for call, lists in found.items() if lists} == reached
    assert all(one.kind is ListKind.BAR and one.level is level for lists in found.values() for one in lists)
    assert await ends(office) == reached
    assert (await known(office, number=OTHER)).lists == ()


async def test_a_bar_may_let_calls_run_and_a_victims_never_does(office: Office) -> None:
    await two_calls(office)
    await add(office, ListLevel.ESTATE, cut=False)
    assert await ends(office) == set()
    await add(office, ListLevel.ESTATE, kind=ListKind.ALLOW)
    assert await ends(office) == set()
    listed = await add(office, ListLevel.PERSON, ANN, victim=True, cut=False)
    assert await ends(office) == {"c1"}
    (victim,) = (one for one in (await known(office)).lists if one.victim)
    assert victim.id == listed.entries[0].id


async def test_an_entry_begins_and_ends_by_itself_or_by_hand(office: Office) -> None:
    await office.receive()
    (entry,) = (await add(office, ListLevel.PERSON, ANN, start=AT + HOUR, until=AT + 2 * HOUR)).entries
    assert [len((await known(office, after=HOUR * hours)).lists) for hours in (0, 0.999, 1, 1.999, 2)] == [0, 0, 1, 1, 0]
    assert good(await numbers.end(office.desk, GOVERNOR, AT, entry.id, "a mistake")) == entry
    assert (await known(office, after=HOUR)).lists == ()
    assert why(await numbers.end(office.desk, GOVERNOR, AT, entry.id, "again")) == ["unknown-entry"]
    assert good(await numbers.listed(office.desk, OFFICER, AT)) == []


async def test_a_victims_entry_is_ended_by_two_and_told_to_no_audit(office: Office) -> None:
    await office.receive()
    before = await office.audited()
    (entry,) = (await add(office, ListLevel.PERSON, ANN, victim=True)).entries
    assert [one for one in await office.audit(before)] == [
        ("number-listed", {"entry": entry.id, "person": ANN}, {"cut": True, "kind": "bar", "level": "person", "victim": True})]
    for second in ("", OFFICER, " "):
        assert why(await numbers.end(office.desk, OFFICER, AT, entry.id, "x", second)) == ["one-name"]
    assert good(await numbers.listed(office.desk, OFFICER, AT, "+44 7700 900123")) == [entry]
    good(await numbers.end(office.desk, OFFICER, AT, entry.id, "the order was lifted", GOVERNOR))
    assert "the order was lifted" in await office.notes()


@pytest.mark.parametrize(("change", "codes"), [
    ({"number": "077,,5"}, ["bad-telephone"]), ({"reason": " "}, ["no-reason"]), ({"level": ListLevel.PERSON}, ["bad-number"]),
    ({"level": ListLevel.PERSON, "targets": (BEN,)}, ["unknown-person"]), ({"level": ListLevel.ESTABLISHMENT}, ["target"]),
    ({"level": ListLevel.ESTABLISHMENT, "targets": ("nowhere",)}, ["unknown-establishment"]), ({"targets": (ANN,)}, ["target"]),
    ({"kind": ListKind.ALLOW, "victim": True}, ["victim"]), ({"until": AT}, ["bad-times"]),
    ({"number": "x", "level": ListLevel.PERSON, "targets": ("Q",)}, ["bad-telephone", "bad-number"]),
])
async def test_what_makes_no_entry_changes_nothing(office: Office, change: dict[str, object], codes: list[str]) -> None:
    asked: dict[str, object] = {"kind": ListKind.BAR, "number": "07700900123", "level": ListLevel.ESTATE, "targets": (),
                                "reason": "x"} | change
    assert why(await numbers.add(office.desk, OFFICER, AT, **asked)) == codes  # type: ignore[arg-type]  # by name
    assert good(await numbers.listed(office.desk, OFFICER, AT)) == []


async def test_the_same_twice_is_told(office: Office) -> None:
    await add(office, ListLevel.ESTATE)
    again = await numbers.add(office.desk, OFFICER, AT, ListKind.BAR, "+447700900123", ListLevel.ESTATE, (), "x")
    assert why(again) == ["as-it-is"]


async def test_a_load_is_whole_or_not_at_all(office: Office) -> None:
    await office.receive()
    head = "number,kind,level,target,victim,cut,reason\n"
    text = head + f"07700900123,bar,person,{ANN},yes,,court\n08001570001,allow,estate,,,,advice line\n"
    text += "07700900126,bar,estate,,,,press\n07700900127,bar,estate,,,no,press\n"
    assert good(await numbers.load(office.desk, OFFICER, AT, text, True)).dry_run
    assert good(await numbers.listed(office.desk, OFFICER, AT)) == []
    assert len(good(await numbers.load(office.desk, OFFICER, AT, text)).entries) == 4
    assert [(one.number, one.victim, one.cut) for one in good(await numbers.listed(office.desk, OFFICER, AT))] == [
        ("+447700900123", True, True), ("+447700900126", False, True), ("+447700900127", False, False),
        ("+448001570001", False, False)]
    bad = head + (f"07700900123,bar,person,{ANN},yes,,court\n0770x,bar,estate,,,,x\n07700900125,ban,estate,,,,x\n"
                  "07700900125,bar,nation,,,,x\n07700900125,bar,estate,,maybe,,\n07700900125,bar,estate,,,,good\n")
    before = await office.audited()
    refused = await numbers.load(office.desk, OFFICER, AT, bad)
    assert why(refused) == ["as-it-is", "bad-telephone", "bad-kind", "bad-level", "bad-yes-no", "no-reason"]
    assert [action for action, _, _ in await office.audit(before)] == ["numbers-loaded-refused"]
    assert len(good(await numbers.listed(office.desk, OFFICER, AT))) == 4
    assert why(await numbers.load(office.desk, OFFICER, AT, head)) == ["empty"]


@pytest.mark.parametrize(("number", "warned"), [
    ("08001570001", "freephone"), ("0909 879 0001", "premium"), ("07700900126", None), ("01632960126", None),
])
async def test_what_is_allowed_and_has_no_price_is_told_with_what_to_do(office: Office, number: str, warned: str | None) -> None:
    """Told when it is written down, not at the telephone, and written down all the same: another plan may price it."""
    desk = replace(office.desk, plan=PLAN)
    done = good(await numbers.add(desk, OFFICER, AT, ListKind.ALLOW, number, ListLevel.ESTATE, (), "advice line"))
    assert len(done.entries) == 1
    if warned is None:
        assert done.warnings == ()
    else:
        (warning,) = done.warnings
        assert f'no tariff for its class {warned}. Add a [[tariff]] with classes = ["{warned}"]' in warning
    loaded = good(await numbers.load(desk, OFFICER, AT, f"number,kind,level,reason\n{number},bar,estate,x\n", True))
    assert loaded.warnings == (), "a bar needs no price"
    priced = replace(desk, plan=plan('[[tariff]]\nname = "all"\nfrom = 2020-01-01\nclasses = ["freephone", "premium"]\n'
                                     'weekday = 1000\nweekend = 1000\nsource = "x"\n'))
    await office.receive()
    again = await numbers.add(priced, OFFICER, AT, ListKind.ALLOW, number, ListLevel.PERSON, (ANN,), "advice line")
    assert good(again).warnings == ()


@pytest.mark.parametrize("number", ["1471", "*#21#", "14107700900123"])
async def test_a_code_of_the_network_is_never_allowed(office: Office, number: str) -> None:
    asked = await numbers.add(office.desk, OFFICER, AT, ListKind.ALLOW, number, ListLevel.ESTATE, (), "x")
    assert why(asked) == ["number-class"]


async def test_no_entry_ends_a_helpline_call(office: Office) -> None:
    await office.receive()
    await office.site.records.open(request("c1", phone=PhoneId("m1")), None, decision("c1", service=Service.HELPLINE))
    await office.site.records.settle()
    await add(office, ListLevel.ESTATE)
    assert await ends(office) == set()


async def test_a_wrong_number_is_refused_to_all_until_it_is_verified(office: Office) -> None:
    await two_calls(office)
    await office.site.records.wrong_number(request("c1", phone=PhoneId("m1")), PersonId(ANN), MUM)
    await office.site.records.wrong_number(request("c1", phone=PhoneId("m1")), PersonId(ANN), MUM)
    await office.site.records.wrong_number(request("c2", phone=PhoneId("f1")), PersonId(BEN), MUM)
    assert [(await known(office)).wrong_number, (await known(office, "f1", BEN)).wrong_number] == [True, True]
    assert not (await known(office, number=OTHER)).wrong_number
    assert await numbers.wrong(office.desk, OFFICER, AT) == {str(MUM): 2}
    assert good(await numbers.verify(office.desk, OFFICER, AT, "07700 900123", "rang back")) == 2
    assert not (await known(office)).wrong_number
    assert why(await numbers.verify(office.desk, OFFICER, AT, "07700 900123", "again")) == ["as-it-is"]
    assert why(await numbers.verify(office.desk, OFFICER, AT, "x", "")) == ["bad-telephone"]
    assert why(await numbers.verify(office.desk, OFFICER, AT, "07700 900123", "")) == ["no-reason"]
