"""Copies of recordings as a use case lists them (`switch.ports.copies.CopyChanges`), on one connection."""
from sqlalchemy import Connection, select

from switch.core.ids import RecordingId
from switch.ports.copies import CLIP, Copy
from switch.store.stamps import unstamp
from switch.store.tables import recording_parts


class CopyWork:
    conn: Connection

    def copies(self, recording: str) -> list[Copy]:
        parts = recording_parts.c
        asked = select(parts.kind, parts.made_at).where(parts.recording == recording, parts.kind.startswith(CLIP))
        return [Copy(row.kind.removeprefix(CLIP), RecordingId(recording), unstamp(row.made_at))
                for row in self.conn.execute(asked.order_by(parts.made_at, parts.kind))]
