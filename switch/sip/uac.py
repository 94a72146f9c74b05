"""The leg towards somebody whom we call: INVITE, forks, challenges, refusals (RFC 3261 section 13.2)."""
from dataclasses import replace

from switch.sip import digest, session
from switch.sip.build import Draft, Headers, body_of
from switch.sip.dialog import Dialog, DialogState, DialogTable
from switch.sip.digest import ClientCredentials
from switch.sip.endings import Endings, media_headers
from switch.sip.events import Answered, DialogId, DialogLost, Flow, RedirectRefused, Rejected, Ringing
from switch.sip.exchanges import Lost, Overdue, Stack
from switch.sip.keeping import Keeping
from switch.sip.message import Response, raw_user, uri_in

MOST_TRIES = 3
"""INVITEs for one leg: the first, one with credentials, one more for a stale nonce or a longer session."""


class Dialling:
    def __init__(self, stack: Stack, table: DialogTable, endings: Endings, keeping: Keeping) -> None:
        self._stack, self._table, self._endings, self._keeping = stack, table, endings, keeping

    def dial(self, uri: str, flow: Flow, *, from_uri: str, from_display: str, sdp: bytes,
             credentials: ClientCredentials | None,
             headers: Headers, trunk: bool, now: float) -> Dialog:
        ids = self._stack.ids
        tag = ids()
        shown = from_display.replace("\\", "").replace('"', "'")
        local = f'"{shown}" <{from_uri}>;tag={tag}' if shown else f"<{from_uri}>;tag={tag}"
        dialog = Dialog(self._table, DialogId(ids()), caller=False, call_id=ids(), local=local, local_tag=tag,
                        flow=flow,
                        contact=self._stack.contact(flow, raw_user(from_uri)))
        dialog.given, dialog.credentials, dialog.trunk, dialog.local_cseq = sdp, credentials, trunk, 1
        branch = ids()
        asked = (*media_headers(dialog), *session.offered(self._stack.config.session), *headers)
        self._invite(dialog, Draft("INVITE", uri, self._stack.via(flow, branch), local, f"<{uri}>", dialog.call_id, 1,
                                   (), asked, sdp),
                     branch, now)
        self._table.add(dialog)
        return dialog

    def _invite(self, dialog: Dialog, draft: Draft, branch: str, now: float) -> None:
        dialog.tries += 1
        dialog.exchange = self._stack.send(draft, dialog.flow, lambda outcome, at: self._heard(dialog, outcome, at),
                                           branch, now)

    def _again(self, dialog: Dialog, draft: Draft, now: float, *added: tuple[str, str]) -> None:
        """The same INVITE with other headers: a new transaction, the next CSeq (RFC 3261 8.1.3.5)."""
        branch = self._stack.ids()
        names = {name for name, _ in added}
        dialog.local_cseq += 1
        kept = tuple(h for h in draft.headers if h[0] not in names)
        self._invite(dialog, replace(draft, via=self._stack.via(dialog.flow, branch), cseq=dialog.local_cseq,
                                     headers=(*kept, *added)),
                     branch, now)

    def _heard(self, dialog: Dialog, outcome: Response | Lost | Overdue, now: float) -> None:
        waiting = dialog.state in (DialogState.INVITED, DialogState.EARLY)
        if isinstance(outcome, Overdue):
            self._overdue(dialog, waiting, now)
        elif isinstance(outcome, Lost):
            if waiting:
                self._stack.events.append(DialogLost(dialog.id, outcome.why))
            self._table.forget(dialog)
        elif outcome.status < 200:
            self._provisional(dialog, outcome, waiting, now)
        elif outcome.status < 300:
            self._accepted(dialog, outcome, waiting, now)
        else:
            self._refused(dialog, outcome, waiting, now)

    def _provisional(self, dialog: Dialog, response: Response, waiting: bool, now: float) -> None:
        if dialog.state is DialogState.ENDING:
            self._endings.cancel(dialog, now)
        elif waiting and response.status > 100:
            dialog.state = DialogState.EARLY
            self._stack.events.append(Ringing(dialog.id, response.status, body_of(response)))

    def _accepted(self, dialog: Dialog, response: Response, waiting: bool, now: float) -> None:
        exchange = dialog.exchange
        if (ack := dialog.forks.get((response.to_tag, response.cseq))) is not None:
            self._stack.outgoing.append((ack, dialog.way(self._stack)))
            return
        if dialog.first is not None:
            self._endings.drop_fork(dialog, dialog.first, response, now)
            return
        assert exchange is not None  # it is kept until the INVITE has its first final answer
        if dialog.state is DialogState.ENDED:
            self._endings.drop_fork(dialog, exchange, response, now)
            return
        dialog.first, dialog.exchange = exchange, None
        dialog.learn(response, reverse=True)
        dialog.forks[response.to_tag, response.cseq] = self._endings.acknowledge(dialog, exchange, response)
        sdp = body_of(response)
        if not waiting:  # it crossed our CANCEL
            self._endings.bye(dialog, now, dialog.ending_headers)
        elif sdp is None:
            self._endings.lose(dialog, DialogLost(dialog.id, "answered without a media description"), now)
        else:
            dialog.state, dialog.remote_sdp = DialogState.CONFIRMED, sdp
            self._keeping.start(dialog, session.agreed_as_client(response, self._stack.config.session), now)
            self._stack.events.append(Answered(dialog.id, sdp))

    def _refused(self, dialog: Dialog, response: Response, waiting: bool, now: float) -> None:
        exchange, status = dialog.exchange, response.status
        dialog.exchange = None
        if waiting and exchange is not None and dialog.tries < MOST_TRIES:
            if status == 422 and (shortest := session.minimum(response)):
                self._again(dialog, exchange.draft, now, *session.offered(self._stack.config.session, shortest))
                return
            challenged = status in (401, 407) and (dialog.tries == 1 or digest.is_stale(response))
            if challenged and dialog.credentials is not None:
                pair = digest.answer(dialog.credentials, response, "INVITE", exchange.draft.uri, self._stack.ids())
                if pair is not None:
                    self._again(dialog, exchange.draft, now, pair)
                    return
        if waiting:
            if 300 <= status < 400:
                targets = tuple(uri_in(value) for value in response.all("contact"))
                self._stack.events.append(RedirectRefused(dialog.id, status, targets))
            self._stack.events.append(Rejected(dialog.id, status, response.first("reason") or response.reason))
        self._table.forget(dialog)

    def _overdue(self, dialog: Dialog, waiting: bool, now: float) -> None:
        """Timer C: give the INVITE up. What still comes afterwards is acknowledged and ended."""
        if waiting:
            self._stack.events.append(DialogLost(dialog.id, "rang for too long (timer C)"))
            dialog.state = DialogState.ENDING
            self._endings.cancel(dialog, now)
        else:
            assert dialog.exchange is not None  # timer C runs for as long as the INVITE has no final answer
            dialog.exchange.fail("no final answer after CANCEL", now)
