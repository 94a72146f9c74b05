"""The example site: its files are read without a problem, its JSON has the promised shape, its secrets are new each time."""
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.plan import Plan
from dialplans.tariff import affordable, rate_for
from switch.core.facts import PersonFacts, PhoneFacts
from switch.core.ids import PersonId, PhoneId, keyed
from switch.core.money import from_pence
from switch.core.numbers import E164, read_number
from switch.settings import cast
from switch.settings.example import (
    ExamplePorts,
    SeedContact,
    SeedEstablishment,
    SeedPerson,
    SeedPhone,
    SeedUser,
    example_json,
    example_site,
    seed_rows,
)
from switch.settings.load import load_settings
from switch.settings.tree import Settings

PORTS = ExamplePorts(5062, 5092, 21000, 21199)


def tokens(seed: str) -> Callable[[], str]:
    numbers = count()
    return lambda: sha256(f"{seed}{next(numbers)}".encode()).hexdigest()[:24]


@pytest.fixture
def site() -> dict[str, str]:
    return example_site(tokens("a"), PORTS)


@pytest.fixture
def example(site: dict[str, str]) -> Any:
    return json.loads(site["example.json"])


@pytest.fixture
def plan(site: dict[str, str]) -> Plan:
    loaded = load_plan({**shipped_plans(), "site.toml": site["plans/site.toml"]}, "site")
    assert isinstance(loaded, Plan), loaded
    return loaded


def test_the_settings_are_read_without_a_problem(site: dict[str, str]) -> None:
    settings = load_settings(site["wingline.toml"], Path("wingline.toml"))
    assert isinstance(settings, Settings), settings
    assert settings.example
    assert (settings.sip.udp, settings.trunk.port, str(settings.media.ports)) == (5062, 5092, "21000-21199")
    assert [(n.digest, n.realm) for n in settings.network] == [("MD5", cast.REALM), ("SHA-256", cast.REALM)]
    assert (settings.establishment.plan, settings.establishment.name) == ("site", "HMP Wick Hill")
    assert settings.limits.calls == 50


def test_a_narrow_range_of_ports_makes_a_smaller_site() -> None:
    text = example_site(tokens("a"), ExamplePorts(5062, 5092, 21000, 21039))["wingline.toml"]
    settings = load_settings(text, Path("wingline.toml"))
    assert isinstance(settings, Settings), settings
    assert settings.limits.calls == 10


@pytest.mark.parametrize("media", [(21001, 21200), (21000, 21002)])
def test_ports_that_cannot_serve_are_refused(media: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least four are needed, the first even"):
        example_site(tokens("a"), ExamplePorts(5062, 5092, *media))


def test_the_json_has_exactly_the_promised_shape(example: Any) -> None:
    assert list(example) == ["sip", "trunk", "phones", "people", "contacts", "helplines", "refused", "console"]
    assert example["sip"] == {"host": "127.0.0.1", "udp": 5062, "tcp": None, "tls": None}
    assert example["trunk"] == {"host": "127.0.0.1", "port": 5092}
    assert {tuple(phone) for phone in example["phones"]} == {("user", "password", "digest", "cell", "pin_required")}
    assert {tuple(person) for person in example["people"]} == {("number", "keyed", "name", "pin", "phone", "credit_pence")}
    assert {tuple(contact) for contact in example["contacts"]} == {("person", "number", "kind", "state")}
    assert example["helplines"][0] == "116123"
    assert set(example["refused"]) == {"unapproved", "barred"}
    assert example["console"]["url"] is None, "its port is any that is free"
    users = example["console"]["users"]
    assert {tuple(user) for user in users} == {("name", "password", "totp_secret", "role")}
    assert {user["role"] for user in users} == {
        "governor", "listener", "officer", "business-hub", "public-protection", "auditor", "administrator"}
    assert any(not phone["pin_required"] for phone in example["phones"])
    assert {phone["digest"] for phone in example["phones"]} == {"MD5", "SHA-256"}
    assert {contact["kind"] for contact in example["contacts"]} == {"social", "official", "privileged"}
    assert {"approved", "pending", "refused"} <= {contact["state"] for contact in example["contacts"]}
    assert max(Counter(person["phone"] for person in example["people"]).values()) == 2


def test_all_numbers_are_ones_of_drama(example: Any) -> None:
    for number in [contact["number"] for contact in example["contacts"]] + list(example["refused"].values()) + [cast.CLI]:
        assert isinstance(read_number(number), E164)
        assert str(read_number(number)) == number
        assert number.startswith(("+447700900", "+441632960", "+442079460"))


def test_people_live_somewhere_and_no_two_have_one_number(example: Any) -> None:
    users = [phone["user"] for phone in example["phones"]]
    assert len(set(users)) == len(users) == 8
    assert {person["phone"] for person in example["people"]} == set(users)
    assert len({person["keyed"] for person in example["people"]}) == len(example["people"])
    assert all(person["keyed"] == keyed(person["number"]) for person in example["people"])
    numbers = {person["number"] for person in example["people"]}
    assert {contact["person"] for contact in example["contacts"]} == numbers


def test_pins_fit_the_plan_and_differ_within_a_cell(example: Any, plan: Plan) -> None:
    assert all(len(p["pin"]) == plan.pin_digits and p["pin"].isdigit() and len(set(p["pin"])) > 1 for p in example["people"])
    pairs = [(person["phone"], person["pin"]) for person in example["people"]]
    assert len(set(pairs)) == len(pairs)


def test_two_sites_share_no_secret(example: Any) -> None:
    other = example_json(tokens("b"), PORTS)
    ours, theirs = ({phone["password"] for phone in one["phones"]} for one in (example, other))
    assert len(ours) == 8
    assert not ours & theirs
    assert [p["pin"] for p in example["people"]] != [p["pin"] for p in other["people"]]


def test_no_secret_stands_in_the_other_files(site: dict[str, str], example: Any) -> None:
    rest = site["wingline.toml"] + site["plans/site.toml"]
    assert not any(phone["password"] in rest for phone in example["phones"])


def facts(user: str, number: str) -> tuple[PhoneFacts, PersonFacts]:
    phone = next(phone for phone in cast.PHONES if phone.user == user)
    ids = tuple(PersonId(person.number) for person in cast.PEOPLE if person.phone == user)
    person = next(person for person in cast.PEOPLE if person.number == number)
    return (
        PhoneFacts(PhoneId(user), phone.cell, phone.wing, cast.ESTABLISHMENT, ids, phone.pin_required),
        PersonFacts(PersonId(number), person.name, True, PhoneId(person.phone), from_pence(person.credit_pence), 0.0, False),
    )


def test_the_plan_gives_each_person_the_part_that_the_cast_says(plan: Plan) -> None:
    ordinary = plan.settings_for(*facts("101", "A1001AA"), None)
    assert (ordinary.announce_social.value, ordinary.stop_offer.value) == (("announce-short",), False)
    full = plan.settings_for(*facts("108", "A1002AB"), None)
    assert (full.announce_social.value, full.stop_offer.value) == (("announce-england-wales",), True)
    assert plan.settings_for(*facts("103", "A1007AG"), None).stop_offer.value
    short = plan.settings_for(*facts("105", "A1005AE"), None)
    assert (short.length_social.value, short.warnings.value) == (8, (5, 2))
    assert not any(plan.settings_for(*facts("106", "A1008AH"), None).hours.value)
    assert any(ordinary.hours.value)
    assert E164(cast.BARRED[1:]) in plan.barred_numbers
    assert {read_number(number) for number in cast.HELPLINES} == set(plan.helplines)
    assert plan.emergency.control_room == "sip:control-room@127.0.0.1:5092"


def test_a_penny_is_spent_in_eight_seconds(plan: Plan) -> None:
    assert {p.credit_pence for p in cast.PEOPLE if p.number == "A1009AJ"} == {1}
    for day in (2, 7):  # a Monday and a Saturday
        rate = rate_for(plan, "mobile", datetime(2026, 11, day, 12, tzinfo=UTC))
        assert affordable(rate, from_pence(1)) == 8.0


def test_two_people_know_one_number_so_that_a_stop_for_all_can_be_shown() -> None:
    assert {contact.person for contact in cast.CONTACTS if contact.number == cast.SHARED} == {"A1007AG", "A1004AD"}


def test_the_seed_tells_of_the_same_people_as_the_json(example: Any) -> None:
    rows = seed_rows(example)
    assert rows[0] == SeedEstablishment("wick-hill", "HMP Wick Hill", "Europe/London")
    kinds = [type(row) for row in rows]
    assert kinds == sorted(kinds, key=[SeedEstablishment, SeedPhone, SeedPerson, SeedContact, SeedUser].index)
    phones = {row.id: row for row in rows if isinstance(row, SeedPhone)}
    password = example["phones"][1]["password"]
    assert phones["102"].network == cast.SHA256_NETWORK
    assert phones["102"].password == password
    assert phones["103"].pin_required is False
    assert phones["106"].wing == "night"
    assert {row.id: row.pin for row in rows if isinstance(row, SeedPerson)} == {p["number"]: p["pin"] for p in example["people"]}
    contacts = {(row.person, row.number): row for row in rows if isinstance(row, SeedContact)}
    assert len(contacts) == len(example["contacts"])
    assert contacts["A1001AA", cast.ADVICE].organisation
    assert contacts["A1001AA", cast.LANDLINE].relay
    users = {row.id: row.totp_secret for row in rows if isinstance(row, SeedUser)}
    assert users == {user["name"]: user["totp_secret"] for user in example["console"]["users"]}


def test_a_stranger_in_the_json_is_an_error(example: Any) -> None:
    example["phones"][0]["user"] = "999"
    with pytest.raises(KeyError):
        seed_rows(example)
