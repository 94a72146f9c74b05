"""Whoever listens is asked after again and again, hears nothing once leave is over, and how much they heard is kept."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from admin.listening import FRAMES_A_SECOND, Heard, Listening
from switch.core.ids import StaffId
from switch.core.tickets import opened
from switch.desk import authority
from tests.unit.core.test_tickets import check_of
from tests.unit.desk.office import OFFICER, Office, good, why
from tests.unit.desk.test_listening import granted, running, signing
from tests.unit.store.site import AT

LISTENER = StaffId("listener")


@dataclass
class Ear:
    """Hears so many frames for each ticket, then nothing."""

    each: list[int]
    key: bytes = bytes(range(32))
    shown: list[str] = field(default_factory=list)
    left: int = 0

    async def present(self, ticket: str) -> None:
        assert opened(ticket, check_of(), AT).key == self.key
        self.shown.append(ticket)
        self.left = self.each.pop(0) if self.each else 0

    async def hear(self, seconds: float) -> bytes | None:
        if not self.left:
            return None
        self.left -= 1
        return bytes(320)

    def said(self) -> list[bytes]:
        return [f"{self.left}".encode()] if self.left % 25 == 0 else []


def listening(office: Office, ear: Ear) -> Listening:
    @asynccontextmanager
    async def ears(call: str) -> AsyncIterator[Ear]:
        yield ear

    return Listening(signing(office), lambda: AT, ears)


async def test_a_call_is_heard_until_nothing_more_comes_of_it(office: Office) -> None:
    await running(office)
    id, ear, taken = await granted(office), Ear([50]), 0
    before = await office.audited()

    async def take(frame: bytes) -> bool:
        nonlocal taken
        taken += 1
        return True

    said: list[bytes] = []
    ended = await listening(office, ear).listen(LISTENER, "c1", "a threat was reported", take, said.append)
    assert said[:2] == [b"25", b"0"], "words come beside the sound"
    assert ended == Heard(50 / FRAMES_A_SECOND, "nothing-heard", ended.text if isinstance(ended, Heard) else "")
    assert (taken, len(ear.shown)) == (50, 2)
    assert await office.audit(before) == [
        ("listening-began", {"authority": id, "call": "c1"}, {"rule": "offence-related", "listener": "staff"}),
        ("listening-ended", {"authority": id, "call": "c1"}, {"seconds": 1})]


async def test_a_pause_is_not_the_end_where_the_next_ticket_is_answered(office: Office) -> None:
    await running(office)
    await granted(office)
    ear = Ear([50, 75])
    ended = await listening(office, ear).listen(LISTENER, "c1", "why", lambda frame: yes())
    assert isinstance(ended, Heard)
    assert (ended.seconds, len(ear.shown)) == (2.5, 3)


async def yes() -> bool:
    return True


async def test_it_ends_when_the_leave_does(office: Office) -> None:
    await running(office)
    id, ear = await granted(office), Ear([50, 500])

    async def take(frame: bytes) -> bool:
        if ear.left == 0:
            good(await authority.cancel(office.desk, OFFICER, AT, id, "not needed"))
        return True

    ended = await listening(office, ear).listen(LISTENER, "c1", "why", take)
    assert isinstance(ended, Heard)
    assert (ended.why, ended.seconds, len(ear.shown)) == ("authority-cancelled", 1.0, 1)
    assert [action for action, _, _ in await office.audit()][-2:] == ["listening-went-on-refused", "listening-ended"]


async def test_enough_is_enough_and_a_fault_is_kept_too(office: Office) -> None:
    await running(office)
    await granted(office)

    async def no(frame: bytes) -> bool:
        return False

    ended = await listening(office, Ear([50])).listen(LISTENER, "c1", "why", no)
    assert isinstance(ended, Heard)
    assert (ended.why, ended.seconds) == ("enough", 0.02)

    async def breaks(frame: bytes) -> bool:
        raise ConnectionError("the page is gone")

    with pytest.raises(ConnectionError):
        await listening(office, Ear([50])).listen(LISTENER, "c1", "why", breaks)
    assert [action for action, _, _ in await office.audit()][-2:] == ["listening-began", "listening-ended"]


async def test_without_leave_no_ticket_is_shown(office: Office) -> None:
    await running(office)
    ear = Ear([50])
    assert why(await listening(office, ear).listen(LISTENER, "c1", "why", lambda frame: yes())) == ["no-authority"]
    assert ear.shown == []
