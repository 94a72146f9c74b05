"""The past as a changed plan is tried on it: requests to contacts with the facts of their decisions, by person and time."""
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, func, select

from dialplans.replay import Past
from switch.core.facts import Facts
from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.core.numbers import Dialled, Unreadable, read_number
from switch.core.reasons import MACHINE, Why
from switch.store import codec
from switch.store.stamps import stamp, unstamp
from switch.store.tables import cdrs

_OF_CONTACTS = (cdrs.c.person.is_not(None), cdrs.c.closed_at.is_not(None),
                cdrs.c.service.is_(None) | (cdrs.c.service == "contact"))
_REQUESTS = select(
    cdrs.c.person, cdrs.c.started_at, cdrs.c.dialled, cdrs.c.relay, cdrs.c.facts, cdrs.c.end_why, cdrs.c.talk_ms,
    cdrs.c.closed_at, cdrs.c.metered, cdrs.c.charged, cdrs.c.bundle, cdrs.c.bundle_seconds, cdrs.c.end_note,
).where(cdrs.c.facts.is_not(None), *_OF_CONTACTS).order_by(cdrs.c.person, cdrs.c.started_at, cdrs.c.id)
A_TIME = 2000


def people_who_called(conn: Connection, since: datetime) -> list[PersonId]:
    """Everybody with a closed call since then, by number."""
    asked = select(cdrs.c.person).where(cdrs.c.started_at >= stamp(since), *_OF_CONTACTS).distinct().order_by(cdrs.c.person)
    return [PersonId(person) for person in conn.execute(asked).scalars()]


def without_facts(conn: Connection, since: datetime) -> int:
    """Calls of before the facts were kept: they cannot be tried."""
    asked = select(func.count()).where(cdrs.c.started_at >= stamp(since), cdrs.c.facts.is_(None), *_OF_CONTACTS)
    return conn.execute(asked).scalar_one()


def read_past(conn: Connection, since: datetime, first: PersonId, last: PersonId) -> Iterator[tuple[PersonId, Past]]:
    """Requests of the people from `first` to `last`, person by person, each oldest first; read as they are taken."""
    asked = _REQUESTS.where(cdrs.c.person.between(first, last), cdrs.c.started_at >= stamp(since))
    for (person, at, dialled, relay, facts, why, talk_ms, ended, metered, charged, bundle,
         bundle_seconds, note) in conn.execution_options(yield_per=A_TIME).execute(asked):
        yield person, Past(
            unstamp(at), _dialled(dialled, relay), codec.loads(Facts, facts), Why(why), talk_ms / 1000, unstamp(ended), metered,
            Millipence(charged), bundle, bundle_seconds or 0,
            uncharged=MACHINE in (note or "") and not charged and not bundle_seconds,
        )


@lru_cache(maxsize=65536)  # a person rings few numbers, and often
def _dialled(text: str, relay: str | None) -> Dialled | Unreadable:
    """As a record has it: the number in full or a short code, or what could not be read."""
    number = read_number(text)
    return number if isinstance(number, Unreadable) else Dialled(number, relay)
