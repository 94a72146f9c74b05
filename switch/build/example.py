"""`wingline init --example`: the example site on the disk, its people in the store."""
import asyncio
import json
import secrets
import shutil
import socket
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError

from switch.build.list_desk import sign_list
from switch.build.seals import TokenSeals
from switch.build.signing import make_keys, make_missing_keys
from switch.build.site import SystemClock, make_database, read_settings
from switch.build.vault import make_recording_keys
from switch.core.ids import PersonId, PhoneId, StaffId
from switch.core.money import from_pence
from switch.core.numbers import Unreadable, read_number
from switch.desk.proving import about_totp
from switch.desk.roles import USUAL
from switch.ports.desk import Changes
from switch.ports.staff import Grant, Proofs, Role, User
from switch.settings.example import (
    SECRET_FILES,
    ExamplePorts,
    SeedContact,
    SeedEstablishment,
    SeedPerson,
    SeedPhone,
    SeedRow,
    SeedUser,
    example_site,
    seed_rows,
)
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.errors import StoreError
from switch.store.pins import PinHasher
from switch.store.seeding import AddContact, AddCredit, AddEstablishment, AddPerson, AddPhone
from switch.store.unit_of_work import SqlUnitOfWork

BY = "init"
MEDIA_PORTS = 400
SIP_PORT, TRUNK_PORT, CANARY_PORT, MEDIA_FIRST, CONSOLE_PORT = 5060, 5080, 5070, 20000, 8480


def write(folder: Path, ports: ExamplePorts | None = None) -> None:
    """Every file and row of the example, on ports that are free when none are given. ValueError when something is there
    already, in the folder or in the database that WINGLINE_STORE__URL names; OSError when it cannot be written."""
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty: name a folder that is not there yet, or an empty one")
    for name, text in example_site(lambda: secrets.token_urlsafe(12), ports or free_ports()).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o600 if name in SECRET_FILES else 0o644)
        file.write_text(text, "utf-8")
    settings = read_settings(folder)
    make_recording_keys(settings, None)
    make_keys(folder / "signing" / "privileged.key", settings.privileged.key)
    make_missing_keys(settings.listening.signing_key, settings.listening.key)
    sign_list(settings.privileged.list, folder / "signing" / "privileged.key", None)
    try:
        asyncio.run(_seed(settings, json.loads((folder / "example.json").read_text("utf-8"))))
    except (IntegrityError, StoreError) as error:
        for left in folder.iterdir():  # all of it ours; telephones whose passwords are in no database are no site
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        why = "there is a site in this database already" if isinstance(error, IntegrityError) else error
        raise ValueError(f"the example is not written: {why}") from error


async def _seed(settings: Settings, example: dict[str, Any]) -> None:
    await asyncio.to_thread(_tables, settings)
    store, pins, at = Store(settings.store_url), PinHasher(), SystemClock().wall()
    work, seals = SqlUnitOfWork(store, {}), TokenSeals(settings.token_key)

    async def add(row: SeedRow) -> None:
        match row:
            case SeedEstablishment():
                await store.write(AddEstablishment(row.id, row.name, row.zone, BY, at))
            case SeedPhone():
                phone = AddPhone(
                    PhoneId(row.id), row.password, row.realm, row.network, row.cell, row.wing, row.establishment,
                    row.pin_required, BY, at,
                )  # fmt: skip
                await store.write(phone)
            case SeedPerson():
                who = PersonId(row.id)
                pin = await asyncio.to_thread(pins.hash, row.pin)
                await store.write(AddPerson(who, row.name, row.establishment, PhoneId(row.phone), pin, BY, at))
                await store.write(AddCredit(who, from_pence(row.credit_pence), f"opening:{row.id}", BY, at))
            case SeedContact():
                number = read_number(row.number)
                assert not isinstance(number, Unreadable)
                await store.write(
                    AddContact(PersonId(row.person), number, row.name, row.kind, row.state, BY, at, row.organisation, row.relay)
                )
            case SeedUser():
                sealed = seals.seal(row.totp_secret, about_totp(StaffId(row.id)))
                kept = Proofs(await asyncio.to_thread(pins.hash_password, row.password), sealed, 0)
                await work.run(StaffId(BY), at, partial(seed_user, row=row, kept=kept))

    try:
        for row in seed_rows(example):
            await add(row)
    finally:
        await store.close()
        pins.close()


def seed_user(changes: Changes, row: SeedUser, kept: Proofs) -> None:
    """An account with the one role that it holds; all the usual roles with the first."""
    if not changes.roles():
        for name, permissions in USUAL.items():
            changes.put_role(Role(name, permissions))
    user, by = StaffId(row.id), StaffId(BY)
    changes.add_user(User(user, row.name, "en", by, changes.at), kept)
    changes.audit("user-added", {"user": user})
    changes.add_grant(Grant(f"example-{row.id}", user, row.role, USUAL[row.role], row.establishment, None, by, changes.at))
    changes.audit("role-given", {"user": user, "role": row.role}, {"establishment": row.establishment, "wing": None})


def _tables(settings: Settings) -> None:
    """Made where there are none; rows that are there already show when the first is written."""
    try:
        make_database(settings)
    except ValueError:
        pass


def free_ports() -> ExamplePorts:
    """The usual ports where nobody has them, else any that are free: several sites may run on one machine."""
    sip = _free(SIP_PORT)
    trunk = _free(TRUNK_PORT)
    first = MEDIA_FIRST
    while not _range_free(first) and first + 2 * MEDIA_PORTS < 65000:
        first += MEDIA_PORTS
    return ExamplePorts(sip, trunk, first, first + MEDIA_PORTS - 1, _free(CONSOLE_PORT, socket.SOCK_STREAM),
                        _free(CANARY_PORT))


def _free(wanted: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, kind) as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(sock.getsockname()[1])
    raise OSError("no port is free on this machine")


def _range_free(first: int) -> bool:
    """Whether the first few ports of a range are free: sites take whole ranges."""
    return all(_bindable(port) for port in range(first, first + 8))


def _bindable(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
