"""Live listening on a site: what the switch checks tickets with, and the command line's ear."""
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from admin.listening import Heard, Listening
from recordings.transcript import Heard as Words
from recordings.transcript import TranscriptProblem
from switch.build.signing import check_raw
from switch.build.site import SystemClock
from switch.build.staff import at_desk
from switch.core.authority import Leave, may_listen
from switch.core.grants import ListenTicket
from switch.core.ids import StaffId
from switch.core.tickets import Check
from switch.desk.asking import Desk, Refused, refused
from switch.live.listening import ListeningAway, Still, open_ear
from switch.settings.tree import Settings
from switch.store.database import Store
from switch.store.unit_of_work import SqlUnitOfWork

__all__ = ["Heard", "ListeningAway", "leave_check", "listen_to", "ticket_check"]
log = structlog.get_logger("listening")


def ticket_check(public: Path) -> Check | None:
    """What a switch checks tickets with, by the key as it is at the start; None without one."""
    try:
        key = public.read_bytes()
    except OSError as error:
        log.warning("listening.no-key", file=str(public), error=error.strerror)
        return None
    return lambda text, signature: check_raw(text, signature, key)


def leave_check(store: Store, wall: Callable[[], datetime]) -> Still:
    """What a switch asks while somebody listens: whether they might begin now. Raises StoreError."""
    work = SqlUnitOfWork(store, {})

    async def still(ticket: ListenTicket) -> bool:
        at = wall()
        facts = await work.look(ticket.listener, at, lambda changes: changes.listen_facts(ticket.call, ticket.listener))
        return isinstance(may_listen(facts, at, live=True), Leave)

    return still


def listen_to(settings: Settings, clock: SystemClock, who: StaffId, call: str, why: str, take: Callable[[bytes], bool],
              said: Callable[[Words], None] | None = None) -> Heard | Refused:
    """Hear a call that runs until leave ends, the call ends, or `take` says that it is enough; `said` is told the words that a
    machine understands, where one follows the call. StoreError, OSError, and ListeningAway without Redis."""
    url = settings.redis_url
    if url is None:
        return refused("no-redis", "[redis] is off, and listening goes over it")

    async def taken(frame: bytes) -> bool:
        return take(frame)

    def told(data: bytes) -> None:
        try:
            words = Words.from_json(data)
        except TranscriptProblem as error:
            log.warning("listening.bad-words", why=str(error))
            return
        if said is not None:
            said(words)

    async def use(desk: Desk, actor: StaffId, _at: datetime) -> Heard | Refused:
        return await Listening(desk, clock.wall, lambda one: open_ear(url, one)).listen(actor, call, why, taken, told)

    return at_desk(settings, clock, who, use)
