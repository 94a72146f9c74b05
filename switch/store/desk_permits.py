"""`PermitChanges` (switch.ports.permits) on SQL."""
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from switch.core.facts import PermitKind
from switch.core.ids import PersonId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.ports.permits import Permit
from switch.store.given import GivePermit, WithdrawPermit
from switch.store.stamps import stamp, unstamp
from switch.store.tables import cdrs, permits

_USED = select(cdrs.c.id).where(cdrs.c.permit == permits.c.id, cdrs.c.talk_ms > 0).exists()


class PermitWork:
    conn: Connection
    actor: StaffId
    at: datetime

    def permits(self, person: PersonId) -> Sequence[Permit]:
        asked = _standing().where(permits.c.person == person, permits.c.until_at > stamp(self.at))
        return [_permit(row) for row in self.conn.execute(asked.order_by(permits.c.until_at, permits.c.id))]

    def permit(self, permit: str) -> Permit | None:
        row = self.conn.execute(_standing().where(permits.c.id == permit)).first()
        return _permit(row) if row else None

    def give(self, permit: Permit) -> None:
        GivePermit(permit.id, permit.person, permit.number, permit.kind, permit.since, permit.until, permit.once, permit.given_by,
                   permit.agreed_by, self.at)(self.conn)

    def withdraw(self, permit: str) -> None:
        WithdrawPermit(permit, self.actor, self.at)(self.conn)


def _standing() -> Select[Any]:
    return select(permits, _USED.label("used")).where(permits.c.withdrawn_at.is_(None))


def _permit(row: Row[*tuple[Any, ...]]) -> Permit:
    number = read_number(row.number)
    assert not isinstance(number, Unreadable)  # it was read before it was kept
    return Permit(row.id, PersonId(row.person), number, PermitKind(row.kind), unstamp(row.from_at), unstamp(row.until_at),
                  StaffId(row.given_by), StaffId(row.agreed_by) if row.agreed_by else None, row.once, bool(row.used))
