"""What is answered with a key on a call that the switch placed, as it changes the contact and its checks."""
from dataclasses import replace

import pytest

from switch.call.placed import Answer, PlacedKind
from switch.core.contacts import Check
from switch.core.facts import ContactKind
from switch.desk import applications, parties, rolls
from switch.ports.contacts import Approval
from switch.store.answers import KeepAnswer
from switch.store.wrong_numbers import MarkWrongNumber
from tests.unit.desk.office import ANN, BEN, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM

ASKED = applications.Application(ANN, str(MUM), ContactKind.SOCIAL, "Mum")


async def pending(office: Office) -> Approval:
    await office.receive()
    (one,) = good(await applications.apply(office.desk, OFFICER, AT, ASKED)).approvals
    good(await applications.begin(office.desk, OFFICER, AT, one.id))
    return one


async def answer(office: Office, said: Answer, call: str = "c1", person: str = ANN,
                 kind: PlacedKind = PlacedKind.CONSENT) -> None:
    await office.site.store.write(KeepAnswer(call, person, str(MUM), said, AT, kind=kind))


async def open_checks(office: Office) -> set[str]:
    return {task.kind for task in await rolls.waiting(office.desk, OFFICER, AT)}


@pytest.mark.parametrize(("said", "consent", "left"), [
    (Answer.YES, "given", {"check-public-protection"}),
    (Answer.NO, "denied", {"check-public-protection", "check-number"}),
    (Answer.STOPPED, "denied", {"check-public-protection", "check-number"}),
])
async def test_an_answer_before_the_approval(office: Office, said: Answer, consent: str, left: set[str]) -> None:
    one = await pending(office)
    await answer(office, said)
    kept = await office.desk.work.look(OFFICER, AT, lambda changes: changes.consent(one.party, str(MUM)))
    assert kept is not None
    assert (kept.consent, kept.how, kept.by, kept.person, kept.at) == (consent, "keypad", "call:c1", ANN, AT)
    assert await open_checks(office) == left
    (number,) = await office.desk.work.look(OFFICER, AT, lambda changes: changes.party_numbers(one.party))
    assert (number.verified_at, number.asked_again_at) == (AT if said is Answer.YES else None, None)


async def test_a_wrong_number_after_it_is_verified_before_it_is_rung(office: Office) -> None:
    one = await pending(office)
    await answer(office, Answer.YES)
    good(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.PUBLIC_PROTECTION))
    good(await applications.approve(office.desk, OFFICER, AT, one.id))
    assert await office.site.store.write(MarkWrongNumber("c2", str(MUM), ANN, "call:c2", AT)) == 1
    assert await office.site.store.write(MarkWrongNumber("c2", str(MUM), ANN, "call:c2", AT)) is None
    (shown,) = good(await parties.standing(office.desk, OFFICER, AT, ANN))
    assert (shown.state, shown.reason, shown.consent) == ("approved", "wrong-number", "not-asked")
    assert "verify" in shown.challenge
    assert await open_checks(office) == {"check-number"}
    await answer(office, Answer.YES, "c3")
    assert await open_checks(office) == {"check-number"}, "a stranger may agree too"
    await answer(office, Answer.YES, "c4", kind=PlacedKind.VERIFY)
    (shown,) = good(await parties.standing(office.desk, OFFICER, AT, ANN))
    assert (shown.state, shown.reason, shown.consent) == ("approved", None, "given")
    assert await open_checks(office) == set()


async def test_a_wrong_number_before_the_approval_has_the_number_checked_again(office: Office) -> None:
    one = await pending(office)
    await answer(office, Answer.YES)
    good(await applications.check_done(office.desk, OFFICER, AT, one.id, Check.PUBLIC_PROTECTION))
    await office.site.store.write(MarkWrongNumber("c2", str(MUM), ANN, "call:c2", AT))
    assert why(await applications.approve(office.desk, OFFICER, AT, one.id)) == ["check-open", "no-consent"]


async def test_it_is_the_answer_to_one_person(office: Office) -> None:
    await pending(office)
    await office.receive(BEN, "M2")
    good(await applications.apply(office.desk, OFFICER, AT, replace(ASKED, person=BEN)))
    await answer(office, Answer.YES)
    (bens,) = good(await parties.standing(office.desk, OFFICER, AT, BEN))
    assert bens.consent == "not-asked"
