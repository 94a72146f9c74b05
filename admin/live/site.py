"""What of a running site the console has before it: its board, and ears for its calls; neither where there is no Redis."""
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from admin.listening import Ear
from admin.live.feed import Feed


@dataclass(frozen=True, slots=True)
class Live:
    feed: Feed | None = None
    ears: Callable[[str], AbstractAsyncContextManager[Ear]] | None = None


NOT_LIVE = Live()
