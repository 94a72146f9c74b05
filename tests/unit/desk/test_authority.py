"""Authorisations at the desk: two people, in writing, reviewed in time; who knows somebody hears nothing of them."""
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from switch.core.authority import AuthorityKind, Because, Ground, Leave, NoLeave, Standing, may_listen
from switch.core.grants import Privacy
from switch.core.ids import CallId, PersonId, PhoneId, RecordingId, StaffId
from switch.desk import authority, connections, privileged
from switch.desk.asking import Refused
from switch.desk.authority import Shown
from switch.store.tables import authorities
from tests.postgres import PostgresServer
from tests.unit.desk.office import ANN, BEN, GOVERNOR, OFFICER, Office, good, make_office, why
from tests.unit.store.site import AT, MUM, decision, request

LISTENER, THIRD = StaffId("listener"), StaffId("third")
DAY, MOMENT = timedelta(days=1), timedelta(milliseconds=1)
TEXTS = {"necessity": "threats were made by telephone", "proportionality": "only calls to one number"}


both = pytest.mark.parametrize("office", ["sqlite", "postgres"], indirect=True)
"""Where it is SQL that is asked; the rest is the same on either."""


@pytest_asyncio.fixture
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    postgres: PostgresServer | None = (
        request.getfixturevalue("postgres") if getattr(request, "param", "") == "postgres" else None)
    url = postgres.fresh() if postgres else ""
    made = await make_office(tmp_path, url)
    await made.receive()
    yield made
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()
    if postgres:
        postgres.drop(url)


async def applied(office: Office, **changes: Any) -> Shown | Refused:
    how: dict[str, Any] = {"kind": AuthorityKind.OFFENCE, "ground": Ground.CRIME, "until": AT + 200 * DAY, "person": ANN} | TEXTS
    return await authority.apply(office.desk, OFFICER, AT, **(how | changes))


async def granted(office: Office, **changes: Any) -> str:
    id = good(await applied(office, **changes)).written.authority.id
    good(await authority.grant(office.desk, GOVERNOR, AT, id, "necessary and proportionate"))
    return id


async def called(office: Office, call: str = "c1", **changes: Any) -> None:
    """A call of Ann's to her mother that runs."""
    asked = request(call, phone=PhoneId("m1"))
    assert await office.site.records.open(asked, PersonId(ANN), decision(call, rate=None, **changes)) is None


async def hears(office: Office, listener: StaffId = LISTENER, call: str = "c1", days: float = 0, live: bool = True
                ) -> Leave | Because:
    at = AT + days * DAY
    facts = await office.desk.work.look(OFFICER, at, lambda changes: changes.listen_facts(CallId(call), listener))
    assert facts is not None
    found = may_listen(facts, at, live=live)
    return found.because if isinstance(found, NoLeave) else found


@both
async def test_two_people_make_one_and_the_plan_says_when_it_is_reviewed(office: Office) -> None:
    await called(office)
    assert await hears(office) is Because.NO_AUTHORITY
    before = await office.audited()
    made = good(await applied(office))
    one = made.written.authority
    assert (made.standing, one.applied_by, one.review_by, await hears(office)) == (
        Standing.APPLIED, OFFICER, None, Because.APPLIED)
    assert why(await authority.grant(office.desk, StaffId(" Officer "), AT, one.id, "mine")) == ["one-name"]
    assert why(await authority.refuse(office.desk, OFFICER, AT, one.id, "mine")) == ["one-name"]
    done = good(await authority.grant(office.desk, GOVERNOR, AT, one.id, "necessary"))
    assert (done.standing, done.ends, done.written.decided_why) == (Standing.IN_FORCE, AT + 89 * DAY, "necessary")
    assert await hears(office) == Leave(one.id, "offence-related", AT + 89 * DAY)
    actions = [action for action, _, _ in await office.audit(before)]
    assert actions == ["authority-applied", "authority-granted-refused", "authority-turned-down-refused", "authority-granted"]
    assert good(await authority.show(office.desk, OFFICER, AT, one.id)) == done
    for again in (authority.grant, authority.refuse):
        assert why(await again(office.desk, GOVERNOR, AT, one.id, "again")) == ["decided"]


@pytest.mark.parametrize(("kind", "days"), [
    (AuthorityKind.MANDATORY, 89), (AuthorityKind.OFFENCE, 89), (AuthorityKind.INTELLIGENCE, 28),
])
async def test_each_kind_stands_still_until_it_is_reviewed(office: Office, kind: AuthorityKind, days: int) -> None:
    await called(office)
    id = await granted(office, kind=kind)
    assert isinstance(await hears(office, days=days - 0.001), Leave)
    assert await hears(office, days=days) is Because.OVERDUE
    assert why(await authority.review(office.desk, OFFICER, AT + days * DAY, id, "still")) == ["one-name"]
    late = good(await authority.review(office.desk, THIRD, AT + days * DAY, id, "still needed"))
    assert (late.standing, [one.by for one in late.written.reviews]) == (Standing.IN_FORCE, [THIRD])
    assert late.ends == min(AT + 2 * days * DAY, AT + 200 * DAY)
    assert isinstance(await hears(office, days=days), Leave)
    assert (await office.audit())[-1][2]["late"] is True


async def test_a_review_never_outlasts_the_end(office: Office) -> None:
    await called(office)
    id = await granted(office, until=AT + 40 * DAY)
    found = good(await authority.review(office.desk, THIRD, AT + 39 * DAY, id, "still needed"))
    assert found.ends == AT + 40 * DAY
    assert await hears(office, days=40) is Because.EXPIRED
    assert why(await authority.review(office.desk, THIRD, AT + 40 * DAY, id, "still needed")) == ["not-in-force"]
    assert why(await authority.cancel(office.desk, THIRD, AT + 40 * DAY, id, "over")) == ["as-it-is"]


async def test_one_that_begins_later_is_reviewed_from_its_beginning(office: Office) -> None:
    await called(office)
    id = await granted(office, since=AT + 10 * DAY)
    assert await hears(office, days=9.99) is Because.TO_COME
    assert await hears(office, days=10) == Leave(id, "offence-related", AT + 99 * DAY)


@both
async def test_a_cancelled_or_refused_one_lets_nobody_hear(office: Office) -> None:
    await called(office)
    id = await granted(office)
    assert good(await authority.cancel(office.desk, THIRD, AT, id, "not needed")).standing is Standing.CANCELLED
    assert await hears(office) is Because.CANCELLED
    assert why(await authority.cancel(office.desk, THIRD, AT, id, "again")) == ["as-it-is"]
    other = good(await applied(office)).written.authority.id
    assert good(await authority.refuse(office.desk, GOVERNOR, AT, other, "not proportionate")).standing is Standing.REFUSED
    assert why(await authority.cancel(office.desk, GOVERNOR, AT, other, "x")) == ["as-it-is"]
    assert why(await authority.review(office.desk, GOVERNOR, AT, other, "x")) == ["not-in-force"]
    waiting = good(await applied(office)).written.authority.id
    good(await authority.cancel(office.desk, OFFICER, AT, waiting, "asked by mistake"))
    assert why(await authority.grant(office.desk, GOVERNOR, AT, waiting, "x")) == ["decided"]


@both
async def test_a_renewal_is_over_whom_the_old_one_was_and_takes_two_again(office: Office) -> None:
    await called(office)
    old = await granted(office, until=AT + 10 * DAY, number="07700 900123")
    new = good(await applied(office, person="", renews=old, since=AT + 10 * DAY)).written
    assert (new.renews, new.authority.person, new.authority.number) == (old, ANN, str(MUM))
    assert await hears(office, days=10) is Because.EXPIRED
    good(await authority.grant(office.desk, GOVERNOR, AT, new.authority.id, "still"))
    assert await hears(office, days=10) == Leave(new.authority.id, "offence-related", AT + 99 * DAY)


@pytest.mark.parametrize(("changes", "codes"), [
    ({"necessity": "crime"}, ["no-necessity"]), ({"proportionality": " a b "}, ["no-proportionality"]),
    ({"necessity": "a b " * 2000}, ["bad-necessity"]),
    ({"person": ""}, ["whom"]), ({"person": "ann"}, ["bad-number"]), ({"person": BEN}, ["unknown-person"]),
    ({"number": "mum"}, ["bad-telephone"]), ({"renews": "none"}, ["whom"]),
    ({"person": "", "renews": "none"}, ["unknown-authority"]),
    ({"until": AT}, ["bad-times"]), ({"since": AT + DAY, "until": AT + DAY}, ["bad-times"]),
    ({"since": AT - MOMENT}, ["bad-times"]),
    ({"until": AT.replace(tzinfo=None)}, ["bad-times"]), ({"necessity": "", "person": "x", "until": AT},
                                                        ["no-necessity", "bad-times", "bad-number"]),
])
async def test_what_is_no_application_is_refused_whole(office: Office, changes: dict[str, Any], codes: list[str]) -> None:
    assert why(await applied(office, **changes)) == codes
    assert good(await authority.authorities(office.desk, OFFICER, AT)) == []


@both
async def test_it_is_listed_by_person_number_and_standing(office: Office) -> None:
    by_person, by_number = await granted(office), await granted(office, person="", number="07700 900124")
    waiting = good(await applied(office)).written.authority.id

    async def ids(**narrow: Any) -> list[str]:
        return [one.written.authority.id for one in good(await authority.authorities(office.desk, OFFICER, AT, **narrow))]

    assert await ids() == [by_person, by_number, waiting]
    assert await ids(person=ANN.lower()) == [by_person, waiting]
    assert await ids(number="07700 900124") == [by_number]
    assert await ids(state=Standing.APPLIED) == [waiting]
    assert why(await authority.authorities(office.desk, OFFICER, AT, person="x", number="y")) == ["bad-number", "bad-telephone"]
    for asked in (authority.grant, authority.refuse, authority.review, authority.cancel):
        assert why(await asked(office.desk, GOVERNOR, AT, "none", "x")) == ["unknown-authority"]
        assert why(await asked(office.desk, GOVERNOR, AT, by_person, " ")) == ["no-reason"]
    assert why(await authority.show(office.desk, OFFICER, AT, "none")) == ["unknown-authority"]


async def test_without_a_plan_none_is_granted(office: Office) -> None:
    id, blind = good(await applied(office)).written.authority.id, replace(office.desk, listening=None)
    assert why(await authority.grant(blind, GOVERNOR, AT, id, "x")) == ["no-plan"]
    assert why(await authority.review(blind, GOVERNOR, AT, id, "x")) == ["no-plan"]
    late = good(await applied(office, until=AT + DAY)).written.authority.id
    assert why(await authority.grant(office.desk, GOVERNOR, AT + DAY, late, "x")) == ["over"]


@both
async def test_only_those_that_cover_the_call_and_are_in_force_are_told_for_it(office: Office) -> None:
    mine = await granted(office)
    theirs = await granted(office, person="", number=str(MUM))
    both = await granted(office, number=str(MUM))
    await granted(office, number="07700 900124")
    await granted(office, since=AT + DAY)

    async def ids(person: PersonId | None) -> list[str]:
        found = await office.desk.work.look(OFFICER, AT, lambda changes: changes.authorities_for(person, str(MUM), AT))
        return [one.id for one in found]

    assert await ids(PersonId(ANN)) == [mine, theirs, both]
    assert await ids(PersonId(BEN)) == [theirs]
    assert await ids(None) == [theirs]


@both
async def test_nobody_hears_a_privileged_call_nor_one_that_is_found_to_be(office: Office) -> None:
    await granted(office)
    await called(office, "c1")
    assert isinstance(await hears(office), Leave)
    good(await privileged.found_privileged(office.desk, OFFICER, AT, str(MUM), AT - DAY, "a solicitor", GOVERNOR))
    assert await hears(office) is Because.PRIVILEGED
    good(await privileged.undo_found(office.desk, OFFICER, AT, str(MUM), "a mistake", GOVERNOR))
    assert isinstance(await hears(office), Leave)
    await office.receive(BEN, "M2")
    await called_by_ben(office, privacy=Privacy.PRIVILEGED)
    assert await hears(office, call="c2") is Because.PRIVILEGED


async def called_by_ben(office: Office, **changes: Any) -> None:
    await office.site.records.open(request("c2", phone=PhoneId("m2")), PersonId(BEN), decision("c2", rate=None, **changes))


async def test_an_unknown_call_has_no_facts(office: Office) -> None:
    assert await office.desk.work.look(OFFICER, AT, lambda changes: changes.listen_facts(CallId("x"), LISTENER)) is None


@both
async def test_a_drawn_recording_may_be_heard_for_a_time_and_is_drawn_once(office: Office) -> None:
    await called(office)
    draw = RecordingId("c1")
    assert await office.desk.work.run(OFFICER, AT, lambda changes: changes.draw(draw, AT + 28 * DAY))
    assert not await office.desk.work.run(OFFICER, AT, lambda changes: changes.draw(draw, AT + 99 * DAY))
    assert await hears(office, live=False) == Leave("random", "random", AT + 28 * DAY)
    assert await hears(office, live=False, days=28) is Because.DRAW_OVER
    assert await hears(office, live=True) is Because.NO_AUTHORITY


@both
async def test_who_is_connected_hears_nothing_however_the_name_is_spelt(office: Office) -> None:
    await called(office)
    await granted(office)
    made = good(await connections.declare(office.desk, StaffId("J.Osei"), AT, ANN.lower()))
    assert (made.staff, made.declared_by) == ("j.osei", "J.Osei")
    assert await hears(office, StaffId("j.osei")) is Because.CONNECTED
    assert await hears(office, StaffId(" J.OSEI")) is Because.CONNECTED
    assert isinstance(await hears(office, LISTENER), Leave)
    assert why(await connections.declare(office.desk, GOVERNOR, AT, ANN, "j.osei")) == ["as-it-is"]
    good(await connections.declare(office.desk, GOVERNOR, AT, ANN, "listener"))
    assert await hears(office) is Because.CONNECTED
    found = good(await connections.connections(office.desk, GOVERNOR, AT, person=ANN))
    assert [one.staff for one in found] == ["j.osei", "listener"]
    assert good(await connections.connections(office.desk, GOVERNOR, AT, staff="J.Osei")) == found[:1]


@both
async def test_a_connection_is_ended_by_two_others_alone(office: Office) -> None:
    await called(office)
    await granted(office)
    made = good(await connections.declare(office.desk, LISTENER, AT, ANN))
    end = connections.end
    assert why(await end(office.desk, LISTENER, AT, made.id, "moved away", "governor")) == ["own"]
    assert why(await end(office.desk, GOVERNOR, AT, made.id, "moved away", " Listener ")) == ["own"]
    assert why(await end(office.desk, GOVERNOR, AT, made.id, "moved away", "Governor")) == ["one-name"]
    assert why(await end(office.desk, GOVERNOR, AT, made.id, " ", "third")) == ["no-reason"]
    assert await hears(office) is Because.CONNECTED
    assert good(await end(office.desk, GOVERNOR, AT, made.id, "moved away", "third")) == made
    assert isinstance(await hears(office), Leave)
    assert why(await end(office.desk, GOVERNOR, AT, made.id, "moved away", "third")) == ["unknown-connection"]
    good(await connections.declare(office.desk, LISTENER, AT, ANN))
    assert await hears(office) is Because.CONNECTED
    assert why(await connections.declare(office.desk, LISTENER, AT, "x", "not a name")) == ["bad-number", "bad-staff"]
    assert why(await connections.declare(office.desk, LISTENER, AT, BEN)) == ["unknown-person"]
    assert why(await connections.connections(office.desk, LISTENER, AT, person="x")) == ["bad-number"]


@both
async def test_what_an_authorisation_says_is_never_written_over(office: Office) -> None:
    id = await granted(office)
    one = authorities.c.id == id
    for values in ({"necessity": "another"}, {"person": None}, {"until_at": "2099"}, {"decided_by": "officer"},
                   {"granted": None}):
        changed = update(authorities).where(one).values(values)
        with pytest.raises(IntegrityError, match="written once"):
            await office.site.store.write(lambda conn, changed=changed: conn.execute(changed))
    with pytest.raises(IntegrityError, match="never deleted"):
        await office.site.store.write(lambda conn: conn.execute(delete(authorities)))
    good(await authority.review(office.desk, THIRD, AT, id, "still needed"))
    with pytest.raises(IntegrityError, match="append-only"):
        await office.site.store.write(lambda conn: conn.execute(text("DELETE FROM authority_reviews")))
