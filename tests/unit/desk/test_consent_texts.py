"""Consent by text: a YES counts with the code that was sent to this very number, once, in time, and not by guessing."""
from datetime import timedelta

from switch.core.facts import ContactState
from switch.desk import consent_texts, placed
from switch.ports.placed import PlacedState
from tests.unit.desk.office import ANN, AT, OFFICER, Office, good, why
from tests.unit.desk.test_placed import NUMBER, PlacedKind, asked, now
from tests.unit.store.site import MUM

MINUTE = timedelta(minutes=1)
OTHER = "+447700900999"


async def sent(office: Office) -> tuple[str, str]:
    """A request and the code that is texted for it."""
    request = (await asked(office)).id
    text = good(await consent_texts.write(office.desk, OFFICER, AT, request))
    assert text.number == NUMBER
    return request, text.text.split("YES ")[1][:6]


async def test_yes_with_the_code_is_a_consent_by_text(office: Office) -> None:
    request, code = await sent(office)
    answered = good(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, f" yes {code}. "))
    assert (answered.id, answered.state, answered.answer) == (request, PlacedState.ANSWERED, "yes")
    assert (await now(office)).consented_at == AT
    assert (await office.audit())[-1][2] == {"kind": "consent", "answer": "yes", "how": "text"}
    assert why(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, f"NO {code}")) == ["wrong-code"]
    assert (await now(office)).consented_at == AT


async def test_no_with_the_code_is_none(office: Office) -> None:
    _, code = await sent(office)
    assert good(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, f"No {code}")).answer == "no"
    assert (await now(office)).consented_at is None


async def test_a_code_is_good_from_its_number_alone_and_for_three_days(office: Office) -> None:
    _, code = await sent(office)
    over = AT + consent_texts.GOOD_FOR
    assert why(await consent_texts.received(office.desk, OFFICER, AT, OTHER, f"YES {code}")) == ["wrong-code"]
    assert why(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, "YES")) == ["no-answer"]
    assert why(await consent_texts.received(office.desk, OFFICER, AT, "GOV.UK", f"YES {code}")) == ["no-answer"]
    assert why(await consent_texts.received(office.desk, OFFICER, over, NUMBER, f"YES {code}")) == ["wrong-code"]
    good(await consent_texts.received(office.desk, OFFICER, over - MINUTE, NUMBER, f"YES {code}"))


async def test_three_wrong_codes_end_it(office: Office) -> None:
    _, code = await sent(office)
    for _ in range(consent_texts.MOST_WRONG):
        assert why(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, "YES 000000")) == ["wrong-code"]
    assert why(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, f"YES {code}")) == ["wrong-code"]
    assert (await now(office)).consented_at is None


async def test_only_a_consent_that_waits_is_asked_for_by_text(office: Office) -> None:
    await office.receive()
    await office.contact(ANN, MUM, ContactState.APPROVED)
    check = good(await placed.request(office.desk, OFFICER, AT, PlacedKind.VERIFY, ANN, NUMBER))
    assert why(await consent_texts.write(office.desk, OFFICER, AT, check.id)) == ["unknown-request"]
    assert why(await consent_texts.write(office.desk, OFFICER, AT, "none")) == ["unknown-request"]
    want = good(await placed.request(office.desk, OFFICER, AT, PlacedKind.CONSENT, ANN, NUMBER))
    first = good(await consent_texts.write(office.desk, OFFICER, AT, want.id)).text
    second = good(await consent_texts.write(office.desk, OFFICER, AT, want.id)).text
    assert first != second
    good(await placed.cancel(office.desk, OFFICER, AT, want.id))
    code = second.split("YES ")[1][:6]
    assert why(await consent_texts.received(office.desk, OFFICER, AT, NUMBER, f"YES {code}")) == ["wrong-code"]
