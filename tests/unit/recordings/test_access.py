"""From a recording to somebody's ears: leave is asked at every read, and the audit has who heard how much, why, by what right."""
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from recordings.access import IDLE, MOST_READ, Access, Opened
from recordings.vault import NotKept, Vault
from switch.core.authority import Because
from switch.core.ids import RecordingId, StaffId
from switch.desk import authority, connections, privileged
from switch.ports.listening import NotAllowed
from tests.unit.desk.office import ANN, GOVERNOR, OFFICER, Office, good, make_office
from tests.unit.desk.test_authority import DAY, MOMENT, applied
from tests.unit.store.site import AT, MUM
from tests.vaults import close_recorded, keep, make_vault, voices

LISTENER, OTHER, CALL = StaffId("listener"), StaffId("other"), RecordingId("c1")
SOUND = voices(5.0)
SECOND = 16_000


@dataclass
class Room:
    """A listener's room: one recording in the vault, and a clock that the test sets."""

    office: Office
    vault: Vault
    access: Access
    now: datetime = AT

    async def grant(self, until: datetime = AT + 200 * DAY) -> str:
        id = good(await applied(self.office, until=until)).written.authority.id
        good(await authority.grant(self.office.desk, GOVERNOR, AT, id, "necessary and proportionate"))
        return id

    async def open(self, listener: StaffId = LISTENER) -> Opened:
        return await self.access.open(listener, CALL, "a threat was reported")

    async def refused(self, listener: StaffId = LISTENER) -> Because:
        with pytest.raises(NotAllowed) as told:
            await self.open(listener)
        return told.value.because


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    office = await make_office(tmp_path)
    await office.receive()
    await office.credit(ANN, 1000)
    vault = make_vault(office.site.store, tmp_path / "spools", lambda: made.now)
    made = Room(office, vault, Access(office.desk.work, vault, lambda: made.now, office.mint.id))
    await keep(vault, office.site.store, tmp_path / "spools", CALL, SOUND)
    yield made
    assert await office.whole(), "the audit chain"
    office.mint.hasher.close()
    await office.site.close()


async def test_what_is_heard_is_what_was_said_and_the_audit_has_how_much(room: Room) -> None:
    id, before = await room.grant(), await room.office.audited()
    playing = await room.open()
    assert (playing.size, playing.leave.authority, room.access.find(playing.id, LISTENER)) == (len(SOUND), id, playing)
    assert await playing.read(0, SECOND) == SOUND[:SECOND]
    assert await playing.read(SECOND // 2, SECOND) == SOUND[SECOND // 2 : SECOND]
    assert await playing.read(len(SOUND) - 10, len(SOUND) + 10) == SOUND[-10:]
    assert await playing.read(len(SOUND), len(SOUND) + 10) == b""
    await playing.close()
    await playing.close()
    subject = {"call": CALL, "authority": id, "playing": playing.id}
    rule = {"rule": "offence-related"}
    assert await room.office.audit(before) == [
        ("recording-opened", subject, rule), ("recording-played", subject, rule | {"seconds": 2, "stopped": None})]
    assert room.access.find(playing.id, LISTENER) is None
    with pytest.raises(NotAllowed, match="open it again"):
        await playing.read(0, 10)


async def test_without_leave_nothing_is_opened_and_the_try_is_in_the_audit(room: Room) -> None:
    before = await room.office.audited()
    assert await room.refused() is Because.NO_AUTHORITY
    assert await room.office.audit(before) == [("recording-opened-refused", {"call": CALL}, {"why": "no-authority"})]
    with pytest.raises(NotAllowed):
        await room.access.leave(LISTENER, CALL)
    id = await room.grant()
    assert (await room.access.leave(LISTENER, CALL)).authority == id
    with pytest.raises(ValueError, match="say why"):
        await room.access.open(LISTENER, CALL, " ")
    with pytest.raises(NotAllowed) as unknown:
        await room.access.open(LISTENER, RecordingId("none"), "why")
    assert unknown.value.because is Because.UNKNOWN


async def test_it_stops_at_expiry_in_the_middle_of_playing(room: Room) -> None:
    await room.grant(AT + DAY)
    room.now = AT + DAY - MOMENT
    playing = await room.open()
    assert await playing.read(0, SECOND) == SOUND[:SECOND]
    room.now = AT + DAY
    with pytest.raises(NotAllowed) as over:
        await playing.read(SECOND, 2 * SECOND)
    assert over.value.because is Because.EXPIRED
    action, _, detail = (await room.office.audit())[-1]
    assert (action, detail["seconds"], detail["stopped"]) == ("recording-played", 1, "authority-expired")
    room.now = AT
    with pytest.raises(NotAllowed):
        await playing.read(0, SECOND)


async def test_so_it_does_when_it_is_cancelled_or_becomes_privileged_or_they_know_each_other(room: Room) -> None:
    id = await room.grant()
    playing = await room.open()
    good(await authority.cancel(room.office.desk, OFFICER, AT, id, "not needed"))
    with pytest.raises(NotAllowed, match="cancelled"):
        await playing.read(0, SECOND)
    await room.grant()
    playing = await room.open()
    good(await connections.declare(room.office.desk, LISTENER, AT, ANN))
    with pytest.raises(NotAllowed, match="connected"):
        await playing.read(0, SECOND)
    assert await room.refused() is Because.CONNECTED
    playing = await room.open(OTHER)
    found = good(await privileged.found_privileged(room.office.desk, OFFICER, AT, str(MUM), AT - DAY, "a solicitor", GOVERNOR))
    assert {(one.who, one.action) for one in found.plays} >= {(LISTENER, "recording-opened"), (OTHER, "recording-opened")}
    with pytest.raises(NotAllowed, match="privileged"):
        await playing.read(0, SECOND)


async def test_a_drawn_recording_is_heard_without_an_authorisation_for_its_time(room: Room) -> None:
    await room.office.desk.work.run(OFFICER, AT, lambda changes: changes.draw(CALL, AT + DAY))
    playing = await room.open()
    assert (playing.leave.authority, await playing.read(0, 10)) == ("random", SOUND[:10])
    room.now = AT + DAY
    with pytest.raises(NotAllowed, match="drawn at random"):
        await playing.read(0, 10)


async def test_a_playing_is_its_listeners_alone_and_closes_when_it_is_idle(room: Room) -> None:
    await room.grant()
    playing = await room.open()
    assert room.access.find(playing.id, OTHER) is None
    room.now = AT + IDLE
    second = await room.open(OTHER)
    assert room.access.find(playing.id, LISTENER) is playing
    room.now = AT + IDLE + timedelta(seconds=1)
    await second.read(0, SECOND)
    third = await room.open()
    assert room.access.find(playing.id, LISTENER) is None
    assert room.access.find(second.id, OTHER) is second
    await room.access.aclose()
    assert room.access.find(third.id, LISTENER) is None
    assert [action for action, _, _ in await room.office.audit()].count("recording-played") == 3


async def test_no_more_than_a_minute_is_read_at_once(room: Room) -> None:
    await room.grant()
    playing = await room.open()
    assert await playing.read(0, MOST_READ) == SOUND
    with pytest.raises(ValueError, match="at once"):
        await playing.read(0, MOST_READ + 1)


async def test_what_was_never_sealed_is_not_there(room: Room) -> None:
    await room.grant()
    await close_recorded(room.office.site.store, "c2", SOUND)
    with pytest.raises(NotKept):
        await room.access.open(LISTENER, RecordingId("c2"), "why")
