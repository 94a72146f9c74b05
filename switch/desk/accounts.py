"""Accounts of staff: made, given roles and where, put right again, ended. What each may do is in their roles, which are data."""
import re
from dataclasses import dataclass, replace
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.access import NOBODY
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_name, refused, same_name, second_name, unreasoned
from switch.desk.proving import check_password, new_secret, sealed
from switch.desk.roles import GRAVE, USUAL
from switch.ports.access import Scope
from switch.ports.desk import Changes
from switch.ports.staff import Grant, Proofs, Role, Session, User

ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LANGUAGES = ("en", "cy")


@dataclass(frozen=True, slots=True)
class NewProofs:
    """An account with what proves it, told this once."""

    user: User
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True)
class Account:
    """One account with the roles that it holds now, and how many browsers are signed in by it."""

    user: User
    grants: tuple[Grant, ...]
    sessions: int


async def add_user(desk: Desk, actor: StaffId, at: datetime, user: str, name: str, password: str = "", language: str = "en"
                   ) -> NewProofs | Refused:
    """An account that may do nothing yet. Without a password one is made."""
    problems = bad_name(name)
    if not ACCOUNT.fullmatch(user):
        problems.append(Problem("bad-user", "the name of an account is small letters, digits and . _ -, at most 64"))
    if language not in LANGUAGES:
        problems.append(Problem("bad-language", f"a language of the console is one of {', '.join(LANGUAGES)}"))
    if password:
        problems.extend(check_password(password, user))
    if problems:
        return Refused(tuple(problems))
    made = User(StaffId(user), name.strip(), language, actor, at)
    password, secret = password or desk.mint.password(), new_secret(desk)
    proofs = await _proofs(desk, made.id, password, secret)
    if isinstance(proofs, Refused):
        return proofs

    def work(changes: Changes) -> NewProofs | Refused:
        if changes.user(user) is not None:
            return refused("taken", f"there is an account {user} already, or there was")
        changes.add_user(made, proofs)
        changes.audit("user-added", {"user": user}, note=made.name)
        return NewProofs(made, password, secret)

    return await attempt(desk, actor, at, "user-added", {"user": user}, work)


async def reset_user(desk: Desk, actor: StaffId, at: datetime, user: str, reason: str) -> NewProofs | Refused:
    """A new password and a new secret, for whoever lost theirs; every browser of theirs is signed out, and a lock lifted."""
    if problem := unreasoned(reason):
        return problem
    password, secret = desk.mint.password(), new_secret(desk)
    proofs = await _proofs(desk, StaffId(user), password, secret)
    if isinstance(proofs, Refused):
        return proofs

    def work(changes: Changes) -> NewProofs | Refused:
        known = _open(changes, user)
        if isinstance(known, Refused):
            return known
        changes.set_proofs(known.id, proofs)
        changes.set_user(replace(known, failures=0, locked_until=None))
        ended = end_all(changes, known.id, at)
        changes.audit("user-reset", {"user": user}, {"sessions": ended}, note=reason.strip())
        return NewProofs(known, password, secret)

    return await attempt(desk, actor, at, "user-reset", {"user": user}, work)


async def end_user(desk: Desk, actor: StaffId, at: datetime, user: str, reason: str) -> User | Refused:
    """Nobody enters by this account again; its roles and its browsers end with it."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> User | Refused:
        known = _open(changes, user)
        if isinstance(known, Refused):
            return known
        left = [one for one in changes.grants() if one.user != known.id]
        if not any(Scope.STAFF in one.permissions for one in left) and _holds_staff(changes, known.id):
            return refused("last", f"{user} is the last who may give roles: give another account that role first")
        for one in changes.grants(known.id):
            changes.end_grant(one.id)
        gone = replace(known, ended_at=at)
        changes.set_user(gone)
        ended = end_all(changes, known.id, at)
        changes.audit("user-ended", {"user": user}, {"sessions": ended}, note=reason.strip())
        return gone

    return await attempt(desk, actor, at, "user-ended", {"user": user}, work)


async def end_sessions(desk: Desk, actor: StaffId, at: datetime, user: str, reason: str) -> Account | Refused:
    """Every browser of theirs is signed out, and what they listen to ends."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Account | Refused:
        known = _open(changes, user)
        if isinstance(known, Refused):
            return known
        ended = end_all(changes, known.id, at)
        changes.audit("sessions-ended", {"user": user}, {"sessions": ended}, note=reason.strip())
        return _account(changes, known)

    return await attempt(desk, actor, at, "sessions-ended", {"user": user}, work)


async def set_role(desk: Desk, actor: StaffId, at: datetime, role: str, permissions: tuple[Scope, ...], reason: str,
                   second: str = "") -> Role | Refused:
    """What a role allows from now on, whoever holds it. One that lets somebody hear, disclose, or give roles takes two names."""
    if problem := unreasoned(reason):
        return problem
    if not ACCOUNT.fullmatch(role):
        return refused("bad-role", "the name of a role is small letters, digits and . _ -, at most 64")
    made = Role(role, frozenset(permissions))

    def work(changes: Changes) -> Role | Refused:
        before = next((one.permissions for one in changes.roles() if one.name == role), frozenset())
        if made.permissions - before & GRAVE and (problem := _second(changes, actor, second)):
            return problem
        changes.put_role(made)
        changes.audit("role-set", {"role": role}, {
            "before": " ".join(sorted(before)), "permissions": " ".join(sorted(made.permissions)), "second": second or None,
        }, note=reason.strip())  # fmt: skip
        return made

    return await attempt(desk, actor, at, "role-set", {"role": role}, work)


async def give_role(desk: Desk, actor: StaffId, at: datetime, user: str, role: str, reason: str, establishment: str = "",
                    wing: str = "", until: datetime | None = None, second: str = "") -> Grant | Refused:
    """Everywhere, at one establishment, or on one wing of it. Nobody gives themselves one; one that lets somebody hear, disclose
    or give roles takes two names."""
    if problem := unreasoned(reason):
        return problem
    if until is not None and until <= at:
        return refused("bad-times", "the role would have ended before it began")
    if wing and not establishment:
        return refused("bad-place", "say of which establishment the wing is")
    id = desk.mint.id()

    def work(changes: Changes) -> Grant | Refused:
        known = _open(changes, user)
        if isinstance(known, Refused):
            return known
        permissions = {one.name: one.permissions for one in changes.roles()} or dict(USUAL)
        if role not in permissions:
            return refused("unknown-role", f"there is no role {role[:64]}: {', '.join(permissions)}")
        if establishment and changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        if wing and wing not in changes.wings(establishment):
            return refused("unknown-wing", f"{establishment} has no wing {wing[:32]}")
        if same_name(actor, known.id):
            return refused("own", "nobody gives themselves a role")
        if permissions[role] & GRAVE and (problem := _second(changes, actor, second)):
            return problem
        made = Grant(id, known.id, role, permissions[role], establishment or None, wing or None, actor, at, until)
        if not changes.roles():
            for name, allowed in USUAL.items():
                changes.put_role(Role(name, allowed))
        changes.add_grant(made)
        changes.audit("role-given", {"user": user, "role": role, "grant": id}, {
            "establishment": made.establishment, "wing": made.wing, "ends": until is not None, "second": second or None,
        }, note=reason.strip())  # fmt: skip
        return made

    return await attempt(desk, actor, at, "role-given", {"user": user, "role": role}, work)


async def take_role(desk: Desk, actor: StaffId, at: datetime, grant: str, reason: str) -> Grant | Refused:
    """It ends at the next request of whoever held it."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Grant | Refused:
        standing = changes.grants()
        found = next((one for one in standing if one.id == grant), None)
        if found is None:
            return refused("unknown-grant", "this role was taken away already, or never given")
        others = [one for one in standing if one.id != grant]
        if Scope.STAFF in found.permissions and not any(Scope.STAFF in one.permissions for one in others):
            return refused("last", "this is the last that may give roles: give another account that role first")
        changes.end_grant(grant)
        changes.audit("role-taken", {"user": found.user, "role": found.role, "grant": grant}, note=reason.strip())
        return found

    return await attempt(desk, actor, at, "role-taken", {"grant": grant}, work)


async def users(desk: Desk, actor: StaffId, at: datetime, ended: bool = False) -> list[Account]:
    """Every account that is not ended, or all."""
    return await desk.work.look(actor, at, lambda changes: [
        _account(changes, one) for one in changes.users() if ended or one.ended_at is None])


async def roles(desk: Desk, actor: StaffId, at: datetime) -> list[Role]:
    """What each role allows; the usual ones where a site has none yet."""
    found = await desk.work.look(actor, at, lambda changes: changes.roles())
    return found or [Role(name, allowed) for name, allowed in USUAL.items()]


async def holds(desk: Desk, at: datetime, user: str, permission: Scope) -> bool:
    """Whether an account is open and some role of its own allows this somewhere, now."""

    def look(changes: Changes) -> bool:
        known = changes.user(user.lower())
        return known is not None and known.open_at(at) and any(permission in one.permissions for one in changes.grants(known.id))

    return await desk.work.look(NOBODY, at, look)


def end_all(changes: Changes, user: StaffId, at: datetime) -> int:
    """Signs out every browser of somebody; how many there were."""
    standing: list[Session] = changes.sessions(user)
    for one in standing:
        changes.set_session(replace(one, ended_at=at))
    return len(standing)


def _account(changes: Changes, user: User) -> Account:
    return Account(user, tuple(changes.grants(user.id)), len(changes.sessions(user.id)))


def _open(changes: Changes, user: str) -> User | Refused:
    known = changes.user(user)
    if known is None:
        return refused("unknown-user", f"there is no account {user[:64]}")
    return known if known.ended_at is None else refused("ended", f"account {user} has ended")


def _holds_staff(changes: Changes, user: StaffId) -> bool:
    return any(Scope.STAFF in one.permissions for one in changes.grants(user))


def _second(changes: Changes, actor: StaffId, second: str) -> Refused | None:
    """Before anybody may give roles, the first is given on the machine, by one name."""
    if not any(Scope.STAFF in one.permissions for one in changes.grants()):
        return None
    return second_name(actor, second, "this lets somebody hear, disclose or give roles")


async def _proofs(desk: Desk, user: StaffId, password: str, secret: str) -> Proofs | Refused:
    kept = sealed(desk, user, secret)
    if isinstance(kept, Refused):
        return kept
    return Proofs(await desk.mint.hash_of_password(password), kept, 0)
