"""Session timers (RFC 4028): who refreshes, how often, and when silence means that the call is dead."""
from dataclasses import dataclass

from switch.sip.build import Headers
from switch.sip.config import SessionConfig
from switch.sip.message import Message


@dataclass(frozen=True, slots=True)
class Session:
    """An agreed session timer; `interval` in seconds."""

    interval: int
    we_refresh: bool

    @property
    def refresh_after(self) -> float:
        return self.interval / 2

    @property
    def dead_after(self) -> float:
        """RFC 4028 section 10: a third of the interval, at most 32 seconds, before it is over."""
        return self.interval - min(32.0, self.interval / 3)


@dataclass(frozen=True, slots=True)
class Asked:
    interval: int
    refresher: str
    """"uac", "uas" or empty."""


def asked(message: Message) -> Asked | None:
    """The Session-Expires of a message (compact form x), or None."""
    value = message.first("session-expires") or message.first("x")
    number, *params = (part.strip() for part in value.split(";"))
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    named = {name.strip().lower(): value.strip().lower() for name, _, value in (param.partition("=") for param in params)}
    refresher = named.get("refresher", "")
    return Asked(int(number), refresher if refresher in ("uac", "uas") else "")


def supports(message: Message) -> bool:
    return bool({"timer"} & (message.tokens("supported") | message.tokens("k") | message.tokens("require")))


def minimum(message: Message) -> int:
    value = message.first("min-se").partition(";")[0].strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0


def offered(config: SessionConfig, at_least: int = 0) -> Headers:
    """What our own INVITE asks for."""
    if not config.expires:
        return ()
    return (("Supported", "timer"), ("Session-Expires", str(max(config.expires, at_least))),
            ("Min-SE", str(max(config.shortest, at_least))))


def too_small(message: Message, config: SessionConfig) -> bool:
    """Whether to answer 422 (RFC 4028 section 9); only those who know the extension can be told."""
    want = asked(message)
    return want is not None and want.interval < config.shortest and supports(message)


def agreed_as_server(message: Message, config: SessionConfig) -> tuple[Session | None, Headers]:
    """The session that our 2xx grants, and its headers. The caller has the role that it asked for, else it refreshes."""
    want = asked(message)
    if not config.expires or not supports(message):
        return None, ()
    interval = min(want.interval, config.expires) if want is not None else config.expires
    interval = max(interval, config.shortest, minimum(message))
    refresher = want.refresher if want is not None and want.refresher else "uac"
    headers = (("Require", "timer"), ("Session-Expires", f"{interval};refresher={refresher}"))
    return Session(interval, refresher == "uas"), headers if refresher == "uac" else headers[1:]


def agreed_as_client(response: Message, config: SessionConfig) -> Session | None:
    """The session that a 2xx to our request grants."""
    got = asked(response)
    if got is None or not config.expires or not got.interval:
        return None
    return Session(max(got.interval, 1), got.refresher != "uas")
