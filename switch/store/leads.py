"""Leads outside of a use case: deleted with the recording that they are of."""
from sqlalchemy import Connection, delete

from switch.store.tables import leads


def drop_leads(conn: Connection, recording: str) -> int:
    """In the transaction that destroys its key; how many there were. What they taught of their words stays."""
    return conn.execute(delete(leads).where(leads.c.recording == recording)).rowcount
