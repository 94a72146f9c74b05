"""A carrier: how a number that the plan allowed is reached outside."""
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Route:
    """Where to send the INVITE: request URI, next hop, the CLI that is shown, and the trunk's credentials if it asks."""

    uri: str
    host: str
    port: int
    cli: str
    user: str = ""
    password: str = ""


class Carrier(Protocol):
    def route(self, dial: str) -> Route:
        """The way for `Decision.dial`: a number as +E.164, a short code, or a whole SIP URI."""
