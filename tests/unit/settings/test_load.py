"""The settings reader: a good file is one frozen tree, and a bad one is all its problems, each with file and line."""
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from switch.settings.load import SettingsProblem, load_settings
from switch.settings.tree import PortRange, Secret, Settings

FILE = Path("site/wingline.toml")
CLI = 'cli = "+441632960000"'
GOOD = """\
[establishment]
name = "HMP Wick Hill"

[[network]]
name = "cells"
sources = ["10.1.0.0/16"]

[trunk]
host = "192.0.2.10"
cli = "+441632960000"
"""


def load(text: str, env: Mapping[str, str] = {}) -> Settings:
    settings = load_settings(text, FILE, env)
    assert isinstance(settings, Settings), settings
    return settings


def problems(text: str, env: Mapping[str, str] = {}) -> list[SettingsProblem]:
    found = load_settings(text, FILE, env)
    assert isinstance(found, list), "the settings were taken"
    return found


def test_a_short_file_is_enough() -> None:
    settings = load(GOOD)
    assert settings.node.state_dir == Path("site/state")
    assert settings.node.journal == Path("site/state/journal")
    assert settings.network[0].digest == "SHA-256"
    assert settings.media.ports == PortRange(20000, 29999)
    assert len(settings.media.ports) == 10000
    assert settings.store_url == "sqlite:///site/state/wingline.db"
    assert settings.redis_url == "unix://site/state/valkey.sock"
    assert settings.sip_address == "127.0.0.1"
    with pytest.raises(FrozenInstanceError):
        settings.example = True  # type: ignore[misc]  # that it cannot be set is what is tested


def test_the_environment_overrides_the_file() -> None:
    settings = load(GOOD, {
        "WINGLINE_SIP__UDP": "5070", "WINGLINE_NODE__STATE_DIR": "/var/lib/wingline", "WINGLINE_MEDIA__INBAND_DIGITS": "no",
        "WINGLINE_TRUNK__SOURCES": "192.0.2.0/24, 198.51.100.7/32", "WINGLINE_LOG__FORMAT": "text", "WINGLINE_REDIS__URL": "off",
        "WINGLINE_MEDIA__PORTS": "30000-39999", "WINGLINE_NODE__DRAIN_SECONDS": "2.5", "WINGLINE_DIR": "elsewhere", "HOME": "/",
    })
    assert settings.sip.udp == 5070
    assert settings.node.journal == Path("/var/lib/wingline/journal")
    assert settings.media.inband_digits is False
    assert settings.trunk.sources == ("192.0.2.0/24", "198.51.100.7/32")
    assert (settings.log.format, settings.redis_url) == ("text", None)
    assert settings.media.ports == PortRange(30000, 39999)
    assert settings.node.drain_seconds == 2.5


def test_a_secret_may_stand_in_a_file_and_never_shows_itself() -> None:
    text = GOOD + 'user = "wick-hill"\npassword_file = "trunk.secret"\n'
    settings = load_settings(text, FILE, {}, lambda path: {Path("site/trunk.secret"): "correct horse battery\n"}[path])
    assert isinstance(settings, Settings)
    assert settings.trunk.password == "correct horse battery"
    assert isinstance(settings.trunk.password, Secret)
    assert "horse" not in repr(settings)


def test_a_secret_of_the_environment_stands_in_for_the_files() -> None:
    text = GOOD + 'user = "wick-hill"\npassword_file = "absent"\n'
    assert load(text, {"WINGLINE_TRUNK__PASSWORD": "correct horse battery"}).trunk.password == "correct horse battery"


def test_a_syntax_error_comes_alone_with_its_line() -> None:
    assert problems('[node]\nnam = "x"\n[sip\nudp = 0\n') == [
        SettingsProblem("site/wingline.toml", 3, "", "not valid TOML: Expected ']' at the end of a table declaration")
    ]


def test_all_problems_come_together_in_order() -> None:
    text = GOOD.replace("10.1.0.0/16", "10.1.0.1/16") + '\n[sip]\nudp = 70000\n[establishmnt]\n[log]\nlevel = "infos"\n'
    assert [(p.line, p.field, p.text) for p in problems(text)] == [
        (6, "network[1].sources[1]", "not an address range: 10.1.0.1/16 has host bits set"),
        (13, "sip.udp", "must be from 1 to 65535, not 70000"),
        (14, "establishmnt", 'no such setting; did you mean "establishment"?'),
        (16, "log.level", 'must be "debug" or "info" or "warning" or "error"; did you mean "info"?'),
    ]
    assert str(problems(text)[1]) == "site/wingline.toml:13: sip.udp: must be from 1 to 65535, not 70000"


@pytest.mark.parametrize(("more", "field", "text"), [
    ('[node]\nname = "a b"', "node.name", "must be 1 to 63 letters"),
    ('[node]\nnam = "a"', "node.nam", 'did you mean "name"?'),
    ("[node]\nname = 3", "node.name", "must be a text, not a whole number"),
    ('[node]\nstate_dir = ""', "node.state_dir", "must name a path"),
    (f'[node]\nstate_dir = "/{"x" * 100}"', "node.state_dir", "too long"),
    ("[node]\ndrain_seconds = nan", "node.drain_seconds", "must be from 0 to 3600"),
    ("[node]\ndrain_seconds = true", "node.drain_seconds", "must be a number, not true or false"),
    ('sip = "x"', "sip", "must be a table"),
    ('[sip]\nhost = "localhost"', "sip.host", "not an IP address"),
    ('[sip]\nhost = "0.0.0.0"', "sip.host", "say in sip.advertised"),
    ('[sip]\nadvertised = "0.0.0.0"', "sip.advertised", "nobody's address"),
    ("[sip]\nudp = 5060.0", "sip.udp", "must be a whole number, not a number"),
    ("[sip]\nudp = 0", "sip.udp", "from 1 to 65535"),
    ("[sip]\nudp = 20002", "sip.udp", "lies within media.ports"),
    ('[sip]\nhost = "192.0.2.10"', "trunk.port", "the switch's own SIP port"),
    ('[media]\nports = "20001-29999"', "media.ports", "even port"),
    ('[media]\nports = "20000"', "media.ports", "two ports"),
    ('[media]\nports = "29999-20000"', "media.ports", "two ports"),
    ('[media]\nports = "20000-20009"', "media.ports", "carry 2 calls, and limits.calls is 300"),
    ("[media]\nports = 20000", "media.ports", "must be a text"),
    ("[media]\ninband_digits = 1", "media.inband_digits", "must be true or false"),
    ('[store]\nurl = "mysql://x"', "store.url", "postgresql://USER@HOST/NAME"),
    ('[store]\nurl = "postgresql://wingline@db.example"', "store.url", "postgresql://USER@HOST/NAME"),
    ('[redis]\nurl = "valkey+unix:///x"', "redis.url", "must be"),
    ('[prompts]\nlanguage = "English"', "prompts.language", "language code"),
    ('[log]\nlevel = ["info"]', "log.level", "must be"),
    ('[[network]]\nname = "cells"\nsources = ["10.2.0.0/16"]', "network[2].name", 'another network is called "cells"'),
    ('[[network]]\nname = "b"\nsources = ["10.1.2.0/24"]', "network[2].sources", "overlaps"),
    ('[[network]]\nname = "b"\nsources = []', "network[2].sources", "at least one"),
    ('[[network]]\nname = "b"\nsources = "10.2.0.0/16"', "network[2].sources", "must be a list"),
    ('[[network]]\nname = "b"\nsources = ["10.2.0.0/16"]\nallow_no_qop = true', "network[2].allow_no_qop", "only MD5"),
    ('[[network]]\nname = "b"\nsources = ["10.2.0.0/16"]\ndigest = "md5"', "network[2].digest", 'must be "MD5" or "SHA-256"'),
    ('[[network]]\nname = "b"\nsources = ["10.2.0.0/16"]\nrealm = "a\\"b"', "network[2].realm", "printable ASCII"),
    ('[[network]]\nname = "b"', "network[2].sources", "is needed"),
])
def test_a_bad_value_is_named(more: str, field: str, text: str) -> None:
    found = problems(f"{more}\n{GOOD}" if more.startswith("sip =") else f"{GOOD}\n{more}\n")
    assert [p.field for p in found] == [field], found
    assert text in found[0].text
    assert found[0].file == "site/wingline.toml"
    assert found[0].line > 0


@pytest.mark.parametrize(("was", "becomes", "field", "text"), [
    ('name = "HMP Wick Hill"', "", "establishment.name", "is needed"),
    ('name = "HMP Wick Hill"', 'name = " "', "establishment.name", "must not be empty"),
    ("[[network]]", "[network]", "network", "must be written [[network]]"),
    ('host = "192.0.2.10"', 'host = "256.0.2.10"', "trunk.host", "neither an IP address nor a host name"),
    ('host = "192.0.2.10"', 'host = "sip.carrier.example"', "trunk.sources", "list the address ranges"),
    ('host = "192.0.2.10"', 'host = "192.0.2.10"\nsources = ["10.0.0.0/8"]', "trunk.sources", 'overlaps 10.1.0.0/16 of "cells"'),
    (CLI, 'cli = "01632960000"', "trunk.cli", "+441632960000"),
    (CLI, CLI + '\npassword = "correct horse"', "trunk.user", "is needed"),
    (CLI, CLI + '\nuser = "wick"', "trunk.password", "is needed"),
    (CLI, CLI + '\nuser = "wick"\npassword = "Wingline"', "trunk.password", "default password"),
    (CLI, CLI + '\nuser = "wick-hill-a"\npassword = "wick-hill-a"', "trunk.password", "default"),
    (CLI, CLI + '\nuser = "wick"\npassword = "h0rse"', "trunk.password", "at least 8"),
    (CLI, CLI + '\nuser = "w"\npassword = "x"\npassword_file = "y"', "trunk.password_file", "both"),
    (CLI, CLI + '\nuser = "w"\npassword_file = "absent"', "trunk.password_file", "No such file"),
])
def test_what_is_needed_and_what_must_agree(was: str, becomes: str, field: str, text: str) -> None:
    assert was in GOOD
    found = [p for p in problems(GOOD.replace(was, becomes)) if p.field == field]
    assert len(found) == 1
    assert text in found[0].text


@pytest.mark.parametrize(("name", "value", "text"), [
    ("WINGLINE_SIP__UPD", "1", 'did you mean "udp"?'),
    ("WINGLINE_SPI__UDP", "1", 'did you mean "sip"?'),
    ("WINGLINE_SIP_UDP", "1", "did you mean WINGLINE_SIP__UDP?"),
    ("WINGLINE_SIP__UDP", "many", "must be a whole number, not a text"),
    ("WINGLINE_TRUNK__SOURCES", "10.9.0.0/16,x", "not an address range"),
    ("WINGLINE_NETWORK__NAME", "x", "the environment cannot set"),
    ("WINGLINE_TRUNK__PASSWORD_FILE", "absent", "No such file"),
])
def test_the_environment_is_checked_too(name: str, value: str, text: str) -> None:
    found = problems(GOOD, {name: value})
    assert [(p.file, p.line) for p in found] == [("environment", 0)] * len(found)
    assert any(name in str(p) and text in p.text for p in found), found


@pytest.mark.parametrize(("was", "becomes", "field"), [
    ('host = "127.0.0.1"', 'host = "192.0.2.1"', "trunk.host"),
    ("[sip]", '[sip]\nhost = "192.0.2.1"', "sip.host"),
    ("[sip]", '[sip]\nadvertised = "192.0.2.1"', "sip.advertised"),
    ("[media]", '[media]\nbind = "192.0.2.1"', "media.bind"),
])
def test_the_example_stays_on_loopback(was: str, becomes: str, field: str) -> None:
    text = "example = true\n" + GOOD.replace("192.0.2.10", "127.0.0.1").replace("+441632960000\"", "+441632960000\"\nport = 5090")
    text += "[sip]\n[media]\n"
    load(text)
    found = problems(text.replace(was, becomes))
    assert [p.field for p in found] == [field]
    assert "loopback" in found[0].text


def test_the_environment_cannot_lift_the_example_flag() -> None:
    text = "example = true\n" + GOOD
    assert any(p.field == "trunk.host" for p in problems(text, {"WINGLINE_EXAMPLE": "false"}))
    assert any(p.field == "sip.host" for p in problems(text, {"WINGLINE_SIP__HOST": "192.0.2.1"})) is False
    assert any("WINGLINE_SIP__HOST" in str(p) for p in problems(text, {"WINGLINE_SIP__HOST": "192.0.2.1"}))
