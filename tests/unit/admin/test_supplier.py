"""The supplier API: the conversation of docs/supplier-api.md replayed, its status codes, and that a reference counts once."""
import asyncio
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, given, settings

from admin.supplier.tokens import ALGORITHM, AUDIENCE
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import PersonId
from switch.desk.access import revoke_key
from switch.ports.access import Scope
from switch.ports.contacts import Approval
from tests.effort import examples
from tests.unit.admin.counter import Counter, open_counter
from tests.unit.desk.office import ANN, GOVERNOR, OFFICER, good
from tests.unit.store.site import AT

PAGE = Path(__file__).parents[3] / "docs" / "supplier-api.md"
SPEC = Path(__file__).with_name("bt-pin-phone-api.json")
EXCHANGE = re.compile(r"^POST (/\S+) (\{.*\})\n(\d{3})(?: (\{.*\}))?$", re.MULTILINE)
PERSON = {"reference": "r-1", "prisonerId": ANN}
NUMBER = PERSON | {"name": "Mum", "number": "07700900123", "relationshipId": 1}
ACCOUNT = PERSON | {"prisonCode": "moor", "firstName": "Ann", "lastName": "Example", "statusActive": True}
GOOD: dict[str, dict[str, Any]] = {
    "/pcs/Balance": PERSON, "/pcs/ControlledNumbers": PERSON, "/pcs/AccountCredit": PERSON | {"amountPence": 10},
    "/pcs/Account": ACCOUNT, "/pcs/ControlledNumber": NUMBER, "/pcs/Relationships": {},
}
UNTRUSTED = {path: 401 if path == "/pcs/Balance" else 403 for path in GOOD}


@dataclass
class Service:
    """HMPPS's side: it has a client, and a token."""

    counter: Counter
    client: str
    secret: str
    token: str = ""

    async def post(self, path: str, body: Any = None, token: str | None = None, content: bytes | None = None) -> httpx.Response:
        token = self.token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        sent = json.dumps(body).encode() if content is None else content
        return await self.counter.http.post(path, content=sent, headers=headers)

    async def log_in(self) -> None:
        answer = await self.post("/auth/token", {"clientId": self.client, "clientSecret": self.secret}, "")
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["accessToken"]

    async def approvals(self, person: str = ANN) -> list[Approval]:
        return await self.counter.office.desk.work.look(OFFICER, AT, lambda changes: changes.approvals(person=PersonId(person)))


async def service_of(counter: Counter) -> Service:
    client, _, secret = (await counter.key(Scope.SUPPLIER, name="hmpps")).partition(".")
    made = Service(counter, client, secret)
    await made.log_in()
    return made


@pytest_asyncio.fixture
async def service(counter: Counter) -> Service:
    await counter.office.receive()
    return await service_of(counter)


async def test_the_conversation_of_the_page_is_what_is_answered(counter: Counter) -> None:
    service = await service_of(counter)
    exchanges = EXCHANGE.findall(PAGE.read_text("utf-8"))
    assert len(exchanges) == PAGE.read_text("utf-8").count("\nPOST ") > 12
    for path, sent, status, told in exchanges:
        body = json.loads(sent.replace("CLIENT", service.client).replace("SECRET", service.secret))
        answer = await service.post(path, body)
        assert answer.status_code == int(status), (sent, answer.text)
        if told:
            expected = json.loads(told)
            assert expected.pop("accessToken", "") in ("", "TOKEN")
            assert {key: value for key, value in answer.json().items() if key != "accessToken"} == expected


@pytest.mark.parametrize("path", GOOD)
async def test_whose_token_is_not_good_is_told_as_the_interface_says(service: Service, path: str) -> None:
    counter = service.counter
    claims = jwt.decode(service.token, options={"verify_signature": False})

    def forged(key: bytes | None = b"x" * 32, algorithm: str = ALGORITHM, **other: Any) -> str:
        return jwt.encode({name: value for name, value in (claims | other).items() if value is not None}, key, algorithm)

    others = await counter.key(*(scope for scope in Scope if scope is not Scope.SUPPLIER), name="others")
    bad = ["", "nonsense", service.secret, others, forged(b"y" * 32), forged(None, "none"), forged(aud="others"),
           forged(exp=None), forged(exp=claims["iat"]), forged(sub=None), forged(sub="nobody"),
           forged(sub=others.split(".")[0]), forged(exp="9")]
    for token in bad:
        rows = await counter.office.audited()
        answer = await service.post(path, GOOD[path], token)
        assert answer.status_code == UNTRUSTED[path], (token, answer.text)
        assert [action for action, _, _ in await counter.office.audit(rows)] == ["api-refused"]
    counter.clock.pass_by(3599)
    assert (await service.post(path, GOOD[path])).status_code == 200
    after = await counter.dump()
    counter.clock.pass_by(1)
    assert (await service.post(path, GOOD[path])).status_code == UNTRUSTED[path]
    await service.log_in()
    good(await revoke_key(counter.office.desk, GOVERNOR, AT, service.client, "lost"))
    assert (await service.post(path, GOOD[path])).status_code == UNTRUSTED[path]
    assert {name: rows for name, rows in (await counter.dump()).items() if name != "access_keys"} == {
        name: rows for name, rows in after.items() if name != "access_keys"}


async def test_who_has_no_good_secret_gets_no_token(service: Service) -> None:
    others = (await service.counter.key(Scope.PEOPLE, name="others")).split(".")
    for client, secret in ((service.client, "x"), (service.client, ""), ("", service.secret), ("a.b", "c"), tuple(others)):
        assert (await service.post("/auth/token", {"clientId": client, "clientSecret": secret}, "")).status_code == 401
    unchecked = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(service.token, b"x" * 32, [ALGORITHM], audience=AUDIENCE, options=unchecked)
    assert claims["exp"] - claims["iat"] == timedelta(hours=1).total_seconds()


async def test_a_malformed_body_is_400_never_422_and_changes_nothing(service: Service) -> None:
    before = await service.counter.dump()
    for path, body in (GOOD | {"/auth/token": {"clientId": "x", "clientSecret": "y"}}).items():
        bad: list[bytes] = [b"", b"{", b"[]", b"null", b"7", b"\xff", b'{"a":' * 3000, json.dumps(body | {"more": 1}).encode()]
        for name, value in body.items():
            for wrong in (None, [], {}, 1.5, "\0" if isinstance(value, str) else "7"):
                bad.append(json.dumps(body | {name: wrong}).encode())
            bad.append(json.dumps({key: one for key, one in body.items() if key != name}).encode())
        for content in bad:
            answer = await service.post(path, content=content)
            assert answer.status_code == 400, (path, content, answer.text)
    assert await service.counter.dump() == before
    for path in GOOD:
        assert (await service.counter.http.get(path)).status_code == 405


@pytest.mark.parametrize("body", [
    PERSON | {"amountPence": 0}, PERSON | {"amountPence": -5}, PERSON | {"amountPence": 5001}, PERSON | {"amountPence": 2**31},
    PERSON | {"amountPence": 10, "reference": ""}, PERSON | {"amountPence": 10, "reference": "x" * 65},
    PERSON | {"amountPence": 11, "creditLimit": 10},
])
async def test_credit_that_may_not_be_is_400(service: Service, body: dict[str, Any]) -> None:
    before = await service.counter.dump()
    assert (await service.post("/pcs/AccountCredit", body)).status_code == 400
    assert await service.counter.dump() == before


@pytest.mark.parametrize("path", [path for path in GOOD if path not in ("/pcs/Account", "/pcs/Relationships")])
async def test_somebody_who_is_not_here_is_404(service: Service, path: str) -> None:
    for prisoner in ("A0000AA", "nobody", ""):
        assert (await service.post(path, GOOD[path] | {"prisonerId": prisoner})).status_code == 404


async def test_the_same_reference_at_once_counts_once(service: Service) -> None:
    for path in ("/pcs/AccountCredit", "/pcs/ControlledNumber"):
        answers = await asyncio.gather(*(service.post(path, GOOD[path]) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
    assert (await service.post("/pcs/Balance", PERSON)).json()["balancePence"] == 10
    assert len(await service.approvals()) == 1
    for path, other in (("/pcs/AccountCredit", {"amountPence": 11}), ("/pcs/ControlledNumber", {"name": "Another"})):
        assert (await service.post(path, GOOD[path] | other)).status_code == 400


@pytest.mark.parametrize(("sent", "kind"), [
    ({}, ContactKind.SOCIAL), ({"relationshipId": 25}, ContactKind.SOCIAL), ({"relationshipId": 26}, ContactKind.OFFICIAL),
    ({"relationshipId": 27}, ContactKind.PRIVILEGED), ({"relationshipId": 28}, ContactKind.PRIVILEGED),
    ({"relationshipId": 29}, ContactKind.OFFICIAL), ({"relationshipId": 35}, ContactKind.OFFICIAL),
    ({"relationshipId": 36}, ContactKind.SOCIAL), ({"legal": True}, ContactKind.PRIVILEGED),
    ({"allowMonitor": False, "override": True, "alert": True}, ContactKind.SOCIAL),
])
async def test_a_new_number_waits_and_only_a_lawyer_is_privileged(
        service: Service, sent: dict[str, Any], kind: ContactKind) -> None:
    assert (await service.post("/pcs/ControlledNumber", NUMBER | sent)).status_code == 200
    (one,) = await service.approvals()
    assert (one.kind, one.state) == (kind, ContactState.PENDING)
    assert (await service.post("/pcs/ControlledNumber", NUMBER | {"relationshipId": 37, "reference": "r-2"})).status_code == 400


@pytest.mark.parametrize(("state", "sent", "after"), [
    (ContactState.APPROVED, {}, (ContactKind.SOCIAL, ContactState.APPROVED)),
    (ContactState.APPROVED, {"allowMonitor": False, "override": True}, (ContactKind.SOCIAL, ContactState.APPROVED)),
    (ContactState.APPROVED, {"legal": True}, (ContactKind.PRIVILEGED, ContactState.PENDING)),
    (ContactState.APPROVED, {"relationshipId": 28}, (ContactKind.PRIVILEGED, ContactState.PENDING)),
    (ContactState.REFUSED, {"legal": True}, (ContactKind.PRIVILEGED, ContactState.REFUSED)),
    (ContactState.STOPPED, {}, (ContactKind.SOCIAL, ContactState.STOPPED)),
])
async def test_a_number_that_is_known_keeps_its_state_unless_it_becomes_a_lawyers(
        service: Service, state: ContactState, sent: dict[str, Any], after: tuple[ContactKind, ContactState]) -> None:
    await service.counter.office.contact(ANN, state=state)
    assert (await service.post("/pcs/ControlledNumber", NUMBER | sent | {"callAllowed": False})).status_code == 200
    (one,) = await service.approvals()
    assert ((one.kind, one.state), one.flags.call_allowed) == (after, False)


async def test_a_verified_lawyer_stays_one_whatever_is_sent(service: Service) -> None:
    await service.post("/pcs/ControlledNumber", NUMBER | {"relationshipId": 28})
    (one,) = await service.approvals()
    await service.counter.office.desk.work.run(OFFICER, AT, lambda changes: changes.set_approval(
        replace(one, state=ContactState.APPROVED)))
    for index, sent in enumerate(({"relationshipId": 1, "allowMonitor": True}, {"legal": True}, {"relationshipId": 27})):
        assert (await service.post("/pcs/ControlledNumber", NUMBER | sent | {"reference": f"s-{index}"})).status_code == 200
        (now,) = await service.approvals()
        assert (now.kind, now.state) == (ContactKind.PRIVILEGED, ContactState.APPROVED)


async def test_an_account_is_renamed_moved_and_stopped_but_never_released(service: Service) -> None:
    office = service.counter.office
    for sent, name, place in (({}, "Ann Example", "moor"), ({"middleName": "Bee"}, "Ann Bee Example", "moor"),
                              ({"middleName": "Bee", "prisonCode": "fen"}, "Ann Bee Example", "fen")):
        assert (await service.post("/pcs/Account", ACCOUNT | sent)).status_code == 200
        person = await office.person(ANN)
        assert (person.name, person.establishment) == (name, place)
    for active, orders in ((False, 1), (False, 1), (True, 0), (True, 0)):
        assert (await service.post("/pcs/Account", ACCOUNT | {"statusActive": active})).status_code == 200
        assert len(await office.desk.work.look(OFFICER, AT, lambda changes: changes.orders())) == orders
    assert (await service.post("/pcs/Account", ACCOUNT | {"prisonerId": "x"})).status_code == 400
    assert (await service.post("/pcs/Account", ACCOUNT | {"firstName": "=", "lastName": ""})).status_code == 400


async def test_relationships_are_those_of_the_interface(service: Service) -> None:
    told = (await service.post("/pcs/Relationships", {})).json()["relationships"]
    assert [one["id"] for one in told] == list(range(37))
    assert (told[28], told[36]) == ({"id": 28, "description": "Solicitor"}, {"id": 36, "description": "Other"})


@pytest.mark.hypothesis
def test_schemathesis_finds_the_published_file_kept(tmp_path: Path) -> None:
    """Its status codes and 400 for what is malformed, which the file forgot for three; bodies of its shape; never a 5xx."""
    with asyncio.Runner() as runner:
        opened = open_counter(tmp_path)
        counter = runner.run(opened.__aenter__())
        runner.run(counter.office.receive())
        service = runner.run(service_of(counter))
        spec = json.loads(SPEC.read_text("utf-8"))
        for path in spec["paths"].values():
            path["post"]["responses"].setdefault("400", {"description": "malformed"})
        schema = schemathesis.openapi.from_dict(spec)
        schema.app = counter.app
        seen: dict[str, set[int]] = {}
        for found in schema.get_all_operations():
            operation = found.ok()

            @settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            @given(case=operation.as_strategy())
            def ask(case: schemathesis.Case) -> None:
                if isinstance(case.body, dict) and case.body.get("prisonerId"):
                    case.body["prisonerId"] = ANN
                answer = case.call(base_url="http://testserver", headers={"Authorization": f"Bearer {service.token}"})
                case.validate_response(answer, checks=[
                    schemathesis.checks.not_a_server_error, *schemathesis.checks.CHECKS.get_by_names(
                        ["status_code_conformance", "response_schema_conformance", "content_type_conformance"])])
                seen.setdefault(case.operation.path, set()).add(answer.status_code)

            ask()
        assert set(seen) == set(spec["paths"])
        runner.run(opened.__aexit__(None, None, None))
