"""Where sealed objects are kept: a folder of this machine or an S3 store, by obstore. Nothing there is ever written over.

Everything that goes in is encrypted (`stream`); the keys are elsewhere. Names are `YYYY/MM/DD/<recording>/<kind>-<token>`.
"""
import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from recordings.disk import DISK, Disk
from recordings.spool import write_all

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Config

TAKEN = "object {} is there already, and none is written over"
PATIENCE = timedelta(seconds=10)
"""How long a store that refuses is asked again, inside one request."""


class ObjectProblem(Exception):
    """The store did not do what was asked; the text says what, for a log. What was asked may be asked again."""


class NoObject(ObjectProblem):
    """There is no object of that name."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as the store lists it."""

    name: str
    size: int
    at: datetime


class Objects:
    """A store of objects; `folder` where it is one on this machine, whose files are synced before `put` returns."""

    def __init__(self, store: "ObjectStore", folder: Path | None = None, disk: Disk = DISK) -> None:
        self._store, self._folder, self._disk = store, folder, disk

    async def put(self, name: str, data: bytes) -> None:
        """Write once: on the disk, or taken by the other side, when this returns. ObjectProblem, also where the name is taken."""
        await self.put_all({name: data})

    async def put_all(self, objects: Mapping[str, bytes]) -> None:
        """As `put`, each of them; where one was not taken, others may have been."""
        if self._folder is not None:
            await asyncio.to_thread(self._write_all, objects, self._folder)
            return
        for name, data in objects.items():
            try:
                await obstore.put_async(self._store, name, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                raise ObjectProblem(TAKEN.format(name)) from None
            except (BaseError, OSError) as error:
                raise ObjectProblem(f"object {name} was not taken: {_said(error)}") from error

    def _write_all(self, objects: Mapping[str, bytes], folder: Path) -> None:
        """Straight into the folder: one hand-over to a thread for all, where the library takes several for each. Blocking."""
        try:
            for name, data in objects.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                self._write(folder, name, data)
            sync_up(self._disk, [folder / name for name in objects], folder)
        except OSError as error:
            raise ObjectProblem(f"object {name} was not taken: {_said(error)}") from error

    def _write(self, folder: Path, name: str, data: bytes) -> None:
        file = folder / name
        try:
            fd = self._disk.create(file)
        except FileExistsError:
            raise ObjectProblem(TAKEN.format(name)) from None
        try:
            write_all(self._disk, fd, data)
            self._disk.flush(fd)
        except OSError:
            self._disk.remove(file)
            raise
        finally:
            os.close(fd)

    async def get(self, name: str) -> bytes:
        """A whole object. NoObject, ObjectProblem."""
        try:
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise NoObject(f"object {name} is not there") from None
        except (BaseError, OSError) as error:
            raise ObjectProblem(f"object {name} cannot be read: {_said(error)}") from error

    async def spans(self, name: str, spans: Sequence[tuple[int, int]]) -> list[bytes]:
        """Bytes [start, stop) of an object, for each span. NoObject, ObjectProblem, also where the object is shorter."""
        try:
            found = await obstore.get_ranges_async(self._store, name, starts=[at for at, _ in spans],
                                                   ends=[until for _, until in spans], coalesce=0)
        except FileNotFoundError:
            raise NoObject(f"object {name} is not there") from None
        except (BaseError, OSError, ValueError) as error:
            raise ObjectProblem(f"object {name} cannot be read: {_said(error)}") from error
        return [bytes(one) for one in found]

    async def every(self, prefix: str = "") -> list[Stored]:
        """Every object under a prefix of whole folders. ObjectProblem."""
        found = []
        try:
            async for some in obstore.list(self._store, prefix or None):
                found += [Stored(one["path"], one["size"], one["last_modified"]) for one in some]
        except (BaseError, OSError) as error:
            raise ObjectProblem(f"the store of objects cannot be listed: {_said(error)}") from error
        return found

    async def remove(self, name: str) -> None:
        """Take an object away; one that is not there is as good. ObjectProblem."""
        try:
            await obstore.delete_async(self._store, name)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as error:
            raise ObjectProblem(f"object {name} cannot be taken away: {_said(error)}") from error


def folder_objects(folder: Path, disk: Disk = DISK) -> Objects:
    """A folder of this machine; made where it is not there. OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Objects(LocalStore(folder, automatic_cleanup=True), folder, disk)


def s3_objects(bucket: str, prefix: str = "", *, endpoint: str = "", region: str = "eu-west-2", key: str = "",
               secret: str = "", patience: timedelta = PATIENCE) -> Objects:
    """A bucket of an S3 store, which is made elsewhere. `endpoint` empty is Amazon's own; plain HTTP only where it says so.
    Without a key, what the environment or the machine's own role gives."""
    config: S3Config = {"region": region}
    if endpoint:
        config["endpoint"] = endpoint
    if key:
        config["access_key_id"], config["secret_access_key"] = key, secret
    return Objects(S3Store(
        bucket, prefix=prefix or None, config=config,
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": timedelta(minutes=2),
                        "connect_timeout": timedelta(seconds=5)},
        retry_config={"max_retries": 4, "retry_timeout": patience, "backoff": {
            "init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2}},
    ))  # fmt: skip


def sync_up(disk: Disk, files: Iterable[Path], top: Path) -> None:
    """The names of files, and of the folders above them up to `top`, on the disk. Blocking; OSError."""
    folders = {folder for file in files for folder in file.parents if folder.is_relative_to(top)}
    for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
        disk.sync(folder)


def _said(error: Exception) -> str:
    return str(error).split("\n")[0][:300]
