"""Alarms at the desk: what nobody has taken on is listed, and whoever takes one on says what was done."""
from datetime import timedelta

from switch.desk import alarms
from switch.store.orders import PlaceAlarm
from tests.unit.desk.office import OFFICER, Office, good, why
from tests.unit.store.site import AT

SOON, LATER = AT + timedelta(minutes=1), AT + timedelta(hours=1)


async def test_an_alarm_is_listed_until_somebody_takes_it_on(office: Office) -> None:
    for id, kind, at in (("b", "duress", SOON), ("a", "books-differ", AT)):
        await office.site.store.write(PlaceAlarm(id, kind, f"what {id} is", None, at))

    async def ids(**narrowed: object) -> list[str]:
        return [one.id for one in good(await alarms.list_alarms(office.desk, OFFICER, LATER, **narrowed))]  # type: ignore[arg-type]

    assert await ids() == ["a", "b"]
    assert await ids(most=1) == await ids(kind="duress") == ["b"]
    assert why(await alarms.acknowledge(office.desk, OFFICER, LATER, "b", " ")) == ["no-reason"]
    assert why(await alarms.acknowledge(office.desk, OFFICER, LATER, "c", "went there")) == ["unknown-alarm"]
    assert await ids() == ["a", "b"]
    taken = good(await alarms.acknowledge(office.desk, OFFICER, LATER, "b", "went there"))
    assert (taken.kind, taken.text, taken.acknowledged_at, taken.acknowledged_by) == ("duress", "what b is", LATER, OFFICER)
    assert await ids() == ["a"]
    assert await ids(all=True) == ["a", "b"]
    assert good(await alarms.list_alarms(office.desk, OFFICER, LATER, all=True, kind="duress")) == [taken]
    assert why(await alarms.acknowledge(office.desk, OFFICER, LATER, "b", "me too")) == ["acknowledged"]
    assert why(await alarms.list_alarms(office.desk, OFFICER, LATER, most=0)) == ["bad-most"]
