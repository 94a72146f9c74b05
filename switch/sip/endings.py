"""How a leg ends: a refusal, a CANCEL or a BYE, each sent once, whatever crosses it on the wire."""
from collections.abc import Callable

from switch.sip import digest
from switch.sip.build import Headers
from switch.sip.dialog import Dialog, DialogState, DialogTable
from switch.sip.events import DialogLost, SipEvent
from switch.sip.exchanges import ALLOW, ClientExchange, Lost, Overdue, Stack
from switch.sip.message import Response
from switch.sip.transaction import State

FINAL_BY_CAUSE = {1: 404, 16: 480, 17: 486, 18: 408, 19: 480, 20: 480, 21: 603, 22: 410, 27: 503, 28: 484, 34: 503,
                  38: 503, 41: 503,
                  42: 503, 55: 403, 57: 403, 79: 501}
"""The final answer for a leg that ends unanswered, by Q.850 cause (RFC 3398 7.2.4.1)."""


Told = Callable[[Response | Lost, float], None]


class _Asking:
    """One request within a dialog, until its final answer."""

    __slots__ = ("_body", "_dialog", "_exchange", "_headers", "_method", "_stack", "_told", "_tried")

    def __init__(self, stack: Stack, dialog: Dialog, method: str, headers: Headers, body: bytes, told: Told) -> None:
        self._stack, self._dialog, self._told = stack, dialog, told
        self._method, self._headers, self._body = method, headers, body
        self._tried = False
        self._exchange: ClientExchange | None = None

    def send(self, now: float, *added: tuple[str, str]) -> None:
        branch = self._stack.ids()
        draft = self._dialog.draft(self._method, self._stack, branch, headers=(*self._headers, *added), body=self._body)
        self._exchange = self._stack.send(draft, self._dialog.way(self._stack), self._hear, branch, now)
        if self._method == "INVITE":
            self._dialog.exchange = self._exchange

    def _hear(self, outcome: Response | Lost | Overdue, now: float) -> None:
        exchange = self._exchange
        assert exchange is not None
        if isinstance(outcome, Overdue):
            exchange.fail("no final answer (timer C)", now)
            return
        if isinstance(outcome, Response) and outcome.status < 200:
            return
        if self._dialog.exchange is exchange and (isinstance(outcome, Lost) or outcome.status >= 300):
            self._dialog.exchange = None
        challenged = isinstance(outcome, Response) and outcome.status in (401, 407)
        credentials = self._dialog.credentials
        if isinstance(outcome, Response) and challenged and credentials is not None and not self._tried:
            self._tried = True
            pair = digest.answer(credentials, outcome, self._method, exchange.draft.uri, self._stack.ids())
            if pair is not None:
                self.send(now, pair)
                return
        self._told(outcome, now)


class Endings:
    def __init__(self, stack: Stack, table: DialogTable) -> None:
        self._stack, self._table = stack, table

    def hangup(self, dialog: Dialog, now: float, headers: Headers, q850: int | None) -> None:
        """End a leg by whatever its state asks for. A second time changes nothing."""
        match dialog.state:
            case DialogState.INVITED | DialogState.EARLY if dialog.caller:
                self.refuse(dialog, FINAL_BY_CAUSE.get(q850 or 0, 480), now, headers)
            case DialogState.INVITED | DialogState.EARLY:
                dialog.state, dialog.ending_headers = DialogState.ENDING, headers
                self.cancel(dialog, now)
            case DialogState.ANSWERED:
                # RFC 3261 15: no BYE before the ACK, or before it can no longer come.
                dialog.state, dialog.ending_headers = DialogState.ENDING, headers
            case DialogState.CONFIRMED:
                self.bye(dialog, now, headers)

    def refuse(self, dialog: Dialog, status: int, now: float, headers: Headers = ()) -> None:
        """A final answer to an INVITE that has none; the transaction sees to its delivery."""
        if dialog.invite is not None:
            dialog.invite.respond(status, now, headers)
            dialog.invite = None
            self._table.forget(dialog)

    def refuse_pending(self, dialog: Dialog, status: int, now: float, headers: Headers = ()) -> None:
        """A final answer to a re-INVITE or UPDATE that waits; the call goes on as it was."""
        if dialog.pending is not None:
            dialog.pending.respond(status, now, headers)
            dialog.pending = None
            dialog.timers.pop("offer", None)
            self._table.touch(dialog)

    def cancel(self, dialog: Dialog, now: float) -> None:
        """CANCEL our INVITE, but not before its first provisional answer (RFC 3261 9.1)."""
        invite = dialog.exchange
        if invite is None or dialog.cancel_sent or invite.machine.state is not State.PROCEEDING:
            return
        dialog.cancel_sent = True
        self._stack.send(invite.draft.cancel(dialog.ending_headers), invite.flow, _nobody, invite.key[0], now)
        dialog.timers = {"cancel": now + 64 * self._stack.config.timers.t1}
        self._table.touch(dialog)

    def bye(self, dialog: Dialog, now: float, headers: Headers = ()) -> None:
        """Say BYE on a confirmed dialog; the dialog is kept until it is answered, so that a crossing BYE finds it."""
        self.refuse_pending(dialog, 487, now)
        dialog.state, dialog.unacked = DialogState.ENDING, None
        dialog.timers.clear()
        self._table.touch(dialog)
        self.ask(dialog, "BYE", now, lambda _, __: self._table.forget(dialog), headers)

    def lose(self, dialog: Dialog, event: SipEvent, now: float) -> None:
        """The leg is gone for a reason of its own: tell once, and say BYE in case the far end still listens."""
        if dialog.state is not DialogState.ENDING:
            self._stack.events.append(event)
        self.bye(dialog, now, dialog.ending_headers)

    def ask(self, dialog: Dialog, method: str, now: float, told: Told, headers: Headers = (),
            body: bytes = b"") -> None:
        """A request within the dialog; a challenge is answered once, every other final outcome is `told`."""
        _Asking(self._stack, dialog, method, headers, body, told).send(now)

    def acknowledge(self, dialog: Dialog, exchange: ClientExchange, response: Response) -> bytes:
        """ACK a 2xx (RFC 3261 13.2.2.4): the dialog's own request, with the credentials of the INVITE."""
        kept = tuple(h for h in exchange.draft.headers if h[0] in ("Authorization", "Proxy-Authorization"))
        draft = dialog.draft("ACK", self._stack, self._stack.ids(), cseq=exchange.draft.cseq, headers=kept)
        data = draft.encode()
        self._stack.outgoing.append((data, dialog.way(self._stack)))
        return data

    def drop_fork(self, dialog: Dialog, exchange: ClientExchange, response: Response, now: float) -> None:
        """A 2xx that nobody wants: another fork's, or one that came after we gave up. ACK it and say BYE."""
        fork = Dialog(self._table, dialog.id, caller=False, call_id=dialog.call_id, local=dialog.local,
                      local_tag=dialog.local_tag,
                      flow=dialog.flow, contact=dialog.contact)
        fork.trunk, fork.credentials, fork.local_cseq = dialog.trunk, dialog.credentials, exchange.draft.cseq
        fork.learn(response, reverse=True)
        dialog.forks[response.to_tag, response.cseq] = self.acknowledge(fork, exchange, response)
        self.ask(fork, "BYE", now, lambda _, __: None)

    def not_there(self, dialog: Dialog, outcome: Response | Lost, now: float) -> bool:
        """Whether an answer to a request of ours means that the call is gone (RFC 3261 12.2.1.2)."""
        if isinstance(outcome, Lost):
            self.lose(dialog, DialogLost(dialog.id, outcome.why), now)
        elif outcome.status in (408, 481):
            self.lose(dialog, DialogLost(dialog.id, f"{outcome.status} {outcome.reason}"), now)
        else:
            return False
        return True


def _nobody(outcome: Response | Lost | Overdue, now: float) -> None:
    """The answer to a CANCEL says nothing that the INVITE's own answer does not say."""


def media_headers(dialog: Dialog) -> Headers:
    return (("Contact", dialog.contact), ("Allow", ALLOW))

