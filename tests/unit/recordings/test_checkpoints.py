"""Checkpoints of the audit: what is done to the rows, or to the checkpoints, shows; and what is broken is never signed."""
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from recordings.anchoring import MADE, Anchors, AuditBroken, Verified, fetched, verify
from recordings.checkpoints import BadCheckpoint, check, read, written
from recordings.keys import Signer, fits
from recordings.objects import Objects, folder_objects
from switch.store.audit import append_audit, audit_head
from tests.unit.store.site import AT, Site, make_site
from tests.unit.store.test_audit import tamper

KEY, OTHER = (Signer(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2))


@dataclass
class Estate:
    site: Site
    shelf: Objects
    folder: Path
    anchors: Anchors = field(init=False)

    def __post_init__(self) -> None:
        self.anchors = Anchors(self.site.store, self.shelf, KEY, fits)

    async def act(self, times: int = 3) -> None:
        def some(conn: Connection) -> None:
            for number in range(times):
                append_audit(conn, AT, "officer", "person-changed", {"person": f"A{number:04}BC"})
        await self.site.store.write(some)

    async def checked(self, *keys: bytes) -> Verified:
        return await verify(self.site.store, await fetched(self.shelf), keys or (KEY.public,), fits)

    def file(self, number: int) -> Path:
        return self.folder / f"audit/checkpoints/{number:012d}.json"


@pytest_asyncio.fixture
async def estate(tmp_path: Path, url: str) -> AsyncIterator[Estate]:
    """Three checkpoints, and rows after the last."""
    made = Estate(await make_site(tmp_path, url), folder_objects(tmp_path / "vault"), tmp_path / "vault")
    for minute in range(3):
        await made.act()
        assert (await made.anchors.write(AT + timedelta(minutes=minute))) is not None
    await made.act(2)
    yield made
    await made.site.close()


async def test_all_is_well(estate: Estate) -> None:
    found = await estate.checked()
    assert (found.problems, found.checkpoints) == ((), 3)
    assert found.rows == found.anchored + 3, "a row of the last checkpoint itself, and two"
    assert (await estate.anchors.write(AT)) is not None
    head = await estate.site.store.read(audit_head)
    assert await estate.anchors.write(AT) is None, "nothing happened but that one was made"
    assert await estate.site.store.read(audit_head) == head
    assert await Anchors(estate.site.store, estate.shelf, KEY, fits).write(AT) is None, "nor to a worker that just began"


def rewrite(upto: int | None = None) -> Callable[[Connection], None]:
    """Everything from row 5 on written anew, each hash as it should be: only what was kept elsewhere shows it."""
    def unit(conn: Connection) -> None:
        rows = [(row.actor, row.action, json.loads(row.subject), json.loads(row.detail))
                for row in conn.exec_driver_sql("SELECT * FROM audit WHERE seq >= 5 ORDER BY seq").all()]
        tamper("DELETE FROM audit WHERE seq >= 5")(conn)
        conn.info.pop("audit_head", None)
        for actor, action, subject, detail in rows[:upto]:
            append_audit(conn, AT, actor.replace("officer", "nobody"), action, subject, detail)
    return unit


@pytest.mark.parametrize(("how", "told"), [
    (tamper("UPDATE audit SET actor = 'x' WHERE seq = 7"), "row 7: was changed"),
    (tamper("DELETE FROM audit WHERE seq > 12"), "before the anchored row"),
    (tamper("DELETE FROM audit WHERE seq > 8"), "before the anchored row"),
    (tamper("DELETE FROM audit"), "the trail ends at 0"),
    (tamper("UPDATE audit SET seq = 1000 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3",
            "UPDATE audit SET seq = 3 WHERE seq = 1000"), "does not follow"),
    (rewrite(), "is not the row that was anchored"), (rewrite(4), "anchored"),
])
async def test_what_is_done_to_the_rows_shows(estate: Estate, how: Callable[[Connection], None], told: str) -> None:
    await estate.site.store.write(how)
    assert told in "\n".join((await estate.checked()).problems)


async def test_and_no_head_is_signed_that_does_not_follow(estate: Estate) -> None:
    await estate.site.store.write(tamper("DELETE FROM audit WHERE seq > 8"))
    for anchors in (estate.anchors, Anchors(estate.site.store, estate.shelf, KEY, fits)):
        with pytest.raises(AuditBroken, match="checkpoint 3"):
            await anchors.write(AT)
    assert not estate.file(4).exists()


async def test_a_row_changed_since_the_last_is_never_signed(estate: Estate) -> None:
    await estate.site.store.write(tamper("UPDATE audit SET actor = 'x' WHERE seq = (SELECT max(seq) FROM audit)"))
    with pytest.raises(AuditBroken, match="was changed"):
        await estate.anchors.write(AT)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_checkpoint_that_was_taken_away_shows(estate: Estate, number: int) -> None:
    estate.file(number).unlink()
    assert f"checkpoint {number}, of which row" in "\n".join((await estate.checked()).problems)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_flipped_byte_of_a_checkpoint_shows(estate: Estate, number: int) -> None:
    whole = estate.file(number).read_bytes()
    for at in range(0, len(whole), 7):
        estate.file(number).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        assert not check(await fetched(estate.shelf), (KEY.public,), fits).digests.get(number) or at < 0, at
    estate.file(number).write_bytes(whole)
    assert (await estate.checked()).problems == ()


async def test_a_forged_signature_shows(estate: Estate) -> None:
    last = read(estate.file(3).read_bytes(), (KEY.public,), fits)
    estate.file(3).write_bytes(written(last, OTHER))
    told = "\n".join((await estate.checked()).problems)
    assert "is not signed by the site's key" in told
    with pytest.raises(BadCheckpoint):
        await Anchors(estate.site.store, estate.shelf, KEY, fits).write(AT)
    estate.file(3).write_bytes(written(replace(last, at="2020-01-01T00:00:00+00:00"), KEY))
    assert "is not the one of which row" in "\n".join((await estate.checked()).problems), "by whoever has the key, even so"


async def test_checkpoints_under_other_names_and_in_another_order_show(estate: Estate) -> None:
    first, second = (estate.file(number).read_bytes() for number in (1, 2))
    estate.file(1).write_bytes(second)
    estate.file(2).write_bytes(first)
    assert "under another name" in "\n".join((await estate.checked()).problems)


async def test_checkpoints_of_a_key_that_is_not_trusted_count_for_nothing(estate: Estate) -> None:
    found = await estate.checked(OTHER.public)
    assert (found.checkpoints, len(found.problems) >= 3) == (0, True)


async def test_a_worker_killed_between_the_object_and_its_row_goes_on(estate: Estate) -> None:
    """The object of checkpoint 4 is there, and no row tells of it yet; another worker finds it."""
    deaf = Estate(estate.site, estate.shelf, estate.folder)
    await deaf.anchors.write(AT)
    await estate.site.store.write(tamper(f"DELETE FROM audit WHERE action = '{MADE}' AND subject LIKE '%\"4\"%'"))
    await Anchors(estate.site.store, estate.shelf, KEY, fits).write(AT)
    await estate.act()
    assert (await estate.anchors.write(AT)) is not None, "who did not know of it takes it over"
    assert (await estate.anchors.write(AT)) is not None
    assert (await estate.checked()).problems == ()
