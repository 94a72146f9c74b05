"""Within a call: holds, moves of media, refreshes, digits, transfers, order."""
import pytest

from switch.sip.config import EndpointConfig
from switch.sip.endpoint import Endpoint
from switch.sip.events import (
    AckReceived,
    Address,
    Answered,
    ByeReceived,
    DialogId,
    DialogLost,
    DigitByInfo,
    Flow,
    InviteReceived,
    MediaOffered,
    SessionExpired,
    TransferRefused,
)
from switch.sip.message import Request, Response, parse
from switch.sip.sdp import build_audio
from tests.unit.sip.kit import ANSWER, CARRIER, CELLS, KEY, PHONE, SDP, SWITCH, TRUNK, USERS, Call, Wire, give, ids, phone, raw

MOVED = build_audio("10.0.1.99", 40000, session=1, version=2)
HELD = SDP.replace(b"a=sendrecv", b"a=sendonly")


class Talking(Call):
    """A call of a phone that stands, to which the test adds requests written by hand."""

    def __init__(self, wire: Wire | None = None) -> None:
        super().__init__(wire)
        self.talk()
        self.wire.told(SWITCH, AckReceived)
        ack = next(m for _, to, data in reversed(self.wire.log) if to == SWITCH and isinstance(m := parse(data),
                                                                                               Request))
        self.ids = {"call_id": ack.call_id, "from_": ack.from_, "to": ack.to}
        self.cseq = 10
        self.wire.log.clear()

    def says(self, method: str, *lines: str, body: bytes = b"", cseq: int | None = None,
             source: Address = PHONE) -> list[Response]:
        self.cseq += 1
        return give(self.switch, raw(method, "sip:10.0.0.1:5060", *lines, body=body, cseq=cseq or self.cseq,
                                     source=source,
                                     branch=f"z9hG4bKw{self.cseq}", **self.ids), source, self.wire.now)

    def acks(self) -> None:
        assert self.says("ACK", cseq=self.cseq) == []


def test_a_hold_gets_our_description_again() -> None:
    call = Talking()
    (held,) = call.says("INVITE", body=HELD)
    assert held.status == 200
    assert held.body == ANSWER.replace(b"a=sendrecv", b"a=recvonly").replace(b"o=- 9 1", b"o=- 9 2")
    call.acks()
    (back,) = call.says("INVITE", body=SDP)
    assert back.body == ANSWER.replace(b"o=- 9 1", b"o=- 9 3")
    call.acks()
    (old,) = call.says("UPDATE", body=SDP.replace(b"c=IN IP4 10.0.1.7", b"c=IN IP4 0.0.0.0"))
    assert old.body == back.body
    assert not call.wire.told(SWITCH, MediaOffered)


def test_media_moves_only_when_told_so() -> None:
    call = Talking()
    assert [r.status for r in call.says("INVITE", body=MOVED)] == [100]
    assert call.switch.take_events() == [MediaOffered(call.leg, MOVED)]
    call.wire.later(2.1)
    assert call.wire.starts(SWITCH)[0] == "488"
    assert [r.status for r in call.says("UPDATE", body=MOVED)] == []
    call.switch.refuse(call.leg, 488, call.wire.now, "no", 57)
    assert b"SIP/2.0 488" in call.switch.take_outgoing()[0][0]
    assert [r.status for r in call.says("INVITE", body=MOVED)] == [100]
    other = ANSWER.replace(b"30000", b"30002")
    call.switch.answer(call.leg, other, call.wire.now)
    assert call.switch.take_outgoing()[0][0].endswith(other)
    call.acks()
    (again,) = call.says("INVITE", body=MOVED)  # now it is where media is
    assert (again.status, again.body) == (200, other)


def test_a_pending_move_can_be_cancelled_and_dies_with_the_call() -> None:
    call = Talking()
    call.says("INVITE", body=MOVED)
    cancel = raw("CANCEL", "sip:10.0.0.1:5060", cseq=call.cseq, branch=f"z9hG4bKw{call.cseq}", **call.ids)
    assert [r.status for r in give(call.switch, cancel, now=call.wire.now)] == [200, 487]
    call.says("INVITE", body=MOVED)
    assert [r.status for r in call.says("INVITE", body=SDP)] == [500]
    assert [r.status for r in call.says("BYE")] == [200, 487]
    assert call.switch.counts()["dialogs"] == 0


def test_hanging_up_settles_a_pending_move() -> None:
    call = Talking()
    call.says("UPDATE", body=MOVED)
    call.switch.hangup(call.leg, call.wire.now)
    assert [data.split(b" ")[1 if data.startswith(b"SIP") else 0] for data,
            _ in call.switch.take_outgoing()] == [b"487", b"BYE"]


@pytest.mark.parametrize("offer", [b"rubbish", SDP.replace(b"m=audio 40000", b"m=audio 0"),
                                   SDP.replace(b"RTP/AVP 8 0 101", b"RTP/AVP 18")])
def test_an_offer_that_cannot_be_met_changes_nothing(offer: bytes) -> None:
    call = Talking()
    assert [r.status for r in call.says("INVITE", body=offer)] == [488]
    assert not call.switch.take_events()


def test_an_offerless_reinvite_gets_our_offer() -> None:
    call = Talking()
    (offer,) = call.says("INVITE")
    assert offer.body == ANSWER
    assert call.says("ACK", cseq=call.cseq, body=MOVED) == []
    assert not call.switch.take_events()  # an answer in an ACK moves nothing either
    (update,) = call.says("UPDATE")
    assert (update.status, update.body) == (200, b"")


def test_an_offerless_call_is_answered_in_the_ack() -> None:
    endpoint = Call().switch
    assert give(endpoint, raw(source=TRUNK), TRUNK)[0].status == 100
    (event,) = endpoint.take_events()
    assert isinstance(event, InviteReceived)
    assert event.sdp is None
    endpoint.answer(event.dialog, ANSWER, 100.0)
    ok = parse(endpoint.take_outgoing()[0][0])
    assert isinstance(ok, Response)
    give(endpoint, raw("ACK", to=ok.to, body=SDP, branch="z9hG4bKack", source=TRUNK), TRUNK)
    assert endpoint.take_events() == [AckReceived(event.dialog, SDP)]
    give(endpoint, raw("ACK", to=ok.to, body=SDP, branch="z9hG4bKack", source=TRUNK), TRUNK)
    assert not endpoint.take_events()


def test_requests_out_of_order_get_500() -> None:
    call = Talking()
    assert [r.status for r in call.says("INFO", cseq=3)] == [200]
    call.says("INFO", cseq=50)
    assert [r.status for r in call.says("INFO", cseq=49)] == [500]
    assert [r.status for r in call.says("BYE", cseq=50)] == [500]
    assert call.switch.counts()["dialogs"] == 1


def test_an_unknown_extension_within_a_call() -> None:
    call = Talking()
    (answer,) = call.says("INVITE", "Require: 100rel", body=SDP)
    assert (answer.status, answer.all("unsupported")) == (420, ["100rel"])


def test_another_telephone_cannot_end_a_call() -> None:
    call = Talking()
    assert [r.status for r in call.says("BYE", source=("10.0.1.8", 5060))] == [481]
    assert call.switch.counts()["dialogs"] == 1


def test_any_address_of_a_trunk_may_speak_for_its_calls() -> None:
    call = Call()
    call.dial_trunk()
    call.trunk.answer(call.wire.one(TRUNK, InviteReceived).dialog, SDP, call.wire.now)
    call.wire.run()
    ack = next(m for _, to, data in reversed(call.wire.log) if to == TRUNK and isinstance(m := parse(data), Request))
    bye = raw("BYE", call_id=ack.call_id, from_=ack.to, to=ack.from_, source=("192.0.2.11", 5060))
    assert [r.status for r in give(call.switch, bye, PHONE)] == [481]
    assert [r.status for r in give(call.switch, bye.replace(b"z9hG4bKraw1", b"z9hG4bKraw2"),
                                   ("192.0.2.11", 5060))] == [200]


def test_a_trunk_is_reached_where_its_contact_says_if_that_is_the_trunk() -> None:
    for contact, to in [("192.0.2.77:5062", ("192.0.2.77", 5062)), ("203.0.113.1", TRUNK), ("sbc.example", TRUNK),
                        ("192.0.2.10", TRUNK)]:
        call = Call()
        dialog = call.dial_trunk()
        call.trunk.answer(call.wire.one(TRUNK, InviteReceived).dialog, SDP, call.wire.now)
        ok = call.trunk.take_outgoing()[0][0].replace(b"Contact: <sip:+447700900123@192.0.2.10:5060>", b"")
        ok = ok.replace(b"Contact: <sip:192.0.2.10:5060>", f"Contact: <sip:{contact}>".encode())
        call.switch.receive(ok, Flow("udp", SWITCH, TRUNK), 100.0)
        call.switch.hangup(dialog, 101.0)
        out = call.switch.take_outgoing()
        assert [(data[:3], flow.remote) for data, flow in out] == [(b"ACK", to), (b"BYE", to)]
        assert out[0][0].startswith(f"ACK sip:{contact} SIP/2.0".encode())


@pytest.mark.parametrize(("route", "uri", "routes"), [
    (b"<sip:192.0.2.20;lr>", "sip:cell-1@192.0.2.10:5060", ["<sip:192.0.2.20;lr>"]),
    (b"<sip:192.0.2.20>", "sip:192.0.2.20", ["<sip:cell-1@192.0.2.10:5060>"]),
])
def test_route_sets_loose_and_strict(route: bytes, uri: str, routes: list[str]) -> None:
    endpoint = Call().switch
    give(endpoint, raw("INVITE", "sip:1@10.0.0.1", f"Record-Route: {route.decode()}", body=SDP, source=TRUNK), TRUNK)
    (event,) = endpoint.take_events()
    assert isinstance(event, InviteReceived)
    endpoint.answer(event.dialog, ANSWER, 100.0)
    ok = parse(endpoint.take_outgoing()[0][0])
    assert isinstance(ok, Response)
    assert ok.all("record-route") == [route.decode()]
    give(endpoint, raw("ACK", to=ok.to, branch="z9hG4bKack", source=TRUNK), TRUNK)
    endpoint.hangup(event.dialog, 101.0)
    data, flow = endpoint.take_outgoing()[0]
    bye = parse(data)
    assert isinstance(bye, Request)
    assert (bye.uri, bye.all("route"), flow.remote) == (uri, routes, ("192.0.2.20", 5060))


@pytest.mark.parametrize(("kind", "body", "event"), [
    ("application/dtmf-relay", b"Signal=5\r\nDuration=250\r\n", ("5", 250)), ("application/dtmf-relay",
                                                                              b"Signal= #\r\n", ("#", 160)),
    ("application/dtmf", b"d", ("D", 160)), ("application/dtmf-relay", b"Signal=xx\r\n", None), ("text/plain", b"5",
                                                                                                 None),
])
def test_digits_by_info(kind: str, body: bytes, event: tuple[str, int] | None) -> None:
    call = Talking()
    answers = call.says("INFO", f"Content-Type: {kind}", body=body)
    assert [r.status for r in answers] == [200 if event else 415]
    assert call.switch.take_events() == ([DigitByInfo(call.leg, *event)] if event else [])


def test_digits_before_the_answer_are_not_digits() -> None:
    call = Call()
    call.invite()
    call.switch.progress(call.leg, 183, ANSWER, now=call.wire.now)
    early = next(parse(data) for data, _ in call.switch.take_outgoing())
    assert isinstance(early, Response)
    info = raw("INFO", "sip:a@b", "Content-Type: application/dtmf", body=b"1", call_id=early.call_id,
               from_=early.from_, to=early.to, cseq=9)
    assert [r.status for r in give(call.switch, info)] == [200]
    reinvite = raw("INVITE", body=SDP, call_id=early.call_id, from_=early.from_, to=early.to, cseq=10,
                   branch="z9hG4bKr")
    assert [r.status for r in give(call.switch, reinvite)] == [500]
    assert not call.switch.take_events()


def test_a_transfer_is_refused_and_told() -> None:
    call = Talking()
    assert [r.status for r in call.says("REFER", "Refer-To: <sip:07700900999@10.0.0.1>")] == [603]
    assert call.switch.take_events() == [TransferRefused(call.leg, "REFER", "sip:07700900999@10.0.0.1",
                                                         Flow("udp", SWITCH, PHONE))]
    assert [r.status for r in call.says("OPTIONS")] == [200]
    assert [r.status for r in call.says("NOTIFY")] == [405]


def test_nothing_is_offered_to_a_call_that_ends() -> None:
    call = Talking()
    call.switch.hangup(call.leg, call.wire.now)
    assert [r.status for r in call.says("INVITE", body=SDP)][-1] == 481
    call.switch.answer(call.leg, ANSWER, call.wire.now)
    call.switch.answer(DialogId("gone"), ANSWER, call.wire.now)


# Session timers (RFC 4028)

def sessions(expires: int = 1800, **timers: float) -> Call:
    config = EndpointConfig(networks=(CELLS,), trunks=(CARRIER,), nonce_key=KEY)
    call = Call()
    call.switch = Endpoint(config, ids("s"), USERS.get)
    call.wire = Wire(switch=(call.switch, SWITCH), phone=(call.phone, PHONE), trunk=(call.trunk, TRUNK))
    return call


def outside(call: Call) -> DialogId:
    dialog = call.dial_trunk()
    call.trunk.answer(call.wire.one(TRUNK, InviteReceived).dialog, SDP, call.wire.now)
    call.wire.run()
    call.wire.one(SWITCH, Answered)
    return dialog


def test_the_caller_refreshes_and_the_call_goes_on() -> None:
    call = sessions()
    outside(call)
    call.wire.log.clear()
    call.wire.later(4000.0)
    assert call.wire.starts() == ["UPDATE", "200"] * 4
    assert not call.wire.told(SWITCH, SessionExpired)
    assert not call.wire.told(TRUNK, SessionExpired)


def test_a_refresh_that_nobody_answers_ends_the_call() -> None:
    call = sessions()
    dialog = outside(call)
    call.wire.drop = lambda data, to: to == TRUNK
    call.wire.later(950.0)
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, "no answer (timer F)")
    call.wire.drop = lambda data, to: True
    call.wire.later(900.0)
    assert call.wire.one(TRUNK, SessionExpired)
    assert "BYE" in call.wire.starts(TRUNK)
    call.quiet()


def refusing(call: Call, status: int, method: bytes = b"UPDATE", extra: str = "") -> None:
    """The trunk answers each of our refreshes with `status`."""

    def drop(data: bytes, to: Address) -> bool:
        if to != TRUNK or not data.startswith(method):
            return False
        request = parse(data)
        assert isinstance(request, Request)
        lines = [f"SIP/2.0 {status} No", *(f"Via: {v}" for v in request.all("via")), f"From: {request.from_}",
                 f"To: {request.to}",
                 f"Call-ID: {request.call_id}", f"CSeq: {request.cseq} {request.method}", *([extra] if extra else []), "", ""]
        call.switch.receive("\r\n".join(lines).encode(), Flow("udp", SWITCH, TRUNK), call.wire.now)
        return True

    call.wire.drop = drop


@pytest.mark.parametrize("status", [408, 481])
def test_a_peer_that_knows_no_such_call_ends_it(status: int) -> None:
    call = sessions()
    dialog = outside(call)
    refusing(call, status)
    call.wire.later(901.0)
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, f"{status} No")
    call.wire.one(TRUNK, ByeReceived)
    call.quiet()


def test_a_peer_without_update_gets_a_reinvite() -> None:
    call = sessions()
    outside(call)
    refusing(call, 405)
    call.wire.log.clear()
    call.wire.later(901.0)
    assert call.wire.starts() == ["UPDATE", "INVITE", "100", "200", "ACK"] or call.wire.starts() == ["UPDATE",
                                                                                                     "INVITE", "200", "ACK"]
    call.wire.log.clear()
    call.wire.later(900.0)
    assert call.wire.starts()[0] == "INVITE"


def test_a_refresh_that_meets_another_is_tried_again() -> None:
    call = sessions()
    outside(call)
    refusing(call, 491)
    call.wire.log.clear()
    call.wire.later(910.0)
    assert call.wire.starts(SWITCH) == ["UPDATE"] * 4


def test_a_refresh_that_is_too_frequent_is_made_longer() -> None:
    call = sessions()
    outside(call)
    refusing(call, 422, extra="Min-SE: 4000")
    call.wire.log.clear()
    call.wire.drop, refuse = (lambda data, to: False), call.wire.drop
    first: list[bytes] = []
    call.wire.drop = lambda data, to: refuse(data,
                                             to) if data.startswith(b"UPDATE") and not first and not first.append(data) else False
    call.wire.later(901.0)
    assert call.wire.starts(SWITCH) == ["UPDATE", "UPDATE"]
    assert b"Session-Expires: 4000;refresher=uac" in call.wire.log[-2][2]


def test_a_refused_refresh_lets_the_session_run_out() -> None:
    call = sessions()
    dialog = outside(call)
    refusing(call, 500)
    call.wire.later(1799.0)
    assert call.wire.one(SWITCH, SessionExpired).dialog == dialog
    call.quiet()


def test_our_reinvite_and_theirs_meet() -> None:
    call = sessions()
    outside(call)
    refusing(call, 405)
    call.wire.later(899.0)
    plain = call.wire.drop
    call.wire.drop = lambda data, to: plain(data, to) or (to == TRUNK and data.startswith(b"INVITE"))
    call.wire.later(2.0)  # our re-INVITE is on its way, unanswered
    invite = next(m for _, to, data in reversed(call.wire.log) if to == TRUNK and isinstance(m := parse(data),
                                                                                             Request) and m.method == "INVITE")
    theirs = raw("INVITE", body=SDP, call_id=invite.call_id, from_=invite.to, to=invite.from_, source=TRUNK, cseq=77)
    assert [r.status for r in give(call.switch, theirs, TRUNK, call.wire.now)] == [491]


def test_a_repeated_200_to_our_reinvite_is_acknowledged_again() -> None:
    call = sessions()
    dialog = outside(call)
    refusing(call, 405)
    call.wire.later(901.0)
    ok = next(data for source, _,
              data in reversed(call.wire.log) if source == TRUNK and data.startswith(b"SIP/2.0 200"))
    call.wire.log.clear()
    call.switch.receive(ok, Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.switch.hangup(dialog, call.wire.now)
    call.switch.receive(ok, Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert call.wire.starts(SWITCH) == ["ACK", "BYE", "ACK"]


def test_a_second_tag_that_answers_our_reinvite_is_nobody() -> None:
    call = sessions()
    dialog = outside(call)
    refusing(call, 405)
    call.wire.later(901.0)
    ok = next(data for source, _, data in reversed(call.wire.log) if source == TRUNK and data.startswith(b"SIP/2.0 200"))
    answer = parse(ok)
    assert isinstance(answer, Response)
    elsewhere = ok.replace(f"tag={answer.to_tag}".encode(), b"tag=other").replace(b"<sip:", b"<sip:x@192.0.2.99;was=")
    call.wire.log.clear()
    call.switch.receive(elsewhere, Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.switch.hangup(dialog, call.wire.now)
    call.wire.run()
    assert call.wire.starts(SWITCH) == ["BYE"]
    bye = next(parse(data) for _, to, data in call.wire.log if to == TRUNK)
    assert isinstance(bye, Request)
    assert "192.0.2.99" not in bye.uri


def test_a_reinvite_that_only_rings_is_given_up() -> None:
    call = sessions()
    dialog = outside(call)
    refusing(call, 405)
    call.wire.later(899.0)
    refusing(call, 405)
    update = call.wire.drop

    def drop(data: bytes, to: Address) -> bool:
        if to == TRUNK and data.startswith(b"INVITE"):
            refusing(call, 180, b"INVITE")
            call.wire.drop(data, to)
            call.wire.drop = drop
            return True
        return update(data, to)

    call.wire.drop = drop
    call.wire.later(200.0)
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, "no final answer (timer C)")


def test_we_refresh_as_the_one_called_when_asked() -> None:
    call = Call()
    lines = ("Supported: timer", "Session-Expires: 120;refresher=uas", "Min-SE: 100", "Allow: INVITE, UPDATE")
    give(call.switch, raw("INVITE", "sip:1@10.0.0.1", *lines, body=SDP, source=TRUNK), TRUNK)
    (event,) = call.switch.take_events()
    assert isinstance(event, InviteReceived)
    call.switch.answer(event.dialog, ANSWER, 100.0)
    ok = parse(call.switch.take_outgoing()[0][0])
    assert isinstance(ok, Response)
    assert ok.first("session-expires") == "120;refresher=uas"
    give(call.switch, raw("ACK", to=ok.to, branch="z9hG4bKack", source=TRUNK), TRUNK)
    call.switch.wake(160.0)
    update = parse(call.switch.take_outgoing()[0][0])
    assert isinstance(update, Request)
    assert (update.method, update.first("session-expires")) == ("UPDATE", "120;refresher=uac")


def test_a_refresh_waits_while_media_is_asked_about() -> None:
    call = Call()
    lines = ("Supported: timer", "Session-Expires: 120;refresher=uas", "Allow: INVITE, UPDATE")
    give(call.switch, raw("INVITE", "sip:1@10.0.0.1", *lines, body=SDP, source=TRUNK), TRUNK)
    (event,) = call.switch.take_events()
    assert isinstance(event, InviteReceived)
    call.switch.answer(event.dialog, ANSWER, 100.0)
    ok = parse(call.switch.take_outgoing()[0][0])
    assert isinstance(ok, Response)
    give(call.switch, raw("ACK", to=ok.to, branch="z9hG4bKack", source=TRUNK), TRUNK)
    give(call.switch, raw("UPDATE", "sip:a@b", "Supported: timer", body=MOVED, to=ok.to, cseq=9, source=TRUNK,
                          branch="z9hG4bKm"), TRUNK, 159.0)
    call.switch.wake(160.5)
    assert call.switch.take_outgoing() == []
    call.switch.wake(161.5)
    assert [data[:11] for data, _ in call.switch.take_outgoing()] == [b"SIP/2.0 488", b"UPDATE sip:"]


def test_a_reinvite_asks_for_too_short_a_session() -> None:
    call = Talking()
    (answer,) = call.says("UPDATE", "Supported: timer", "Session-Expires: 10")
    assert (answer.status, answer.first("min-se")) == (422, "90")


def test_a_trunk_wants_a_longer_session() -> None:
    call = sessions()
    call.dial_trunk()
    invite = parse(call.wire.log[0][2])
    assert isinstance(invite, Request)
    call = sessions()
    refusing(call, 422, b"INVITE", "Min-SE: 3000\r\nX: y")
    refuse = call.wire.drop
    count: list[int] = []
    call.wire.drop = lambda data, to: refuse(data,
                                             to) if data.startswith(b"INVITE") and not count and not count.append(1) else False
    call.switch.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=call.wire.now)
    call.wire.run()
    again = [m for s, _, data in call.wire.log if s == SWITCH and isinstance(m := parse(data),
                                                                             Request) and m.method == "INVITE"][-1]
    assert (again.cseq, again.all("session-expires"), again.first("min-se")) == (2, ["3000"], "3000")


def test_a_phone_that_does_not_speak_of_sessions_gets_none() -> None:
    assert phone().deadline() is None
    endpoint = Call().switch
    give(endpoint, raw(body=SDP, source=TRUNK), TRUNK)
    (event,) = endpoint.take_events()
    assert isinstance(event, InviteReceived)
    endpoint.answer(event.dialog, ANSWER, 100.0)
    assert b"Session-Expires" not in endpoint.take_outgoing()[0][0]
