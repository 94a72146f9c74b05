"""A soft phone: one SIP socket, any number of calls, each with its own sound. In a cell it registers; outside it is the world."""
import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from switch.runtime.sip_server import SipServer
from switch.sip import events as sip
from switch.sip.access import TrunkPeer
from switch.sip.config import EndpointConfig
from switch.sip.digest import ClientCredentials
from switch.sip.endpoint import Endpoint
from switch.sip.sdp import AudioDescription, build_audio, parse_audio
from switch.softphone.ears import Ear, Sounds
from switch.softphone.sound import SoundEnd

_serial = count(1)


@dataclass
class SoftCall:
    """One call of a soft phone. `ended` says how: a SIP status, or `bye`."""

    number: str
    sound: SoundEnd
    dialog: sip.DialogId | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: "asyncio.Future[str]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def over(self, how: str) -> None:
        self.sound.close()
        if not self.ended.done():
            self.ended.set_result(how)
        self.answered.set()


class SoftPhone:
    """`far` is the switch. `on_ring` is asked for each call that comes in; without it every call is refused with 486. `run` is of
    this process alone: a switch that saw another's Call-ID takes the same for one call come by two ways (RFC 3261 8.2.2.2)."""

    def __init__(self, host: str, far: tuple[str, int], sounds: Sounds, user: str = "", password: str = "",
                 run: str = "") -> None:
        self._host, self._far, self._sounds, self._user, self._run = host, far, sounds, user, run
        self._credentials = ClientCredentials(user, password) if user else None
        self._calls: dict[sip.DialogId, SoftCall] = {}
        self._registered: asyncio.Future[bool] | None = None
        self.on_ring: Callable[[str, sip.DialogId], None] | None = None
        self._offers: dict[sip.DialogId, bytes] = {}
        self._server: SipServer | None = None

    async def start(self, port: int = 0) -> "SoftPhone":
        tokens = (f"{self._user or 'outside'}-{self._run}-{next(_serial)}-{number}" for number in count())
        config = EndpointConfig(
            trunks=(TrunkPeer("switch", (self._far[0],)),), without_registrar=True, nonce_key=b"a phone challenges nobody",
            server="Wingline soft phone",
        )  # fmt: skip
        endpoint = Endpoint(config, lambda: next(tokens), lambda _user: None)
        self._server = await SipServer.start(endpoint, (self._host, port), self._on_event)
        return self

    @property
    def server(self) -> SipServer:
        assert self._server is not None, "not started"
        return self._server

    def close(self) -> None:
        for call in list(self._calls.values()):
            self.hangup(call)
        if self._server is not None:
            self._server.close()

    # in a cell

    async def register(self) -> bool:
        self._registered = asyncio.get_running_loop().create_future()
        aor, registrar = f"sip:{self._user}@{self._far[0]}:{self._far[1]}", f"sip:{self._far[0]}:{self._far[1]}"
        self.server.act(lambda e, now: e.register(aor, registrar, self._flow(), self._credentials, now))
        return await asyncio.wait_for(self._registered, 5.0)

    async def call(self, number: str) -> SoftCall:
        """Dial; returns at once, `answered` and `ended` tell the rest."""
        call = SoftCall(number, await SoundEnd.open(self._host, next(_serial) * 7919, Ear(self._sounds)))
        sdp = build_audio(self._host, call.sound.port, session=1, version=1, payload_types=(8,))
        uri, me = f"sip:{number}@{self._far[0]}:{self._far[1]}", f"sip:{self._user}@{self._far[0]}"
        call.dialog = self.server.act(
            lambda e, now: e.dial(uri, self._flow(), from_uri=me, sdp=sdp, credentials=self._credentials, now=now)
        )
        self._calls[call.dialog] = call
        return call

    def hangup(self, call: SoftCall) -> None:
        dialog = call.dialog
        if dialog is not None and self._calls.pop(dialog, None) is not None:
            self.server.act(lambda e, now: e.hangup(dialog, now))
            call.over("hung up")

    # outside

    def is_ringing(self, dialog: sip.DialogId) -> bool:
        """Whether a call that came in still waits for an answer."""
        return dialog in self._offers

    async def answer(self, dialog: sip.DialogId, number: str) -> SoftCall:
        """Pick up; the call's sound is ready to speak."""
        given = parse_audio(self._offers.pop(dialog))
        assert isinstance(given, AudioDescription)
        call = SoftCall(number, await SoundEnd.open(self._host, next(_serial) * 7919, Ear(self._sounds)), dialog)
        self._calls[dialog] = call
        sdp = build_audio(self._host, call.sound.port, session=1, version=1, payload_types=(8,))
        self.server.act(lambda e, now: e.answer(dialog, sdp, now))
        call.sound.talk_to((given.address, given.port), given.telephone_event)
        call.answered.set()
        return call

    def refuse(self, dialog: sip.DialogId, status: int) -> None:
        self._offers.pop(dialog, None)
        self.server.act(lambda e, now: e.refuse(dialog, status, now))

    def ring(self, dialog: sip.DialogId) -> None:
        self.server.act(lambda e, now: e.progress(dialog, 180, now=now))

    def _flow(self) -> sip.Flow:
        return sip.Flow("udp", self.server.local, self._far)

    def _on_event(self, event: sip.SipEvent) -> None:
        match event:
            case sip.InviteReceived(dialog=dialog, request_uri_user=number, sdp=bytes(sdp)):
                self._offers[dialog] = sdp
                if self.on_ring:
                    self.on_ring(number, dialog)
                else:
                    self.refuse(dialog, 486)
            case sip.Answered(dialog, sdp) if call := self._calls.get(dialog):
                given = parse_audio(sdp)
                if isinstance(given, AudioDescription):
                    call.sound.talk_to((given.address, given.port), given.telephone_event)
                call.answered.set()
            case sip.Rejected(dialog, status, _):
                self._over(dialog, str(status))
            case sip.ByeReceived(dialog, _):
                self._over(dialog, "bye")
            case sip.InviteCancelled(dialog) | sip.NoAck(dialog) | sip.SessionExpired(dialog) | sip.DialogLost(dialog, _):
                self._offers.pop(dialog, None)
                self._over(dialog, type(event).__name__)
            case sip.RegisterSucceeded() if self._registered and not self._registered.done():
                self._registered.set_result(True)
            case sip.RegisterFailed() if self._registered and not self._registered.done():
                self._registered.set_result(False)

    def _over(self, dialog: sip.DialogId, how: str) -> None:
        if call := self._calls.pop(dialog, None):
            call.over(how)
