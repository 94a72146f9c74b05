"""Who may be rung: parties with their numbers, approvals, orders against contact, leave of staff, stops of those outside."""
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from switch.store.tables.base import metadata

parties = Table(
    "parties", metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("born", String),
    Column("address", Text),
    Column("child", Boolean, nullable=False),
    Column("child_level", Integer),
    Column("child_level_by", String),
    Column("child_level_second", String),
    Column("prisoner", ForeignKey("people.id")),
)
"""Somebody outside, a person or an organisation, or (`prisoner`) somebody in another prison. `born` is a date, ISO 8601."""

party_numbers = Table(
    "party_numbers", metadata,
    Column("party", ForeignKey("parties.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("since", String, nullable=False),
    Column("until_at", String),
    Column("verified_at", String),
    Column("asked_again_at", String),
    Index("ix_party_numbers_number", "number"),
)
"""Numbers of a party; `until_at` once it has another one. `asked_again_at` while a number waits to be verified once more."""

consents = Table(
    "consents", metadata,
    Column("id", String, primary_key=True),
    Column("party", ForeignKey("parties.id"), nullable=False),
    Column("number", String, nullable=False),
    Column("consent", String, nullable=False),
    Column("how", String, nullable=False),
    Column("said_at", String, nullable=False),
    Column("said_by", String, nullable=False),
    Column("person", ForeignKey("people.id")),
    Column("prompts", Text, nullable=False),
    Column("language", String),
    Column("ended_at", String),
    Index("uq_consents_standing", "party", "number", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
    Index("ix_consents_number", "number", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
)
"""What a party said about being rung at one of its numbers: `given` or `denied`, of which one stands. `person` is in whose name
it was asked, `prompts` JSON: what was spoken, by its ids. `said_by` is staff, or the call or text."""

contacts = Table(
    "contacts", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("party", ForeignKey("parties.id"), primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("relationship", Integer, nullable=False),
    Column("relay", Boolean, nullable=False),
    Column("allow_monitor", Boolean, nullable=False),
    Column("override", Boolean, nullable=False),
    Column("alert", Boolean, nullable=False),
    Column("call_allowed", Boolean, nullable=False),
    Column("legal", Boolean, nullable=False),
    Column("applied_at", String),
    Index("ix_contacts_number", "number"),
    Index("ix_contacts_party", "party"),
)
"""An approval: one person, one number of one party, from application on. `allow_monitor`, `override`, `alert` and `legal` are the
supplier API's: kept and shown, and no decision reads them; `call_allowed` bars where it is false."""

resting_numbers = Table(
    "resting_numbers", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("number", String, primary_key=True),
    Column("party", ForeignKey("parties.id"), primary_key=True),
    Column("state", String, nullable=False),
    Column("rested_at", String, nullable=False),
    Column("until_at", String, nullable=False),
)
"""Contacts withdrawn by a release, with the state that a recall before `until_at` gives back."""

no_contact = Table(
    "no_contact", metadata,
    Column("id", String, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("party", ForeignKey("parties.id")),
    Column("number", String),
    Column("other", ForeignKey("people.id")),
    Column("court", Text, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String),
    Column("exceptions", Text, nullable=False),
    Column("placed_at", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("lifted_at", String),
    Column("lifted_by", String),
    Column("lifted_second", String),
    Index("ix_no_contact_person", "person"),
    Index("ix_no_contact_other", "other"),
)
"""Whom a person may not ring, by order: a party with all its numbers, a number, or somebody else in prison; one of the three.
`exceptions` is JSON, a list of numbers that the order leaves open."""

no_contact_openings = Table(
    "no_contact_openings", metadata,
    Column("id", String, primary_key=True),
    Column("no_contact", ForeignKey("no_contact.id"), nullable=False),
    Column("court", Text, nullable=False),
    Column("from_at", String),
    Column("until_at", String),
    Column("hours", Text, nullable=False),
    Column("zone", String, nullable=False),
    Column("number", String),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("second", String, nullable=False),
    Column("ended_at", String),
    Column("ended_by", String),
    Index("ix_no_contact_openings_no_contact", "no_contact"),
)
"""Times at which an order does not bind. `hours` as `dialplans.openings` writes them, empty for any; no `number` means all."""

prison_agreements = Table(
    "prison_agreements", metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("other", ForeignKey("people.id"), primary_key=True),
    Column("establishment", ForeignKey("establishments.id"), primary_key=True),
    Column("agreed_at", String, nullable=False),
    Column("agreed_by", String, nullable=False),
)
"""An establishment agrees that `person` rings `other`, who is in another prison; both their establishments must."""

permits = Table(
    "permits", metadata,
    Column("id", String, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("number", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("from_at", String, nullable=False),
    Column("until_at", String, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("given_by", String, nullable=False),
    Column("agreed_by", String),
    Column("given_at", String, nullable=False),
    Column("withdrawn_at", String),
    Index("ix_permits_person_number", "person", "number"),
)
"""Leave of staff to ring one number free, in one window. It is used once a call that names it was answered."""

stops = Table(
    "stops", metadata,
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False, index=True),
    Column("scope", String, nullable=False),
    Column("person", String),
    Column("placed_at", String, nullable=False),
    Column("placed_by", String, nullable=False),
    Column("undone_at", String),
    Column("source", String, nullable=False, server_default="call"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("second", String),
    Column("undone_by", String),
)
"""`source` is `call` (key 9), `request` (by text or web, confirmed to the number) or `staff`; the number alone undoes its
own. A stop on a call was placed by `call:` and its id."""
