"""What is done once a day: which day of which job was taken, and done."""
from sqlalchemy import Column, Integer, String, Table

from switch.store.tables.base import metadata

daily_jobs = Table(
    "daily_jobs", metadata,
    Column("name", String, primary_key=True),
    Column("establishment", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("taken_until", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("done_at", String),
)
"""`establishment` is empty for a job of the whole estate; `day` is a local date, ISO 8601. Whoever writes the row has the day
until `taken_until`."""
