"""Keys of other systems: issued on the machine itself, shown once, revoked with a reason; and what was tried without leave."""
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import NAME_OF_PLACE, Desk, Problem, Refused, attempt, bad_name, refused, unreasoned
from switch.ports.access import Key, Scope
from switch.ports.desk import Changes

NOBODY = StaffId("api")
"""Who is named in the audit where no key was known."""
STAFF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
STAFF_WORDS = "letters, digits and . _ @ -, at most 64"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with what proves it, `id.secret`, told this once: only a hash is kept."""

    key: Key
    token: str


async def issue_key(desk: Desk, actor: StaffId, at: datetime, name: str, scopes: tuple[Scope, ...], until: datetime | None = None,
                    holder: str = "") -> IssuedKey | Refused:
    """A key for what it is needed for and nothing else: of one member of staff (`holder`), or of a system."""
    problems = bad_name(name)
    if holder and not STAFF.fullmatch(holder):
        problems.append(Problem("bad-staff", f"a holder is {STAFF_WORDS}"))
    if not scopes:
        problems.append(Problem("bad-scopes", f"say what the key is for: {', '.join(Scope)}"))
    if until is not None and until <= at:
        problems.append(Problem("bad-times", "the key would have ended before it began"))
    if problems:
        return Refused(tuple(problems))
    secret = desk.mint.password()
    key = Key(desk.mint.id(), name.strip(), tuple(sorted(set(scopes))), actor, at, until,
              holder=StaffId(holder) if holder else None)

    def work(changes: Changes) -> IssuedKey | Refused:
        if key.name in {one.name for one in changes.access_keys() if one.good_at(at)}:
            return refused("taken", f"{key.name} has a key already: revoke it first")
        changes.add_key(key, hash_of(secret))
        changes.audit("key-issued", {"key": key.id}, {
            "scopes": " ".join(key.scopes), "ends": until is not None, "holder": key.holder}, note=key.name)
        return IssuedKey(key, f"{key.id}.{secret}")

    return await attempt(desk, actor, at, "key-issued", {"key": key.id}, work)


async def revoke_key(desk: Desk, actor: StaffId, at: datetime, key: str, reason: str) -> Key | Refused:
    """From now on nobody is let in with it."""
    if problem := unreasoned(reason):
        return problem

    def work(changes: Changes) -> Key | Refused:
        found = changes.access_key(key)
        if found is None:
            return refused("unknown-key", f"there is no key {key}")
        if found[0].revoked_at is not None:
            return refused("as-it-is", f"key {key} was revoked already")
        changes.revoke_key(key)
        changes.audit("key-revoked", {"key": key}, note=reason.strip())
        return found[0]

    return await attempt(desk, actor, at, "key-revoked", {"key": key}, work)


async def keys(desk: Desk, actor: StaffId, at: datetime) -> list[Key]:
    """Every key, those that ended too; no secret is among them."""
    return await desk.work.look(actor, at, lambda changes: changes.access_keys())


async def holder(desk: Desk, at: datetime, token: str) -> Key | None:
    """The key that a token proves and that is good now. The hash is compared whether there is such a key or not."""
    id, _, secret = token.partition(".")
    found = await desk.work.look(NOBODY, at, lambda changes: changes.access_key(id)) if NAME_OF_PLACE.fullmatch(id) else None
    fits = hmac.compare_digest(hash_of(secret), found[1] if found else hash_of(""))
    return found[0] if found and fits and found[0].good_at(at) else None


async def named(desk: Desk, at: datetime, id: str) -> Key | None:
    """The key of this id that is good now, for those who proved it before and hold a token of ours that says so."""
    found = await desk.work.look(NOBODY, at, lambda changes: changes.access_key(id)) if NAME_OF_PLACE.fullmatch(id) else None
    return found[0] if found and found[0].good_at(at) else None


async def note_refusal(desk: Desk, at: datetime, operation: str, why: str, key: str | None) -> None:
    """Somebody tried what they may not: which operation, why not and by which key; nothing of what they sent."""
    subject = {"operation": operation} | ({"key": key} if key else {})
    await desk.work.run(NOBODY, at, lambda changes: changes.audit("api-refused", subject, {"why": why}))


def hash_of(secret: str) -> str:
    """What is kept of a secret. A plain hash is enough for 144 random bits: there is no list of likely secrets to try."""
    return hashlib.sha256(secret.encode()).hexdigest()
