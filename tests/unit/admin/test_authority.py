"""Authorisations over the API: each of the two by a key of their own, and no system's word for either."""
from datetime import timedelta

from switch.ports.access import Scope
from tests.unit.admin.counter import Counter, codes
from tests.unit.desk.office import ANN
from tests.unit.store.site import AT

WANTED = {"kind": "offence-related", "ground": "crime", "necessity": "threats were made by telephone", "person": ANN,
          "proportionality": "only calls to one number", "until": (AT + timedelta(days=30)).isoformat()}


async def test_two_holders_make_one_and_a_system_takes_no_part(counter: Counter) -> None:
    await counter.office.receive()
    hers, his = {"X-Staff": "j.osei"}, {"X-Staff": "k.marsh"}
    osei = await counter.key(Scope.AUTHORITY, name="J Osei", holder="j.osei")
    marsh = await counter.key(Scope.AUTHORITY, name="K Marsh", holder="k.marsh")
    system = await counter.key(*Scope)
    for path, body in (("apply", WANTED), ("authorities", {}), ("grant", {"authority": "x", "why": "y"})):
        for who in ("j.osei", "k.marsh"):
            answer = await counter.ask(f"/api/authority/{path}", body, system, headers={"X-Staff": who})
            assert (answer.status_code, codes(answer)) == (403, ["no-holder"])
    made = (await counter.ask("/api/authority/apply", WANTED, osei, headers=hers)).json()
    decided = {"authority": made["written"]["authority"]["id"], "why": "necessary and proportionate"}
    own = await counter.ask("/api/authority/grant", decided, osei, headers=hers)
    assert (own.status_code, codes(own)) == (409, ["one-name"])
    done = await counter.ask("/api/authority/grant", decided, marsh, headers=his)
    assert (done.status_code, done.json()["standing"]) == (200, "in-force")
    assert (done.json()["written"]["authority"]["applied_by"], done.json()["written"]["authority"]["decided_by"]) == (
        "j.osei", "k.marsh")
