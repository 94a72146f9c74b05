"""Calls and recordings as the books have them, for tests of how long recordings are kept."""
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from switch.core.ids import PersonId, RecordingId
from switch.ports.recordings import Recording
from switch.store.recordings import KeepRecording
from switch.store.stamps import stamp
from switch.store.tables import cdrs
from tests.unit.desk.office import ANN, AT, Office

NUMBER = "+447700900123"
DAY = timedelta(days=1)


async def talked(office: Office, call: str, seconds: float = 60.0, ended: datetime = AT - timedelta(hours=2), **values: Any
                 ) -> None:
    """The closed record of a call."""
    row = {"id": call, "node": "n", "started_at": stamp(ended - timedelta(seconds=seconds)), "phone": "m1", "person": ANN,
           "dialled": NUMBER, "service": "contact", "privileged": False, "metered": False, "ring_ms": 0,
           "talk_ms": round(seconds * 1000), "charged": 0, "closed_at": stamp(ended), "outcome": "connected", "end_by": "person",
           "end_why": "hung-up", "recording": call} | values
    await office.site.store.write(lambda conn: conn.execute(insert(cdrs), row))


async def recorded(office: Office, call: str, seconds: float = 60.0, ended: datetime = AT - timedelta(hours=2), *,
                   erase_at: datetime | None = None, person: str | None = ANN, number: str = NUMBER, establishment: str = "moor",
                   sealed_at: datetime | None = None) -> Recording:
    """The row of a sealed recording, as the vault leaves one."""
    began = ended - timedelta(seconds=seconds)
    whose = PersonId(person) if person else None
    made = Recording(RecordingId(call), establishment, whose, number, began, seconds, round(seconds * 8000), "a", "w",
                     f"{began:%Y/%m/%d}/{call}/audio-1", "{}", "m", sealed_at or ended, "kek", b"key", erase_at)
    await office.site.store.write(KeepRecording(made))
    return made
