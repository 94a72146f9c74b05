"""Whole calls between endpoints: a phone, the switch, a trunk."""
from switch.sip.events import (
    AckReceived,
    Answered,
    ByeReceived,
    Flow,
    InviteCancelled,
    InviteReceived,
    Registered,
    RegisterSucceeded,
    Rejected,
    Ringing,
)
from tests.unit.sip.kit import ANSWER, PHONE, SDP, SECRET, SWITCH, TRUNK, Call


def test_a_phone_registers() -> None:
    call = Call()
    call.phone.register("sip:cell-1@10.0.0.1", "sip:10.0.0.1", Flow("udp", PHONE, SWITCH), SECRET, call.wire.now)
    call.wire.run()
    bound = call.wire.one(SWITCH, Registered)
    assert (bound.user, bound.contact, bound.expires, bound.network) == ("cell-1", "sip:cell-1@10.0.1.7:5060", 600,
                                                                         "cells")
    assert bound.flow.remote == PHONE
    assert call.wire.one(PHONE, RegisterSucceeded).expires == 600
    assert call.wire.starts() == ["REGISTER", "401", "REGISTER", "200"]
    assert call.switch.bindings("cell-1")[0].flow.remote == PHONE


def test_a_call_is_answered_and_ended_by_the_caller() -> None:
    call = Call()
    event = call.invite()
    assert (event.user, event.network, event.request_uri_user, event.from_user) == ("cell-1", "cells", "07700900123",
                                                                                    "cell-1")
    assert event.sdp == SDP
    call.switch.progress(call.leg, 180, now=call.wire.now)
    call.switch.answer(call.leg, ANSWER, call.wire.now)
    call.wire.run()
    assert call.wire.one(PHONE, Ringing).status == 180
    assert call.wire.one(PHONE, Answered).sdp == ANSWER
    assert call.wire.one(SWITCH, AckReceived).dialog == call.leg
    call.phone.hangup(call.caller, call.wire.now, "done", 16)
    call.wire.run()
    assert call.wire.one(SWITCH, ByeReceived).reason == 'Q.850;cause=16;text="done"'
    assert call.wire.starts() == ["INVITE", "401", "ACK", "INVITE", "100", "180", "200", "ACK", "BYE", "200"]
    call.quiet()


def test_the_switch_dials_a_trunk_and_hangs_up() -> None:
    call = Call()
    dialog = call.dial_trunk()
    inside = call.wire.one(TRUNK, InviteReceived)
    assert (inside.user, inside.network, inside.request_uri_user, inside.from_user) == (None, "switch",
                                                                                        "+447700900123", "+441632960001")
    call.trunk.progress(inside.dialog, 183, SDP, now=call.wire.now)
    call.trunk.answer(inside.dialog, SDP, call.wire.now)
    call.wire.run()
    assert call.wire.one(SWITCH, Ringing).sdp == SDP
    assert call.wire.one(SWITCH, Answered).dialog == dialog
    call.switch.hangup(dialog, call.wire.now)
    call.switch.hangup(dialog, call.wire.now)
    call.wire.run()
    assert call.wire.one(TRUNK, ByeReceived).reason == ""
    assert call.wire.starts().count("BYE") == 1
    call.quiet()


def test_hanging_up_while_it_rings_cancels() -> None:
    call = Call()
    dialog = call.dial_trunk()
    call.switch.hangup(dialog, call.wire.now, "time is up", 16)
    call.wire.run()
    call.wire.one(TRUNK, InviteCancelled)
    assert call.wire.starts() == ["INVITE", "100", "CANCEL", "200", "487", "ACK"]
    assert not call.wire.told(SWITCH, Rejected)
    call.quiet()


def test_a_refusal_carries_its_cause() -> None:
    call = Call()
    call.invite()
    call.switch.refuse(call.leg, 486, call.wire.now, "busy", 17)
    call.wire.run()
    rejected = call.wire.one(PHONE, Rejected)
    assert (rejected.status, rejected.reason) == (486, 'Q.850;cause=17;text="busy"')
    call.quiet()
