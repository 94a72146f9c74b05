"""The tables. Times are RFC 3339 UTC text (`stamps`), money is integers (thousandths of a penny), lengths are milliseconds.

Append-only by trigger (see the first migration): `audit`, `postings`, and a row of `cdrs` once `closed_at` is set.
SQL that SQLite 3.40 and PostgreSQL 15 both take.

Lives here: one file a family, all in one `metadata`. May not live here: statements.
"""
from switch.store.tables.access import access_keys, kept_answers, proposals
from switch.store.tables.base import Counter, metadata
from switch.store.tables.calls import cdrs
from switch.store.tables.canary import canaries, canary_runs
from switch.store.tables.contacts import (
    consents,
    contacts,
    no_contact,
    no_contact_openings,
    parties,
    party_numbers,
    permits,
    prison_agreements,
    resting_numbers,
    stops,
)
from switch.store.tables.daily import daily_jobs
from switch.store.tables.families import family_visits
from switch.store.tables.keeping import recording_holds, recording_incidents
from switch.store.tables.listening import authorities, authority_reviews, connections, random_draws
from switch.store.tables.lists import number_lists, stop_requests, wrong_numbers
from switch.store.tables.menu import bulletins, contact_names, speed_dials
from switch.store.tables.money import bundles, postings, subscriptions
from switch.store.tables.monitoring import monitoring_items, monitoring_notes, monitoring_seeds
from switch.store.tables.people import people, pin_failures, pins, tasks
from switch.store.tables.placed import (
    announcement_relief,
    consent_texts,
    contact_voices,
    placed_attempts,
    placed_calls,
    spoken_names,
)
from switch.store.tables.places import cells, establishments, phones, site_state, wings
from switch.store.tables.privileged import privileged_lists, quarantine_undoings, quarantined_calls, quarantines
from switch.store.tables.recordings import recording_parts, recordings
from switch.store.tables.records import alarms, audit, audit_notes, orders, outbox
from switch.store.tables.staff import staff_grants, staff_roles, staff_sessions, staff_users
from switch.store.tables.supplied import supplied_numbers, supplied_references
from switch.store.tables.transcripts import index_keys, transcript_words, transcripts
from switch.store.tables.watch import leads, watch_lists, watch_words

__all__ = [  # noqa: RUF022 (a line a family, as above)
    "Counter", "metadata",
    "access_keys", "kept_answers", "proposals",
    "staff_grants", "staff_roles", "staff_sessions", "staff_users",
    "supplied_numbers", "supplied_references",
    "cdrs",
    "canaries", "canary_runs",
    "consents", "contacts", "no_contact", "no_contact_openings", "parties", "party_numbers", "permits", "prison_agreements",
    "resting_numbers", "stops",
    "daily_jobs",
    "family_visits",
    "authorities", "authority_reviews", "connections", "random_draws",
    "bulletins", "contact_names", "speed_dials",
    "number_lists", "stop_requests", "wrong_numbers",
    "bundles", "postings", "subscriptions",
    "monitoring_items", "monitoring_notes", "monitoring_seeds",
    "people", "pin_failures", "pins", "tasks",
    "announcement_relief", "consent_texts", "contact_voices", "placed_attempts", "placed_calls", "spoken_names",
    "cells", "establishments", "phones", "site_state", "wings",
    "privileged_lists", "quarantine_undoings", "quarantined_calls", "quarantines",
    "recording_holds", "recording_incidents",
    "recording_parts", "recordings",
    "alarms", "audit", "audit_notes", "orders", "outbox",
    "index_keys", "transcript_words", "transcripts",
    "leads", "watch_lists", "watch_words",
]
