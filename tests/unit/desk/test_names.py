"""Names given a sound: of what there is, short, in place of the one before; and what a call of the switch says with them."""
from base64 import b64encode
from dataclasses import replace

import pytest

from dialplans.plan import Naming
from switch.call.placed import PlacedKind
from switch.core.ids import PersonId
from switch.desk import names
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.media.voice import TelephoneVoice
from switch.ports.names import Whose
from switch.ports.placed import DueCall
from switch.store.placed import SqlPlacedRecords
from tests.unit.desk.office import ANN, AT, BEN, FEN, MOOR, OFFICER, Office, good, why
from tests.unit.desk.test_bulletins import wav


def b64(seconds: float = 1.0) -> str:
    return b64encode(wav(seconds)).decode()


@pytest.fixture
async def heard(office: Office) -> Office:
    """An office that can make sound, with somebody in it."""
    await office.receive()
    return replace(office, desk=replace(office.desk, voice=TelephoneVoice()))


async def test_a_name_is_kept_replaced_and_forgotten(heard: Office) -> None:
    before = await heard.audited()
    first = good(await names.give_name(heard.desk, OFFICER, AT, Whose.ESTABLISHMENT, MOOR, recording=b64(), text="the Moor"))
    assert (first.of, first.text, first.seconds) == (MOOR, "the Moor", pytest.approx(1.0, abs=0.1))
    second = good(await names.give_name(heard.desk, OFFICER, AT, Whose.ESTABLISHMENT, MOOR, recording=b64(0.5)))
    person = good(await names.give_name(heard.desk, OFFICER, AT, Whose.PERSON, f" {ANN.lower()} ", recording=b64()))
    assert good(await names.names(heard.desk, OFFICER, AT)) == [second, person]
    assert second.id != first.id, "a switch that has the old sound does not say it"
    assert good(await names.forget_name(heard.desk, OFFICER, AT, Whose.PERSON, ANN)) == ANN
    assert why(await names.forget_name(heard.desk, OFFICER, AT, Whose.PERSON, ANN)) == ["as-it-is"]
    assert [action for action, *_ in (await heard.audit())[before:]] == [
        "name-spoken", "name-spoken", "name-spoken", "name-forgotten", "name-forgotten-refused"]


async def test_what_is_no_name_is_refused(heard: Office) -> None:
    for whose, of, given, code in (
        (Whose.ESTABLISHMENT, "nowhere", {"recording": b64()}, "unknown-establishment"),
        (Whose.ESTABLISHMENT, "no/where", {"recording": b64()}, "bad-place"),
        (Whose.PERSON, BEN, {"recording": b64()}, "unknown-person"),
        (Whose.PERSON, "nobody", {"recording": b64()}, "bad-number"),
        (Whose.ESTABLISHMENT, MOOR, {"recording": "no base64!"}, "bad-recording"),
        (Whose.ESTABLISHMENT, MOOR, {"recording": "AAAA"}, "no-sound"),
        (Whose.ESTABLISHMENT, MOOR, {"recording": "A" * (names.MOST_RECORDING + 1)}, "long-recording"),
        (Whose.ESTABLISHMENT, MOOR, {"recording": b64(11.0)}, "long-name"),
        (Whose.ESTABLISHMENT, MOOR, {"text": "=1+1", "recording": b64()}, "bad-name"),
    ):
        assert why(await names.give_name(heard.desk, OFFICER, AT, whose, of, **given)) == [code], (of, code)
    assert why(await names.give_name(replace(heard.desk, voice=None), OFFICER, AT, Whose.PERSON, ANN)) == ["no-voice"]
    assert good(await names.names(heard.desk, OFFICER, AT)) == []


@pytest.mark.parametrize(("naming", "said"), [
    (Naming.NOBODY, ()), (Naming.PRISON, ("placed-from", "prison")),
    (Naming.PERSON, ("placed-from", "prison", "placed-about", "person"))])
async def test_a_call_names_whom_the_plan_lets_it_name(heard: Office, naming: Naming, said: tuple[str, ...]) -> None:
    shelf = SoundShelf(Languages.load())
    records = SqlPlacedRecords(heard.site.store, "node", shelf)
    due = DueCall("r", PlacedKind.CONSENT, PersonId(ANN), "+447700900123")
    good(await names.give_name(heard.desk, OFFICER, AT, Whose.ESTABLISHMENT, FEN, recording=b64()))
    assert await records.introduce(due, naming) == (), "nobody here has a name with a sound"
    prison = good(await names.give_name(heard.desk, OFFICER, AT, Whose.ESTABLISHMENT, MOOR, recording=b64()))
    person = good(await names.give_name(heard.desk, OFFICER, AT, Whose.PERSON, ANN, recording=b64()))
    wanted = {"prison": prison.id, "person": person.id}
    found = await records.introduce(due, naming)
    assert found == tuple(wanted.get(one, one) for one in said)
    assert all(len(shelf.alaw(one)) > 4000 for one in found), "the switch can play all of it"
