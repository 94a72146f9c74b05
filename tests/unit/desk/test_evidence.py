"""Who may give a recording away: two, with a reason and a name of who gets it, neither connected to whom it is of."""
import pytest
from sqlalchemy import Connection, insert

from switch.desk import connections, evidence
from switch.desk.asking import Refused
from switch.store.stamps import stamp
from switch.store.tables import quarantined_calls, quarantines
from tests.unit.desk.office import ANN, GOVERNOR, OFFICER, Office, good, why
from tests.unit.store.site import AT, MUM
from tests.vaults import keep, make_vault, voices

CALL = "6925a1b2-0000000000000001"


async def recorded(office: Office) -> None:
    await office.site.seed()
    folder = office.site.folder / "spools"
    await keep(make_vault(office.site.store, folder), office.site.store, folder, CALL, voices(0.2))


async def ask(office: Office, call: str = CALL, to: str = "the Crown Court", reason: str = "served", second: str = GOVERNOR
              ) -> evidence.Disclosing | Refused:
    return await evidence.disclose(office.desk, OFFICER, AT, call, to, reason, second)


async def test_a_disclosure_is_noted_with_who_gets_it(office: Office) -> None:
    await recorded(office)
    before = await office.audited()
    good(await ask(office))
    assert await office.audit(before) == [("evidence-disclosed", {"recording": CALL}, {"second": True})]
    assert await office.beside(before) == [{"reason": "served", "recipient": "the Crown Court", "second": GOVERNOR}]
    await evidence.written(office.desk, OFFICER, AT, CALL, "ab" * 32)
    assert (await office.audit())[-1] == ("evidence-written", {"recording": CALL}, {"sha256": "ab" * 32})


@pytest.mark.parametrize(("asked", "code"), [
    ({"call": "none"}, "unknown-recording"), ({"to": " "}, "no-recipient"), ({"to": "x" * 201}, "no-recipient"),
    ({"reason": ""}, "no-reason"), ({"second": OFFICER}, "one-name"), ({"second": ""}, "one-name")])
async def test_what_is_refused(office: Office, asked: dict[str, str], code: str) -> None:
    await recorded(office)
    assert why(await ask(office, **asked)) == [code]


@pytest.mark.parametrize("connected", [OFFICER, GOVERNOR])
async def test_not_by_somebody_who_is_connected_to_them(office: Office, connected: str) -> None:
    await recorded(office)
    good(await connections.declare(office.desk, GOVERNOR, AT, ANN, connected))
    assert why(await ask(office)) == ["connected"]


async def test_not_of_a_call_that_was_found_privileged(office: Office) -> None:
    await recorded(office)
    def found(conn: Connection) -> None:
        conn.execute(insert(quarantines), {"id": "q1", "number": str(MUM), "since": stamp(AT), "found_at": stamp(AT),
                                           "found_by": OFFICER, "agreed_by": GOVERNOR})
        conn.execute(insert(quarantined_calls), {"call": CALL, "quarantine": "q1"})

    await office.site.store.write(found)
    assert why(await ask(office)) == ["privileged"]
