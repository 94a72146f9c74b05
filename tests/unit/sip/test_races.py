"""Everything that can cross on the wire: lost and late messages, CANCEL and BYE against answers, forks."""
from typing import Any

import pytest

from switch.sip.digest import ClientCredentials
from switch.sip.events import (
    AckReceived,
    Address,
    Answered,
    ByeReceived,
    DialogLost,
    Flow,
    InviteCancelled,
    InviteReceived,
    NoAck,
    RedirectRefused,
    Rejected,
    Ringing,
)
from switch.sip.message import Request, parse
from tests.unit.sip.kit import ANSWER, PHONE, SDP, SWITCH, TRUNK, Call, Wire, authorized, phone, raw, switch


class Lossy:
    """Swallows the messages that begin with `start` on their way to `to`, the first `times` of them."""

    def __init__(self, wire: Wire, start: bytes, to: Address, times: int = 10**9) -> None:
        self.left = times
        wire.drop = lambda data, at: data.startswith(start) and at == to and self._take()

    def _take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def answers(call: Call) -> None:
    """The trunk picks up whatever rings there."""
    for event in call.wire.told(TRUNK, InviteReceived):
        call.trunk.answer(event.dialog, SDP, call.wire.now)


def test_a_200_that_crosses_our_cancel_is_acknowledged_and_ended() -> None:
    call = Call()
    Lossy(call.wire, b"CANCEL", TRUNK)
    dialog = call.dial_trunk()
    call.switch.hangup(dialog, call.wire.now, "cut", 16)
    call.wire.run()
    answers(call)
    call.wire.run()
    assert call.wire.starts(SWITCH)[-2:] == ["ACK", "BYE"]
    assert call.wire.one(TRUNK, ByeReceived).reason == 'Q.850;cause=16;text="cut"'
    assert not call.wire.told(SWITCH, Answered)
    call.quiet()


def test_cancel_waits_for_the_first_provisional_answer() -> None:
    call = Call()
    Lossy(call.wire, b"SIP/2.0 100", SWITCH, times=1)
    dialog = call.dial_trunk()
    call.switch.hangup(dialog, call.wire.now)
    call.wire.run()
    assert "CANCEL" not in call.wire.starts()
    call.wire.later(1.0)  # timer A; the INVITE is answered with 100 again
    call.wire.one(TRUNK, InviteCancelled)
    call.quiet()


def test_hanging_up_on_nobody_ends_with_timer_b() -> None:
    call = Call()
    call.wire.drop = lambda data, to: to == TRUNK
    dialog = call.dial_trunk()
    call.switch.hangup(dialog, call.wire.now)
    call.quiet()
    assert set(call.wire.starts(SWITCH)) == {"INVITE"}
    assert not call.wire.events[SWITCH]


def test_nobody_answers_the_invite() -> None:
    call = Call()
    call.wire.drop = lambda data, to: to == TRUNK
    dialog = call.dial_trunk()
    call.wire.later(31.9)
    assert not call.wire.told(SWITCH, DialogLost)
    call.wire.later(0.2)
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, "no answer (timer B)")
    assert call.wire.starts() == ["INVITE"] * 7
    call.quiet()


def test_a_200_long_after_the_cancel_went_unanswered() -> None:
    call = Call()
    call.wire.drop = lambda data, to: data.startswith(b"CANCEL")
    dialog = call.dial_trunk()
    call.switch.hangup(dialog, call.wire.now)
    call.wire.later(40.0)
    assert call.switch.counts()["dialogs"] == 0
    answers(call)
    call.wire.run()
    assert call.wire.starts(SWITCH)[-2:] == ["ACK", "BYE"]
    call.wire.one(TRUNK, ByeReceived)
    call.wire.later(400.0)
    call.quiet()


def test_endless_ringing_is_given_up() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.trunk.progress(call.wire.one(TRUNK, InviteReceived).dialog, 180, now=call.wire.now)
    call.wire.later(186.0)
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, "rang for too long (timer C)")
    call.wire.one(TRUNK, InviteCancelled)
    call.quiet()


def test_a_silent_trunk_after_cancel_is_forgotten_with_timer_c() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.wire.drop = lambda data, to: True
    call.switch.hangup(dialog, call.wire.now)
    call.wire.later(400.0)
    assert not any(call.switch.counts().values())
    assert not call.wire.told(SWITCH, DialogLost)


def test_cancel_of_an_answered_call_has_no_effect() -> None:
    call = Call()
    Lossy(call.wire, b"SIP/2.0 200", PHONE)
    call.talk()
    call.phone.hangup(call.caller, call.wire.now)  # it has seen 100 only
    call.wire.run()
    assert "CANCEL" in call.wire.starts(PHONE)
    assert not call.wire.told(SWITCH, InviteCancelled)
    call.wire.drop = lambda data, to: False
    call.wire.later(2.0)  # the 200 comes again, is acknowledged, and BYE follows
    call.wire.one(SWITCH, ByeReceived)
    call.quiet()


def test_the_caller_cancels() -> None:
    call = Call()
    call.invite()
    call.phone.hangup(call.caller, call.wire.now)
    call.wire.run()
    call.wire.one(SWITCH, InviteCancelled)
    call.switch.answer(call.leg, ANSWER, call.wire.now)
    call.switch.progress(call.leg, 180, now=call.wire.now)
    call.switch.refuse(call.leg, 486, call.wire.now)
    call.switch.hangup(call.leg, call.wire.now)
    call.wire.run()
    assert call.wire.starts()[-4:] == ["CANCEL", "200", "487", "ACK"]
    call.quiet()


def test_cancel_of_nothing() -> None:
    call = Call()
    call.switch.receive(raw("CANCEL"), Flow("udp", SWITCH, PHONE), 100.0)
    call.wire.run()
    assert call.wire.starts() == ["481"]


def test_bye_from_both_sides_at_once() -> None:
    call = Call().talk()
    call.phone.hangup(call.caller, call.wire.now)
    call.switch.hangup(call.leg, call.wire.now)
    call.wire.events[SWITCH].clear()
    call.wire.run()
    assert call.wire.starts().count("BYE") == 2
    assert not call.wire.told(SWITCH, ByeReceived)
    assert not call.wire.told(PHONE, ByeReceived)
    assert call.switch.counts()["dialogs"] == call.phone.counts()["dialogs"] == 0
    call.quiet()


def test_the_ack_is_lost_once() -> None:
    call = Call()
    Lossy(call.wire, b"ACK", SWITCH, times=2)  # the one of the 401, and the one of the 200
    call.talk()
    assert not call.wire.told(SWITCH, AckReceived)
    call.wire.later(1.0)
    call.wire.one(SWITCH, AckReceived)
    assert call.wire.starts(SWITCH).count("200") == 2
    call.phone.hangup(call.caller, call.wire.now)
    call.quiet()


def test_the_ack_never_comes() -> None:
    call = Call()
    call.invite()
    Lossy(call.wire, b"ACK", SWITCH)
    call.switch.answer(call.leg, ANSWER, call.wire.now)
    call.wire.later(31.9)
    assert not call.wire.told(SWITCH, NoAck)
    call.wire.later(0.2)
    assert call.wire.one(SWITCH, NoAck).dialog == call.leg
    call.wire.one(PHONE, ByeReceived)
    # 0.5 s doubling to 4 s until 64*T1 (RFC 3261 13.3.1.4)
    assert call.wire.starts(SWITCH).count("200") == 11
    call.quiet()


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    call = Call()
    Lossy(call.wire, b"ACK", SWITCH, times=2)  # the one of the 401, and the one of the 200
    call.talk()
    call.switch.hangup(call.leg, call.wire.now, q850=16)
    call.wire.run()
    assert "BYE" not in call.wire.starts()
    call.wire.later(1.0)
    assert call.wire.one(PHONE, ByeReceived).reason == "Q.850;cause=16"
    assert not call.wire.told(SWITCH, AckReceived)
    call.quiet()


def test_hanging_up_before_an_ack_that_never_comes() -> None:
    call = Call()
    Lossy(call.wire, b"ACK", SWITCH)
    call.talk()
    call.switch.hangup(call.leg, call.wire.now)
    call.wire.later(33.0)
    call.wire.one(PHONE, ByeReceived)
    assert not call.wire.told(SWITCH, NoAck)
    call.quiet()


def test_a_bye_that_overtakes_the_ack() -> None:
    call = Call()
    Lossy(call.wire, b"ACK", SWITCH)
    call.talk()
    call.phone.hangup(call.caller, call.wire.now)
    call.wire.run()
    call.wire.one(SWITCH, ByeReceived)
    call.quiet()


def test_a_bye_while_our_own_waits_for_the_ack() -> None:
    call = Call()
    Lossy(call.wire, b"ACK", SWITCH)
    call.talk()
    call.switch.hangup(call.leg, call.wire.now)
    call.phone.hangup(call.caller, call.wire.now)
    call.wire.run()
    assert call.switch.counts()["dialogs"] == 0
    assert call.wire.starts(SWITCH)[-1] == "200"
    call.quiet()


def test_the_last_bye_is_never_answered() -> None:
    call = Call().talk()
    call.wire.drop = lambda data, to: to == PHONE
    call.switch.hangup(call.leg, call.wire.now)
    call.wire.later(31.0)
    assert call.switch.counts()["dialogs"] == 1
    call.wire.later(40.0)
    assert not any(call.switch.counts().values())
    assert call.wire.starts(SWITCH).count("BYE") == 11


def test_a_bye_on_an_early_dialog_of_a_caller() -> None:
    call = Call()
    call.invite()
    call.switch.progress(call.leg, 180, now=call.wire.now)
    call.wire.run()
    invite = next(m for _, to, data in reversed(call.wire.log) if to == SWITCH and isinstance(m := parse(data),
                                                                                              Request))
    tag = next(data for source, _,
               data in call.wire.log if data.startswith(b"SIP/2.0 180")).split(b"To: ")[1].split(b"\r\n")[0].decode()
    bye = raw("BYE", call_id=invite.call_id, from_=invite.from_, to=tag, cseq=invite.cseq + 1, branch="z9hG4bKearly")
    call.switch.receive(bye, Flow("udp", SWITCH, PHONE), call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, ByeReceived).dialog == call.leg
    assert call.wire.starts(SWITCH)[-2:] == ["200", "487"]
    call.quiet()


def test_a_bye_on_an_early_dialog_from_whom_we_call() -> None:
    call = Call()
    dialog = call.dial_trunk()
    invite = parse(call.wire.log[0][2])
    assert isinstance(invite, Request)
    bye = raw("BYE", call_id=invite.call_id, from_=f"{invite.to};tag=z", to=invite.from_, source=TRUNK)
    call.switch.receive(bye, Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, ByeReceived).dialog == dialog
    call.wire.one(TRUNK, InviteCancelled)
    call.quiet()


def test_a_second_fork_that_answers_is_acknowledged_and_ended() -> None:
    call = Call()
    call.dial_trunk()
    answers(call)
    call.wire.run()
    call.wire.one(SWITCH, Answered)
    first = next(data for _, to, data in call.wire.log if to == SWITCH and data.startswith(b"SIP/2.0 200"))
    tag = parse(first).to_tag  # type: ignore[union-attr]  # our own bytes parse
    other = first.replace(tag.encode(), b"other-fork")
    call.wire.log.clear()
    for _ in range(2):  # it is repeated, and acknowledged again, but told BYE once
        call.switch.receive(other, Flow("udp", SWITCH, TRUNK), call.wire.now)
        call.wire.run()
    assert call.wire.starts(SWITCH) == ["ACK", "BYE", "ACK"]
    assert all(b"tag=other-fork" in data for source, _, data in call.wire.log if source == SWITCH)
    assert call.switch.counts()["dialogs"] == 1
    call.switch.receive(first, Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert call.wire.starts(SWITCH) == ["ACK", "BYE", "ACK", "ACK"]
    assert not call.wire.told(SWITCH, Answered)


def test_early_media_from_two_forks_is_told_as_ringing() -> None:
    call = Call()
    call.dial_trunk()
    call.trunk.progress(call.wire.one(TRUNK, InviteReceived).dialog, 183, SDP, now=call.wire.now)
    call.wire.run()
    early = next(data for _, to, data in call.wire.log if data.startswith(b"SIP/2.0 183"))
    call.switch.receive(early.replace(b"To: <sip:+447700900123@192.0.2.10>;tag=",
                                      b"To: <sip:+447700900123@192.0.2.10>;tag=x"),
                        Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert [(r.status, r.sdp) for r in call.wire.told(SWITCH, Ringing)] == [(183, SDP), (183, SDP)]


def test_an_answer_without_media_is_ended() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.trunk.answer(call.wire.one(TRUNK, InviteReceived).dialog, b"", call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, "answered without a media description")
    assert call.wire.starts(SWITCH)[-2:] == ["ACK", "BYE"]
    call.quiet()


@pytest.mark.parametrize("status", [300, 302, 380])
def test_a_redirection_is_acknowledged_and_not_followed(status: int) -> None:
    call = Call()
    dialog = call.dial_trunk()
    invite = call.wire.one(TRUNK, InviteReceived)
    call.trunk.refuse(invite.dialog, 486, call.wire.now)
    refusals = call.trunk.take_outgoing()
    moved = refusals[0][0].replace(b"486 Busy Here", f"{status} Moved".encode()).replace(
        b"CSeq:", b"Contact: <sip:elsewhere@203.0.113.5>\r\nCSeq:")
    call.wire.log.clear()
    call.switch.receive(moved, Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert call.wire.events[SWITCH] == [RedirectRefused(dialog, status, ("sip:elsewhere@203.0.113.5",)),
                                        Rejected(dialog, status, "Moved")]
    assert call.wire.starts(SWITCH) == ["ACK"]
    assert {to for _, to, _ in call.wire.log} == {TRUNK}


def test_a_trunk_that_challenges_us() -> None:
    """407, then the call: credentials in the INVITE, its ACK, and again for the BYE."""
    call = Call()
    proxy = phone("t")
    secret = ClientCredentials("wingline", "trunk-secret")
    dialog = call.switch.dial("sip:+447700900123@192.0.2.10", Flow("udp", SWITCH, TRUNK),
                              from_uri="sip:+441632960001@10.0.0.1",
                              sdp=ANSWER, credentials=secret, headers=(("X-Wing", "a"),), now=100.0)

    def challenge(data: bytes) -> bytes:
        request = parse(data)
        assert isinstance(request, Request)
        proxy.receive(data.replace(request.method.encode(), b"OPTIONS"), Flow("udp", TRUNK, SWITCH), 100.0)
        reply = proxy.take_outgoing()[0][0].replace(b"OPTIONS", request.method.encode())
        return reply.replace(b"SIP/2.0 200 OK", b"SIP/2.0 407 Proxy Authentication Required").replace(
            b"SIP/2.0 481 Call/Transaction Does Not Exist", b"SIP/2.0 407 Proxy Authentication Required").replace(
            b"CSeq:", b'Proxy-Authenticate: Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth"\r\nCSeq:')

    (first, _), = call.switch.take_outgoing()
    call.switch.receive(challenge(first), Flow("udp", SWITCH, TRUNK), 100.0)
    call.wire.run()
    invites = [m for source, _, data in call.wire.log if source == SWITCH and isinstance(m := parse(data), Request)]
    assert [m.method for m in invites] == ["ACK", "INVITE"]
    assert invites[1].cseq == 2
    assert 'username="wingline"' in invites[1].first("proxy-authorization")
    assert invites[1].first("x-wing") == "a"
    answers(call)
    call.wire.run()
    assert call.wire.one(SWITCH, Answered).dialog == dialog
    ack = parse(next(data for source, _, data in reversed(call.wire.log) if data.startswith(b"ACK")))
    assert isinstance(ack, Request)
    assert ack.first("proxy-authorization")
    call.switch.hangup(dialog, 101.0)
    (bye, _), = call.switch.take_outgoing()
    call.switch.receive(challenge(bye), Flow("udp", SWITCH, TRUNK), 101.0)
    call.wire.run()
    call.wire.one(TRUNK, ByeReceived)
    call.quiet()


def test_a_challenge_that_cannot_be_answered_is_a_rejection() -> None:
    call = Call()
    call.caller = call.phone.dial("sip:1@10.0.0.1", Flow("udp", PHONE, SWITCH), from_uri="sip:cell-1@10.0.0.1",
                                  sdp=SDP, now=100.0)
    call.wire.run()
    assert call.wire.one(PHONE, Rejected).status == 401
    call.phone.dial("sip:1@10.0.0.1", Flow("udp", PHONE, SWITCH), from_uri="sip:cell-1@10.0.0.1", sdp=SDP,
                    credentials=ClientCredentials("cell-1", "wrong"), now=100.0)
    call.wire.run()
    assert call.wire.one(PHONE, Rejected).status == 401
    assert call.wire.starts(PHONE).count("INVITE") == 3
    call.quiet()


def test_the_transport_fails() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.switch.transport_failed(Flow("udp", SWITCH, PHONE), call.wire.now)
    call.wire.run()
    assert not call.wire.told(SWITCH, DialogLost)
    call.switch.transport_failed(Flow("udp", SWITCH, TRUNK), call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, DialogLost) == DialogLost(dialog, "the transport failed")
    assert call.switch.counts()["dialogs"] == 0


def test_a_line_break_forges_no_header() -> None:
    call = Call()
    with pytest.raises(ValueError, match="line break"):
        call.switch.dial("sip:1@192.0.2.10\r\nX: y", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=1.0)
    assert not any(call.switch.counts().values())
    call.talk()
    call.switch.hangup(call.leg, call.wire.now, 'a\r\nX: "y"', 16)
    call.wire.run()
    assert call.wire.one(PHONE, ByeReceived).reason == "Q.850;cause=16;text=\"a X: 'y'\""


def test_refuse_takes_only_refusals() -> None:
    call = Call()
    call.invite()
    with pytest.raises(ValueError, match="302"):
        call.switch.refuse(call.leg, 302, 1.0)


@pytest.mark.parametrize(("parts", "taken"), [
    ({}, True), ({"cseq": 3}, False), ({"branch": "z9hG4bKother"}, False), ({"call_id": "raw-2"}, False),
    ({"from_": "<sip:cell-1@10.0.0.1>;tag=f2"}, False), ({"source": ("10.0.1.8", 5060)}, False),
])
def test_an_ack_with_a_made_up_to_tag_is_known_by_its_branch(parts: dict[str, Any], taken: bool) -> None:
    """pyVoIP 1.6.8 acknowledges a 200 with the branch of its INVITE and a To tag that nobody gave it."""
    endpoint = switch()
    authorized(endpoint, "INVITE", "Content-Type: application/sdp", body=SDP)
    (invited,) = [event for event in endpoint.take_events() if isinstance(event, InviteReceived)]
    endpoint.answer(invited.dialog, ANSWER, 100.0)
    endpoint.take_outgoing()
    ack = {"branch": "z9hG4bKb1", "cseq": 2, "to": "<sip:07700900123@10.0.0.1>;tag=made-up"} | parts
    endpoint.receive(raw("ACK", **ack), Flow("udp", SWITCH, ack.get("source", PHONE)), 100.1)
    assert [event.dialog for event in endpoint.take_events() if isinstance(event, AckReceived)] == [invited.dialog] * taken
