"""What we ask of others outside a call: a registration of our own, kept alive, and OPTIONS to see who lives."""
from switch.sip import digest
from switch.sip.build import Draft
from switch.sip.digest import ClientCredentials
from switch.sip.events import Flow, OptionsAnswered, OptionsFailed, RegisterFailed, RegisterSucceeded
from switch.sip.exchanges import Lost, Overdue, Stack
from switch.sip.message import Response, raw_user, uri_in


class Registration:
    """One address-of-record of ours at somebody's registrar."""

    __slots__ = ("_client", "aor", "call_id", "contact", "credentials", "cseq", "expires", "flow", "leaving", "name",
                 "registrar",
                 "scheduled", "tag", "timers", "tries")

    def __init__(self, client: "Clients", name: str, aor: str, registrar: str, flow: Flow,
                 credentials: ClientCredentials | None,
                 expires: int, contact: str, call_id: str, tag: str) -> None:
        self._client, self.name, self.aor, self.registrar, self.flow = client, name, aor, registrar, flow
        self.credentials, self.expires, self.contact, self.call_id, self.tag = credentials, expires, contact, call_id, tag
        self.cseq, self.tries, self.leaving = 0, 0, False
        self.timers: dict[str, float] = {}
        self.scheduled: float | None = None

    def ring(self, name: str, now: float) -> None:
        self._client.send(self, now)


class Clients:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._registrations: dict[str, Registration] = {}

    def register(self, aor: str, registrar: str, flow: Flow, credentials: ClientCredentials | None, expires: int,
                 now: float) -> str:
        ids = self._stack.ids
        registration = Registration(self, ids(), aor, registrar, flow, credentials, expires,
                                    self._stack.contact(flow, raw_user(aor)),
                                    ids(), ids())
        self._registrations[registration.name] = registration
        self.send(registration, now)
        return registration.name

    def unregister(self, name: str, now: float) -> None:
        """Take the binding back; a second time changes nothing."""
        registration = self._registrations.pop(name, None)
        if registration is not None:
            registration.leaving, registration.tries = True, 0
            self._wait(registration, None)
            self.send(registration, now)

    def options(self, uri: str, flow: Flow, now: float) -> str:
        ids = self._stack.ids
        name, branch = ids(), ids()
        draft = Draft("OPTIONS", uri, self._stack.via(flow, branch), f"{self._stack.contact(flow)};tag={ids()}",
                      f"<{uri}>", ids(), 1,
                      headers=(("Accept", "application/sdp"),))

        def heard(outcome: Response | Lost | Overdue, now: float) -> None:
            if isinstance(outcome, Lost):
                self._stack.events.append(OptionsFailed(name, outcome.why))
            elif isinstance(outcome, Response) and outcome.status >= 200:
                self._stack.events.append(OptionsAnswered(name, outcome.status))

        self._stack.send(draft, flow, heard, branch, now)
        return name

    def send(self, registration: Registration, now: float, *added: tuple[str, str]) -> None:
        """One REGISTER; the same Call-ID each time, the next CSeq (RFC 3261 10.2.4)."""
        r, branch = registration, self._stack.ids()
        r.cseq += 1
        r.tries += 1
        expires = 0 if r.leaving else r.expires
        draft = Draft("REGISTER", r.registrar, self._stack.via(r.flow, branch), f"<{r.aor}>;tag={r.tag}", f"<{r.aor}>",
                      r.call_id, r.cseq,
                      headers=(("Contact", r.contact), ("Expires", str(expires)), *added))
        self._stack.send(draft, r.flow, lambda outcome, at: self._heard(r, outcome, at), branch, now)

    def _heard(self, registration: Registration, outcome: Response | Lost | Overdue, now: float) -> None:
        if isinstance(outcome, Response) and outcome.status < 200:
            return
        if isinstance(outcome, Response) and outcome.status in (401, 407) and registration.credentials is not None and (
                registration.tries == 1 or (registration.tries == 2 and digest.is_stale(outcome))):
            pair = digest.answer(registration.credentials, outcome, "REGISTER", registration.registrar,
                                 self._stack.ids())
            if pair is not None:
                self.send(registration, now, pair)
                return
        if isinstance(outcome, Response) and outcome.status == 423 and registration.tries < 4:
            shortest = outcome.first("min-expires").strip()
            if shortest.isascii() and shortest.isdigit() and registration.expires < int(shortest[:9]):
                registration.expires, registration.tries = int(shortest[:9]), 0
                self.send(registration, now)
                return
        registration.tries = 0
        if registration.leaving:
            return
        if isinstance(outcome, Response) and outcome.status < 300:
            granted = _granted(outcome, registration)
            self._stack.events.append(RegisterSucceeded(registration.name, granted))
            self._wait(registration, now + max(granted - 5.0, granted * 0.5) * 0.9)
            return
        status, why = (outcome.status, outcome.reason) if isinstance(outcome, Response) else (0, "no answer")
        self._stack.events.append(RegisterFailed(registration.name, status, why))
        if status in (401, 403, 404, 407):
            self._registrations.pop(registration.name, None)  # asking again would only lock us out
        else:
            self._wait(registration, now + self._stack.config.retry_register)

    def _wait(self, registration: Registration, until: float | None) -> None:
        registration.timers = {} if until is None else {"refresh": until}
        self._stack.alarms.refresh(registration)

    def __len__(self) -> int:
        return len(self._registrations)


def _granted(response: Response, registration: Registration) -> int:
    """What the registrar gave our contact: its expires parameter, else the Expires header, else what we asked."""
    ours, text = uri_in(registration.contact), response.first("expires").strip()
    for value in response.all("contact"):
        if uri_in(value) == ours:
            for param in value[value.rfind(">") + 1:].split(";"):
                name, _, given = param.partition("=")
                text = given.strip() if name.strip().lower() == "expires" else text
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 9 else registration.expires

