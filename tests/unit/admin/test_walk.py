"""A walk through every route of the console and every command, for a call that may be heard and one that may not: of the second
nothing comes out, whatever key or name asks. A route or command that the walk does not know fails it."""
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer.main
from click import Group
from fastapi.routing import APIRoute

from admin.api.offers import OFFERS
from admin.api.recordings import ROUTES
from admin.api.seconds import CONFIRM_PATH
from admin.api.shapes import shape_of
from switch.cli import app as commands
from switch.core.authority import AuthorityKind, Ground
from switch.core.grants import Privacy
from switch.core.ids import PersonId, PhoneId
from switch.desk import authority
from switch.ports.access import Scope
from tests.unit.admin.counter import Counter
from tests.unit.admin.test_bad_input import plausible
from tests.unit.desk.office import ANN, BEN, GOVERNOR, OFFICER, good
from tests.unit.desk.test_authority import DAY, TEXTS
from tests.unit.store.site import AT, decision, request

HEARD, NEVER = "c1", "c2"
"""A call that may be heard under authority, and a privileged one. Both run."""
NAMES_A_CALL = {"call", "recording", "item"}
"""What a route or a command calls the id of a call by."""
DESCRIPTIONS = {"/api/openapi.json"}
SUPPLIER = "/pcs/"
"""HMPPS's own paths: balances, numbers, credit; none takes a call."""


@dataclass
class Walk:
    counter: Counter
    keys: dict[str, str]

    async def ask(self, path: str, reads: bool, body: dict[str, Any], key: str) -> bytes:
        if reads:
            answer = await self.counter.http.get(path, params=body, headers={"Authorization": f"Bearer {key}"})
        else:
            answer = await self.counter.http.post(path, json=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code < 500 or answer.status_code == 503, (path, answer.text)  # without a vault nothing is played
        assert answer.headers["content-type"] == "application/json", f"{path} answers with something that might be sound"
        return answer.content


@pytest.fixture
async def walk(counter: Counter) -> Walk:
    office = counter.office
    await office.receive()
    await office.receive(BEN, "M2", name="Ben Example")
    for call, person, phone, privacy in ((HEARD, ANN, "m1", Privacy.MONITORED), (NEVER, BEN, "m2", Privacy.PRIVILEGED)):
        opened = decision(call, rate=None, privacy=privacy)
        assert await office.site.records.open(request(call, phone=PhoneId(phone)), PersonId(person), opened) is None
        made = good(await authority.apply(office.desk, OFFICER, AT, AuthorityKind.MANDATORY, Ground.CRIME, TEXTS["necessity"],
                                          TEXTS["proportionality"], AT + 30 * DAY, person))
        good(await authority.grant(office.desk, GOVERNOR, AT, made.written.authority.id, "necessary"))
    keys = {scope.value: await counter.key(scope, name=f"{scope} alone", holder="officer") for scope in Scope}
    return Walk(counter, keys)


def body_of(offer: Any, call: str) -> dict[str, Any]:
    """What a use case may be asked, with this call, or whose it is, wherever it takes one."""
    schema = shape_of(offer).asked.model_json_schema()
    fields, defined, whose = schema.get("properties", {}), schema.get("$defs", {}), ANN if call == HEARD else BEN
    body = {name: plausible(one, defined) for name, one in fields.items() if name in schema.get("required", ())}
    body |= {name: whose for name in ("number", "person") if name in fields}
    return body | {name: call for name in fields if name in NAMES_A_CALL}


async def test_every_route_is_walked_and_none_gives_sound_of_a_privileged_call(walk: Walk) -> None:
    """Each operation is asked by the key of its role. Answers are JSON, which is no sound; a route that answers with anything
    else has its own line, and its own proof."""
    known = {offer.path for offer in OFFERS} | {CONFIRM_PATH} | DESCRIPTIONS | {route.path for route in ROUTES.values()}
    routes = {route.path for route in walk.counter.app.routes if isinstance(route, APIRoute)}
    missing = {path for path in routes - known if not path.startswith(SUPPLIER) and path != "/auth/token"}
    assert not missing, f"say in the walk what these let somebody hear: {sorted(missing)}"
    for offer in OFFERS:
        for call in (HEARD, NEVER):
            json.loads(await walk.ask(offer.path, offer.reads, body_of(offer, call), walk.keys[offer.scope]))
    asked = {"why": "a threat was reported"}, {"playing": "x"}, {"recipient": "the police", "reason": "a threat was reported"}
    for route in ROUTES.values():
        for body in asked:  # under leave these give sound: tests/unit/admin/test_recordings.py
            answer = await walk.ask(route.path.format(recording=NEVER), route.method == "GET", body, walk.keys[Scope.RECORDINGS])
            assert "problems" in json.loads(answer), route.path
    shown = json.loads(await walk.ask("/api/calls/show-call", True, {"call": NEVER}, walk.keys[Scope.READ]))
    assert (shown["privileged"], shown["recording"]) == (True, None)


def every_command(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, one in group.commands.items():
        if isinstance(one, Group) or hasattr(one, "commands"):
            yield from every_command(one, (*before, name))
        else:
            yield " ".join((*before, name)), one


WALKED = {
    "calls show": "what is on the record of a call",
    "calls cut": "the call ends",
    "explain": "the decision of a call",
    "listen": "sound, under authority, and of a privileged call never: tests/wire/desk/test_listening.py",
    "money refund": "money goes back",
    "monitoring claim": "an item of the queue, by its call", "monitoring release": "the same", "monitoring show": "the same",
    "monitoring close": "the same", "monitoring note": "staff's own words", "monitoring bookmark": "staff's own words",
    "monitoring translate": "a decision",
    "copies clip": "a copy, under leave (recordings.access)", "copies redact": "the same", "copies list": "what copies there are",
    "copies export": "a file, under leave",
    "recordings verify": "whether it is as it was sealed; no sound",
    "transcripts show": "words, under leave", "transcripts retry": "work is done again",
    "evidence": "a pack, for a recording in the vault: a privileged call has none",
}
"""Every command that may name a call, and what it gives of one."""


def test_every_command_that_may_name_a_call_is_walked() -> None:
    takes = {name for name, one in every_command(typer.main.get_command(commands))
             if {param.name for param in one.params} & NAMES_A_CALL}
    assert {"calls show", "listen"} <= takes
    assert not takes - set(WALKED), "say in the walk what these give of a call, and prove it of those that give sound"


def test_the_engine_is_listened_to_by_tickets_alone() -> None:
    """One line hands tickets to the engine, and it stands where they were checked."""
    root = Path(__file__).parents[3]
    files = [file for package in ("switch", "recordings", "admin") for file in (root / package).rglob("*.py")]
    found = [str(file.relative_to(root)) for file in files if "media.listen(" in file.read_text("utf-8")]
    assert found == ["switch/build/switch_role.py"]
