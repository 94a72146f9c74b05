"""Keys as a use case changes them (`switch.ports.access.AccessChanges`)."""
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from switch.core.ids import StaffId
from switch.ports.access import Kept, Key, Proposal, Scope
from switch.store.stamps import stamp, unstamp
from switch.store.tables import access_keys as KEYS
from switch.store.tables import kept_answers, proposals


class AccessWork:
    """The part of a transaction that is about keys."""

    conn: Connection
    actor: StaffId
    at: datetime

    def access_key(self, key: str) -> tuple[Key, str] | None:
        row = self.conn.execute(select(KEYS).where(KEYS.c.id == key)).first()
        return (_key(row), row.hash) if row else None

    def access_keys(self) -> list[Key]:
        return [_key(row) for row in self.conn.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id))]

    def add_key(self, key: Key, hashed: str) -> None:
        self.conn.execute(insert(KEYS), {
            "id": key.id, "name": key.name, "hash": hashed, "scopes": " ".join(key.scopes), "created_by": key.created_by,
            "created_at": stamp(key.created_at), "until_at": stamp(key.until) if key.until else None,
            "holder": key.holder})

    def revoke_key(self, key: str) -> None:
        self.conn.execute(update(KEYS).where(KEYS.c.id == key).values(
            revoked_at=stamp(self.at), revoked_by=self.actor))

    def kept(self, key: str, name: str) -> Kept | None:
        row = self.conn.execute(select(kept_answers).where(
            kept_answers.c.key == key, kept_answers.c.name == name, kept_answers.c.until_at > stamp(self.at))).first()
        return Kept(row.key, row.name, row.asked, row.status, row.sealed, unstamp(row.until_at)) if row else None

    def keep(self, answer: Kept) -> None:
        self.conn.execute(delete(kept_answers).where(kept_answers.c.until_at <= stamp(self.at)))
        self.conn.execute(insert(kept_answers), {
            "key": answer.key, "name": answer.name, "asked": answer.asked, "status": answer.status, "sealed": answer.sealed,
            "until_at": stamp(answer.until)})

    def proposal(self, proposal: str) -> Proposal | None:
        return next((one for one in self.proposals() if one.id == proposal), None)

    def proposals(self) -> list[Proposal]:
        rows = self.conn.execute(select(proposals).where(proposals.c.until_at > stamp(self.at)).order_by(
            proposals.c.at, proposals.c.id))
        return [Proposal(row.id, row.operation, row.asked, StaffId(row.staff), row.key, StaffId(row.second), unstamp(row.at),
                         unstamp(row.until_at)) for row in rows]

    def add_proposal(self, proposal: Proposal) -> None:
        self.conn.execute(delete(proposals).where(proposals.c.until_at <= stamp(self.at)))
        self.conn.execute(insert(proposals), {
            "id": proposal.id, "operation": proposal.operation, "asked": proposal.asked, "staff": proposal.staff,
            "key": proposal.key, "second": proposal.second, "at": stamp(proposal.at), "until_at": stamp(proposal.until)})

    def finish_proposal(self, proposal: str) -> bool:
        return bool(self.conn.execute(delete(proposals).where(
            proposals.c.id == proposal, proposals.c.until_at > stamp(self.at))).rowcount)


def _key(row: Row[*tuple[Any, ...]]) -> Key:
    scopes = tuple(Scope(word) for word in row.scopes.split() if word in set(Scope))  # a word that is no more opens nothing
    return Key(row.id, row.name, scopes, StaffId(row.created_by), unstamp(row.created_at),
               unstamp(row.until_at) if row.until_at else None, unstamp(row.revoked_at) if row.revoked_at else None,
               StaffId(row.holder) if row.holder else None)
