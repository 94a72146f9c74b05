"""A dialog of ours with one far end (RFC 3261 section 12), as data: who, where to, counted how, and in which state.

    caller:  INVITED -> (EARLY) -> ANSWERED (2xx sent, no ACK yet) -> CONFIRMED -> ENDING -> ENDED
    called:  INVITED -> (EARLY) -> CONFIRMED -> ENDING -> ENDED

ENDING: the user of the endpoint is done with it, the wire is not. ENDED: forgotten.
"""
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from switch.sip.access import Doors
from switch.sip.build import Draft, Headers
from switch.sip.digest import ClientCredentials
from switch.sip.events import DialogId, Flow
from switch.sip.exchanges import ClientExchange, ServerExchange, Stack
from switch.sip.message import Message, Request, host_port, tag_of, uri_in
from switch.sip.session import Session


class DialogState(Enum):
    INVITED = auto()
    EARLY = auto()
    ANSWERED = auto()
    CONFIRMED = auto()
    ENDING = auto()
    ENDED = auto()


@dataclass(slots=True)
class Unacked:
    """A 2xx of ours that waits for its ACK."""

    cseq: int
    data: bytes
    exchange: ServerExchange
    every: float


class Dialog:
    """One leg. `caller` is true when the far end called us. `local` and `remote` are From/To values, tags included."""

    __slots__ = (
        "call_id",
        "caller",
        "cancel_sent",
        "contact",
        "credentials",
        "ending_headers",
        "exchange",
        "first",
        "flow",
        "forks",
        "given",
        "id",
        "invite",
        "local",
        "local_cseq",
        "local_tag",
        "network",
        "offer_wanted",
        "pending",
        "remote",
        "remote_allows_update",
        "remote_cseq",
        "remote_sdp",
        "remote_tag",
        "routes",
        "scheduled",
        "session",
        "state",
        "table",
        "target",
        "timers",
        "tries",
        "trunk",
        "unacked", "update_refused",
        "user",
    )

    def __init__(self, table: "DialogTable", name: DialogId, *, caller: bool, call_id: str, local: str, local_tag: str,
                 flow: Flow,
                 contact: str) -> None:
        self.table, self.id, self.caller, self.call_id = table, name, caller, call_id
        self.local, self.local_tag = local, local_tag
        self.remote, self.remote_tag, self.target = "", "", ""
        self.routes: tuple[str, ...] = ()
        self.flow, self.contact = flow, contact
        self.local_cseq, self.remote_cseq = 0, -1
        self.state = DialogState.INVITED
        self.user: str | None = None
        self.network = ""
        self.trunk = False
        self.given: bytes = b""
        """The media description that we gave last: a re-INVITE gets the same again."""
        self.remote_sdp: bytes | None = None
        """The media description of theirs that stands."""
        self.offer_wanted = False
        self.invite: ServerExchange | None = None
        """Their INVITE, until it has a final answer."""
        self.pending: ServerExchange | None = None
        """A re-INVITE or UPDATE that waits for an answer from above."""
        self.exchange: ClientExchange | None = None
        """Our INVITE or re-INVITE, until it has a final answer."""
        self.first: ClientExchange | None = None
        """Our first INVITE, once it was accepted."""
        self.unacked: Unacked | None = None
        self.credentials: ClientCredentials | None = None
        self.tries = 0
        self.cancel_sent = False
        self.ending_headers: Headers = ()
        self.forks: dict[tuple[str, int], bytes] = {}
        """The ACK by remote tag and CSeq: the far end's 2xx is acknowledged each time it comes."""
        self.session: Session | None = None
        self.remote_allows_update = False
        self.update_refused = False
        """It said that it knows UPDATE, and then that it does not."""
        self.timers: dict[str, float] = {}
        self.scheduled: float | None = None

    def ring(self, name: str, now: float) -> None:
        self.table.rang(self, name, now)

    def learn(self, message: Message, *, reverse: bool) -> None:
        """Take the far end's tag, route set and target from the message that made the dialog (RFC 3261 12.1)."""
        self.remote = message.to if reverse else message.from_
        self.remote_tag = tag_of(self.remote)
        routes = message.all("record-route")
        self.routes = tuple(reversed(routes) if reverse else routes)
        self.retarget(message)

    def retarget(self, message: Message) -> None:
        """A target refresh (RFC 3261 12.2): take the Contact, and whether UPDATE is understood."""
        if contacts := message.all("contact"):
            self.target = uri_in(contacts[0])
        allowed = message.all("allow")
        if allowed and not self.update_refused:
            self.remote_allows_update = "UPDATE" in (word.strip().upper() for word in allowed)

    def draft(self, method: str, stack: Stack, branch: str, *, cseq: int | None = None, headers: Headers = (),
              body: bytes = b"") -> Draft:
        """A request within this dialog, strict routers included (RFC 3261 12.2.1.1)."""
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        uri, routes = self.target, self.routes
        if routes and ";lr" not in routes[0].lower():
            uri, routes = uri_in(routes[0]), (*routes[1:], f"<{self.target}>")
        return Draft(method, uri, stack.via(self.way(stack), branch), self.local, self.remote, self.call_id, cseq,
                     routes, headers, body)

    def way(self, stack: Stack) -> Flow:
        """Where requests go: for a trunk to its route or contact, when that is a peer's address; else back the way it came.

        A telephone's Contact never decides where we send.
        """
        if self.trunk:
            host, port = host_port(uri_in(self.routes[0]) if self.routes else self.target)
            if host and (host, port) != self.flow.remote:
                flow = Flow(self.flow.transport, self.flow.local, (host, port))
                if self.table.same_access(flow, self.flow):
                    return flow
        return self.flow


class DialogTable:
    """The dialogs that are not ended, found by our id or by what a request names."""

    def __init__(self, stack: Stack, doors: Doors) -> None:
        self.stack, self._doors = stack, doors
        self.rang: Callable[[Dialog, str, float], None] = lambda dialog, name, now: None
        self._by_id: dict[DialogId, Dialog] = {}
        self._by_tag: dict[tuple[str, str], Dialog] = {}

    def add(self, dialog: Dialog) -> None:
        self._by_id[dialog.id] = dialog
        self._by_tag[dialog.call_id, dialog.local_tag] = dialog

    def get(self, name: DialogId) -> Dialog | None:
        return self._by_id.get(name)

    def of_invite(self, call_id: str, local_tag: str) -> Dialog | None:
        return self._by_tag.get((call_id, local_tag))

    def of(self, request: Request) -> Dialog | None:
        """The dialog that an in-dialog request belongs to: Call-ID and both tags agree, and it comes from where the leg is.

        Before an answer the far end's tag is not settled: any fork of it may still speak.
        """
        dialog = self._by_tag.get((request.call_id, request.to_tag))
        return dialog if dialog is not None and dialog.remote_tag in ("", request.from_tag) else None

    def of_ack(self, request: Request, invite: ServerExchange) -> Dialog | None:
        """The dialog whose 2xx an ACK with the INVITE's own branch answers (RFC 6026 7.1), whatever To tag it bears: pyVoIP makes
        a new one up. Call-ID, From tag and CSeq agree, and nothing but the repetition of our answer hangs on it."""
        asked = invite.request
        dialog = self._by_tag.get((asked.call_id, invite.to_tag))
        same = (request.call_id, request.from_tag, request.cseq) == (asked.call_id, asked.from_tag, asked.cseq)
        waits = dialog is not None and dialog.unacked is not None and dialog.unacked.exchange is invite
        return dialog if same and waits else None

    def touch(self, dialog: Dialog) -> None:
        self.stack.alarms.refresh(dialog)

    def may_speak(self, dialog: Dialog, flow: Flow) -> bool:
        """Whether a request for this dialog may come over `flow`: a telephone's own address, any address of the same trunk."""
        return flow.remote[0] == dialog.flow.remote[0] or (dialog.trunk and self.same_access(flow, dialog.flow))

    def forget(self, dialog: Dialog) -> None:
        dialog.state = DialogState.ENDED
        dialog.timers.clear()
        self.stack.alarms.refresh(dialog)
        self._by_id.pop(dialog.id, None)
        self._by_tag.pop((dialog.call_id, dialog.local_tag), None)

    def same_access(self, one: Flow, other: Flow) -> bool:
        """Whether two flows lead to the same network or trunk. A host that is no literal address leads nowhere."""
        try:
            access = self._doors.of(one)
        except ValueError:
            return False
        return access is not None and access is self._doors.of(other)

    def __len__(self) -> int:
        return len(self._by_id)
