"""The site's master key, for the words beside the audit (`switch.store.beside`); the vault has its own way to it."""
from functools import cached_property

from recordings.keys import KeyProblem, MasterKey, load_master, make_master
from switch.ports.audit import KeyWrap
from switch.settings.tree import Settings
from switch.store.beside import WordsLocked


class SiteKeys:
    """`KeyWrap`, whose file is read when it is first needed: calls, and the kill switch, need no words. WordsLocked where it
    cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.recordings.master_key

    @cached_property
    def _master(self) -> MasterKey:
        try:
            return load_master(self._file)
        except KeyProblem as error:
            raise WordsLocked(f"reasons and names are kept under the master key: {error}") from None

    @property
    def id(self) -> str:
        return self._master.id

    def newest(self) -> KeyWrap:
        return self._master.newest()

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return self._master.wrap(key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._master.unwrap(wrapped, context)
        except KeyProblem as error:
            raise WordsLocked(str(error)) from None


def keys_to_seal_with(settings: Settings, fresh: bool) -> KeyWrap:
    """What a migration seals words with that stand in the clear; made where nothing was ever sealed under one. WordsLocked."""
    if fresh and not settings.recordings.master_key.exists():
        make_master(settings.recordings.master_key)
    return SiteKeys(settings)
