"""Accounts, roles and sessions on either database: who may give what, and what ends with what."""
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest_asyncio

from switch.desk import accounts, entering
from switch.desk.accounts import NewProofs
from switch.ports.access import Scope
from switch.ports.staff import Place
from tests.unit.admin.pages import PASSWORD, PlainSeals
from tests.unit.desk.office import GOVERNOR, MOOR, OFFICER, Office, good, make_office, why
from tests.unit.store.site import AT

LONGEST, IDLE = timedelta(hours=12), timedelta(minutes=15)


@pytest_asyncio.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    made = await make_office(tmp_path, url)
    made.desk = replace(made.desk, seals=PlainSeals())
    yield made
    assert await made.whole(), "the audit chain"
    made.mint.hasher.close()
    await made.site.close()


async def account(office: Office, user: str) -> NewProofs:
    return good(await accounts.add_user(office.desk, GOVERNOR, AT, user, user.title(), PASSWORD))


async def sign_in(office: Office, made: NewProofs, at: datetime = AT) -> entering.SignedIn:
    code = pyotp.TOTP(made.totp_secret).at(at)
    return good(await entering.sign_in(office.desk, at, made.user.id.upper(), PASSWORD, code, LONGEST))


async def test_the_first_gives_roles_alone_and_from_then_on_it_takes_two(office: Office) -> None:
    desk = office.desk
    for user in ("sam", "ivy", "tom"):
        await account(office, user)
    assert why(await accounts.add_user(desk, GOVERNOR, AT, "sam", "Sam")) == ["taken"]
    assert why(await accounts.add_user(desk, GOVERNOR, AT, "Sam!", "", "short", "fr")) == [
        "bad-name", "bad-user", "bad-language", "bad-password"]
    give = accounts.give_role
    first = good(await give(desk, GOVERNOR, AT, "sam", "administrator", "the first"))
    assert why(await give(desk, GOVERNOR, AT, "ivy", "listener", "new", MOOR)) == ["one-name"]
    assert why(await give(desk, GOVERNOR, AT, "ivy", "listener", "new", MOOR, second=GOVERNOR)) == ["one-name"]
    held = good(await give(desk, GOVERNOR, AT, "ivy", "listener", "new", MOOR, "M", second=OFFICER))
    assert (held.covers(Place(MOOR, "M")), held.covers(Place(MOOR)), held.covers(Place("fen", "M"))) == (True, False, False)
    good(await give(desk, GOVERNOR, AT, "tom", "officer", "new", MOOR, until=AT + timedelta(days=1)))
    for wrong, code in ((("ivy", "no-role", "x"), "unknown-role"), (("nobody", "officer", "x"), "unknown-user"),
                        (("ivy", "officer", ""), "no-reason"), (("ivy", "officer", "x", "nowhere"), "unknown-establishment"),
                        (("ivy", "officer", "x", MOOR, "Z"), "unknown-wing"), (("ivy", "officer", "x", "", "M"), "bad-place")):
        assert why(await give(desk, GOVERNOR, AT, *wrong)) == [code]
    assert why(await give(desk, GOVERNOR, AT, "ivy", "officer", "x", until=AT)) == ["bad-times"]
    assert why(await accounts.set_role(desk, GOVERNOR, AT, "officer", (Scope.READ, Scope.RECORDINGS), "more")) == ["one-name"]
    good(await accounts.set_role(desk, GOVERNOR, AT, "officer", (Scope.READ,), "less"))
    assert why(await accounts.take_role(desk, GOVERNOR, AT, first.id, "left")) == ["last"]
    assert why(await accounts.end_user(desk, GOVERNOR, AT, "sam", "left")) == ["last"]
    assert await accounts.holds(desk, AT, "TOM", Scope.READ)
    assert not await accounts.holds(desk, AT + timedelta(days=2), "tom", Scope.READ), "its time is over"
    assert not await accounts.holds(desk, AT, "ivy", Scope.STAFF)
    second = [words["second"] for words in await office.beside() if "second" in words]
    assert OFFICER in second


async def test_sessions_end_with_the_account_and_with_its_lock(office: Office) -> None:
    desk = office.desk
    tom, ivy = await account(office, "tom"), await account(office, "ivy")
    here, there = await sign_in(office, tom), await sign_in(office, ivy)
    later = AT + timedelta(minutes=10)
    assert await entering.visitor(desk, later, here.token, IDLE) is not None
    seen = await entering.visitor(desk, later + timedelta(minutes=10), here.token, IDLE)
    assert seen is not None
    assert seen.session.seen_at == later, "who was seen is noted"
    assert await entering.visitor(desk, AT + timedelta(minutes=16), there.token, IDLE) is None
    again = await sign_in(office, ivy, later)
    for _ in range(entering.MOST_FAILURES):
        assert why(await entering.prove(desk, later, again.visitor, "000000")) == ["bad-code"]
    assert await entering.visitor(desk, later, again.token, IDLE) is None, "locked, and signed out"
    assert why(await accounts.end_sessions(desk, GOVERNOR, later, "tom", "")) == ["no-reason"]
    assert good(await accounts.end_sessions(desk, GOVERNOR, later, "tom", "left")).sessions == 0
    assert await entering.visitor(desk, later, here.token, IDLE) is None
    good(await accounts.end_user(desk, GOVERNOR, later, "tom", "left"))
    assert [one.user.id for one in await accounts.users(desk, GOVERNOR, later)] == ["ivy"]
    assert why(await accounts.reset_user(desk, GOVERNOR, later, "tom", "came back")) == ["ended"]
    code = pyotp.TOTP(tom.totp_secret).at(later)
    assert why(await entering.sign_in(desk, later, "tom", PASSWORD, code, LONGEST)) == ["bad-sign-in"]


async def test_without_a_key_for_its_secrets_nobody_has_an_account(office: Office) -> None:
    bare = replace(office.desk, seals=None)
    assert why(await accounts.add_user(bare, GOVERNOR, AT, "sam", "Sam", PASSWORD)) == ["no-seal"]
    made = await account(office, "sam")
    code = pyotp.TOTP(made.totp_secret).at(AT)
    assert why(await entering.sign_in(bare, AT, "sam", PASSWORD, code, LONGEST)) == ["bad-sign-in"]
