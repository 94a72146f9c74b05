"""Whatever is sent to any operation of either API: an error in words, every table as it was, a row where it was not allowed."""
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio

from admin.api.offers import OFFERS, Offer
from admin.api.seconds import CONFIRM_PATH
from admin.api.shapes import shape_of
from admin.supplier.tokens import ALGORITHM, AUDIENCE
from switch.desk.access import revoke_key
from switch.ports.access import Scope
from tests.unit.admin.counter import Counter, codes, open_counter
from tests.unit.admin.test_supplier import GOOD, service_of
from tests.unit.desk.office import ANN, BEN, GOVERNOR, good
from tests.unit.store.site import AT

WRITING = [offer for offer in OFFERS if not offer.reads]
READING = [offer for offer in OFFERS if offer.reads]
DEEP = 20_000
BODIES: tuple[bytes, ...] = (
    b"", b" ", b"{", b"}", b"[]", b"null", b"true", b"7", b'"x"', b"1e999", b"NaN", b"\xff\xfe", b"\x00", b'{"number":"\x00"}',
    b"[" * DEEP, b'{"a":' * DEEP, b'{"a":' * DEEP + b"1" + b"}" * DEEP, b'{"unheard":1}', b"<xml/>", b"number=A1234BC",
    "\ufeff{}".encode(), b'{"number":"\\ud800"}', b"9" * 5000, json.dumps({"number": ANN}).encode("utf-16"),
)
"""What is no body of any operation."""
WRONG: tuple[Any, ...] = (None, [[]], 1.5, 2**31, 10**400, "\0", "x" * 20_000, True, {"a": {"b": []}})
"""What some field takes, and most do not."""
TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "nonsense")


@dataclass
class Gate:
    """Both APIs with good keys, and what must not change."""

    counter: Counter
    key: str
    token: str

    async def state(self) -> str:
        """One digest of every row of every table but those of the audit."""
        return hashlib.sha256(repr(await self.counter.dump()).encode()).hexdigest()

    async def post(self, path: str, content: bytes, kind: str = "application/json", key: str = "") -> httpx.Response:
        proof = key or (self.token if path.startswith("/pcs") else self.key)
        headers = {"Authorization": f"Bearer {proof}", "Content-Type": kind, "X-Staff": "officer"}
        return await self.counter.http.post(path, content=content, headers=headers)


@pytest_asyncio.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    async with open_counter(tmp_path) as counter:
        await counter.office.receive()
        key = await counter.key(holder="officer")
        yield Gate(counter, key, (await service_of(counter)).token)


def in_words(answer: httpx.Response, sent: object) -> None:
    assert 400 <= answer.status_code < 500, (sent, answer.status_code, answer.text[:200])
    assert answer.status_code != 422, sent
    problems = answer.json()["problems"]
    assert problems, sent
    assert all(one["code"] and len(one["text"]) > 5 for one in problems), (sent, problems)


def plausible(schema: dict[str, Any], defined: dict[str, Any]) -> Any:
    """A value of the right type for one field."""
    if "$ref" in schema:
        return plausible(defined[schema["$ref"].rpartition("/")[2]], defined)
    for one in schema.get("anyOf", ()):
        return plausible(one, defined)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: plausible(one, defined) for name, one in schema["properties"].items() if name in schema.get("required", ())}
    given = {"integer": 1, "boolean": True, "array": []}.get(schema.get("type", ""))
    return given if given is not None else (AT.isoformat() if schema.get("format") == "date-time" else "x")


def spoilt(offer: Offer) -> Iterator[bytes]:
    """The body of an operation with each field wrong in every way, missing, and one too many."""
    asked = shape_of(offer).asked
    schema = asked.model_json_schema()
    body = {name: plausible(one, schema.get("$defs", {})) for name, one in schema.get("properties", {}).items()
            if name in schema.get("required", ())}
    yield json.dumps(body | {"unheard": 1}).encode()
    for name in body:
        yield json.dumps({key: value for key, value in body.items() if key != name}).encode()
    for name, one in schema.get("properties", {}).items():
        for wrong in WRONG:
            if not _may_be(one, wrong):
                yield json.dumps(body | {name: wrong}).encode()
        yield json.dumps(body | {name: "@"}).replace('"@"', "1e999").encode()


def _may_be(schema: dict[str, Any], value: Any) -> bool:
    """Whether a field could take it: then it is no bad input by itself."""
    options = schema.get("anyOf", [schema])
    kinds = {option.get("type", "object") for option in options}
    if isinstance(value, str):
        return "string" in kinds and value != "\0" and all(option.get("maxLength", 2**40) >= len(value) for option in options
                                                           if option.get("type") == "string" and "format" not in option)
    if value is None:
        return "null" in kinds
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return "integer" in kinds and -(2**31) <= value < 2**31
    return (isinstance(value, list) and value == [] and "array" in kinds) or (value == {} and "object" in kinds)


@pytest.mark.timeout(600)
async def test_no_body_that_is_none_does_anything(gate: Gate) -> None:
    before, asked = await gate.state(), 0
    for path in (*(offer.path for offer in WRITING), CONFIRM_PATH, "/auth/token", *GOOD):
        for content in BODIES:
            in_words(await gate.post(path, content), (path, content[:40]))
            asked += 1
        for kind in TYPES:
            in_words(await gate.post(path, b"{}", kind), (path, kind))
    assert asked > 1000
    assert await gate.state() == before


@pytest.mark.timeout(600)
async def test_no_field_that_is_wrong_does_anything(gate: Gate) -> None:
    before, asked = await gate.state(), 0
    for offer in WRITING:
        for content in spoilt(offer):
            in_words(await gate.post(offer.path, content), (offer.name, content[:80]))
            asked += 1
    for path, body in GOOD.items():
        for name, wrong in ((name, wrong) for name in body for wrong in WRONG):
            if type(body[name]) is not type(wrong) or (isinstance(wrong, int) and abs(wrong) >= 2**31) or wrong == "\0":
                in_words(await gate.post(path, json.dumps(body | {name: wrong}).encode()), (path, name, str(wrong)[:40]))
    assert asked > 1000
    assert await gate.state() == before


@pytest.mark.timeout(600)
async def test_no_query_that_is_wrong_is_answered(gate: Gate) -> None:
    for offer in READING:
        for name, schema in shape_of(offer).asked.model_json_schema().get("properties", {}).items():
            needed = {one: "x" for one, field in shape_of(offer).asked.model_fields.items() if field.is_required()}
            wrong = ["\0", "x\0"] + (["x" * 20_000] if schema.get("type") == "string" else [])
            if not any(one.get("type") == "string" and "format" not in one for one in schema.get("anyOf", [schema])):
                wrong += ["x", "", "9" * 5000, "1e999", "[]", str(2**63)]
            for value in wrong:
                answer = await gate.counter.ask(offer.path, key=gate.key, params=needed | {name: value})
                in_words(answer, (offer.name, name, value[:40]))
        in_words(await gate.counter.ask(offer.path, key=gate.key, params={"unheard": "1"}), offer.name)


async def _parts() -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(20):
        yield b"[" * 10_000


@pytest.mark.timeout(600)
async def test_a_body_that_is_too_long_is_not_read(gate: Gate) -> None:
    before = await gate.state()
    for path in (*(offer.path for offer in WRITING), CONFIRM_PATH, "/auth/token", *GOOD):
        answer = await gate.post(path, b'{"number":"' + b"x" * 200_000 + b'"}')
        assert (answer.status_code, codes(answer)) == (413, ["too-long"]), path
        in_words(answer, path)
        unsaid = await gate.counter.http.post(path, content=_parts(), headers={"Authorization": f"Bearer {gate.key}"})
        assert unsaid.status_code in (413, 401, 403), path
        in_words(unsaid, path)
    assert await gate.state() == before


@pytest.mark.timeout(600)
async def test_whoever_may_not_is_in_the_audit_once_for_each_try(gate: Gate) -> None:
    counter = gate.counter
    over = await counter.key(until=AT + timedelta(milliseconds=1), name="over")
    revoked = await counter.key(name="revoked")
    good(await revoke_key(counter.office.desk, GOVERNOR, AT, revoked.split(".")[0], "lost"))
    narrow = await counter.key(Scope.BULK, name="narrow")
    counter.clock.pass_by(1)
    before = await gate.state()
    for offer in OFFERS:
        tries = [(over, 401, "no-key"), (revoked, 401, "no-key"), (over[:-1] + "_", 401, "no-key"), ("", 401, "no-key")]
        tries += [(narrow, 403, "no-scope")] if offer.scope is not Scope.BULK else []
        for key, status, code in tries:
            rows = await counter.office.audited()
            answer = await counter.ask(offer.path, None if offer.reads else {}, key)
            assert (answer.status_code, codes(answer)) == (status, [code]), (offer.name, code)
            ((action, subject, detail),) = await counter.office.audit(rows)
            assert (action, subject["operation"], detail) == ("api-refused", offer.name, {"why": code})
    assert await gate.state() == before


async def test_a_forged_or_old_token_is_in_the_audit_and_does_nothing(gate: Gate) -> None:
    counter = gate.counter
    claims = jwt.decode(gate.token, options={"verify_signature": False})
    forged = [jwt.encode(claims, b"y" * 32, ALGORITHM), jwt.encode(claims, None, "none"), gate.token[:-3] + "abc", gate.key,
              jwt.encode(claims | {"aud": f"{AUDIENCE}s"}, b"x" * 32, ALGORITHM),
              jwt.encode(claims | {"exp": int(AT.timestamp())}, b"x" * 32, ALGORITHM)]
    before = await gate.state()
    for path, body in GOOD.items():
        for token in forged:
            rows = await counter.office.audited()
            answer = await gate.post(path, json.dumps(body).encode(), key=token)
            assert answer.status_code in (401, 403), path
            in_words(answer, path)
            assert [action for action, _, _ in await counter.office.audit(rows)] == ["api-refused"]
    assert await gate.state() == before


@pytest.mark.parametrize(("path", "body", "code", "action"), [
    ("/api/people/receive", {"newcomer": {"number": BEN, "name": "Ben", "establishment": "none"}}, "unknown-establishment",
     "person-received-refused"),
    ("/api/people/transfer", {"number": ANN, "establishment": "none"}, "unknown-establishment", "person-transferred-refused"),
    ("/api/people/move", {"number": ANN, "cell": "F1"}, "unknown-cell", "cell-moved-refused"),
    ("/api/kill/place", {"reach": "site", "target": "none", "reason": "x", "cut": True}, "unknown-establishment",
     "order-placed-refused"),
    ("/api/kill/place", {"reach": "wing", "target": "M", "establishment": "fen", "reason": "x", "cut": True}, "unknown-wing",
     "order-placed-refused"),
    ("/api/places/add-wing", {"establishment": "none", "wing": "M"}, "unknown-establishment", "wing-added-refused"),
    ("/pcs/Account", GOOD["/pcs/Account"] | {"prisonCode": "none"}, "bad-account", "person-transferred-refused"),
])
async def test_an_establishment_that_it_is_not_is_refused_and_in_the_audit(
        gate: Gate, path: str, body: dict[str, Any], code: str, action: str) -> None:
    before, rows = await gate.state(), await gate.counter.office.audited()
    answer = await gate.post(path, json.dumps(body).encode())
    in_words(answer, path)
    assert codes(answer) == [code]
    assert action in [one for one, _, _ in await gate.counter.office.audit(rows)]
    assert await gate.state() == before
