"""What holds recordings past their time, as statements ask for it."""
from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from switch.ports.keeping import HoldReach
from switch.store.tables import recording_holds, recordings


def holding() -> ColumnElement[bool]:
    """Whether a row of `recording_holds` keeps a row of `recordings`."""
    reach, target = recording_holds.c.reach, recording_holds.c.target
    return and_(recording_holds.c.released_at.is_(None), or_(
        and_(reach == HoldReach.RECORDING, target == recordings.c.id),
        and_(reach == HoldReach.PERSON, target == recordings.c.person),
        and_(reach == HoldReach.NUMBER, target == recordings.c.number)))


def held_by(conn: Connection, recording: str) -> list[str]:
    """Ids of the holds that keep a recording, oldest first."""
    asked = select(recording_holds.c.id).join(recordings, holding()).where(recordings.c.id == recording)
    return list(conn.execute(asked.order_by(recording_holds.c.placed_at, recording_holds.c.id)).scalars())
