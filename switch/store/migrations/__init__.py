"""Alembic migrations of the store. Lives here: one file per change under `versions`. A released one is never edited."""
