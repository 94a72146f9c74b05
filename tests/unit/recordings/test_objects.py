"""One contract for every store of objects: written once, read in pieces, listed, taken away; and a refusal is told in time."""
import asyncio
import os
import time
from pathlib import Path

import pytest

from recordings.objects import NoObject, ObjectProblem, Objects, folder_objects, s3_objects
from tests.s3 import S3

DATA = os.urandom(6 << 20)


async def test_what_is_put_is_read_whole_and_in_pieces(objects: Objects) -> None:
    await objects.put("2026/11/23/c1/audio-1", DATA)
    assert await objects.get("2026/11/23/c1/audio-1") == DATA
    assert await objects.spans("2026/11/23/c1/audio-1", [(0, 47), (65_000, 70_000)]) == [DATA[:47], DATA[65_000:70_000]]
    assert [(one.name, one.size) for one in await objects.every()] == [("2026/11/23/c1/audio-1", len(DATA))]
    assert [one.name for one in await objects.every("2026/11/23/c1")] == ["2026/11/23/c1/audio-1"]
    assert await objects.every("2026/11/24") == []


async def test_nothing_is_written_over(objects: Objects) -> None:
    await objects.put("c1/audio", b"first")
    with pytest.raises(ObjectProblem, match="there already"):
        await objects.put("c1/audio", b"second")
    tries = await asyncio.gather(*(objects.put("c2/audio", bytes([at])) for at in range(8)), return_exceptions=True)
    assert sum(one is None for one in tries) == 1
    assert await objects.get("c1/audio") == b"first"


async def test_what_is_not_there_is_told(objects: Objects) -> None:
    await objects.put("c1/audio", b"short")
    with pytest.raises(NoObject):
        await objects.get("c1/none")
    with pytest.raises(NoObject):
        await objects.spans("c1/none", [(0, 5)])
    with pytest.raises(ObjectProblem):
        await objects.spans("c1/audio", [(0, 47), (100, 200)])


async def test_what_is_taken_away_is_gone_and_twice_is_as_good(objects: Objects) -> None:
    await objects.put("c1/audio", b"sound")
    await objects.remove("c1/audio")
    await objects.remove("c1/audio")
    assert await objects.every() == []


async def test_a_store_that_refuses_is_told_within_seconds() -> None:
    server = S3()
    objects = server.objects()
    await objects.put("c1/audio", b"sound")
    server.stop()
    begun = time.monotonic()
    for asked in (objects.put("c1/more", b"sound"), objects.get("c1/audio"), objects.spans("c1/audio", [(0, 1)]),
                  objects.every(), objects.remove("c1/audio")):
        with pytest.raises(ObjectProblem) as told:
            await asked
        assert not isinstance(told.value, NoObject)
    assert time.monotonic() - begun < 60


async def test_a_bucket_that_is_not_there_is_told(s3: S3) -> None:
    elsewhere = s3_objects("no-such-bucket", endpoint=s3.endpoint, key="test", secret="test")
    with pytest.raises(ObjectProblem, match="was not taken"):
        await elsewhere.put("c1/audio", b"sound")


async def test_files_of_a_folder_are_the_roles_own(tmp_path: Path) -> None:
    before = os.umask(0o077)  # what every role does first: site.private_files
    try:
        await folder_objects(tmp_path / "vault").put("2026/c1/audio", b"sound")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "vault").rglob("*")] == [0, 0, 0]


async def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    objects = folder_objects(tmp_path / "vault")
    (tmp_path / "vault" / "c1").write_text("a file where a folder should be")
    with pytest.raises(ObjectProblem, match="was not taken"):
        await objects.put("c1/audio", b"sound")
