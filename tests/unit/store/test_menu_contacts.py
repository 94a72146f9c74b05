"""What the menu tells of contacts, from the desk's own applications, orders and names, on both databases."""
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from dialplans.prompts.spoken import speech
from dialplans.prompts.table import load_table
from switch.call.menu import words
from switch.core.contacts import Check
from switch.core.facts import ContactKind, StopScope
from switch.core.ids import CallId, PersonId
from switch.core.menu_facts import OwnContact, OwnContacts, Section
from switch.core.numbers import E164
from switch.desk import applications, contact_names, leaving, no_contact, parties, people
from switch.desk.applications import Application, Applied
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.ports.contacts import OrderKind, RefusalReason
from switch.store.menu import SqlMenu
from switch.store.orders import PlaceStop
from switch.store.tables import contact_names as name_rows
from switch.store.wrong_numbers import MarkWrongNumber
from tests.unit.desk.office import ANN, FEN, GOVERNOR, OFFICER, Office, good, make_office, why
from tests.unit.desk.test_bulletins import b64
from tests.unit.store.site import AT

NAN = E164("447700900321")
WHO = PersonId(ANN)
ASKED = Application(ANN, str(NAN), ContactKind.SOCIAL, "Nan Example", relationship=16)


class Parrot:
    """A voice that gives back what it was told to say, as if it were sound."""

    async def recorded(self, wav: bytes) -> bytes:
        return b"\x55" * len(wav)

    async def spoken(self, text: str) -> bytes:
        return text.encode()


@pytest_asyncio.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    made = await make_office(tmp_path, url)
    await made.receive()
    yield replace(made, desk=replace(made.desk, voice=Parrot()))
    made.mint.hasher.close()
    await made.site.close()


def shelf() -> SoundShelf:
    return SoundShelf(Languages.load())


async def told(office: Office, sounds: SoundShelf | None = None) -> OwnContact:
    data = await SqlMenu(office.site.store, sounds or shelf()).read(Section.CONTACTS, WHO, AT)
    assert isinstance(data, OwnContacts)
    (one,) = data.contacts
    return one


async def heard(office: Office) -> str:
    """What is said of the one contact after its number, as words."""
    _, (item,) = words.told(OwnContacts((await told(office),)), speech("en"))
    return " ".join(load_table()[piece].say for piece in item.said[5:])


async def applied(office: Office) -> Applied:
    return good(await applications.apply(office.desk, OFFICER, AT, ASKED))


async def approved(office: Office) -> Applied:
    made = await applied(office)
    one = made.approvals[0].id
    good(await applications.begin(office.desk, OFFICER, AT, one))
    for check in (Check.NUMBER, Check.PUBLIC_PROTECTION):
        good(await applications.check_done(office.desk, OFFICER, AT, one, check))
    good(await parties.record_consent(office.desk, OFFICER, AT, made.party, True))
    good(await applications.approve(office.desk, OFFICER, AT, one))
    return made


async def test_an_application_from_the_asking_to_the_approval(office: Office) -> None:
    made = await applied(office)
    one = made.approvals[0].id
    assert await heard(office) == ("It has been asked for. The checks have not begun. To find out more, ask a member of staff.")
    good(await applications.begin(office.desk, OFFICER, AT, one))
    assert await heard(office) == (
        "It is still being checked. We are checking that the number is right. We are waiting for the person there to agree. "
        "Staff have not finished their checks. To find out more, ask a member of staff.")
    good(await applications.check_done(office.desk, OFFICER, AT, one, Check.PUBLIC_PROTECTION))
    good(await applications.check_done(office.desk, OFFICER, AT, one, Check.NUMBER))
    assert await heard(office) == ("It is still being checked. We are waiting for the person there to agree. "
                                   "To find out more, ask a member of staff.")
    good(await parties.record_consent(office.desk, OFFICER, AT, made.party, True))
    assert "Staff have not finished" in await heard(office), "their decision is what is missing"
    good(await applications.approve(office.desk, OFFICER, AT, one))
    assert await heard(office) == "You can ring this number."


@pytest.mark.parametrize("reason", list(RefusalReason))
async def test_a_refusal_is_told_with_its_reason_and_how_to_challenge_it(office: Office, reason: RefusalReason) -> None:
    made = await applied(office)
    good(await applications.begin(office.desk, OFFICER, AT, made.approvals[0].id))
    good(await applications.refuse(office.desk, OFFICER, AT, made.approvals[0].id, reason, "words of staff alone"))
    assert await heard(office) == " ".join((
        "It was turned down.", load_table()[f"menu-why-{reason}"].say,
        "If you think this is wrong, ask a member of staff to look again. You can also make a complaint."))
    good(await applications.begin(office.desk, OFFICER, AT, made.approvals[0].id))
    assert "still being checked" in await heard(office), "looked at again"


async def test_what_stands_against_an_approved_one_is_told_as_the_refusal_would_be(office: Office) -> None:
    made = await approved(office)
    order = good(await no_contact.place(office.desk, OFFICER, AT, no_contact.Wanted(
        ANN, OrderKind.NO_CONTACT, "a court", party=made.party)))
    assert await heard(office) == load_table()["refused-no-contact"].say, "neither which order, nor whom it protects"
    good(await no_contact.lift(office.desk, OFFICER, AT, order.id, GOVERNOR, "over"))
    await office.site.store.write(MarkWrongNumber("c1", str(NAN), WHO, "call:c1", AT))
    assert await heard(office) == load_table()["refused-number-to-verify"].say
    await office.site.store.write(PlaceStop("s1", str(NAN), StopScope.PERSON, WHO, "call:c1", AT))
    assert await heard(office) == load_table()["menu-state-stopped"].say


@pytest.mark.parametrize(("scope", "prompt"), [(StopScope.PERSON, "refused-stopped-person"),
                                               (StopScope.EVERYONE, "refused-stopped-all")])
async def test_a_stop_that_was_there_before_the_contact_was_loaded(office: Office, scope: StopScope, prompt: str) -> None:
    await office.site.store.write(PlaceStop("s1", str(NAN), scope, WHO if scope is StopScope.PERSON else None, "call:c1", AT))
    await office.contact(ANN, NAN)
    assert await heard(office) == load_table()[prompt].say


async def test_withdrawn_and_barred_by_the_suppliers_flag(office: Office) -> None:
    made = await approved(office)
    one = await office.desk.work.look(OFFICER, AT, lambda changes: changes.approval(made.approvals[0].id))
    assert one is not None
    barred = replace(one, flags=replace(one.flags, call_allowed=False))
    await office.desk.work.run(OFFICER, AT, lambda changes: changes.set_approval(barred))
    assert await heard(office) == load_table()["menu-state-refused"].say
    good(await applications.withdraw(office.desk, OFFICER, AT, one.id))
    assert await heard(office) == load_table()["menu-state-withdrawn"].say


async def kept(office: Office) -> int:
    count = select(func.count()).select_from(name_rows)
    return int(await office.site.store.read(lambda conn: conn.execute(count).scalar_one()))


async def test_a_name_is_recorded_or_spoken_heard_by_this_person_and_deleted(office: Office) -> None:
    made = (await approved(office)).approvals[0].id
    before, sounds = await office.audited(), shelf()
    assert (await told(office, sounds)).name is None
    first = good(await contact_names.record_name(office.desk, OFFICER, AT, made))
    assert (await told(office, sounds)).name == first.id
    assert sounds.alaw(f"cy/{first.id}") == b"Nan Example"
    second = good(await contact_names.record_name(office.desk, OFFICER, AT, made, b64()))
    assert second.id != first.id, "so that no switch plays the sound that was replaced"
    assert (await told(office, sounds)).name == second.id
    assert good(await contact_names.recorded_names(office.desk, OFFICER, AT, ANN)) == [second]
    assert good(await contact_names.delete_name(office.desk, OFFICER, AT, made)) == made
    assert why(await contact_names.delete_name(office.desk, OFFICER, AT, made)) == ["unknown-name"]
    assert ((await told(office, sounds)).name, await kept(office)) == (None, 0)
    assert [action for action, *_ in await office.audit(before)] == [
        "contact-name-recorded", "contact-name-recorded", "contact-name-deleted", "contact-name-deleted-refused"]
    assert "Nan" not in str(await office.audit())
    assert await office.whole()


async def test_a_name_goes_with_its_contact(office: Office) -> None:
    made = (await approved(office)).approvals[0].id
    good(await contact_names.record_name(office.desk, OFFICER, AT, made))
    good(await people.transfer(office.desk, OFFICER, AT, ANN, FEN, "F1"))
    assert (await told(office)).name is not None, "to another establishment it goes along"
    good(await applications.withdraw(office.desk, OFFICER, AT, made))
    assert await kept(office) == 0
    assert why(await contact_names.record_name(office.desk, OFFICER, AT, made)) == ["bad-state"]


async def test_a_release_deletes_the_names(office: Office) -> None:
    made = (await approved(office)).approvals[0].id
    good(await contact_names.record_name(office.desk, OFFICER, AT, made))
    good(await leaving.release(office.desk, OFFICER, AT, ANN))
    assert await kept(office) == 0


async def test_what_is_no_name(office: Office) -> None:
    made = (await approved(office)).approvals[0].id

    async def refused(recording: str, approval: str = made, voice: Parrot | None = Parrot()) -> list[str]:  # noqa: B008 (has no state)
        return why(await contact_names.record_name(replace(office.desk, voice=voice), OFFICER, AT, approval, recording))

    assert await refused("", "nobody") == ["unknown-approval"]
    assert await refused("no base64") == ["bad-recording"]
    assert await refused("A" * 2_000_001) == ["long-recording"]
    assert await refused("A" * 80_000) == ["long-name"]
    assert await refused("", voice=None) == ["no-voice"]
    assert why(await contact_names.recorded_names(office.desk, OFFICER, AT, "x")) == ["bad-number"]
    assert why(await contact_names.recorded_names(office.desk, OFFICER, AT, "A0000AA")) == ["unknown-person"]
    assert await kept(office) == 0


async def test_a_language_goes_along_to_another_establishment(office: Office) -> None:
    await SqlMenu(office.site.store, shelf()).keep_language(CallId("c1"), WHO, "cy", AT)
    good(await people.transfer(office.desk, OFFICER, AT, ANN, FEN, "F1"))
    assert (await office.person(ANN)).flags.language == "cy"
