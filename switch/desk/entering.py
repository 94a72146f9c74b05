"""Signing in and out of the console, and who is behind a request. Refusals sound alike: nobody learns who has an account."""
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from switch.core.ids import StaffId
from switch.desk.access import NOBODY, hash_of
from switch.desk.accounts import LANGUAGES, end_all
from switch.desk.asking import Desk, Refused, refused
from switch.desk.proving import check_password, step_of
from switch.ports.desk import Changes
from switch.ports.staff import Grant, Proofs, Session, User

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
SEEN_EVERY = timedelta(seconds=30)
"""How old `seen_at` grows before it is written again: a page is several requests."""
WRONG = refused("bad-sign-in", "the name, the password or the code is not right, or the account is locked")
WRONG_CODE = refused("bad-code", "the code is not right: each is good once, and for about a minute")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is signed in, with what they hold now."""

    user: User
    session: Session
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` is for the browser, and kept nowhere else."""

    visitor: Visitor
    token: str


async def sign_in(desk: Desk, at: datetime, name: str, password: str, code: str, longest: timedelta) -> SignedIn | Refused:
    """With everything asked at once. Five wrong tries in a row lock an account for a quarter of an hour."""
    asked = name.strip().lower()[:64]
    known = await desk.work.look(NOBODY, at, lambda changes: _known(changes, asked))
    fits = await desk.mint.fits(known[1].password if known else None, password[:1000])
    token = desk.mint.password()

    def work(changes: Changes) -> SignedIn | Refused:
        again = _known(changes, asked)
        if again is None:
            changes.audit("sign-in-refused", {}, {"why": "unknown"})
            return WRONG
        user, proofs = again
        if not user.open_at(at):
            changes.audit("sign-in-refused", {"user": user.id}, {"why": "ended" if user.ended_at else "locked"})
            return WRONG
        step = step_of(desk, user.id, proofs.totp, code, at, proofs.totp_used)
        if not fits or step is None:
            _failed(changes, user, at, "password" if not fits else "code")
            return WRONG
        changes.set_user(replace(user, failures=0, locked_until=None))
        changes.set_proofs(user.id, replace(proofs, totp_used=step))
        session = Session(hash_of(token), user.id, at, at, at, at + longest)
        changes.add_session(session)
        changes.audit("signed-in", {"user": user.id})
        return SignedIn(Visitor(user, session, tuple(changes.grants(user.id))), token)

    return await desk.work.run(StaffId(asked) if known else NOBODY, at, work)


async def visitor(desk: Desk, at: datetime, token: str, idle: timedelta) -> Visitor | None:
    """Who holds this token, if it is good now; that somebody was seen is noted."""
    id = hash_of(token)

    def look(changes: Changes) -> Visitor | None:
        session = changes.session(id)
        if session is None or not session.good_at(at, idle):
            return None
        user = changes.user(session.user)
        if user is None or user.ended_at is not None:
            return None
        return Visitor(user, session, tuple(changes.grants(user.id)))

    found = await desk.work.look(NOBODY, at, look)
    if found is not None and at - found.session.seen_at >= SEEN_EVERY:
        await desk.work.run(found.user.id, at, lambda changes: _seen(changes, id))
    return found


async def prove(desk: Desk, at: datetime, who: Visitor, code: str) -> Session | Refused:
    """A fresh code, for what is asked of nobody who only left a browser open. Five wrong ones sign every browser out."""

    def work(changes: Changes) -> Session | Refused:
        user, proofs = changes.user(who.user.id), changes.proofs(who.user.id)
        session = changes.session(who.session.id)
        if user is None or session is None or session.ended_at is not None or not user.open_at(at):
            return WRONG_CODE
        step = step_of(desk, user.id, proofs.totp, code, at, proofs.totp_used)
        if step is None:
            _failed(changes, user, at, "code")
            return WRONG_CODE
        changes.set_user(replace(user, failures=0))
        changes.set_proofs(user.id, replace(proofs, totp_used=step))
        proved = replace(session, proved_at=at, seen_at=at)
        changes.set_session(proved)
        changes.audit("proved-again", {"user": user.id})
        return proved

    return await desk.work.run(who.user.id, at, work)


async def sign_out(desk: Desk, at: datetime, who: Visitor) -> None:
    """This browser alone."""

    def work(changes: Changes) -> None:
        session = changes.session(who.session.id)
        if session is not None and session.ended_at is None:
            changes.set_session(replace(session, ended_at=at))
            changes.audit("signed-out", {"user": who.user.id})

    await desk.work.run(who.user.id, at, work)


async def note_turned_away(desk: Desk, at: datetime, who: Visitor, page: str) -> None:
    """Somebody signed in asked for a page that none of their roles allows."""
    await desk.work.run(who.user.id, at, lambda changes: changes.audit("page-refused", {"user": who.user.id, "page": page}))


async def choose_language(desk: Desk, at: datetime, who: Visitor, language: str) -> None:
    """What the console speaks to this member of staff; anything but one of its languages changes nothing."""
    if language in LANGUAGES and language != who.user.language:
        await desk.work.run(who.user.id, at, lambda changes: _speak(changes, who.user.id, language))


async def change_password(desk: Desk, at: datetime, who: Visitor, old: str, new: str) -> User | Refused:
    """One's own; every other browser is signed out."""
    if problems := check_password(new, who.user.id):
        return Refused(tuple(problems))
    known = await desk.work.look(NOBODY, at, lambda changes: changes.proofs(who.user.id))
    fits = await desk.mint.fits(known.password, old[:1000])
    hashed = await desk.mint.hash_of_password(new)

    def work(changes: Changes) -> User | Refused:
        user, proofs = changes.user(who.user.id), changes.proofs(who.user.id)
        assert user is not None  # accounts are never deleted
        if not fits or proofs.password != known.password or not user.open_at(at):
            _failed(changes, user, at, "password")
            return refused("bad-old-password", "the password until now is not right")
        changes.set_proofs(user.id, replace(proofs, password=hashed))
        end_all(changes, user.id, at)
        changes.set_session(replace(who.session, ended_at=None))
        changes.audit("password-changed", {"user": user.id})
        return user

    return await desk.work.run(who.user.id, at, work)


def _known(changes: Changes, name: str) -> tuple[User, Proofs] | None:
    user = changes.user(name)
    return (user, changes.proofs(user.id)) if user else None


def _failed(changes: Changes, user: User, at: datetime, why: str) -> None:
    """One more. The fifth in a row locks the account, and signs out whoever is in."""
    failures = user.failures + 1
    locks = failures >= MOST_FAILURES
    changes.set_user(replace(user, failures=0 if locks else failures, locked_until=at + LOCKED_FOR if locks else None))
    changes.audit("sign-in-refused", {"user": user.id}, {"why": why, "failures": failures, "locked": locks})
    if locks:
        end_all(changes, user.id, at)


def _seen(changes: Changes, id: str) -> None:
    session = changes.session(id)
    if session is not None and session.ended_at is None:
        changes.set_session(replace(session, seen_at=changes.at))


def _speak(changes: Changes, id: StaffId, language: str) -> None:
    user = changes.user(id)
    if user is not None:
        changes.set_user(replace(user, language=language))
        changes.audit("console-language-set", {"user": id}, {"language": language})
