"""Why: a past decision as it was stored, and one asked for now."""
from dataclasses import replace

from dialplans.model import Announcement
from switch.core.ids import PersonId, PhoneId
from switch.desk import explaining
from tests.unit.desk.office import ANN, OFFICER, Office, good, why
from tests.unit.dialplans.world import FACTS, plan
from tests.unit.store.site import AT, decision, request

TO = "07700 900123"


async def test_a_past_decision_is_told_as_it_was_made(office: Office) -> None:
    await office.receive()
    await office.credit(ANN, 100)
    asked = request("c1", phone=PhoneId("m1"))
    known = await office.site.records.facts(asked, PersonId(ANN))
    decided = replace(decision("c1"), announcement=Announcement(("announce-short",)))
    assert await office.site.records.open(asked, PersonId(ANN), decided, known) is None
    told = good(await explaining.explain_call(office.desk, OFFICER, AT, "c1"))
    assert told.allowed
    assert any("known" in line and ANN in line for line in told.lines)
    assert any("allows   hours" in line for line in told.lines)
    assert why(await explaining.explain_call(office.desk, OFFICER, AT, "c2")) == ["unknown-call"]


async def test_a_decision_is_asked_for_now(office: Office) -> None:
    await office.receive()
    desk = replace(office.desk, plan=plan('[hours]\nevery_day = ["00:00-24:00"]\n'),
                   on_list=lambda _accepted, _dialled: FACTS.listed)
    assert not good(await explaining.explain_request(desk, OFFICER, AT, ANN, TO)).allowed
    await office.contact(ANN)
    await office.credit(ANN, 100)
    told = good(await explaining.explain_request(desk, OFFICER, AT, ANN, TO))
    assert told.allowed, told.lines
    assert why(await explaining.explain_request(desk, OFFICER, AT, "ann", TO)) == ["bad-number"]
    assert why(await explaining.explain_request(desk, OFFICER, AT, "A7777ZZ", TO)) == ["unknown-person"]
    assert why(await explaining.explain_request(replace(desk, plan=None), OFFICER, AT, ANN, TO)) == ["no-plan"]
