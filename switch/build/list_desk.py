"""What the command line does with lists of privileged numbers: made, signed, shown, taken in place of the one before."""
import asyncio
from pathlib import Path

from dialplans.privileged import Accepted, PrivilegedList, accepted, lost, read_privileged
from switch.build.privileged import Standing, read_standing, remember
from switch.build.signing import sign, signature_of
from switch.build.site import SystemClock, up_to_date
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.privileged import AcceptList, ListLost, read_accepted


def read_text(file: Path) -> PrivilegedList:
    """A list, signed or not. ValueError with every problem, OSError."""
    found = read_privileged(file.read_text("utf-8"), file.name)
    if isinstance(found, PrivilegedList):
        return found
    raise ValueError("\n".join(map(str, found)))


def sign_list(file: Path, private: Path, before: Path | None) -> PrivilegedList:
    """Write the signature beside a list that can be read and, with `before`, has lost nothing of that one without an order.
    ValueError, OSError."""
    found = read_text(file)
    if before is not None and (problems := lost(accepted(read_text(before)), found)):
        raise ValueError("\n".join(map(str, problems)))
    signature_of(file).write_bytes(sign(file.read_bytes(), private))
    return found


def standing(settings: Settings, file: Path | None = None) -> Standing:
    """How a list stands before what node and database remember. StoreError: a database that cannot be asked may remember more."""

    async def run() -> Accepted | None:
        store = Store(settings.store_url)
        try:
            return await store.read(read_accepted)
        finally:
            await store.close()

    return read_standing(settings, asyncio.run(run()), file)


def take(settings: Settings, clock: SystemClock, who: str, file: Path) -> PrivilegedList:
    """A new list and its signature, put in the site's place and remembered. ListLost with every problem; then nothing is changed.

    The database is asked first: what it does not take is not put in place, and the old list stays."""

    def follows(remembered: Accepted | None) -> PrivilegedList:
        found = read_standing(settings, remembered, file)
        if found.list is None:
            raise ListLost("\n".join(found.problems))
        return found.list

    def may(remembered: Accepted | None) -> None:
        follows(remembered)

    async def run() -> PrivilegedList:
        up_to_date(settings, may)
        store = Store(settings.store_url)
        try:
            found = follows(await store.read(read_accepted))
            await store.write(AcceptList(found, who, clock.wall()))
            return found
        finally:
            await store.close()

    found = asyncio.run(run())
    _put(signature_of(file), signature_of(settings.privileged.list))
    _put(file, settings.privileged.list)
    remember(settings.node.state_dir, found)
    return found


def _put(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        return
    fresh = target.with_name(target.name + ".new")
    fresh.write_bytes(source.read_bytes())
    fresh.replace(target)
