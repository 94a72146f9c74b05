"""The page for families, as the desk and the switch's books see it, in a time of its own: from a number to a code, and by it to a
stop, and everything that must not ring, tell or let in."""
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from switch.call.placed import Answer, CloseAttempt, PlacedKind
from switch.core.facts import Consent, ContactKind, ContactState, StopScope
from switch.core.ids import CallId, PersonId
from switch.core.lists import ListKind, ListLevel
from switch.core.reasons import EndedBy, EndReason, Why
from switch.core.stopping import StopSource
from switch.core.visits import ASK_WITHIN, CODE_WITHIN, REST, STAY, TRIES
from switch.desk import families, no_contact, numbers, placed, stops
from switch.desk.asking import Refused
from switch.desk.families import FAMILIES, Announced, Contact, Often, Pass, Standing, Stopped
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.consents import ConsentHow, ConsentSaid
from switch.ports.contacts import OrderKind
from switch.ports.placed import DueCall, Tries
from switch.store.orders import read_live_orders
from switch.store.placed import SqlPlacedRecords
from switch.store.seeding import AddContact
from switch.store.stamps import stamp
from switch.store.tables import family_visits, orders, placed_calls
from tests.unit.desk.office import ANN, BEN, FEN, GOVERNOR, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM, SOLICITOR, decision, request

NUMBER, STRANGER = "07700 900123", "07700 900999"
TRIED = Tries(3, 60)
PLENTY = Often(1000, 1000)


@dataclass
class Visitor:
    """Somebody at the page, and the switch beside it; `at` is the time for all of them."""

    office: Office
    books: SqlPlacedRecords
    at: datetime = AT
    calls: int = 0
    heard: dict[str, str] = field(default_factory=dict)
    """The code that was spoken for each request."""

    async def ask(self, number: str = NUMBER, often: Often = PLENTY) -> Pass:
        return good(await families.ask(self.office.desk, FAMILIES, self.at, number, often))

    async def due(self) -> DueCall:
        (due,) = [one for one in await self.books.due(self.at, 9) if one.kind is PlacedKind.CODE]
        return due

    async def rung(self) -> Why | None:
        """Whether the switch would ring the number that is due."""
        self.calls += 1
        return await self.books.open_attempt(CallId(f"c{self.calls}"), await self.due(), self.at)

    async def hear(self, answer: Answer | None = Answer.YES) -> str:
        """The switch rings, somebody presses a key: the code that they hear."""
        due = await self.due()
        self.calls += 1
        call = CallId(f"c{self.calls}")
        assert await self.books.open_attempt(call, due, self.at) is None
        if answer is not None:
            await self.books.keep_answer(call, due, answer, ("placed-code-asked",), self.at)
        closing = CloseAttempt(EndReason(EndedBy.CALLED, Why.HUNG_UP), answer, 1, 1)
        await self.books.close_attempt(call, due, closing, TRIED, self.at)
        return due.code

    async def enter(self, token: str, code: str) -> Pass | Refused:
        return await families.enter(self.office.desk, FAMILIES, self.at, token, code)

    async def inside(self, number: str = NUMBER) -> str:
        asked = await self.ask(number)
        return good(await self.enter(asked.token, await self.hear())).token

    async def stands(self, token: str) -> Standing:
        return good(await families.stands(self.office.desk, FAMILIES, self.at, token))

    async def visits(self) -> list[dict[str, object]]:
        rows = await self.office.site.store.read(lambda conn: conn.execute(select(family_visits)).all())
        return [dict(row._mapping) for row in rows]


@pytest_asyncio.fixture
async def visitor(office: Office) -> AsyncIterator[Visitor]:
    plan = load_plan(shipped_plans(), "example")
    assert isinstance(plan, Plan)
    office.desk = replace(office.desk, plan=plan)
    await office.receive()
    await office.contact(ANN)
    yield Visitor(office, SqlPlacedRecords(office.site.store, "node", SoundShelf(Languages.load()), office.mint))


async def test_from_a_number_to_the_code_that_proves_it(visitor: Visitor) -> None:
    asked = await visitor.ask("+44 (0)7700 900-123".replace("(0)", ""))
    due = await visitor.due()
    assert (due.number, due.person, due.stop) == ("+447700900123", None, None)
    code = await visitor.hear()
    (row,) = await visitor.visits()
    assert code not in map(str, row.values()), "hashed at rest"
    rows = await visitor.office.site.store.read(lambda conn: conn.execute(select(placed_calls.c.code)).scalars().all())
    assert rows == [None]
    assert "code=" not in repr(due)
    entered = good(await visitor.enter(asked.token, code))
    assert entered.until == visitor.at + STAY
    assert asked.token not in map(str, (await visitor.visits())[0].values())
    assert (await visitor.visits())[0]["code"] is None
    assert await visitor.stands(entered.token) == Standing((Contact.APPROVED,), Stopped.NOT, Announced.NO_CHOICE)
    assert why(await families.stands(visitor.office.desk, FAMILIES, AT, asked.token)) == ["over"], "a token from before is none"
    assert why(await visitor.enter(asked.token, code)) == ["void"], "once"
    assert why(await visitor.enter(entered.token, code)) == ["void"]
    visitor.at += STAY
    assert why(await families.stands(visitor.office.desk, FAMILIES, visitor.at, entered.token)) == ["over"]
    actions = [row[0] for row in await visitor.office.audit()]
    assert actions[actions.index("family-code-asked"):] == [
        "family-code-asked", "placed-call-opened", "placed-call-answered", "placed-call-closed", "family-entered",
        "family-entered-refused", "family-entered-refused"]


async def test_the_rows_are_the_same_whoever_is_asked_about_and_only_the_switch_knows(visitor: Visitor) -> None:
    for number in (NUMBER, STRANGER, "+44 909 879 0000", "01632 960001"):
        await visitor.ask(number)
    rows = await visitor.visits()
    assert len({tuple(sorted(name for name, value in row.items() if value is not None)) for row in rows}) == 1
    found = {}
    for due in await visitor.books.due(AT, 9):
        found[due.number] = await visitor.books.open_attempt(CallId(due.number), due, AT)
    assert found.pop("+447700900123") is None
    assert set(found.values()) == {Why.UNAPPROVED}, "whom nobody here knows is never rung"
    assert [one.call.state for one in good(await placed.show(visitor.office.desk, OFFICER, AT))].count("cancelled") == 3
    assert await visitor.books.due(AT + timedelta(days=1), 9) == []


@pytest.mark.parametrize("number", ["", "no number", "116 123", "999", "07700900123,,5", "07700900123;ext=5",
                                    "*67", "0" * 40, "\x00"])
async def test_what_is_no_whole_number_asks_for_nothing(visitor: Visitor, number: str) -> None:
    assert why(await families.ask(visitor.office.desk, FAMILIES, AT, number, PLENTY)) == ["bad-telephone"]
    assert await visitor.visits() == []


async def test_all_spellings_are_one_number_and_it_is_asked_for_so_often_and_no_more(visitor: Visitor) -> None:
    often = Often(2, 3)
    for spelling in ("07700900123", "+44 7700 900123"):
        await visitor.ask(spelling, often)
    refused = families.ask
    assert why(await refused(visitor.office.desk, FAMILIES, visitor.at, "0044 7700 900 123", often)) == ["too-many"]
    await visitor.ask(STRANGER, often)
    visitor.at += timedelta(hours=1)
    await visitor.ask(NUMBER, often)
    visitor.at += timedelta(hours=1)
    assert why(await refused(visitor.office.desk, FAMILIES, visitor.at, NUMBER, often)) == ["too-many"], "a day's"


@pytest.mark.parametrize("hour", [2, 8, 19, 23])
async def test_nobody_is_rung_at_night(visitor: Visitor, hour: int) -> None:
    night = AT.replace(hour=hour, minute=0)
    assert why(await families.ask(visitor.office.desk, FAMILIES, night, NUMBER, PLENTY)) == ["closed"]
    visitor.office.desk = replace(visitor.office.desk, plan=None)
    assert why(await families.ask(visitor.office.desk, FAMILIES, AT, NUMBER, PLENTY)) == ["closed"]


async def test_what_was_not_rung_in_time_is_never_rung(visitor: Visitor) -> None:
    asked = await visitor.ask()
    visitor.at += ASK_WITHIN
    assert await visitor.rung() is Why.CUT
    assert why(await visitor.enter(asked.token, "123456")) == ["void"]


async def test_a_number_that_does_not_answer_is_rung_once(visitor: Visitor) -> None:
    await visitor.ask()
    await visitor.hear(None)
    assert await visitor.books.due(visitor.at + timedelta(days=1), 9) == []
    assert await visitor.office.desk.work.look(OFFICER, AT, lambda changes: changes.tasks(MOOR)) == []


async def test_guessing_is_counted_before_it_is_looked_at(visitor: Visitor) -> None:
    asked = await visitor.ask()
    code = await visitor.hear()
    for wrong in ("", "abcdef", "1" * 200, "１２３４５６", f"{int(code) + 1:06d}")[:TRIES]:
        assert why(await visitor.enter(asked.token, wrong)) == ["wrong-code"]
    assert why(await visitor.enter(asked.token, code)) == ["void"]
    assert why(await visitor.enter("another", code)) == ["void"]


async def test_before_a_key_is_pressed_no_code_fits_and_the_answer_is_the_same(visitor: Visitor) -> None:
    known, unknown = await visitor.ask(), await visitor.ask(STRANGER)
    for token in (known.token, unknown.token):
        said = [why(await visitor.enter(token, "123456")) for _ in range(TRIES + 1)]
        assert said == [["wrong-code"]] * TRIES + [["void"]]


async def test_a_code_is_good_for_five_minutes_and_in_the_browser_that_asked(visitor: Visitor) -> None:
    first = await visitor.ask()
    code = await visitor.hear()
    other = await visitor.ask()
    assert why(await visitor.enter(other.token, code)) == ["wrong-code"]
    visitor.at += CODE_WITHIN
    assert why(await visitor.enter(first.token, code)) == ["wrong-code"]


@pytest.mark.parametrize(("answer", "rest"), [(Answer.NO, REST), (Answer.STOPPED, None)])
async def test_who_did_not_ask_is_left_alone(visitor: Visitor, answer: Answer, rest: timedelta | None) -> None:
    asked = await visitor.ask()
    code = await visitor.hear(answer)
    assert why(await visitor.enter(asked.token, code)) == ["void"]
    await visitor.ask()
    assert await visitor.rung() is Why.STOPPED_PERSON
    visitor.at += rest or timedelta(days=1000)
    await visitor.ask()
    assert await visitor.rung() is (None if rest else Why.STOPPED_PERSON)
    if rest is None:
        desk = visitor.office.desk
        assert why(await families.let_ring(desk, OFFICER, visitor.at, NUMBER, " ")) == ["no-reason"]
        assert good(await families.let_ring(desk, OFFICER, visitor.at, NUMBER, "they told us")) == 1
        assert why(await families.let_ring(desk, OFFICER, visitor.at, NUMBER, "again")) == ["as-it-is"]
        assert why(await families.let_ring(desk, OFFICER, visitor.at, "x", "again")) == ["bad-telephone"]
        await visitor.ask()
        assert await visitor.rung() is None


@pytest.mark.parametrize("state", list(ContactState))
async def test_whoever_was_refused_or_withdrawn_is_not_rung(visitor: Visitor, state: ContactState) -> None:
    await visitor.office.receive(BEN, "F1", FEN)
    await visitor.office.site.store.write(AddContact(
        PersonId(BEN), SOLICITOR, "Dad", ContactKind.SOCIAL, state, "test", AT))
    await visitor.ask("01632 960001")
    never = state in (ContactState.REFUSED, ContactState.WITHDRAWN)
    assert await visitor.rung() is (Why.UNAPPROVED if never else None)


@pytest.mark.parametrize(("victim", "level"), [(True, ListLevel.PERSON), (False, ListLevel.PERSON)])
async def test_a_number_on_a_list_of_bars_is_not_rung(visitor: Visitor, victim: bool, level: ListLevel) -> None:
    await visitor.ask()
    good(await numbers.add(visitor.office.desk, OFFICER, AT, ListKind.BAR, NUMBER, level, [ANN], "an order", victim=victim))
    assert await visitor.rung() is Why.BARRED


async def test_an_order_of_staff_about_the_number_keeps_it_from_ringing(visitor: Visitor) -> None:
    await visitor.ask()
    await visitor.office.site.store.write(lambda conn: conn.execute(insert(orders), {
        "id": "o", "kind": "kill", "scope": "number", "target": "+447700900123", "reason": "x", "staff": OFFICER,
        "from_at": stamp(AT), "placed_at": stamp(AT),
        "cut_live": False, "helplines_too": False}))
    assert await visitor.rung() is Why.ORDERS


async def test_an_official_number_is_not_rung_and_cannot_be_stopped_here(visitor: Visitor) -> None:
    token = await visitor.inside()
    await visitor.office.site.store.write(AddContact(
        PersonId(ANN), SOLICITOR, "S", ContactKind.PRIVILEGED, ContactState.APPROVED, "test", AT))
    await visitor.ask("01632 960001")
    assert await visitor.rung() is Why.NUMBER_CLASS
    await visitor.office.receive(BEN, "F1", FEN)
    await visitor.office.site.store.write(AddContact(
        PersonId(BEN), MUM, "O", ContactKind.OFFICIAL, ContactState.APPROVED, "test", AT))
    assert why(await families.stop(visitor.office.desk, FAMILIES, AT, token)) == ["staff-only"]


async def test_a_stop_ends_every_call_to_the_number_and_only_the_number_takes_it_back(visitor: Visitor) -> None:
    office = visitor.office
    await office.receive(BEN, "F1", FEN)
    await office.contact(BEN)
    for call, phone, person in (("k1", "m1", ANN), ("k2", "f1", BEN)):
        await office.credit(person, 100)
        assert await office.site.records.open(request(call, phone=phone), PersonId(person), decision(call)) is None  # type: ignore[arg-type]
    token = await visitor.inside()
    stopped = good(await families.stop(office.desk, FAMILIES, AT, token))
    assert stopped == Standing((Contact.STOPPED,), Stopped.THEIRS, Announced.NO_CHOICE)
    ended = await office.site.store.read(lambda conn: read_live_orders(conn, AT))
    assert {order.call: order.why for order in ended} == {"k1": Why.STOPPED, "k2": Why.STOPPED}
    assert good(await families.stop(office.desk, FAMILIES, AT, token)) == stopped, "twice is once"
    (order,) = good(await stops.standing(office.desk, OFFICER, AT))
    assert (order.scope, order.source, order.number) == (StopScope.EVERYONE, StopSource.REQUEST, "+447700900123")
    assert why(await stops.undo(office.desk, OFFICER, AT, order.id, "x", GOVERNOR)) == ["theirs"]
    assert why(await families.resume(office.desk, FAMILIES, AT, "guessed")) == ["over"]
    again = await visitor.inside()
    assert good(await families.resume(office.desk, FAMILIES, AT, again)).stopped is Stopped.NOT
    assert good(await families.resume(office.desk, FAMILIES, AT, again)).stopped is Stopped.NOT
    assert good(await stops.standing(office.desk, OFFICER, AT)) == []
    assert "stop-confirmed" in [row[0] for row in await office.audit()]


async def test_what_staff_stopped_and_a_stop_of_one_person_stay(visitor: Visitor) -> None:
    token, desk = await visitor.inside(), visitor.office.desk
    await visitor.office.site.records.stop_contact(request("k9"), PersonId(ANN), MUM, StopScope.PERSON)
    assert (await visitor.stands(token)).stopped is Stopped.ONE
    good(await families.stop(desk, FAMILIES, AT, token))
    assert good(await families.resume(desk, FAMILIES, AT, token)).stopped is Stopped.ONE
    good(await stops.place(desk, OFFICER, AT, NUMBER, StopScope.EVERYONE, "a letter"))
    assert good(await families.resume(desk, FAMILIES, AT, token)).stopped is Stopped.STAFF


async def test_an_order_against_contact_keeps_it_from_ringing(visitor: Visitor) -> None:
    await visitor.ask()
    good(await no_contact.place(visitor.office.desk, OFFICER, AT, no_contact.Wanted(
        ANN, OrderKind.NO_CONTACT, court="Moor Crown Court", number=NUMBER)))
    assert await visitor.rung() is Why.NO_CONTACT


async def _relief(visitor: Visitor) -> None:
    plan = visitor.office.desk.plan
    assert plan is not None
    days = replace(plan.settings.relief_days, value=180)
    visitor.office.desk = replace(visitor.office.desk, plan=replace(plan, settings=replace(plan.settings, relief_days=days)))


async def _consents(visitor: Visitor) -> list[tuple[str, str]]:
    def read(changes: object) -> list[tuple[str, str]]:
        return [(one.consent.value, one.how) for one in changes.approvals_at("+447700900123")]  # type: ignore[attr-defined]

    return await visitor.office.desk.work.look(OFFICER, AT, read)


async def test_the_announcement_is_chosen_where_it_may_be_and_the_consent_is_kept(visitor: Visitor) -> None:
    token, desk = await visitor.inside(), visitor.office.desk
    assert why(await families.announce(desk, FAMILIES, AT, token, short=True)) == ["no-choice"], "neither plan nor establishment"
    good(await placed.allow_relief(desk, OFFICER, AT, MOOR, "the governor"))
    assert (await visitor.stands(token)).announced is Announced.NO_CHOICE, "the plan has none"
    await _relief(visitor)
    desk = visitor.office.desk
    before = await _consents(visitor)
    assert (await visitor.stands(token)).announced is Announced.FULL
    good(await families.announce(desk, FAMILIES, AT, token, short=False))
    assert await _consents(visitor) == before, "the whole one brings no yes"
    assert good(await families.announce(desk, FAMILIES, AT, token, short=True)).announced is Announced.SHORT
    assert await _consents(visitor) == [("given", ConsentHow.WEB)]
    assert good(await families.announce(desk, FAMILIES, AT, token, short=False)).announced is Announced.FULL
    assert await _consents(visitor) == [("given", ConsentHow.WEB_FULL)]
    rows = [detail for action, _, detail in await visitor.office.audit() if action == "announcement-chosen"]
    assert rows == [{"short": False, "parties": 0}, {"short": True, "parties": 1}, {"short": False, "parties": 1}]


async def test_nobodys_no_becomes_a_yes(visitor: Visitor) -> None:
    token = await visitor.inside()
    good(await placed.allow_relief(visitor.office.desk, OFFICER, AT, MOOR, "the governor"))
    await _relief(visitor)

    def deny(changes: object) -> None:
        (one,) = changes.approvals_at("+447700900123")  # type: ignore[attr-defined]
        changes.say_consent(ConsentSaid("n", one.party, "+447700900123", Consent.DENIED, ConsentHow.STAFF, AT, OFFICER))  # type: ignore[attr-defined]

    await visitor.office.desk.work.run(OFFICER, AT, deny)
    assert why(await families.announce(visitor.office.desk, FAMILIES, AT, token, short=True)) == ["no-choice"]
    assert await _consents(visitor) == [("denied", ConsentHow.STAFF)]


async def test_who_leaves_is_out(visitor: Visitor) -> None:
    token = await visitor.inside()
    await families.leave(visitor.office.desk, FAMILIES, AT, token)
    await families.leave(visitor.office.desk, FAMILIES, AT, "nobody's")
    for use in (families.stands, families.stop, families.resume):
        assert why(await use(visitor.office.desk, FAMILIES, AT, token)) == ["over"]
    assert why(await families.announce(visitor.office.desk, FAMILIES, AT, token, short=True)) == ["over"]


async def test_a_node_without_codes_leaves_such_calls_alone(visitor: Visitor) -> None:
    await visitor.ask()
    books = SqlPlacedRecords(visitor.office.site.store, "other", SoundShelf(Languages.load()))
    assert await books.due(AT, 9) == []
    assert why(await placed.request(visitor.office.desk, OFFICER, AT, PlacedKind.CODE, ANN, NUMBER)) == ["bad-kind"]


async def test_old_visits_are_forgotten_but_not_who_wants_to_be_left_alone(visitor: Visitor) -> None:
    await visitor.ask()
    await visitor.hear(Answer.STOPPED)
    await visitor.ask(STRANGER)
    visitor.at += REST + timedelta(days=1)
    await visitor.ask("07700 900555")
    assert {row["number"] for row in await visitor.visits()} == {"+447700900123", "+447700900555"}
    kept = [one.call.number for one in good(await placed.show(visitor.office.desk, OFFICER, visitor.at))]
    assert kept == ["+447700900123", "+447700900555"], "what was typed and never rung is kept no longer"

