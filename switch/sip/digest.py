"""Digest authentication (RFC 7616, RFC 8760): a server without stored challenges, and the client's side.

A nonce is the time, a count and a MAC over both, the network and the source address. It is remembered only once it was
used, for as long as it lives; when there is no room, the oldest are declared used, never forgotten.
"""
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from hashlib import md5, sha256
from hmac import compare_digest
from hmac import digest as mac
from itertools import count

from aiosipua.auth import SipDigestAuth, build_credentials
from aiosipua.headers import parse_auth, stringify_auth

from switch.sip.access import AccessNetwork
from switch.sip.message import Response, raw_user

_HASHES = {"MD5": md5, "SHA-256": sha256}


def hashed(algorithm: str, text: str) -> str:
    return _HASHES[algorithm](text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What we keep of a user: HA1 by algorithm, bound to one realm, or a password."""

    ha1: Mapping[str, str] = field(default_factory=dict)
    password: str | None = None

    def ha1_for(self, user: str, network: AccessNetwork) -> str | None:
        known = self.ha1.get(network.algorithm)
        if known is None and self.password is not None:
            return hashed(network.algorithm, f"{user}:{network.realm}:{self.password}")
        return known


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    user: str
    password: str


LookupUser = Callable[[str], Credentials | None]


class Verdict(Enum):
    ACCEPTED = auto()
    ABSENT = auto()
    """No credentials, or none for us: challenge."""
    STALE = auto()
    """Right password, but the nonce is old or was used: challenge again with stale=true."""
    WRONG = auto()


@dataclass(frozen=True, slots=True)
class Checked:
    verdict: Verdict
    user: str = ""


class DigestGuard:
    """Issues and checks. `key` signs nonces; times are seconds of one clock."""

    def __init__(self, key: bytes, lookup: LookupUser, *, lifetime: float = 300.0, no_qop_lifetime: float = 30.0,
                 remembered: int = 65_536) -> None:
        self._key, self._lookup = key, lookup
        self._lifetime, self._no_qop_lifetime, self._remembered = lifetime, no_qop_lifetime, remembered
        self._issued = count()
        self._used: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._floor = float("-inf")

    def challenge(self, network: AccessNetwork, source: str, now: float, stale: bool) -> str:
        """The value of a WWW-Authenticate header. Exactly one algorithm is offered."""
        stem = f"{int(now * 1000):x}.{next(self._issued):x}"
        nonce = f"{stem}.{self._mac(stem, network, source)}"
        tail = ", stale=true" if stale else ""
        return f'Digest realm="{network.realm}", nonce="{nonce}", algorithm={network.algorithm}, qop="auth"{tail}'

    def check(self, header: str, method: str, uri: str, network: AccessNetwork, source: str, now: float) -> Checked:
        """Judge an Authorization value. A wrong user and a wrong password cannot be told apart by answer or time."""
        given = parse_auth(header, credentials=True)
        params = {name.lower(): value for name, value in given.params.items()}
        if given.scheme.lower() != "digest" or params.get("realm") != network.realm:
            return Checked(Verdict.ABSENT)
        user, nonce, qop = params.get("username", ""), params.get("nonce", ""), params.get("qop", "")
        if params.get("algorithm", "MD5").upper() != network.algorithm or qop not in ("auth", ""):
            return Checked(Verdict.WRONG, user)
        if not qop and not network.allow_no_qop:
            return Checked(Verdict.WRONG, user)
        counted = _count_of(params.get("nc", "")) if qop else 1
        known = self._lookup(user)
        ha1 = known.ha1_for(user, network) if known is not None else None
        expected = _response(network.algorithm, ha1 or hashed(network.algorithm, f"{user}:{network.realm}:"), method,
                             params)
        right = compare_digest(expected.encode(), params.get("response", "").lower().encode())
        if not right or ha1 is None or counted is None or not _same_target(params.get("uri", ""), uri):
            return Checked(Verdict.WRONG, user)
        if not self._use(nonce, counted, network, source, self._lifetime if qop else self._no_qop_lifetime, now):
            return Checked(Verdict.STALE, user)
        return Checked(Verdict.ACCEPTED, user)

    def _use(self, nonce: str, counted: int, network: AccessNetwork, source: str, lifetime: float, now: float) -> bool:
        """Whether this nonce is ours, alive, and used with a higher count than ever before."""
        stem, _, signature = nonce.rpartition(".")
        if not compare_digest(signature.encode(), self._mac(stem, network, source).encode()):
            return False
        issued = int(stem.partition(".")[0], 16) / 1000
        if not issued <= now + 0.001 < issued + lifetime or issued <= self._floor:
            return False
        if nonce in self._used and counted <= self._used[nonce][1]:
            return False
        self._used[nonce] = (issued, counted)
        self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        while self._used:
            issued, _ = next(iter(self._used.values()))
            full = len(self._used) > self._remembered
            if not full and issued + self._lifetime > now:
                return
            self._used.popitem(last=False)
            if full:
                self._floor = max(self._floor, issued)

    def _mac(self, stem: str, network: AccessNetwork, source: str) -> str:
        return mac(self._key, f"{stem}|{network.name}|{source}".encode(), "sha256").hex()[:32]

    def __len__(self) -> int:
        return len(self._used)


def _count_of(text: str) -> int | None:
    try:
        return int(text, 16) if len(text) == 8 else None
    except ValueError:
        return None


def _response(algorithm: str, ha1: str, method: str, params: Mapping[str, str]) -> str:
    ha2 = hashed(algorithm, f"{method}:{params.get('uri', '')}")
    middle = params.get("nonce", "")
    if params.get("qop"):
        middle += f":{params.get('nc', '')}:{params.get('cnonce', '')}:auth"
    return hashed(algorithm, f"{ha1}:{middle}:{ha2}")


def _same_target(digest_uri: str, request_uri: str) -> bool:
    # SIPp and pyVoIP sign the server's URI, not the number's. A user part that a client does sign must be the one asked.
    signed = raw_user(digest_uri)
    return not signed or signed == raw_user(request_uri)


def answer(credentials: ClientCredentials, response: Response, method: str, uri: str,
           cnonce: str) -> tuple[str, str] | None:
    """The header that answers a 401 or 407, or None when the challenge is none that we can answer."""
    asked, answered = (("www-authenticate", "Authorization") if response.status == 401
                       else ("proxy-authenticate", "Proxy-Authorization"))
    for value in response.all(asked):
        built = build_credentials(SipDigestAuth(credentials.user, credentials.password), parse_auth(value), method,
                                  uri, cnonce=cnonce)
        if built is not None:
            return answered, stringify_auth(built)
    return None


def is_stale(response: Response) -> bool:
    """Whether a challenge says that only the nonce was old."""
    asked = "www-authenticate" if response.status == 401 else "proxy-authenticate"
    return any(parse_auth(value).params.get("stale", "").lower() == "true" for value in response.all(asked))
