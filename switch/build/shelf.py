"""Where a desk has recordings from: the vault of the site and who may hear them, opened when somebody first asks."""
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from recordings.access import Access
from recordings.keys import KeyProblem
from switch.build.vault import open_vault
from switch.desk.asking import Desk
from switch.ports.copies import Shelf
from switch.settings.tree import Settings
from switch.store.database import Store

log = structlog.get_logger("vault")


@dataclass
class SiteShelf:
    """Opened once. A key that is missing is looked for again each time, and told in the log. Close it: what was heard is kept."""

    desk: Desk
    settings: Settings
    store: Store
    wall: Callable[[], datetime]
    _opened: list[tuple[Access, Shelf]] = field(default_factory=list, init=False)

    def __call__(self) -> Shelf | None:
        if not self._opened:
            try:
                vault = open_vault(self.settings, self.store, self.wall)
            except (KeyProblem, OSError) as error:
                log.error("vault.closed", problem=str(error))
                return None
            access = Access(self.desk.work, vault, self.wall, self.desk.mint.id)
            self._opened.append((access, Shelf(access, vault)))
        return self._opened[0][1]

    async def close(self) -> None:
        for access, _ in self._opened:
            await access.aclose()


def with_shelf(desk: Desk, settings: Settings, store: Store, wall: Callable[[], datetime]) -> tuple[Desk, SiteShelf]:
    """The desk with a shelf, and the shelf to be closed."""
    shelf = SiteShelf(desk, settings, store, wall)
    return replace(desk, shelf=shelf), shelf
