"""A lawyer's number that comes by the supplier API: on the real signed list it may be rung, off it waits for staff."""
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
import pytest_asyncio

from dialplans.privileged import PrivilegedList, read_privileged
from switch.build.list_desk import sign_list
from switch.build.privileged import read_standing
from switch.build.signing import make_keys, signature_of
from switch.build.site import read_settings
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId
from switch.core.numbers import read_number
from switch.desk.applications import Application, apply, withdraw
from switch.ports.contacts import NoContact, OrderKind
from switch.settings import cast
from switch.settings.example import ExamplePorts, example_site
from switch.settings.tree import Settings
from switch.store.privileged import AcceptList
from tests.unit.admin.counter import open_counter
from tests.unit.admin.test_supplier import NUMBER, Service, service_of
from tests.unit.desk.office import ANN, OFFICER, good
from tests.unit.store.site import AT

ON, OFF = cast.SOLICITOR, "+442079460131"
LAWYER = NUMBER | {"name": "Hartnell and Quill", "number": ON, "relationshipId": 28}
OTHER = f'''
[[number]]
number = "{OFF}"
name = "Fen and Field, solicitors"
kind = "solicitor"
since = 2026-01-05
verified = "the register of the Solicitors Regulation Authority"
'''
WAITS, MAY_BE_RUNG = (ContactKind.PRIVILEGED, ContactState.PENDING), (ContactKind.PRIVILEGED, ContactState.APPROVED)


@dataclass
class Listed:
    service: Service
    settings: Settings

    async def stands(self, **sent: Any) -> tuple[ContactKind, ContactState]:
        """A number handed in, and what its approval is then."""
        body = LAWYER | sent
        answer = await self.service.post("/pcs/ControlledNumber", body)
        assert answer.status_code == 200, answer.text
        number = str(read_number(body["number"]))
        (one,) = [one for one in await self.service.approvals() if one.number == number]
        return one.kind, one.state


@pytest_asyncio.fixture
async def listed(tmp_path: Path) -> AsyncIterator[Listed]:
    """The supplier API on a desk that reads a site's own list, its signature and what the database remembers of it."""
    settings = write_site(tmp_path / "site")
    async with open_counter(tmp_path, on_list=lambda sql, dialled: read_standing(settings, sql).facts(dialled)) as counter:
        await counter.office.receive()
        yield Listed(await service_of(counter), settings)


def write_site(folder: Path) -> Settings:
    """The example's files, its list signed."""
    for name, text in example_site(partial(token_urlsafe, 9), ExamplePorts(5060, 5080, 20000, 20399)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    settings = read_settings(folder)
    make_keys(folder / "signing" / "privileged.key", settings.privileged.key)
    sign_list(settings.privileged.list, folder / "signing" / "privileged.key", None)
    return settings


@pytest.mark.parametrize("sent", [{}, {"relationshipId": 27}, {"relationshipId": 1, "legal": True}, {"number": "020 7946 0130"}])
async def test_a_lawyer_on_the_signed_list_may_be_rung_at_once(listed: Listed, sent: dict[str, Any]) -> None:
    assert await listed.stands(**sent) == MAY_BE_RUNG
    (row,) = [detail for action, _, detail in await listed.service.counter.office.audit() if action == "number-supplied"]
    assert (row["state"], row["list"]) == ("approved", 1)


async def test_off_the_list_it_waits_and_nobody_else_is_opened_by_the_list(listed: Listed) -> None:
    assert await listed.stands(number=OFF) == WAITS
    assert await listed.stands(reference="r-2", relationshipId=1) == (ContactKind.SOCIAL, ContactState.PENDING)
    assert await listed.stands(reference="r-4") == MAY_BE_RUNG


@pytest.mark.parametrize("spoil", ["text", "signature", "gone"])
async def test_a_list_that_cannot_be_trusted_opens_nothing(listed: Listed, spoil: str) -> None:
    file = listed.settings.privileged.list
    if spoil == "text":
        file.write_text(file.read_text("utf-8").replace("serial = 1", "serial = 2"), "utf-8")
    elif spoil == "signature":
        signature_of(file).write_bytes(b"x" * 64)
    else:
        file.unlink()
    assert await listed.stands() == WAITS


async def test_a_list_that_lost_what_the_database_remembers_opens_nothing(listed: Listed) -> None:
    longer = listed.settings.privileged.list.read_text("utf-8") + OTHER
    found = read_privileged(longer, "privileged.toml")
    assert isinstance(found, PrivilegedList)
    await listed.service.counter.office.site.store.write(AcceptList(found, "officer", AT))
    assert await listed.stands() == WAITS


async def test_the_list_stands_for_no_other_check_and_over_no_order(listed: Listed) -> None:
    office = listed.service.counter.office
    order = NoContact("o-1", PersonId(ANN), OrderKind.NO_CONTACT, "Fenbridge Crown Court", AT, AT, OFFICER, number=ON)
    await office.desk.work.run(OFFICER, AT, lambda changes: changes.add_no_contact(order))
    assert await listed.stands() == WAITS
    assert await office.desk.work.run(OFFICER, AT, lambda changes: changes.lift_no_contact("o-1", "governor"))
    assert await listed.stands(reference="r-2") == MAY_BE_RUNG
    (one,) = await listed.service.approvals()
    good(await withdraw(office.desk, OFFICER, AT, one.id))
    assert await listed.stands(reference="r-3") == (ContactKind.PRIVILEGED, ContactState.WITHDRAWN)


async def test_an_application_that_waits_is_opened_with_its_task(listed: Listed) -> None:
    office = listed.service.counter.office
    asked = Application(ANN, ON, ContactKind.OFFICIAL, "Hartnell and Quill", relationship=28)
    good(await apply(office.desk, OFFICER, AT, asked))
    assert await listed.stands() == MAY_BE_RUNG
    assert await office.desk.work.look(OFFICER, AT, lambda changes: changes.tasks(person=PersonId(ANN))) == []
