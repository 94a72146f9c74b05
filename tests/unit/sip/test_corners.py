"""Rare turns that no other file tells of."""
import re

from switch.sip import endings
from switch.sip.build import Draft
from switch.sip.config import EndpointConfig, SessionConfig
from switch.sip.digest import ClientCredentials
from switch.sip.endpoint import Endpoint
from switch.sip.events import (
    Answered,
    ByeReceived,
    DialogLost,
    Flow,
    InviteReceived,
    MediaOffered,
    RegisterFailed,
    Rejected,
)
from switch.sip.exchanges import ClientExchange, Stack
from switch.sip.message import Request, Response, parse
from tests.unit.sip.kit import (
    ANSWER,
    CARRIER,
    CELLS,
    KEY,
    PHONE,
    SDP,
    SECRET,
    SWITCH,
    TRUNK,
    USERS,
    Call,
    authorized,
    give,
    ids,
    phone,
    raw,
)


def reply(request: bytes, status: str, *lines: str) -> bytes:
    """An answer to one of our requests, written by hand."""
    kept = [line for line in request.decode().split("\r\n") if re.match("Via|From|To|Call-ID|CSeq", line)]
    tagged = [f"{line};tag=far" if line.startswith("To") and "tag=" not in line else line for line in kept]
    return "\r\n".join([f"SIP/2.0 {status}", *tagged, *lines, "", ""]).encode()


def test_challenges_that_cannot_be_answered_are_failures() -> None:
    basic = 'WWW-Authenticate: Basic realm="x"'
    endpoint = phone()
    there = Flow("udp", PHONE, SWITCH)
    endpoint.register("sip:a@10.0.0.1", "sip:10.0.0.1", there, SECRET, 1.0)
    endpoint.dial("sip:1@10.0.0.1", there, from_uri="sip:a@10.0.0.1", sdp=SDP, credentials=SECRET, now=1.0)
    for data, _ in endpoint.take_outgoing():
        endpoint.receive(reply(data, "401 No", basic), there, 1.1)
    assert [type(e) for e in endpoint.take_events()] == [RegisterFailed, Rejected]


def test_a_bye_challenged_by_what_we_cannot_answer_ends_the_call_anyway() -> None:
    call = Call().talk()
    call.phone.hangup(call.caller, 101.0)
    (bye, _), = call.phone.take_outgoing()
    call.phone.receive(reply(bye, "401 No", "WWW-Authenticate: Basic x"), Flow("udp", PHONE, SWITCH), 101.0)
    assert call.phone.counts()["dialogs"] == 0


def test_a_422_that_names_no_minimum_is_a_rejection() -> None:
    call = Call()
    call.switch.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP,
                     credentials=ClientCredentials("u", "p"), now=1.0)
    (invite, _), = call.switch.take_outgoing()
    call.switch.receive(reply(invite, "422 Small"), Flow("udp", SWITCH, TRUNK), 1.0)
    assert [type(e) for e in call.switch.take_events()] == [Rejected]


def test_an_answer_without_a_contact_goes_back_the_way_it_came() -> None:
    call = Call()
    dialog = call.switch.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=1.0)
    (invite, _), = call.switch.take_outgoing()
    ok = reply(invite, "200 OK", "Content-Type: application/sdp", "Session-Expires: 0") + SDP
    call.switch.receive(ok, Flow("udp", SWITCH, TRUNK), 1.0)
    assert call.switch.take_events() == [Answered(dialog, SDP)]
    assert [flow.remote for _, flow in call.switch.take_outgoing()] == [TRUNK]


def test_a_session_granted_to_one_who_wants_none_is_none() -> None:
    endpoint = Endpoint(EndpointConfig(trunks=(CARRIER,), session=SessionConfig(expires=0)), ids("s"), USERS.get)
    endpoint.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=1.0)
    (invite, _), = endpoint.take_outgoing()
    endpoint.receive(reply(invite, "200 OK", "Session-Expires: 90;refresher=uac") + SDP, Flow("udp", SWITCH, TRUNK), 1.0)
    endpoint.take_outgoing()
    endpoint.wake(1000.0)
    assert endpoint.take_outgoing() == []


def test_a_peer_that_takes_up_the_refreshing() -> None:
    call = Call()
    call.switch.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=1.0)
    (invite, _), = call.switch.take_outgoing()
    ok = reply(invite, "200 OK", "Session-Expires: 300;refresher=uas", "Contact: <sip:c@192.0.2.10>") + SDP
    call.switch.receive(ok, Flow("udp", SWITCH, TRUNK), 1.0)
    call.switch.take_outgoing()
    call.switch.wake(268.9)
    assert call.switch.take_outgoing() == []
    call.switch.wake(269.1)  # 300 - 32 s (RFC 4028 section 10)
    assert call.switch.take_outgoing()[0][0].startswith(b"BYE")


def test_a_late_fork_while_our_own_bye_and_reinvite_are_on_their_way() -> None:
    """The far end took the refresh on itself badly: our re-INVITE runs, we say BYE, and only then another fork picks up."""
    call = Call()
    dialog = call.switch.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=1.0)
    (invite, _), = call.switch.take_outgoing()
    over = Flow("udp", SWITCH, TRUNK)
    ok = reply(invite, "200 OK", "Session-Expires: 20;refresher=uac", "Contact: <sip:c@192.0.2.10>") + SDP
    call.switch.receive(ok, over, 1.0)
    call.switch.take_outgoing()
    call.switch.wake(11.0)
    assert call.switch.take_outgoing()[0][0].startswith(b"INVITE")
    call.switch.hangup(dialog, 12.0)
    assert call.switch.take_outgoing()[0][0].startswith(b"BYE")
    call.switch.receive(ok.replace(b"tag=far", b"tag=fork2"), over, 12.5)
    sent = [parse(data) for data, _ in call.switch.take_outgoing()]
    assert [(m.method, m.to_tag) for m in sent if isinstance(m, Request)] == [("ACK", "fork2"), ("BYE", "fork2")]


def test_a_refresh_waits_for_the_ack() -> None:
    config = EndpointConfig(trunks=(CARRIER,), session=SessionConfig(expires=10, shortest=10))
    endpoint = Endpoint(config, ids("s"), USERS.get)
    lines = ("Supported: timer", "Session-Expires: 10;refresher=uas", "Allow: UPDATE")
    give(endpoint, raw("INVITE", "sip:1@10.0.0.1", *lines, body=SDP, source=TRUNK), TRUNK)
    (event,) = endpoint.take_events()
    assert isinstance(event, InviteReceived)
    endpoint.answer(event.dialog, ANSWER, 100.0)
    ok = parse(endpoint.take_outgoing()[0][0])
    assert isinstance(ok, Response)
    endpoint.wake(105.0)
    assert all(data.startswith(b"SIP/2.0 200") for data, _ in endpoint.take_outgoing())
    give(endpoint, raw("ACK", to=ok.to, branch="z9hG4bKack", source=TRUNK), TRUNK, 105.5)
    endpoint.wake(106.0)
    assert endpoint.take_outgoing()[0][0].startswith(b"UPDATE")


def test_refusing_an_answered_call_changes_nothing() -> None:
    call = Call().talk()
    call.switch.refuse(call.leg, 486, 101.0)
    call.switch.progress(call.leg, 180, now=101.0)
    call.switch.answer(call.leg, ANSWER, 101.0)
    assert call.switch.take_outgoing() == []
    assert call.switch.counts()["dialogs"] == 1


def test_commands_about_nobody_do_nothing() -> None:
    call = Call()
    gone = call.invite().dialog
    call.switch.hangup(gone, 101.0, q850=17)
    assert [data[:11] for data, _ in call.switch.take_outgoing()] == [b"SIP/2.0 486"]
    call.switch.progress(gone, 180, now=101.0)
    call.switch.refuse(gone, 486, 101.0)
    call.switch.hangup(gone, 101.0)
    call.switch.unregister("nobody", 101.0)
    assert call.switch.take_outgoing() == []


def test_every_final_answer_by_cause_is_one_that_sip_knows() -> None:
    assert all(400 <= status < 700 for status in endings.FINAL_BY_CAUSE.values())


def test_an_answer_to_cancel_says_nothing() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.switch.hangup(dialog, call.wire.now)
    (cancel, _), = call.switch.take_outgoing()
    call.switch.receive(reply(cancel, "481 Gone"), Flow("udp", SWITCH, TRUNK), call.wire.now)
    assert call.switch.take_events() == []
    assert call.switch.counts()["dialogs"] == 1  # the INVITE's own answer decides


def test_two_calls_of_one_phone_do_not_touch_each_other() -> None:
    call = Call().talk()
    first, kept = call.leg, call.caller
    call.talk()
    call.phone.hangup(kept, call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, ByeReceived).dialog == first
    assert call.switch.counts()["dialogs"] == 1
    assert not call.wire.told(SWITCH, DialogLost)


def test_media_moves_are_told_for_the_called_side_too() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.trunk.answer(call.wire.one(TRUNK, InviteReceived).dialog, SDP, call.wire.now)
    call.wire.run()
    ack = next(m for _, to, data in reversed(call.wire.log) if to == TRUNK and isinstance(m := parse(data), Request))
    moved = SDP.replace(b"40000", b"40002")
    offer = raw("INVITE", "sip:a@b", body=moved, call_id=ack.call_id, from_=ack.to, to=ack.from_, source=TRUNK)
    assert [r.status for r in give(call.switch, offer, TRUNK, call.wire.now)] == [100]
    assert call.switch.take_events()[-1] == MediaOffered(dialog, moved)


def test_the_same_number_from_a_phone_in_a_sha_256_network() -> None:
    network = type(CELLS)("sha", CELLS.sources, algorithm="SHA-256", realm="cells.test")
    endpoint = Endpoint(EndpointConfig(networks=(network,), nonce_key=KEY), ids("s"), USERS.get)
    assert [r.status for r in authorized(endpoint, body=SDP)] == [100]


def asking() -> tuple[Stack, ClientExchange, list[object]]:
    """A request of ours on its way, and what is heard of it."""
    stack, flow, heard = Stack(EndpointConfig(trunks=(CARRIER,)), ids("x")), Flow("udp", SWITCH, TRUNK), list[object]()
    draft = Draft("OPTIONS", "sip:a@b", stack.via(flow, "z9hG4bKone"), "<sip:a@b>;tag=t", "<sip:c@d>", "call", 1)
    return stack, stack.send(draft, flow, lambda outcome, at: heard.append(outcome), "z9hG4bKone", 1.0), heard


def test_a_repeated_answer_is_heard_once() -> None:
    stack, exchange, heard = asking()
    ok = parse(reply(stack.outgoing[0][0], "200 OK"))
    assert isinstance(ok, Response)
    exchange.receive(ok, 1.1)
    exchange.receive(ok, 1.2)
    assert heard == [ok]


def test_what_failed_twice_is_forgotten_once() -> None:
    stack, exchange, _ = asking()
    _, other, _ = asking()
    for _ in range(2):
        exchange.fail("the transport failed", 1.1)
    assert (stack.clients, stack.asked) == ({}, {})
    assert other.machine.state is not exchange.machine.state


def test_a_stranger_who_owes_us_an_answer_may_say_nothing_else() -> None:
    """Whoever was asked may answer from outside every network; a request from there is none, however it begins."""
    endpoint = Endpoint(EndpointConfig(trunks=(CARRIER,)), ids("s"), USERS.get)
    there = Flow("udp", SWITCH, ("198.51.100.7", 5060))
    endpoint.register("sip:a@198.51.100.7", "sip:198.51.100.7", there, SECRET, 1.0)
    endpoint.take_outgoing()
    for first in ("SIP/2.0", "OPTIONS"):
        endpoint.receive(raw(first, source=there.remote), there, 1.1)
    assert endpoint.take_outgoing() == []
