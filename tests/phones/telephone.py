"""A telephone of our own making for the wire tests: SIP by `switch.sip`, sound by `RtpPhone`, and ears that can be awaited.

In a cell it registers and dials; outside it is every family, on the port where the site expects its carrier.
"""
import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from switch.media import g711
from switch.runtime.sip_server import SipServer
from switch.sip import events as sip
from switch.sip.access import TrunkPeer
from switch.sip.config import EndpointConfig
from switch.sip.digest import ClientCredentials
from switch.sip.endpoint import Endpoint
from tests.phones.ears import share_with
from tests.phones.prompts_heard import payload_of, prompts_in
from tests.phones.rtp_phone import RtpPhone, Weather
from tests.phones.site import Account, Site

_serial = count(1)
PATIENCE = 60.0
"""Seconds after which what should be heard or happen never will."""
STEADY = 5
"""Frames in a row that a tone must sound in: no word does that."""


class Handset(RtpPhone):
    """An `RtpPhone` whose ear can be waited on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[float]]] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        super().datagram_received(data, addr)
        for test, future in list(self._waiting):
            if not future.done() and test():
                future.set_result(self.heard[-1].at)

    def payload(self, since: float = 0.0, until: float = float("inf")) -> bytes:
        """G.711 as it came."""
        return b"".join(one.payload for one in self.heard if since <= one.at < until and one.kind == self.law)

    def prompts(self, since: float = 0.0) -> set[str]:
        """The prompts heard whole."""
        return prompts_in(self.payload(since), self.law)

    async def hears_prompt(self, name: str, seconds: float = PATIENCE) -> float:
        """Wait until a prompt has been heard to its last frame; the moment it had, which may be past."""
        sound = payload_of(name, self.law)
        await self._until(lambda: sound in self.payload(), name, seconds, lambda: self.heard[-1].payload == sound[-160:])
        end, so_far = self.payload().index(sound) + len(sound), 0
        for one in self.heard:
            so_far += len(one.payload) if one.kind == self.law else 0
            if so_far >= end:
                return one.at
        raise AssertionError("unreachable: the prompt is in what was heard")

    async def hears_begin(self, name: str, since: float = 0.0, seconds: float = PATIENCE) -> float:
        """Wait until half a second of a prompt has come after a moment: enough to know it and to answer."""
        start = payload_of(name, g711.PCMA)[: g711.RATE // 2]
        return await self._until(lambda: start in self.payload(since), f"the beginning of {name}", seconds,
                                 lambda: self.heard[-1].payload == start[-160:])

    async def hears_tone(self, hz: float, seconds: float = PATIENCE) -> float:
        """Wait until a tone stands; the moment it did."""
        return await self._until(lambda: self._stands(hz), f"{hz} Hz", seconds)

    async def packets(self, count: int, seconds: float = PATIENCE) -> float:
        """Wait for that many packets more: a clock that runs only while there is sound."""
        have = len(self.heard)
        return await self._until(lambda: len(self.heard) >= have + count, f"{count} packets", seconds)

    def _stands(self, hz: float) -> bool:
        last = [one for one in self.heard[-STEADY - 2 :] if one.kind == self.law][-STEADY:]
        decode = g711.decode_alaw if self.law == g711.PCMA else g711.decode_ulaw
        return len(last) == STEADY and share_with(np.concatenate([decode(one.payload) for one in last]), hz, -30.0) == 1.0

    async def _until(self, test: Callable[[], bool], what: str, seconds: float, sign: Callable[[], bool] = lambda: True) -> float:
        """Wait for what is tested with each packet that bears the sign; at once when it is so already."""
        if self.heard and test():
            return self.heard[-1].at
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        entry = (lambda: sign() and test(), future)
        self._waiting.append(entry)
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            raise AssertionError(f"{what} was never heard; these prompts were: {self.prompts()}") from None
        finally:
            self._waiting.remove(entry)


@dataclass(eq=False)
class Leg:
    """One call of a telephone. `ended` tells how: a SIP status, `bye`, or the name of the event."""

    number: str
    set: Handset
    dialog: sip.DialogId | None = None
    offer: bytes = b""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    rang: asyncio.Event = field(default_factory=asyncio.Event)
    ended: "asyncio.Future[str]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def up(self) -> "Leg":
        """Wait for the answer."""
        async with asyncio.timeout(PATIENCE):
            await self.answered.wait()
        return self

    async def over(self, seconds: float = PATIENCE) -> str:
        """Wait for the end."""
        return await asyncio.wait_for(asyncio.shield(self.ended), seconds)

    def ear(self, since: float = 0.0, until: float = float("inf")) -> NDArray[np.int16]:
        return self.set.ear(since, until)


class Telephone:
    """Use as an async context: it registers on entering, when it has an account, and is gone with all its calls on leaving."""

    def __init__(self, far: tuple[str, int], host: str = "127.0.0.1", port: int = 0, account: Account | None = None) -> None:
        self._far, self._host, self._port, self._account = far, host, port, account
        self._credentials = ClientCredentials(account.user, account.password) if account else None
        self._legs: dict[sip.DialogId, Leg] = {}
        self._all: list[Leg] = []
        self._registered: asyncio.Future[sip.SipEvent] | None = None
        self.rings: asyncio.Queue[Leg] = asyncio.Queue()
        self.seen: list[sip.SipEvent] = []
        self.server: SipServer

    async def __aenter__(self) -> "Telephone":
        user = self._account.user if self._account else "outside"
        tokens = (f"{user}-{next(_serial)}-{number}" for number in count())
        config = EndpointConfig(trunks=(TrunkPeer("switch", (self._far[0],)),), without_registrar=True, server="Test telephone",
                                nonce_key=b"it challenges nobody")
        endpoint = Endpoint(config, lambda: next(tokens), lambda _user: None)
        self.server = await SipServer.start(endpoint, (self._host, self._port), self._on_event)
        if self._account is not None:
            answer = await self.register()
            assert isinstance(answer, sip.RegisterSucceeded), answer
        return self

    async def __aexit__(self, *_: object) -> None:
        for leg in self._all:
            self.hangup(leg)
            await leg.set.close()
        self.server.close()
        await asyncio.sleep(0)  # the port is free once the loop has come round

    async def register(self, account: Account | None = None, name: str = "") -> sip.SipEvent:
        """How the registrar took it. With another account, or under another's name, it is a try that ought to fail."""
        account = account or self._account
        assert account is not None
        self._registered = asyncio.get_running_loop().create_future()
        credentials = ClientCredentials(account.user, account.password)
        aor, registrar = f"sip:{name or account.user}@{self._far[0]}:{self._far[1]}", f"sip:{self._far[0]}:{self._far[1]}"
        self.server.act(lambda e, now: e.register(aor, registrar, self.server.flow(self._far), credentials, now))
        return await asyncio.wait_for(self._registered, PATIENCE)

    # in a cell

    async def dial(self, number: str, hz: float, weather: Weather | None = None, law: int = g711.PCMA, **lies: Any) -> Leg:
        """Call; `number` goes into the Request-URI as it is. Sends its tone from the answer on. `lies` go into its SDP."""
        assert self._account is not None
        leg = Leg(number, Handset(hz, law, (law,), self._host, weather or Weather(seed=next(_serial))))
        await leg.set.open()
        uri, me = f"sip:{number}@{self._far[0]}:{self._far[1]}", f"sip:{self._account.user}@{self._far[0]}"
        sdp = leg.set.sdp(**lies)
        leg.dialog = self.server.act(lambda e, now: e.dial(
            uri, self.server.flow(self._far), from_uri=me, sdp=sdp, credentials=self._credentials, now=now))
        self._legs[leg.dialog] = leg
        self._all.append(leg)
        return leg

    def hangup(self, leg: Leg) -> None:
        """BYE, CANCEL or a refusal, whichever fits; nothing when it is over."""
        dialog = leg.dialog
        if dialog is not None and self._legs.pop(dialog, None) is not None:
            self.server.act(lambda e, now: e.hangup(dialog, now))
            self._end(leg, "hung up")

    # outside

    async def ring(self) -> Leg:
        """Wait for a call that comes in; `number` is the Request-URI's user."""
        async with asyncio.timeout(PATIENCE):
            return await self.rings.get()

    async def early(self, leg: Leg, hz: float) -> None:
        """183 with a description, and the tone before any answer."""
        sdp = await self._open(leg, hz)
        self.server.act(lambda e, now: e.progress(self._dialog(leg), 183, sdp, now=now))
        leg.set.start()

    async def answer(self, leg: Leg, hz: float, weather: Weather | None = None) -> Leg:
        """Pick up, and send the tone from now on."""
        sdp = await self._open(leg, hz, weather)
        self.server.act(lambda e, now: e.answer(self._dialog(leg), sdp, now))
        leg.answered.set()
        if leg.set._task is None:
            leg.set.start()
        return leg

    def refuse(self, leg: Leg, status: int) -> None:
        self.server.act(lambda e, now: e.refuse(self._dialog(leg), status, now))
        self._legs.pop(self._dialog(leg), None)

    async def _open(self, leg: Leg, hz: float, weather: Weather | None = None) -> bytes:
        leg.set.hz = hz
        if weather is not None:
            leg.set.weather = weather
        if leg.set.transport is None:
            await leg.set.open()
            leg.set.aim(leg.offer)
        return leg.set.sdp()

    @staticmethod
    def _dialog(leg: Leg) -> sip.DialogId:
        assert leg.dialog is not None
        return leg.dialog

    @staticmethod
    def _end(leg: Leg, how: str) -> None:
        if not leg.ended.done():
            leg.ended.set_result(how)
        leg.answered.set()

    def _on_event(self, event: sip.SipEvent) -> None:
        self.seen.append(event)
        match event:
            case sip.InviteReceived(dialog=dialog, request_uri_user=number, sdp=bytes(sdp)):
                ear = Handset(0, host=self._host, laws=(g711.PCMA,), weather=Weather(seed=next(_serial)))
                leg = Leg(number, ear, dialog, sdp)
                self._legs[dialog] = leg
                self._all.append(leg)
                self.rings.put_nowait(leg)
            case sip.Answered(dialog, sdp) if dialog in self._legs:
                self._legs[dialog].set.aim(sdp)
                self._legs[dialog].set.start()
                self._legs[dialog].answered.set()
            case sip.Rejected(dialog, status, _):
                self._over(dialog, str(status))
            case sip.ByeReceived(dialog, _):
                self._over(dialog, "bye")
            case sip.InviteCancelled(dialog) | sip.NoAck(dialog) | sip.SessionExpired(dialog) | sip.DialogLost(dialog, _):
                self._over(dialog, type(event).__name__)
            case sip.RegisterSucceeded() | sip.RegisterFailed() if self._registered and not self._registered.done():
                self._registered.set_result(event)

    def _over(self, dialog: sip.DialogId, how: str) -> None:
        if leg := self._legs.pop(dialog, None):
            self._end(leg, how)


def cell(site: Site, user: str) -> Telephone:
    """The telephone `user` of the example, in the network that it belongs to."""
    account = site.account(user)
    return Telephone(site.sip, account.host, account=account)


def outside(site: Site) -> Telephone:
    """Every family: what the site takes for its carrier."""
    return Telephone(site.sip, site.trunk[0], site.trunk[1])
