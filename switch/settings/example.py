"""The example site as text: `wingline.toml`, `plans/site.toml`, `privileged.toml` and `example.json`, secrets made on the spot.

Pure: tokens and free ports come in, file contents go out. `seed_rows` turns `example.json` into the rows that the store is
given, so that the file and the store can never tell of different people.
"""
import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from switch.core.facts import ContactKind, ContactState
from switch.core.ids import keyed
from switch.settings import cast
from switch.settings.together import PORTS_PER_CALL

SECRET_FILES = frozenset({"example.json"})
"""To be written readable by their owner alone."""
_MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class ExamplePorts:
    """UDP ports of loopback that nobody uses: SIP, the pretended carrier, and an even-based range for RTP."""

    sip: int
    trunk: int
    media_first: int
    media_last: int
    console: int = 0
    """TCP; 0 for any."""
    canary: int = 0
    """UDP; 0 for the second after the carrier's."""


@dataclass(frozen=True, slots=True)
class SeedEstablishment:
    id: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class SeedPhone:
    """`password` is what the telephone proves itself with in `realm`; the store keeps hashes of it."""

    id: str
    cell: str
    wing: str
    establishment: str
    network: str
    realm: str
    password: str
    pin_required: bool


@dataclass(frozen=True, slots=True)
class SeedPerson:
    id: str
    name: str
    establishment: str
    phone: str
    pin: str
    credit_pence: int


@dataclass(frozen=True, slots=True)
class SeedContact:
    person: str
    number: str
    """As `+E.164`."""
    name: str
    kind: ContactKind
    state: ContactState
    organisation: bool
    relay: bool


@dataclass(frozen=True, slots=True)
class SeedUser:
    """A member of staff. `establishment` None: their role is held everywhere."""

    id: str
    name: str
    password: str
    totp_secret: str
    role: str
    establishment: str | None


SeedRow = SeedEstablishment | SeedPhone | SeedPerson | SeedContact | SeedUser


def example_site(token: Callable[[], str], ports: ExamplePorts) -> dict[str, str]:
    """Every file of the site by its path in the folder. `token` gives a new unguessable text each time it is called."""
    if ports.media_first % 2 or ports.media_last - ports.media_first + 1 < PORTS_PER_CALL:
        raise ValueError(f"RTP ports {ports.media_first}-{ports.media_last}: at least four are needed, the first even")
    return {
        "wingline.toml": _wingline_toml(ports),
        "plans/site.toml": _site_toml(ports),
        "privileged.toml": _privileged_toml(),
        "example.json": json.dumps(example_json(token, ports), indent=2) + "\n",
    }


def example_json(token: Callable[[], str], ports: ExamplePorts) -> dict[str, Any]:
    """What any telephone or script needs to know of the site. No two runs share a password; two who share a cell, no PIN."""
    taken: set[tuple[str, str]] = set()

    def pin(phone: str) -> str:
        while True:
            digits = f"{int(sha256(token().encode()).hexdigest(), 16) % 10_000:04}"
            if len(set(digits)) > 1 and digits not in "01234567890" and (phone, digits) not in taken:
                taken.add((phone, digits))
                return digits

    return {
        "sip": {"host": "127.0.0.1", "udp": ports.sip, "tcp": None, "tls": None},
        "trunk": {"host": "127.0.0.1", "port": ports.trunk},
        "phones": [
            {"user": one.user, "password": token(), "digest": one.digest, "cell": one.cell, "pin_required": one.pin_required}
            for one in cast.PHONES
        ],
        "people": [
            {"number": person.number, "keyed": keyed(person.number), "name": person.name, "pin": pin(person.phone),
             "phone": person.phone, "credit_pence": person.credit_pence}
            for person in cast.PEOPLE
        ],
        "contacts": [
            {"person": contact.person, "number": contact.number, "kind": contact.kind.value, "state": contact.state.value}
            for contact in cast.CONTACTS
        ],
        "helplines": list(cast.HELPLINES),
        "refused": {"unapproved": cast.UNAPPROVED, "barred": cast.BARRED},
        "console": {
            "url": f"http://127.0.0.1:{ports.console}" if ports.console else None,
            "users": [{"name": user.id, "password": token(), "totp_secret": _totp(token()), "role": user.role}
                      for user in cast.USERS],
        },
    }


def seed_rows(example: Mapping[str, Any]) -> list[SeedRow]:
    """The rows for the store, each after those that it refers to. KeyError for somebody who is not of the example."""
    wings = {phone.user: phone.wing for phone in cast.PHONES}
    contacts = {(contact.person, contact.number): contact for contact in cast.CONTACTS}
    rows: list[SeedRow] = [SeedEstablishment(cast.ESTABLISHMENT, cast.ESTABLISHMENT_NAME, cast.ZONE)]
    rows += [
        SeedPhone(
            phone["user"], phone["cell"], wings[phone["user"]], cast.ESTABLISHMENT,
            cast.SHA256_NETWORK if phone["digest"] == "SHA-256" else cast.MD5_NETWORK, cast.REALM,
            phone["password"], phone["pin_required"],
        )
        for phone in example["phones"]
    ]
    rows += [
        SeedPerson(person["number"], person["name"], cast.ESTABLISHMENT, person["phone"], person["pin"], person["credit_pence"])
        for person in example["people"]
    ]
    for row in example["contacts"]:
        known = contacts[row["person"], row["number"]]
        rows.append(SeedContact(
            row["person"], row["number"], known.name, ContactKind(row["kind"]), ContactState(row["state"]),
            known.organisation, known.relay,
        ))
    users = {user.id: user for user in cast.USERS}
    for row in example["console"]["users"]:
        user = users[row["name"]]
        rows.append(SeedUser(user.id, user.name, row["password"], row["totp_secret"], row["role"],
                             None if user.everywhere else cast.ESTABLISHMENT))
    return rows


def _totp(token: str) -> str:
    """160 bits as an authenticator takes them: base 32."""
    return base64.b32encode(sha256(token.encode()).digest()[:20]).decode()


def _wingline_toml(ports: ExamplePorts) -> str:
    calls = min(_MOST_CALLS, (ports.media_last - ports.media_first + 1) // PORTS_PER_CALL)
    return f'''\
# An example site for Wingline, made by `wingline init --example`. The prison, the people and the numbers are invented.
#
#   wingline check-config      reads this file and says what is wrong with it
#   wingline check-plan        does the same for plans/site.toml
#   wingline up                runs the site
#   wingline demo              rings through it
#
# Telephones, people, staff and their passwords are in example.json. Every setting is explained in docs/settings.md.

# With this, nothing may listen on any address but loopback. A real site has real passwords and does not say it.
example = true

[node]
name = "example"
state_dir = "state"             # database, journal and sockets
drain_seconds = 5               # how long calls that talk may go on when the switch is told to stop

[establishment]
name = "{cast.ESTABLISHMENT_NAME}"
plan = "site"                   # plans/site.toml

[sip]
host = "127.0.0.1"
udp = {ports.sip}

# One digest algorithm is asked for in each network, by the address that a telephone sends from. All of 127.0.0.0/8 is this
# machine on Linux: a telephone that binds 127.0.0.2 stands in the second network.
[[network]]
name = "{cast.MD5_NETWORK}"
sources = ["127.0.0.1/32"]
digest = "MD5"
allow_no_qop = true             # pyVoIP and other old telephones answer without qop
realm = "{cast.REALM}"

[[network]]
name = "{cast.SHA256_NETWORK}"
sources = ["127.0.0.2/32"]
digest = "SHA-256"
realm = "{cast.REALM}"

# Where the site expects its carrier: answer SIP on this port and you are the families.
[trunk]
host = "127.0.0.1"
port = {ports.trunk}
cli = "{cast.CLI}"

[media]
bind = "127.0.0.1"
ports = "{ports.media_first}-{ports.media_last}"

[console]
port = {ports.console}                     # staff's pages and the JSON API (docs/console.md, docs/api.md)

# The page for families (docs/families.md), on any free port: state/families.address tells.
[families]
on = true
port = 0

# The number that is rung each day to prove that nothing is kept of a privileged call: `wingline canary add {cast.ESTABLISHMENT}`.
# It is on the signed list, and the machine answers it itself.
[canary]
number = "{cast.CANARY}"
port = {ports.canary or ports.trunk + 2}

# Recordings are encrypted under the keys in keys/, which `wingline init` made. A real site gives them as systemd credentials and
# keeps a copy of the master key in a safe: without it every recording is lost (docs/recordings.md).
[recordings]
dir = "recordings"
lines = {calls}

[log]
format = "text"

[limits]
calls = {calls}
'''


def _privileged_toml() -> str:
    return f'''\
# Numbers that nobody may listen to, and who verified each as genuine (docs/privileged.md). After a change raise the serial, then:
#
#   wingline privileged sign privileged.toml --key signing/privileged.key
#
# A real site has no signing key: it is kept where the estate's lists are made.

serial = 1

[[number]]
number = "{cast.SOLICITOR}"
name = "Hartnell and Quill, solicitors"
kind = "solicitor"
since = 2026-01-05
verified = "the register of the Solicitors Regulation Authority"

[[number]]
number = "{cast.CANARY}"
name = "The canary: answered by the switch's own machine"
kind = "other"
since = 2026-01-05
verified = "wingline.toml of this site"
'''


def _site_toml(ports: ExamplePorts) -> str:
    return f'''\
# The plan of the example site: what the shipped plan "example" says, and what only this site can know. See docs/plans.md.

extends = "example"
title = "{cast.ESTABLISHMENT_NAME}, the example site"

# 999, 112 and 18000 ring the control room. Here it is where the carrier is.
[emergency]
control_room = "sip:control-room@127.0.0.1:{ports.trunk}"

# Dearer than any real price, so that a penny of credit is spent in 8 seconds.
[[tariff]]
name = "mobile, for demonstrations"
from = 2025-06-01
classes = ["mobile"]
weekday = 7500                  # thousandths of a penny a minute
weekend = 7500
'''
