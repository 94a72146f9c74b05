"""What the menu reads of one person, and the key that they set: on the store, with its audit row."""
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from dialplans.model import Service
from switch.core.facts import ContactKind, ContactState, PhoneFacts
from switch.core.ids import CallId, PersonId, StaffId
from switch.core.menu_facts import LAST_CALLS, Account, Messages, News, OwnContact, OwnContacts, Section, Wait
from switch.core.money_facts import Payment, Payments
from switch.core.numbers import E164
from switch.core.reasons import EndedBy, EndReason, Why
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.contacts import Approval, Party, PartyKind, PartyNumber
from switch.ports.desk import Changes
from switch.ports.menu import Bulletin
from switch.store.desk_menu import MenuWork
from switch.store.errors import StoreUnavailable
from switch.store.menu import SqlMenu
from switch.store.seeding import AddContact
from switch.store.tables import audit
from switch.store.unit_of_work import SqlUnitOfWork
from tests.unit.store.site import ANN, AT, BEN, CELL_1, CELL_2, CY, MUM, SAMARITANS, SOLICITOR, Site, decision, ended, request

LIBRARY = Languages.load()
DAD = E164("447700900124")


async def call(site: Site, id: str, minutes: int, **how: Any) -> None:
    asked = request(id, at=AT + timedelta(minutes=minutes))
    await site.records.close(ended(asked, how.pop("decided", decision(id)), **how))


async def test_credit_and_the_last_calls_newest_first_in_local_time(site: Site) -> None:
    menu = SqlMenu(site.store, SoundShelf(LIBRARY))
    await call(site, "talked", 1, talked=60.0)
    await call(site, "refused", 2, talked=0.0, reason=EndReason(EndedBy.POLICY, Why.NO_CREDIT))
    await call(site, "samaritans", 3, decided=decision("samaritans", SAMARITANS, Service.HELPLINE, None))
    await call(site, "menu", 4, decided=decision("menu", MUM, Service.MENU, None), talked=0.0)
    await call(site, "another's", 5, person=BEN)
    account = await menu.read(Section.CREDIT, ANN, AT)
    assert isinstance(account, Account)
    assert (account.balance, account.today) == (500_000 - 6_000, AT.date())
    newest, oldest = account.calls
    assert (newest.number, newest.talked, newest.charged, newest.why) == (MUM, 0.0, 0, Why.NO_CREDIT)
    assert (oldest.talked, oldest.charged, oldest.why) == (60.0, 6_000, Why.HUNG_UP)
    assert (oldest.at, str(oldest.at.tzinfo)) == (AT + timedelta(minutes=1), "Europe/London")


async def test_no_more_calls_than_can_be_listened_to(site: Site) -> None:
    for number in range(LAST_CALLS + 2):
        await call(site, f"c{number}", number)
    account = await SqlMenu(site.store, SoundShelf(LIBRARY)).read(Section.CREDIT, ANN, AT)
    assert isinstance(account, Account)
    assert [one.at.minute for one in account.calls] == [6, 5, 4, 3, 2]


async def test_contacts_with_their_state_and_key(site: Site) -> None:
    menu = SqlMenu(site.store, SoundShelf(LIBRARY))
    await site.store.write(AddContact(ANN, DAD, "Dad", ContactKind.SOCIAL, ContactState.PENDING, "test", AT))
    await menu.keep_slot(CallId("c1"), ANN, 4, DAD, AT)
    assert await menu.read(Section.CONTACTS, ANN, AT) == OwnContacts((
        OwnContact(SOLICITOR, ContactKind.PRIVILEGED, ContactState.APPROVED),
        OwnContact(MUM, ContactKind.SOCIAL, ContactState.APPROVED),
        OwnContact(DAD, ContactKind.SOCIAL, ContactState.PENDING, 4, frozenset({Wait.STAFF}))))
    assert await menu.read(Section.MESSAGES, ANN, AT) == Messages(0)


@pytest.mark.parametrize(("second", "told"), [
    (ContactState.PENDING, ContactState.APPROVED), (ContactState.REFUSED, ContactState.APPROVED),
    (ContactState.STOPPED, ContactState.STOPPED)])
async def test_a_number_of_two_parties_is_told_once_as_it_is_judged(site: Site, second: ContactState, told: ContactState) -> None:
    def work(changes: Changes) -> None:
        changes.add_party(Party("gran", PartyKind.PERSON, "Gran"))
        changes.put_number(PartyNumber("gran", str(MUM), AT))
        changes.add_approval(Approval("a2", ANN, "gran", str(MUM), ContactKind.SOCIAL, second))

    await SqlUnitOfWork(site.store, {}).run(StaffId("officer"), AT, work)
    found = await SqlMenu(site.store, SoundShelf(LIBRARY)).read(Section.CONTACTS, ANN, AT)
    assert isinstance(found, OwnContacts)
    assert [(one.number, one.state) for one in found.contacts if one.number == MUM] == [(MUM, told)]


async def test_payments_are_read_where_money_is_kept(site: Site) -> None:
    told = await SqlMenu(site.store, SoundShelf(LIBRARY)).read(Section.PAYMENTS, ANN, AT)
    assert isinstance(told, Payments)
    assert [(one.kind, one.amount) for one in told.last] == [(Payment.PAID_IN, 500_000)]


async def test_a_key_holds_one_number_of_one_person_and_the_audit_has_no_number(site: Site) -> None:
    menu = SqlMenu(site.store, SoundShelf(LIBRARY))
    assert await menu.slot(ANN, 1) is None
    await menu.keep_slot(CallId("c1"), ANN, 1, MUM, AT)
    await menu.keep_slot(CallId("c1"), ANN, 1, DAD, AT)
    assert (await menu.slot(ANN, 1), await menu.slot(ANN, 2), await menu.slot(BEN, 1)) == (DAD, None, None)
    rows = await site.store.read(lambda conn: conn.execute(select(audit).where(audit.c.action == "speed-dial-set")).all())
    assert [(row.actor, json.loads(row.subject), json.loads(row.detail)) for row in rows] == [
        ("call:c1", {"person": ANN}, {"slot": 1})] * 2


async def test_nobody_known_is_an_error_and_no_empty_account(site: Site) -> None:
    with pytest.raises(StoreUnavailable):
        await SqlMenu(site.store, SoundShelf(LIBRARY)).read(Section.CREDIT, PersonId("A0000AA"), AT)


async def publish(site: Site, id: str, start: int, until: int, wing: str | None = None, establishment: str = "HMP") -> None:
    def work(conn: Connection) -> None:
        changes = MenuWork()
        changes.conn, changes.at = conn, AT
        since, over = AT + timedelta(hours=start), AT + timedelta(hours=until)
        changes.add_bulletin(Bulletin(id, establishment, wing, "", 1.0, since, over, AT, StaffId("officer")), id.encode())

    await site.store.write(work)


async def test_news_in_force_for_this_wing_newest_first_brought_to_where_it_is_played(site: Site) -> None:
    for id, start, until, wing in (("old", -5, 1, None), ("new", -1, 1, None), ("mine", -2, 1, "A"), ("theirs", -2, 1, "B"),
                                   ("over", -2, 0, None), ("to-come", 1, 2, None)):
        await publish(site, id, start, until, wing)
    shelf = SoundShelf(LIBRARY)
    menu = SqlMenu(site.store, shelf)
    assert await menu.read(Section.NEWS, ANN, AT) == News(("new", "mine", "old"))
    assert [shelf.alaw(id) for id in ("new", "mine", "old")] == [b"new", b"mine", b"old"]
    assert shelf.alaw("beep") == LIBRARY.alaw("beep")
    assert not shelf.keeps("theirs")
    assert await menu.read(Section.NEWS, BEN, AT) == News(("new", "theirs", "old"))
    assert await menu.read(Section.NEWS, ANN, AT + timedelta(hours=1)) == News(("to-come",))


async def test_the_language_that_was_chosen_is_the_persons_wherever_they_are(site: Site) -> None:
    menu = SqlMenu(site.store, SoundShelf(LIBRARY))
    assert (await site.records.check_pin(CELL_1, None, ANN, "2468")).language == "en"
    await menu.keep_language(CallId("c1"), ANN, "cy", AT)
    assert (await site.records.check_pin(CELL_1, None, ANN, "2468")).language == "cy"
    assert (await site.records.check_pin(CELL_2, None, BEN, "1357")).language == "en"
    phone = await site.records.phone(CELL_1)
    assert phone is not None
    assert phone.language == "cy", "she lives there alone: the telephone asks for her PIN in Welsh"
    await site.records.refresh()
    assert (await site.records.phone(CELL_1), await site.records.phone(CELL_2)) == (
        phone, PhoneFacts(CELL_2, "B1-01", "B", "HMP", (BEN, CY)))
    facts = await site.records.facts(request("c2"), ANN)
    assert facts.phone.language == "", "no decision is made from it"
    rows = await site.store.read(lambda conn: conn.execute(select(audit).where(audit.c.action == "language-set")).all())
    assert [(row.actor, json.loads(row.subject), json.loads(row.detail)) for row in rows] == [
        ("call:c1", {"person": ANN}, {"language": "cy"})]
