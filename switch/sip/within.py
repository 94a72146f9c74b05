"""Requests within a call: BYE, re-INVITE, UPDATE, INFO, and what is refused (RFC 3261 12.2.2 and 14.2).

The media of a call is anchored here. A hold or a session refresh gets the description that we gave, again; a request to
move media is told and does nothing until it is answered from above.
"""
import re

from switch.sip import session
from switch.sip.build import body_of
from switch.sip.dialog import Dialog, DialogState, DialogTable
from switch.sip.endings import Endings, media_headers
from switch.sip.events import ByeReceived, DigitByInfo, Flow, MediaOffered, TransferRefused
from switch.sip.exchanges import ALLOW, ServerExchange, Stack, unknown_extensions
from switch.sip.keeping import Keeping
from switch.sip.message import Request, uri_in
from switch.sip.sdp import AudioDescription, SdpError, answering, parse_audio
from switch.sip.uas import Answering

_SIGNAL = re.compile(rb"^\s*Signal\s*=\s*([0-9A-D*#])\s*$", re.IGNORECASE | re.MULTILINE)
_DURATION = re.compile(rb"^\s*Duration\s*=\s*(\d{1,5})\s*$", re.IGNORECASE | re.MULTILINE)
USUAL_DIGIT = 160
"""Milliseconds."""


class Within:
    def __init__(self, stack: Stack, table: DialogTable, endings: Endings, keeping: Keeping, uas: Answering) -> None:
        self._stack, self._table, self._endings, self._keeping, self._uas = stack, table, endings, keeping, uas
        table.rang = self._rang

    def received(self, request: Request, flow: Flow, now: float, invite: ServerExchange | None = None) -> None:
        """A request with a To tag that is no repetition; `invite` is the transaction whose branch an ACK bears."""
        dialog = self._table.of(request)
        if dialog is None and invite is not None:
            dialog = self._table.of_ack(request, invite)
        if dialog is not None and not self._table.may_speak(dialog, flow):
            dialog = None
        if request.method == "ACK":
            if dialog is not None:
                self._uas.acked(dialog, request, now)
            return
        if dialog is None:
            self._stack.reply(request, 481, flow, "")
            return
        exchange = self._stack.open(request, flow)
        if request.cseq <= dialog.remote_cseq:
            exchange.respond(500, now)  # out of order (RFC 3261 12.2.2)
            return
        dialog.remote_cseq = request.cseq
        if unknown := unknown_extensions(request):
            exchange.respond(420, now, (("Unsupported", ", ".join(unknown)),))
            return
        match request.method:
            case "BYE":
                self._bye(dialog, request, exchange, now)
            case "OPTIONS":
                exchange.respond(200, now, (("Allow", ALLOW), ("Accept", "application/sdp")))
            case "REFER":
                target = request.first("refer-to") or request.first("r")
                self._stack.events.append(TransferRefused(dialog.id, "REFER", uri_in(target), flow))
                exchange.respond(603, now)
            case "INFO":
                self._info(dialog, request, exchange, now)
            case "INVITE" | "UPDATE":
                self._offer(dialog, request, exchange, now)
            case _:
                exchange.respond(405, now, (("Allow", ALLOW),))

    def answer_offer(self, dialog: Dialog, exchange: ServerExchange, sdp: bytes, now: float) -> None:
        """The answer from above to a MediaOffered, whose request waits in `exchange`."""
        dialog.pending = None
        dialog.timers.pop("offer", None)
        dialog.remote_sdp = body_of(exchange.request)
        self._accept(dialog, exchange, sdp, now)

    def _bye(self, dialog: Dialog, request: Request, exchange: ServerExchange, now: float) -> None:
        exchange.respond(200, now)
        self._endings.refuse_pending(dialog, 487, now)
        told = dialog.state in (DialogState.ENDING, DialogState.ENDED)
        if not told:
            self._stack.events.append(ByeReceived(dialog.id, request.first("reason")))
        if dialog.invite is not None:  # the caller left an early dialog (RFC 3261 15.1.2)
            self._endings.refuse(dialog, 487, now)
        elif not dialog.caller and dialog.state in (DialogState.INVITED, DialogState.EARLY):
            dialog.state = DialogState.ENDING
            self._endings.cancel(dialog, now)
        elif not told or dialog.unacked is not None:
            self._table.forget(dialog)

    def _info(self, dialog: Dialog, request: Request, exchange: ServerExchange, now: float) -> None:
        kind = request.first("content-type").partition(";")[0].strip().lower()
        if kind == "application/dtmf-relay" and (signal := _SIGNAL.search(request.body)):
            length = _DURATION.search(request.body)
            self._digit(dialog, signal[1], int(length[1]) if length else USUAL_DIGIT)
        elif kind == "application/dtmf" and re.fullmatch(rb"\s*[0-9A-Da-d*#]\s*", request.body):
            self._digit(dialog, request.body.strip(), USUAL_DIGIT)
        elif request.body:
            exchange.respond(415, now, (("Accept", "application/dtmf-relay, application/dtmf"),))
            return
        exchange.respond(200, now)

    def _digit(self, dialog: Dialog, digit: bytes, duration: int) -> None:
        if dialog.state in (DialogState.ANSWERED, DialogState.CONFIRMED):
            self._stack.events.append(DigitByInfo(dialog.id, digit.decode().upper(), duration))

    def _offer(self, dialog: Dialog, request: Request, exchange: ServerExchange, now: float) -> None:
        """A re-INVITE or UPDATE."""
        if dialog.state in (DialogState.ENDING, DialogState.ENDED):
            exchange.respond(481, now)
        elif dialog.exchange is not None:
            exchange.respond(491, now)  # ours is on its way (RFC 3261 14.2)
        elif dialog.pending is not None or dialog.unacked is not None or dialog.state is not DialogState.CONFIRMED:
            exchange.respond(500, now, (("Retry-After", "2"),))
        elif session.too_small(request, self._stack.config.session):
            exchange.respond(422, now, (("Min-SE", str(self._stack.config.session.shortest)),))
        elif (offer := body_of(request)) is None:
            dialog.offer_wanted = request.method == "INVITE"
            self._accept(dialog, exchange, answering(dialog.given, "sendrecv") if dialog.offer_wanted else b"", now)
        else:
            self._offered(dialog, offer, exchange, now)

    def _offered(self, dialog: Dialog, offer: bytes, exchange: ServerExchange, now: float) -> None:
        audio = parse_audio(offer)
        if isinstance(audio, SdpError) or not audio.port or not _shared(dialog, audio):
            exchange.respond(488, now)
        elif offer != dialog.remote_sdp and _moves(dialog, audio):
            dialog.pending = exchange
            dialog.timers["offer"] = now + self._stack.config.media_offer_wait
            self._table.touch(dialog)
            if exchange.request.method == "INVITE":
                exchange.respond(100, now)
            self._stack.events.append(MediaOffered(dialog.id, offer))
        else:
            self._accept(dialog, exchange, answering(dialog.given, audio.direction), now)

    def _accept(self, dialog: Dialog, exchange: ServerExchange, sdp: bytes, now: float) -> None:
        request = exchange.request
        dialog.retarget(request)
        agreed, headers = session.agreed_as_server(request, self._stack.config.session)
        if request.method == "INVITE":
            self._uas.accept(dialog, exchange, sdp, now, headers)
        else:
            dialog.given = sdp or dialog.given
            exchange.respond(200, now, (*media_headers(dialog), ("Supported", "timer"), *headers), sdp)
        self._keeping.start(dialog, agreed, now)

    def _rang(self, dialog: Dialog, name: str, now: float) -> None:
        match name:
            case "2xx":
                self._uas.repeat(dialog, now)
            case "ack":
                self._uas.unacknowledged(dialog, now)
            case "refresh":
                self._keeping.refresh(dialog, now)
            case "expire":
                self._keeping.expired(dialog, now)
            case "offer":
                self._endings.refuse_pending(dialog, 488, now)
            case _:  # "cancel"
                # RFC 3261 9.1: nobody answers the CANCELled INVITE. Its transaction stays to end a late 200.
                self._table.forget(dialog)


def _moves(dialog: Dialog, audio: AudioDescription) -> bool:
    """Whether an offer wants media elsewhere. The old way to hold, address 0.0.0.0, moves nothing (RFC 3264 8.4)."""
    before = parse_audio(dialog.remote_sdp or b"")
    known = (before.address, before.port) if isinstance(before, AudioDescription) else None
    return audio.address not in ("0.0.0.0", "::") and (audio.address, audio.port) != known


def _shared(dialog: Dialog, audio: AudioDescription) -> bool:
    """Whether an offer still has a codec of the description that we gave."""
    given = parse_audio(dialog.given)
    return isinstance(given, AudioDescription) and bool({name for _, name in given.codecs} & {name for _, name in audio.codecs})

