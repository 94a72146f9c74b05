"""Accounts, roles and sessions of staff as a use case changes them (`switch.ports.staff.StaffChanges`)."""
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from switch.core.ids import StaffId
from switch.ports.access import Scope
from switch.ports.staff import Grant, Proofs, Role, Session, User
from switch.store.stamps import stamp, unstamp
from switch.store.tables import staff_grants as GRANTS
from switch.store.tables import staff_roles as ROLES
from switch.store.tables import staff_sessions as SESSIONS
from switch.store.tables import staff_users as USERS

KEPT = timedelta(days=30)


class StaffWork:
    """The part of a transaction that is about accounts of staff."""

    conn: Connection
    actor: StaffId
    at: datetime

    def user(self, user: str) -> User | None:
        row = self.conn.execute(select(USERS).where(USERS.c.id == user)).first()
        return _user(row) if row else None

    def users(self) -> list[User]:
        return [_user(row) for row in self.conn.execute(select(USERS).order_by(USERS.c.id))]

    def proofs(self, user: StaffId) -> Proofs:
        row = self.conn.execute(select(USERS).where(USERS.c.id == user)).one()
        return Proofs(row.password, row.totp, row.totp_used)

    def add_user(self, user: User, proofs: Proofs) -> None:
        self.conn.execute(insert(USERS), {"id": user.id, "created_by": user.created_by, "created_at": stamp(user.created_at)}
                          | _values(user) | _proofs(proofs))

    def set_user(self, user: User) -> None:
        self.conn.execute(update(USERS).where(USERS.c.id == user.id).values(**_values(user)))

    def set_proofs(self, user: StaffId, proofs: Proofs) -> None:
        self.conn.execute(update(USERS).where(USERS.c.id == user).values(**_proofs(proofs)))

    def roles(self) -> list[Role]:
        return [Role(row.name, _words(row.permissions)) for row in self.conn.execute(select(ROLES).order_by(ROLES.c.name))]

    def put_role(self, role: Role) -> None:
        words = " ".join(sorted(role.permissions))
        if not self.conn.execute(update(ROLES).where(ROLES.c.name == role.name).values(permissions=words)).rowcount:
            self.conn.execute(insert(ROLES), {"name": role.name, "permissions": words})

    def grants(self, user: StaffId | None = None) -> list[Grant]:
        now = stamp(self.at)
        asked = select(GRANTS, ROLES.c.permissions).join(ROLES, ROLES.c.name == GRANTS.c.role).where(
            GRANTS.c.ended_at.is_(None), or_(GRANTS.c.until_at.is_(None), GRANTS.c.until_at > now))
        if user is not None:
            asked = asked.where(GRANTS.c.user == user)
        return [Grant(row.id, StaffId(row.user), row.role, _words(row.permissions), row.establishment, row.wing,
                      StaffId(row.given_by), unstamp(row.given_at), unstamp(row.until_at) if row.until_at else None)
                for row in self.conn.execute(asked.order_by(GRANTS.c.given_at, GRANTS.c.id))]

    def add_grant(self, grant: Grant) -> None:
        self.conn.execute(insert(GRANTS), {
            "id": grant.id, "user": grant.user, "role": grant.role, "establishment": grant.establishment, "wing": grant.wing,
            "given_by": grant.given_by, "given_at": stamp(grant.given_at),
            "until_at": stamp(grant.until) if grant.until else None})

    def end_grant(self, grant: str) -> bool:
        ended = update(GRANTS).where(GRANTS.c.id == grant, GRANTS.c.ended_at.is_(None))
        return bool(self.conn.execute(ended.values(ended_at=stamp(self.at), ended_by=self.actor)).rowcount)

    def session(self, id: str) -> Session | None:
        row = self.conn.execute(select(SESSIONS).where(SESSIONS.c.id == id)).first()
        return _session(row) if row else None

    def sessions(self, user: StaffId | None = None) -> list[Session]:
        asked = select(SESSIONS).where(SESSIONS.c.ended_at.is_(None), SESSIONS.c.until_at > stamp(self.at))
        if user is not None:
            asked = asked.where(SESSIONS.c.user == user)
        return [_session(row) for row in self.conn.execute(asked.order_by(SESSIONS.c.made_at.desc(), SESSIONS.c.id))]

    def add_session(self, session: Session) -> None:
        self.conn.execute(delete(SESSIONS).where(SESSIONS.c.until_at <= stamp(self.at - KEPT)))
        self.conn.execute(insert(SESSIONS), {"id": session.id, "user": session.user, "made_at": stamp(session.made_at),
                                             "until_at": stamp(session.until)} | _moments(session))

    def set_session(self, session: Session) -> None:
        self.conn.execute(update(SESSIONS).where(SESSIONS.c.id == session.id).values(**_moments(session)))


def _words(text: str) -> frozenset[Scope]:
    return frozenset(Scope(word) for word in text.split() if word in set(Scope))  # a word that is no more opens nothing


def _maybe(text: str | None) -> datetime | None:
    return unstamp(text) if text else None


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(StaffId(row.id), row.name, row.language, StaffId(row.created_by), unstamp(row.created_at), row.failures,
                _maybe(row.locked_until), _maybe(row.ended_at))


def _values(user: User) -> dict[str, Any]:
    return {"name": user.name, "language": user.language, "failures": user.failures,
            "locked_until": stamp(user.locked_until) if user.locked_until else None,
            "ended_at": stamp(user.ended_at) if user.ended_at else None}


def _proofs(proofs: Proofs) -> dict[str, Any]:
    return {"password": proofs.password, "totp": proofs.totp, "totp_used": proofs.totp_used}


def _session(row: Row[*tuple[Any, ...]]) -> Session:
    return Session(row.id, StaffId(row.user), unstamp(row.made_at), unstamp(row.seen_at), unstamp(row.proved_at),
                   unstamp(row.until_at), _maybe(row.ended_at))


def _moments(session: Session) -> dict[str, Any]:
    return {"seen_at": stamp(session.seen_at), "proved_at": stamp(session.proved_at),
            "ended_at": stamp(session.ended_at) if session.ended_at else None}
