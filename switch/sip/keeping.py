"""Session timers at work (RFC 4028): we refresh where that fell to us, and end what is no longer refreshed."""
from switch.sip.build import Headers
from switch.sip.config import SessionConfig
from switch.sip.dialog import Dialog, DialogState, DialogTable
from switch.sip.endings import Endings, media_headers
from switch.sip.events import SessionExpired
from switch.sip.exchanges import Lost, Stack
from switch.sip.message import Response
from switch.sip.session import Session, agreed_as_client, minimum


class Keeping:
    def __init__(self, stack: Stack, table: DialogTable, endings: Endings) -> None:
        self._stack, self._table, self._endings = stack, table, endings
        self._config: SessionConfig = stack.config.session

    def start(self, dialog: Dialog, session: Session | None, now: float) -> None:
        """A session was agreed on or refreshed: count anew."""
        dialog.session = session
        dialog.timers.pop("refresh", None)
        dialog.timers.pop("expire", None)
        if session is not None:
            if session.we_refresh:
                dialog.timers["refresh"] = now + session.refresh_after
            dialog.timers["expire"] = now + session.dead_after
        self._table.touch(dialog)

    def expired(self, dialog: Dialog, now: float) -> None:
        self._endings.lose(dialog, SessionExpired(dialog.id), now)

    def refresh(self, dialog: Dialog, now: float) -> None:
        """UPDATE where the far end knows it, else a re-INVITE with the description that we gave (RFC 4028 7.4)."""
        session = dialog.session
        assert session is not None  # the timer is set with a session and goes with it
        if dialog.state is not DialogState.CONFIRMED or dialog.exchange is not None or dialog.pending is not None:
            self._again(dialog, now)
            return
        headers: Headers = (*media_headers(dialog), ("Supported", "timer"),
                            ("Session-Expires", f"{session.interval};refresher=uac"),
                            ("Min-SE", str(self._config.shortest)))
        method, body = ("UPDATE", b"") if dialog.remote_allows_update else ("INVITE", dialog.given)
        self._endings.ask(dialog, method, now, lambda outcome, at: self._heard(dialog, method, outcome, at), headers,
                          body)

    def _heard(self, dialog: Dialog, method: str, outcome: Response | Lost, now: float) -> None:
        if isinstance(outcome, Response) and outcome.status < 300 and method == "INVITE":
            key = (outcome.to_tag, outcome.cseq)
            if key in dialog.forks:
                self._stack.outgoing.append((dialog.forks[key], dialog.way(self._stack)))
                return
            if dialog.exchange is None:
                return  # answered already: a second tag that answers a re-INVITE is nobody in this dialog
            dialog.forks[key] = self._endings.acknowledge(dialog, dialog.exchange, outcome)
            dialog.exchange = None
        if dialog.state is not DialogState.CONFIRMED or self._endings.not_there(dialog, outcome, now):
            return
        assert isinstance(outcome, Response)
        if outcome.status < 300:
            dialog.retarget(outcome)
            self.start(dialog, agreed_as_client(outcome, self._config), now)
        elif outcome.status == 422 and dialog.session is not None:
            dialog.session = Session(max(minimum(outcome), dialog.session.interval * 2), True)
            self.refresh(dialog, now)
        elif outcome.status == 491:
            self._again(dialog, now)
        elif method == "UPDATE" and outcome.status in (405, 501):
            dialog.remote_allows_update, dialog.update_refused = False, True
            self.refresh(dialog, now)

    def _again(self, dialog: Dialog, now: float) -> None:
        # RFC 3261 14.1: whoever made the Call-ID waits longer than the other can.
        dialog.timers["refresh"] = now + (1.0 if dialog.caller else 3.0)
        self._table.touch(dialog)
