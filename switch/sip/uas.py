"""The leg of somebody who calls us: from the INVITE to the ACK of our answer (RFC 3261 sections 13.3 and 9.2)."""
from switch.sip import session
from switch.sip.access import Access, TrunkPeer
from switch.sip.build import Headers, body_of
from switch.sip.dialog import Dialog, DialogState, DialogTable, Unacked
from switch.sip.endings import Endings, media_headers
from switch.sip.events import AckReceived, DialogId, Flow, InviteCancelled, InviteReceived, NoAck
from switch.sip.exchanges import ServerExchange, Stack
from switch.sip.keeping import Keeping
from switch.sip.message import Request, caller_user, raw_user


class Answering:
    def __init__(self, stack: Stack, table: DialogTable, endings: Endings, keeping: Keeping) -> None:
        self._stack, self._table, self._endings, self._keeping = stack, table, endings, keeping

    def invited(self, request: Request, exchange: ServerExchange, user: str | None, access: Access, flow: Flow,
                now: float) -> None:
        """A caller who may call: make the leg and tell."""
        if session.too_small(request, self._stack.config.session):
            exchange.respond(422, now, (("Min-SE", str(self._stack.config.session.shortest)),))
            return
        if not request.all("contact"):
            exchange.respond(400, now)
            return
        offer = body_of(request)
        if request.body and offer is None:
            exchange.respond(415, now, (("Accept", "application/sdp"),))
            return
        tag = exchange.to_tag
        dialog = Dialog(self._table, DialogId(self._stack.ids()), caller=True, call_id=request.call_id,
                        local=f"{request.to};tag={tag}", local_tag=tag, flow=flow, contact=self._stack.contact(flow))
        dialog.learn(request, reverse=False)
        dialog.remote_cseq, dialog.invite = request.cseq, exchange
        dialog.user, dialog.network, dialog.trunk = user, access.name, isinstance(access, TrunkPeer)
        dialog.offer_wanted = offer is None
        dialog.remote_sdp = offer
        self._table.add(dialog)
        self._stack.events.append(InviteReceived(dialog.id, user, access.name, raw_user(request.uri),
                                                 caller_user(request.from_),
                                                 offer, flow, request.call_id))

    def progress(self, dialog: Dialog, status: int, sdp: bytes | None, now: float) -> None:
        """A provisional answer; with `sdp` it is early media."""
        if dialog.invite is not None and 100 < status < 200:
            dialog.state = DialogState.EARLY
            dialog.given = sdp or dialog.given
            dialog.invite.respond(status, now, media_headers(dialog), sdp or b"")

    def answer(self, dialog: Dialog, sdp: bytes, now: float) -> None:
        """200, repeated until the ACK comes (RFC 3261 13.3.1.4)."""
        invite = dialog.invite
        if invite is None:
            return
        agreed, headers = session.agreed_as_server(invite.request, self._stack.config.session)
        self.accept(dialog, invite, sdp, now, headers)
        dialog.invite, dialog.state = None, DialogState.ANSWERED
        self._keeping.start(dialog, agreed, now)

    def accept(self, dialog: Dialog, exchange: ServerExchange, sdp: bytes, now: float, headers: Headers) -> None:
        """A 2xx to an INVITE, the first or a later one."""
        t1 = self._stack.config.timers.t1
        dialog.given = sdp
        data = exchange.respond(200, now, (*media_headers(dialog), ("Supported", "timer"), *headers), sdp)
        dialog.unacked = Unacked(exchange.request.cseq, data, exchange, t1)
        dialog.timers["2xx"] = now + t1
        dialog.timers["ack"] = now + 64 * t1
        self._table.touch(dialog)

    def acked(self, dialog: Dialog, request: Request, now: float) -> None:
        """The ACK of a 2xx. Others are late or forged, and say nothing."""
        if dialog.unacked is None or request.cseq != dialog.unacked.cseq:
            return
        dialog.unacked = None
        del dialog.timers["2xx"], dialog.timers["ack"]
        self._table.touch(dialog)
        answer = body_of(request) if dialog.offer_wanted else None
        dialog.offer_wanted = False
        if dialog.state is DialogState.ENDING:
            self._endings.bye(dialog, now, dialog.ending_headers)
        elif dialog.state is DialogState.ANSWERED:
            dialog.state, dialog.remote_sdp = DialogState.CONFIRMED, answer or dialog.remote_sdp
            self._stack.events.append(AckReceived(dialog.id, answer))

    def repeat(self, dialog: Dialog, now: float) -> None:
        """No ACK yet: the 2xx again, at T1 doubling up to T2."""
        waiting = dialog.unacked
        assert waiting is not None  # the timer goes with it
        waiting.exchange.repeat(waiting.data)
        waiting.every = min(waiting.every * 2, self._stack.config.timers.t2)
        dialog.timers["2xx"] = now + waiting.every

    def unacknowledged(self, dialog: Dialog, now: float) -> None:
        """64*T1 without an ACK."""
        self._endings.lose(dialog, NoAck(dialog.id), now)

    def cancelled(self, dialog: Dialog, now: float) -> None:
        """A CANCEL came. After our final answer it has no effect (RFC 3261 9.2)."""
        if dialog.invite is not None:
            self._endings.refuse(dialog, 487, now)
            self._stack.events.append(InviteCancelled(dialog.id))
        else:
            self._endings.refuse_pending(dialog, 487, now)
