"""A switch on a real socket that answers every call, for tests on the wire."""
import asyncio
import secrets
from collections.abc import Callable
from typing import TypeVar

from switch.runtime.sip_server import SipServer
from switch.sip.access import AccessNetwork, TrunkPeer
from switch.sip.config import EndpointConfig
from switch.sip.digest import Credentials
from switch.sip.endpoint import Endpoint
from switch.sip.events import InviteReceived, SipEvent
from switch.sip.sdp import build_audio

E = TypeVar("E")
HERE = ("127.0.0.1", 0)
CELLS = AccessNetwork("cells", ("127.0.0.0/8",), realm="cells.test")
USERS = {"cell-1": Credentials(password="open-sesame")}
MEDIA = build_audio("127.0.0.1", 30000, session=7, version=1)


def token() -> str:
    return secrets.token_hex(8)


class Listener:
    """A server and what it heard."""

    def __init__(self) -> None:
        self.events: list[SipEvent] = []
        self.react: Callable[[SipEvent], None] = lambda event: None
        self.server: SipServer
        self._changed = asyncio.Event()

    def hear(self, event: SipEvent) -> None:
        self.events.append(event)
        self.react(event)
        self._changed.set()

    async def until(self, kind: type[E], within: float = 10.0) -> E:
        """The first event of a kind, now or soon."""
        async with asyncio.timeout(within):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        return event
                self._changed.clear()
                await self._changed.wait()


async def start(config: EndpointConfig) -> Listener:
    listener = Listener()
    listener.server = await SipServer.start(Endpoint(config, token, USERS.get), HERE, listener.hear)
    return listener


async def start_switch(network: AccessNetwork = CELLS) -> Listener:
    """A switch that answers each call at once."""
    switch = await start(EndpointConfig(networks=(network,), nonce_key=secrets.token_bytes(32)))

    def react(event: SipEvent) -> None:
        if isinstance(event, InviteReceived):
            switch.server.act(lambda endpoint, now: endpoint.answer(event.dialog, MEDIA, now))

    switch.react = react
    return switch


async def start_phone() -> Listener:
    return await start(EndpointConfig(trunks=(TrunkPeer("switch", ("127.0.0.1/32",)),), without_registrar=True))


