"""Bindings: made, refreshed, removed, run out; and the client that keeps its own."""
import re

import pytest

from switch.sip.config import EndpointConfig, RegistrarConfig
from switch.sip.digest import ClientCredentials
from switch.sip.endpoint import Endpoint
from switch.sip.events import (
    Flow,
    OptionsAnswered,
    OptionsFailed,
    Registered,
    RegisterFailed,
    RegisterSucceeded,
    Unregistered,
)
from switch.sip.message import Response
from tests.unit.sip.kit import CELLS, KEY, PHONE, SECRET, SWITCH, TRUNK, USERS, Call, authorized, ids, phone, switch

AOR = "<sip:cell-1@10.0.0.1>"


class Phone:
    """Sends REGISTERs by hand."""

    def __init__(self, config: RegistrarConfig | None = None) -> None:
        self.switch = Endpoint(EndpointConfig(networks=(CELLS,), nonce_key=KEY, registrar=config or RegistrarConfig()),
                               ids("s"), USERS.get)
        self.cseq, self.now = 0, 100.0

    def registers(self, *contacts: str, lines: tuple[str, ...] = (), call_id: str = "reg",
                  cseq: int | None = None) -> Response:
        self.cseq += 2
        (answer,) = authorized(self.switch, "REGISTER", *(f"Contact: {c}" for c in contacts), *lines, to=AOR,
                               without=("Contact",),
                               call_id=call_id, cseq=cseq or self.cseq, now=self.now)
        return answer

    def contacts(self) -> list[str]:
        return [binding.contact for binding in self.switch.bindings("cell-1")]


def shown(answer: Response) -> list[str]:
    return [value.replace("<", "").replace(">", "") for value in answer.all("contact")]


def test_the_length_is_the_contacts_own_then_the_headers_then_the_usual() -> None:
    p = Phone()
    answer = p.registers("<sip:a@10.0.1.7>;q=1;expires=100", "<sip:b@10.0.1.7>", lines=("Expires: 200",))
    assert shown(answer) == ["sip:a@10.0.1.7;expires=100", "sip:b@10.0.1.7;expires=200"]
    assert shown(p.registers("<sip:c@10.0.1.7>"))[-1] == "sip:c@10.0.1.7;expires=600"
    assert shown(p.registers("<sip:c@10.0.1.7>;expires=99999"))[-1] == "sip:c@10.0.1.7;expires=3600"
    assert [e.contact for e in p.switch.take_events() if isinstance(e, Registered)] == [
        "sip:a@10.0.1.7", "sip:b@10.0.1.7", "sip:c@10.0.1.7", "sip:c@10.0.1.7"]


def test_asking_shows_what_stands() -> None:
    p = Phone()
    p.registers("<sip:a@10.0.1.7>;expires=100")
    p.now += 40
    assert shown(p.registers()) == ["sip:a@10.0.1.7;expires=60"]
    assert p.switch.bindings("cell-2") == ()


def test_too_short_a_time_is_refused_with_the_shortest() -> None:
    p = Phone()
    answer = p.registers("<sip:a@10.0.1.7>;expires=30")
    assert (answer.status, answer.first("min-expires")) == (423, "60")
    assert p.contacts() == []


@pytest.mark.parametrize("contact", ["<mailto:a@b>", "<sip:a@10.0.1.7>;expires=soon"])
def test_contacts_that_make_no_sense(contact: str) -> None:
    assert Phone().registers(contact).status == 400


def test_a_binding_is_removed_by_zero() -> None:
    p = Phone()
    p.registers("<sip:a@10.0.1.7>", "<sip:b@10.0.1.7>")
    p.switch.take_events()
    p.registers("<sip:a@10.0.1.7>;expires=0", "<sip:never@10.0.1.7>;expires=0")
    assert p.contacts() == ["sip:b@10.0.1.7"]
    assert p.switch.take_events() == [Unregistered("cell-1", "sip:a@10.0.1.7")]


def test_a_star_removes_all_and_only_with_zero() -> None:
    p = Phone()
    p.registers("<sip:a@10.0.1.7>", "<sip:b@10.0.1.7>")
    p.switch.take_events()
    assert p.registers("*").status == 400
    assert p.registers("*", "<sip:a@10.0.1.7>", lines=("Expires: 0",)).status == 400
    assert p.registers("*", lines=("Expires: 0",), cseq=1).status == 500
    assert len(p.contacts()) == 2
    assert p.registers("*", lines=("Expires: 0",)).status == 200
    assert p.switch.take_events() == [Unregistered("cell-1", "sip:a@10.0.1.7"),
                                      Unregistered("cell-1", "sip:b@10.0.1.7")]
    assert p.registers("*", lines=("Expires: 0",)).status == 200
    assert p.switch.counts()["users"] == 0


def test_order_is_kept_within_a_call_id_only() -> None:
    p = Phone()
    p.registers("<sip:a@10.0.1.7>", cseq=50)
    assert p.registers("<sip:a@10.0.1.7>;expires=0", cseq=40).status == 500
    assert p.registers("<sip:a@10.0.1.7>;expires=0", cseq=4, call_id="after-restart").status == 200
    assert p.contacts() == []


def test_the_oldest_contact_makes_room() -> None:
    p = Phone(RegistrarConfig(contacts=2))
    for name in "abac":
        p.registers(f"<sip:{name}@10.0.1.7>")
    assert p.contacts() == ["sip:a@10.0.1.7", "sip:c@10.0.1.7"]
    assert [e for e in p.switch.take_events() if isinstance(e, Unregistered)] == [Unregistered("cell-1",
                                                                                               "sip:b@10.0.1.7")]


def test_users_are_bounded() -> None:
    assert Phone(RegistrarConfig(users=0)).registers("<sip:a@10.0.1.7>").status == 503


def test_bindings_run_out_each_at_its_time() -> None:
    p = Phone()
    p.registers("<sip:a@10.0.1.7>;expires=100", "<sip:b@10.0.1.7>;expires=70")
    p.switch.take_events()
    p.switch.wake(169.9)
    assert not p.switch.take_events()
    p.switch.wake(170.0)
    assert p.switch.take_events() == [Unregistered("cell-1", "sip:b@10.0.1.7")]
    p.switch.wake(200.0)
    assert p.switch.take_events() == [Unregistered("cell-1", "sip:a@10.0.1.7")]
    assert p.switch.deadline() is None
    assert not any(p.switch.counts().values())


# The client's side

def registering(call: Call, credentials: ClientCredentials | None = SECRET, expires: int = 600) -> str:
    name = call.phone.register("sip:cell-1@10.0.0.1", "sip:10.0.0.1", Flow("udp", PHONE, SWITCH), credentials,
                               call.wire.now, expires=expires)
    call.wire.run()
    return name


def test_a_registration_is_refreshed_before_it_ends_and_taken_back() -> None:
    call = Call()
    name = registering(call, expires=100)
    call.wire.later(1000.0)
    assert not call.wire.told(SWITCH, Unregistered)
    assert len(call.wire.told(PHONE, RegisterSucceeded)) == 12
    call.phone.unregister(name, call.wire.now)
    call.phone.unregister(name, call.wire.now)
    call.wire.run()
    call.wire.one(SWITCH, Unregistered)
    call.quiet()


def test_a_registrar_that_wants_longer_gets_longer() -> None:
    call = Call()
    registering(call, expires=10)
    assert call.wire.one(PHONE, RegisterSucceeded).expires == 60


@pytest.mark.parametrize("credentials", [None, ClientCredentials("cell-1", "wrong")])
def test_wrong_credentials_are_not_tried_again(credentials: ClientCredentials | None) -> None:
    call = Call()
    name = registering(call, credentials)
    assert call.wire.one(PHONE, RegisterFailed) == RegisterFailed(name, 401, "Unauthorized")
    call.quiet()


def test_a_silent_registrar_is_asked_again() -> None:
    call = Call()
    call.wire.drop = lambda data, to: True
    name = registering(call)
    call.wire.later(33.0)
    assert call.wire.one(PHONE, RegisterFailed) == RegisterFailed(name, 0, "no answer")
    call.wire.drop = lambda data, to: False
    call.wire.later(31.0)
    call.wire.one(PHONE, RegisterSucceeded)


def test_leaving_a_silent_registrar_is_quiet() -> None:
    call = Call()
    name = registering(call)
    call.wire.told(PHONE, RegisterSucceeded)
    call.wire.drop = lambda data, to: True
    call.phone.unregister(name, call.wire.now)
    call.wire.later(40.0)
    assert not call.wire.events[PHONE]
    assert not any(call.phone.counts().values())


@pytest.mark.parametrize(("answer", "expires"), [("Expires: 90", 90), ("Contact: <sip:other@x>;expires=7", 600),
                                                 ("X: y", 600)])
def test_what_was_granted(answer: str, expires: int) -> None:
    endpoint = phone()
    endpoint.register("sip:a@10.0.0.1", "sip:10.0.0.1", Flow("udp", PHONE, SWITCH), None, 1.0)
    request = endpoint.take_outgoing()[0][0]
    lines = [line for line in request.decode().split("\r\n") if re.match("Via|From|To|Call-ID|CSeq", line)]
    for status in ("100 Trying", "200 OK"):
        endpoint.receive("\r\n".join([f"SIP/2.0 {status}", *lines, answer, "", ""]).encode(),
                         Flow("udp", PHONE, SWITCH), 1.1)
    (event,) = endpoint.take_events()
    assert isinstance(event, RegisterSucceeded)
    assert event.expires == expires


def test_an_interval_that_no_registration_can_meet() -> None:
    endpoint = phone()
    endpoint.register("sip:a@10.0.0.1", "sip:10.0.0.1", Flow("udp", PHONE, SWITCH), None, 1.0)
    request = endpoint.take_outgoing()[0][0]
    lines = [line for line in request.decode().split("\r\n") if re.match("Via|From|To|Call-ID|CSeq", line)]
    endpoint.receive("\r\n".join(["SIP/2.0 423 Brief", *lines, "Min-Expires: 5", "", ""]).encode(),
                     Flow("udp", PHONE, SWITCH), 1.1)
    (event,) = endpoint.take_events()
    assert isinstance(event, RegisterFailed)
    assert event.status == 423


def test_options_tells_who_lives() -> None:
    call = Call()
    alive = call.switch.options("sip:192.0.2.10", Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, OptionsAnswered) == OptionsAnswered(alive, 200)
    call.wire.drop = lambda data, to: True
    dead = call.switch.options("sip:192.0.2.10", Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.later(33.0)
    assert call.wire.one(SWITCH, OptionsFailed) == OptionsFailed(dead, "no answer (timer F)")
    call.quiet()


def test_options_waits_through_provisional_answers() -> None:
    endpoint = switch()
    endpoint.options("sip:192.0.2.10", Flow("udp", SWITCH, TRUNK), 1.0)
    request = endpoint.take_outgoing()[0][0]
    lines = [line for line in request.decode().split("\r\n") if re.match("Via|From|To|Call-ID|CSeq", line)]
    endpoint.receive("\r\n".join(["SIP/2.0 100 Trying", *lines, "", ""]).encode(), Flow("udp", SWITCH, TRUNK), 1.1)
    assert not endpoint.take_events()
