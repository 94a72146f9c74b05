"""The walk for sound: every route and command that gives any, on a vault with a recording that may be heard and one of a
privileged call, such as only a fault of ours could have made. Of the first the tone is heard under authority, of the second
never."""
import asyncio
import json
import os
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soundfile
import typer.main
from fastapi.routing import APIRoute
from numpy.typing import NDArray
from obstore.store import MemoryStore
from starlette.routing import Mount, Route, WebSocketRoute
from typer.testing import CliRunner

from admin.api.recordings import ROUTES
from recordings.access import Access
from recordings.export import Format
from recordings.keys import load_master
from recordings.objects import Objects
from recordings.transcript import Channel, Transcript, Word
from recordings.vault import Vault
from switch.build import example
from switch.build.site import SystemClock, read_settings
from switch.build.vault import open_vault
from switch.cli import app as commands
from switch.core.ids import PersonId, RecordingId
from switch.media import g711
from switch.ports.access import Scope
from switch.ports.copies import Shelf
from switch.store.database import Store
from tests.phones.ears import level_of, share_with
from tests.phones.site import NOON
from tests.unit.admin.counter import Counter, open_counter
from tests.unit.admin.test_walk import every_command
from tests.unit.desk.office import BEN, OFFICER
from tests.unit.store.site import AT
from tests.vaults import keep, make_vault, privileged_after_all

HEARD, NEVER = "c1", "c2"
TOP = Path(__file__).parents[3]
TONE, SECRET = 440.0, 1700.0
"""What is said in the call that may be heard, and in the other."""
SECONDS = 3
LATER = "2026-11-23T12:30:00Z"
NOBODYS = "zebra crossing at midnight"
"""Words that are said in the privileged call alone."""


def tone(hz: float) -> bytes:
    wave = (np.sin(2 * np.pi * hz * np.arange(SECONDS * 8000) / 8000) * 12000).astype(np.int16)
    return g711.encode_alaw(np.repeat(wave, 2))


def heard_in(data: bytes) -> NDArray[np.int16]:
    """A file of any format as one channel at 8 kHz."""
    samples, rate = soundfile.read(BytesIO(data), dtype="int16", always_2d=True)
    return np.asarray(samples[:: rate // 8000, 0])


def has_secret(data: bytes) -> bool:
    """The sound of the privileged call in bytes, as it is, a channel of it, or a file of it."""
    said = tone(SECRET)
    return said[800:864] in data or said[800:864:2] in data


@dataclass
class House:
    counter: Counter
    vault: Vault
    key: str

    async def ask(self, route: str, recording: str, body: dict[str, Any] | None = None, playing: str = "") -> tuple[str, bytes]:
        """The type of the answer, and the answer."""
        asked = ROUTES[route]
        path = asked.path.format(recording=recording) + (f"?playing={playing}" if playing else "")
        done = await self.counter.ask(path, body, self.key, asked.method, headers={"X-Staff": ""})
        return done.headers["content-type"], done.content


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    shelves: list[Shelf] = []
    async with open_counter(tmp_path, shelf=lambda: shelves[0] if shelves else None) as counter:
        office = counter.office
        vault = make_vault(office.site.store, tmp_path / "spool", counter.clock.wall, objects=Objects(MemoryStore()))
        await office.receive()
        await office.receive(BEN, "M2", name="Ben Example")
        for call, hz in ((HEARD, TONE), (NEVER, SECRET)):
            await keep(vault, office.site.store, tmp_path / "spool", call, tone(hz), at=AT - timedelta(hours=1))
            await office.desk.work.run(OFFICER, AT, lambda changes, call=call: changes.draw(  # type: ignore[misc]  # binds it now
                RecordingId(call), AT + timedelta(hours=1)))
        await office.site.store.write(lambda conn: privileged_after_all(conn, NEVER))
        access = Access(office.desk.work, vault, counter.clock.wall, office.mint.id)
        shelves.append(Shelf(access, vault))
        yield House(counter, vault, await counter.key(Scope.RECORDINGS, Scope.READ, holder="officer"))
        await access.aclose()


async def test_every_route_that_gives_sound_gives_the_tone_and_never_the_secret(house: House) -> None:
    """`audio` and `export` are all that answer with anything but JSON; both are asked in every way that they can be."""
    assert {name for name, route in ROUTES.items() if route.gives != "application/json"} == {"audio", "export"}
    why = {"why": "threats were made"}
    playing = json.loads((await house.ask("open", HEARD, why))[1])["playing"]
    kind, sound = await house.ask("audio", HEARD, playing=playing)
    assert kind == "audio/wav"
    files = [("audio", kind, sound)]
    for format in Format:
        asked = {"recipient": "the court", "reason": "ordered", "format": format}
        files.append((f"export {format}", *await house.ask("export", HEARD, asked)))
    for what, kind, data in files:
        assert kind.startswith("audio/"), what
        channel = heard_in(data)
        assert share_with(channel, TONE) > 0.6, what
        assert level_of(channel, SECRET) < -30, what
    assert set(json.loads((await house.ask("peaks", HEARD, playing=playing))[1])) == {"a_second", "person", "contact"}

    asked = {"recipient": "the court", "reason": "ordered"}
    tries = [("open", why, ""), ("audio", None, playing), ("peaks", None, playing), ("close", {"playing": playing}, ""),
             *(("export", asked | {"format": format}, "") for format in Format)]
    assert {name for name, _, _ in tries} == set(ROUTES), "a route is missing from the walk"
    for name, body, opened in tries:
        kind, data = await house.ask(name, NEVER, body, opened)
        assert kind == "application/json", name
        assert "problems" in json.loads(data), name
    for use, body in (("clip", {"start": 0, "end": 2}), ("redact", {"spans": [{"start": 0, "end": 1}]})):
        made = await house.counter.ask(f"/api/copies/{use}", {"recording": NEVER, "reason": "x"} | body, house.key,
                                       headers={"X-Staff": ""})
        assert "problems" in made.json(), use


async def test_no_route_is_of_a_kind_that_the_walk_does_not_know(house: House) -> None:
    """A mounted application could hand on sound; pages and sockets have theirs from `EARS` or from nowhere."""
    kinds = {type(route) for route in house.counter.app.routes}
    assert kinds <= {APIRoute, Route, WebSocketRoute, Mount}
    assert [route.path for route in house.counter.app.routes if isinstance(route, Mount)] == ["/static"]
    assert not list((TOP / "admin" / "static").rglob("*.wav"))


EARS = {
    "admin/api/recordings.py": "recordings, under leave: above",
    "admin/listening.py": "a call that runs, by one ticket of the desk after another: tests/wire/desk/test_listening.py",
    "admin/live/site.py": "holds the ears that `admin.listening` opens, and hears nothing itself",
    "admin/pages/listening.py": "the page of `admin.listening`: nothing is heard without a ticket of the desk",
}
"""Every file of the console that can get at sound, live or kept, with its proof: a page, a route or a socket that gives any is
one of these, or has it from one."""
SOUND = re.compile(r"^from (?:admin\.listening|switch\.live\.listening|recordings\.(?:access|vault|export|spool)|"
                   r"switch\.ports\.(?:copies|listening)|switch\.desk\.(?:copies|listening)) ", re.MULTILINE)


def test_whatever_of_the_console_gets_at_sound_is_known() -> None:
    found = {str(file.relative_to(TOP)) for file in (TOP / "admin").rglob("*.py") if SOUND.search(file.read_text("utf-8"))}
    assert found - set(EARS) == set(), "say here what it lets somebody hear, and prove that of a privileged call it is nothing"


READERS = {
    "admin/api/recordings.py": "peaks, under leave: above",
    "recordings/access.py": "under leave, asked at every read",
    "recordings/canary.py": "looks for its own sound, and gives none",
    "recordings/evidence/make.py": "for a pack: `switch.desk.evidence` refuses a privileged call, and so does the vault",
    "recordings/intake.py": "seconds and a hash of what a tap left",
    "recordings/spool.py": "the form itself",
    "recordings/transcribe/jobs.py": "words into the vault", "recordings/transcribe/search.py": "words, under leave",
    "recordings/vault.py": "the vault itself",
    "switch/build/watching.py": "leads; `switch.desk.leads` refuses a call that nobody may hear",
    "switch/demo/evidence.py": "the demonstration's own", "switch/demo/ground.py": "the demonstration's own",
    "switch/desk/copies.py": "under leave", "switch/store/records.py": "seconds and a hash, as the intake tells them",
}
"""Every file that takes sound or words out of vault or spool, and where they go: no command or page has another way to them."""


def test_whatever_takes_sound_out_of_the_vault_is_known() -> None:
    takes = re.compile(r"(?:vault|_sounds|_audio)\.(?:read|part)\(|\bread_spool\(|\bframes\((?:source|file), |\bsalvage\(")
    found = {str(file.relative_to(TOP)) for package in ("switch", "recordings", "admin") for file in (TOP / package).rglob("*.py")
             if takes.search(file.read_text("utf-8"))}
    assert found - set(READERS) == set(), "say where the sound goes"
    assert set(READERS) - found == set(), "these take none any more"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An example site with both recordings, each with its transcript, and Ann's calls under authority."""
    made = tmp_path / "site"
    example.write(made)
    settings = read_settings(made)

    async def sealed() -> None:
        store = Store(settings.store_url)
        vault = await asyncio.to_thread(open_vault, settings, store, SystemClock().wall)
        master = load_master(settings.recordings.master_key)
        for call, hz, words in ((HEARD, TONE, "hello there"), (NEVER, SECRET, NOBODYS)):
            await keep(vault, store, settings.recordings.spools, call, tone(hz), person=PersonId("A1001AA"), master=master)
            told = Transcript("whisper", "tiny.en", "en", tuple(
                Word(Channel.LEFT, at, at + 0.5, word, 0.9) for at, word in enumerate(words.split())), 1.0)
            await vault.put_part(call, "transcript", told.to_json())
        await store.write(lambda conn: privileged_after_all(conn, NEVER))
        await store.close()

    asyncio.run(sealed())
    texts = ["--necessity", "threats were made by telephone", "--proportionality", "this person's calls alone"]
    done = wingline(made, "authority", "apply", "mandatory", "crime", "--person", "A1001AA", *texts, "--until", "+2h", now=NOON)
    granted = wingline(made, "authority", "grant", done[1].split()[0], "--why", "necessary", staff="governor", now=NOON)
    assert granted[0] == 0, granted
    return made


def wingline(folder: Path, *args: str, staff: str = "listener", now: str = LATER) -> tuple[int, str]:
    done = CliRunner().invoke(commands, [*args, "--staff", staff, "--dir", str(folder), "--now", now])
    return done.exit_code, done.output


ROLES = {"up", "switch", "worker", "console", "demo", "init", "doctor", "what-if", "listen", "canary run", "prompts check",
         "check-plan"}
"""They run, measure, or have a proof of their own (`listen`: tests/wire/desk/test_listening.py)."""


def test_no_command_gives_anything_of_a_privileged_call_that_was_recorded(folder: Path, tmp_path: Path) -> None:
    """Those that give sound or words of calls are asked for either call; and every command that needs nothing said is said."""
    why, out = ("--reason", "ordered by the court"), tmp_path / "out"
    out.mkdir()
    given = ("--recipient", "the court", *why)
    gives = [
        ("copies", "export", "{call}", "--to", str(out / "{call}.wav"), *given),
        ("copies", "clip", "{call}", "0", "2", *why), ("copies", "redact", "{call}", "0-1", *why),
        ("evidence", "{call}", "--out", str(out / "{call}.zip"), "--second", "K. Marsh", *given),
        ("transcripts", "show", "{call}", *why),
    ]
    for args in gives:
        code, said = wingline(folder, *(one.format(call=HEARD) for one in args))
        assert code == 0, (args, said)
        code, said = wingline(folder, *(one.format(call=NEVER) for one in args))
        assert code == 1, (args, said)
        assert not has_secret(said.encode())
        assert "zebra" not in said
    assert share_with(heard_in((out / f"{HEARD}.wav").read_bytes()), TONE) > 0.6
    with zipfile.ZipFile(out / f"{HEARD}.zip") as pack:
        assert share_with(heard_in(pack.read("audio.wav")), TONE) > 0.6
    assert sorted(path.name for path in out.iterdir()) == [f"{HEARD}.wav", f"{HEARD}.zip"]

    asked = [("transcripts", "search", "zebra", *why), ("recordings", "verify", NEVER), ("recordings", "verify", "--all"),
             ("calls", "show", NEVER), ("copies", "list", NEVER), ("monitoring", "next", "--site", "wick-hill"),
             ("monitoring", "list", "--site", "wick-hill"),
             ("evidence", NEVER, "--out", str(out / "x.zip"), "--second", "K. Marsh", *given),
             ("subject-access", "--person", "A1001AA", "--out", str(out / "all"), "--second", "K. Marsh", *given)]
    every = dict(every_command(typer.main.get_command(commands)))
    assert set(every) >= ROLES
    said_alone = [tuple(name.split()) for name, one in every.items()
                  if name not in ROLES and not any(param.required for param in one.params)]
    assert len(said_alone) > 30
    takes = {name: {option for param in one.params for option in param.opts} for name, one in every.items()}
    here = Path.cwd()
    os.chdir(out)
    try:
        for args in (*asked, *said_alone):
            options = next(takes[name] for name in (" ".join(args[:2]), args[0]) if name in takes)
            more = {"--dir": str(folder), "--now": LATER, "--staff": "listener"}
            given_too = [word for option, value in more.items() if option in options for word in (option, value)]
            said = CliRunner().invoke(commands, [*args, *given_too]).output
            assert "No such option" not in said, args
            assert "Missing option" not in said, args
            assert not has_secret(said.encode()), args
            assert "zebra" not in said.replace("zebra'", "").replace('"zebra"', ""), args
    finally:
        os.chdir(here)
    for path in out.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not has_secret(data), path
            assert b"zebra" not in data, path
