"""What begins something, and what it gets: challenges, refusals, silence."""
from dataclasses import replace

import pytest

from switch.sip import arrivals
from switch.sip.access import AccessNetwork, Doors, TokenBuckets, TrunkPeer, is_scanner
from switch.sip.config import EndpointConfig, SessionConfig
from switch.sip.endpoint import Endpoint
from switch.sip.events import AuthFailed, Flow, InviteReceived, MalformedReceived, Rejected, StrangerRefused, TransferRefused
from switch.sip.exchanges import ALLOW
from tests.unit.sip.kit import (
    CARRIER,
    CELLS,
    KEY,
    PHONE,
    SDP,
    SWITCH,
    TRUNK,
    USERS,
    Call,
    authorized,
    give,
    ids,
    phone,
    raw,
    switch,
)

STRANGER = ("203.0.113.9", 5060)


def one(data: bytes) -> tuple[int, dict[str, str]]:
    (answer,) = give(switch(), data)
    return answer.status, {name.lower(): ", ".join(values) for name, values in answer.headers.items()}


def test_options_is_answered_with_what_we_can() -> None:
    status, headers = one(raw("OPTIONS", "sip:10.0.0.1"))
    assert (status, headers["allow"], headers["accept"], headers["server"]) == (200, ALLOW, "application/sdp",
                                                                                "Wingline")


@pytest.mark.parametrize(("data", "status"), [
    (raw("SUBSCRIBE"), 405), (raw("MESSAGE"), 405), (raw("PUBLISH"), 405), (raw("PRACK"), 405), (raw("FOO"),
                                                                                                 405), (raw("BYE"),
                                                                                                        481),
    (raw("INFO"), 481), (raw("UPDATE"), 481), (raw("INVITE", "sips:a@b"), 416), (raw("INVITE", "tel:+44"), 416),
    (raw().replace(b"Max-Forwards: 70", b"Max-Forwards: 0"), 483), (raw("INVITE", "sip:a@b", "Require: 100rel"), 420),
    (raw("INVITE", "sip:a@b", "Proxy-Require: sec-agree"), 420), (raw(version="SIP/7.0"),
                                                                  505), (raw("INVITE", "sip:a@b", "To: <sip:x@y>"),
                                                                         400),
    (raw("BYE", to="<sip:a@b>;tag=gone"), 481), (raw("INVITE", to="<sip:a@b>;tag=gone"), 481), (raw("REFER"),
                                                                                                603), (raw("INVITE"),
                                                                                                       401),
    (raw("REGISTER"), 401),
])
def test_refusals_before_anybody_is_known(data: bytes, status: int) -> None:
    found, headers = one(data)
    assert found == status
    assert headers.get("allow", ALLOW) == ALLOW
    if status == 405:
        assert headers["allow"] == ALLOW
    if status == 420:
        assert headers["unsupported"] in ("100rel", "sec-agree")


@pytest.mark.parametrize("data", [raw("ACK"), raw("ACK", to="<sip:a@b>;tag=gone"), raw("ACK", without=("To",)),
                                  b"\r\n\r\n", b"\0\0", b""])
def test_what_is_never_answered(data: bytes) -> None:
    endpoint = switch()
    assert give(endpoint, data) == []
    assert not any(endpoint.counts().values())


def test_answers_without_a_transaction_are_the_same_each_time_and_leave_nothing() -> None:
    endpoint = switch()
    first, second = give(endpoint, raw("FOO"))[0], give(endpoint, raw("FOO"))[0]
    assert first.to_tag == second.to_tag != ""
    assert give(endpoint, raw("FOO", branch="z9hG4bKother"))[0].to_tag != first.to_tag
    assert not any(endpoint.counts().values())


@pytest.mark.parametrize("status", [400, 505])
def test_nearly_sip_within_a_dialog_keeps_its_tag(status: int) -> None:
    odd = {400: "Call-ID: another", 505: "X: y"}[status]
    data = raw("BYE", "sip:a@b", odd, to="<sip:a@b>;tag=x", version="SIP/7.0" if status == 505 else "SIP/2.0")
    (answer,) = give(switch(), data)
    assert (answer.status, answer.to_tag) == (status, "x")


def test_an_invite_is_told_100_at_once_and_repetitions_are_absorbed() -> None:
    endpoint = switch()
    (trying,) = authorized(endpoint, body=SDP)
    assert (trying.status, trying.to_tag) == (100, "")
    assert len(endpoint.take_events()) == 1
    again = give(endpoint, raw("INVITE", cseq=2, branch="z9hG4bKb1"))
    assert [r.status for r in again] == [100]
    assert not endpoint.take_events()


def test_a_merged_request_is_a_loop() -> None:
    endpoint = switch()
    authorized(endpoint, body=SDP)
    assert [r.status for r in give(endpoint, raw("INVITE", cseq=2, branch="z9hG4bKotherway"))] == [482]


def test_a_client_of_rfc_2543_is_known_by_all_that_it_says() -> None:
    endpoint = switch()
    data = raw("INVITE", branch="1", body=SDP, source=TRUNK)
    assert [r.status for r in give(endpoint, data, TRUNK)] == [100]
    assert [r.status for r in give(endpoint, data, TRUNK)] == [100]
    assert len(endpoint.take_events()) == 1
    assert [r.status for r in give(endpoint, data.replace(b"INVITE", b"CANCEL"), TRUNK)] == [200, 487]


def test_replaces_is_refused_and_told() -> None:
    endpoint = switch()
    (answer,) = authorized(endpoint, "INVITE", "Require: replaces", "Replaces: abc;to-tag=1;from-tag=2")
    assert answer.status == 403
    (event,) = endpoint.take_events()
    assert event == TransferRefused(None, "Replaces", "abc;to-tag=1;from-tag=2", Flow("udp", SWITCH, PHONE))


def test_refer_outside_a_call_is_refused_and_told() -> None:
    endpoint = switch()
    give(endpoint, raw("REFER", "sip:a@b", "Refer-To: <sip:outside@example.org>"))
    assert endpoint.take_events() == [TransferRefused(None, "REFER", "sip:outside@example.org",
                                                      Flow("udp", SWITCH, PHONE))]


def test_a_registration_for_somebody_else_is_forbidden() -> None:
    (answer,) = authorized(switch(), "REGISTER", to="<sip:cell-2@10.0.0.1>")
    assert answer.status == 403


@pytest.mark.parametrize(("parts", "status"), [
    ({"without": ("Contact",)}, 400), ({"body": b"x", "lines": ("Content-Type: text/plain",)}, 415),
    ({"lines": ("Supported: timer", "Session-Expires: 30")}, 422),
])
def test_invites_that_cannot_become_calls(parts: dict[str, object], status: int) -> None:
    lines = parts.pop("lines", ())
    assert isinstance(lines, tuple)
    endpoint = switch()
    answers = authorized(endpoint, "INVITE", *lines, **parts)
    assert [r.status for r in answers] == [100, status]
    assert not endpoint.take_events()
    assert endpoint.counts()["dialogs"] == 0


def test_too_many_calls() -> None:
    endpoint = Endpoint(EndpointConfig(networks=(CELLS,), nonce_key=KEY, most_dialogs=1), ids("s"), USERS.get)
    assert authorized(endpoint, call_id="a")[0].status == 100
    (answer,) = authorized(endpoint, call_id="b", cseq=5)
    assert (answer.status, answer.first("retry-after")) == (503, "5")


def test_a_trunk_needs_no_password_and_registers_nobody() -> None:
    endpoint = switch()
    assert [r.status for r in give(endpoint, raw("REGISTER", source=TRUNK), TRUNK)] == [403]
    assert [r.status for r in give(endpoint, raw(body=SDP, source=TRUNK, from_='"X" <tel:+441632960001>;tag=9'),
                                   TRUNK)] == [100]
    (event,) = endpoint.take_events()
    assert isinstance(event, InviteReceived)
    assert (event.user, event.network, event.from_user, event.sdp) == (None, "carrier", "+441632960001", SDP)


def test_a_phone_registers_nobody() -> None:
    endpoint = phone()
    endpoint.receive(raw("REGISTER", source=SWITCH), Flow("udp", PHONE, SWITCH), 1.0)
    assert endpoint.take_outgoing()[0][0].startswith(b"SIP/2.0 405 ")


def test_strangers_get_silence_and_events_are_rationed() -> None:
    endpoint = switch()
    for n in range(20):
        assert give(endpoint, raw("OPTIONS"), STRANGER, now=100.0 + n / 10) == []
    events = endpoint.take_events()
    assert events == [StrangerRefused(Flow("udp", SWITCH, STRANGER), "unknown address")] * 3
    give(endpoint, raw("OPTIONS"), STRANGER, now=110.0)
    assert len(endpoint.take_events()) == 1


@pytest.mark.parametrize("agent", ["friendly-scanner", "sipvicious", "SIPcli/v1.8", "scanner x"])
def test_scanners_get_silence_even_from_within(agent: str) -> None:
    endpoint = switch()
    assert give(endpoint, raw("OPTIONS", "sip:a@b", f"User-Agent: {agent}")) == []
    assert give(endpoint, raw("OPTIONS", "sip:a@b", f"User-Agent: {agent}", version="SIP/9.0")) == []
    assert [type(e) for e in endpoint.take_events()] == [StrangerRefused, MalformedReceived]
    assert not is_scanner("Yealink SIP-T31P")


def test_malformed_is_told_and_rationed() -> None:
    endpoint = switch()
    for _ in range(9):
        give(endpoint, b"rubbish")
    assert [type(e) for e in endpoint.take_events()] == [MalformedReceived] * 3


def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    call = Call()
    call.dial_trunk()
    answer = next(data for source, _, data in call.wire.log if source == TRUNK)
    call.switch.receive(answer, Flow("udp", SWITCH, STRANGER), 100.0)
    call.switch.receive(answer.replace(b"z9hG4bK", b"z9hG4bKx"), Flow("udp", SWITCH, TRUNK), 100.0)
    assert [type(e) for e in call.switch.take_events()] == [StrangerRefused]


def test_whom_we_call_may_answer_though_no_peer_and_nobody_may_for_him() -> None:
    endpoint = switch()
    there = Flow("udp", SWITCH, STRANGER)
    endpoint.dial("sip:control@203.0.113.9", there, from_uri="sip:999@10.0.0.1", sdp=SDP, now=100.0)
    endpoint.options("sip:192.0.2.10", Flow("udp", SWITCH, ("203.0.113.10", 5060)), 100.0)
    (invite, _), _ = endpoint.take_outgoing()
    lines = [line for line in invite.split(b"\r\n") if line.split(b":")[0] in (b"Via", b"From", b"To", b"Call-ID",
                                                                               b"CSeq")]
    busy = b"\r\n".join([b"SIP/2.0 486 Busy", *lines, b"", b""]).replace(b"To: <sip:control@203.0.113.9>",
                                                                         b"To: <sip:c@d>;tag=1")
    endpoint.receive(busy, Flow("udp", SWITCH, ("203.0.113.10", 5060)), 100.0)
    assert not endpoint.take_events()
    endpoint.receive(busy, there, 100.0)
    assert [type(e) for e in endpoint.take_events()] == [Rejected]


def test_failures_are_remembered_for_a_bounded_number_of_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "REMEMBERED_FAILURES", 2)
    endpoint = switch()
    counts = []
    for n, user in enumerate(["a", "b", "c", "a", "c"]):
        line = f'Authorization: Digest username="{user}", realm="cells.test", nonce="x", uri="sip:a@b", response="0"'
        give(endpoint, raw("INVITE", "sip:a@b", line, cseq=n + 1, branch=f"z9hG4bK{n}"))
        counts += [e.count for e in endpoint.take_events() if isinstance(e, AuthFailed)]
    assert counts == [1, 1, 1, 1, 2]


def test_ports_tell_networks_and_trunks_apart() -> None:
    md5 = AccessNetwork("md5", ("127.0.0.0/8",), ports=frozenset({5060}))
    sha = AccessNetwork("sha", ("127.0.0.0/8", "2001:db8::/32"), algorithm="SHA-256", ports=frozenset({5062}))
    trunk = TrunkPeer("trunk", ("127.0.0.1/32",), port=5080)
    doors = Doors((md5, sha), (trunk,), remembered=2)
    assert doors.of(Flow("udp", ("127.0.0.1", 5060), ("127.0.0.1", 9))) is md5
    assert doors.of(Flow("udp", ("127.0.0.1", 5062), ("127.0.0.1", 9))) is sha
    assert doors.of(Flow("udp", ("127.0.0.1", 5062), ("127.0.0.1", 5080))) is trunk
    assert doors.of(Flow("udp", ("127.0.0.1", 5062), ("::ffff:127.0.0.1", 5080))) is trunk
    assert doors.of(Flow("udp", ("::", 5062), ("2001:db8::5", 1))) is sha
    assert doors.of(Flow("udp", ("::", 5070), ("2001:db8::5", 1))) is None


def test_buckets_forget_the_oldest_address() -> None:
    buckets = TokenBuckets(1.0, 1.0, remembered=2)
    assert [buckets.take(address, 0.0) for address in ("a", "a", "b", "c", "a")] == [True, False, True, True, True]
    assert len(buckets) == 2


def test_sessions_can_be_switched_off() -> None:
    config = EndpointConfig(networks=(CELLS,), trunks=(CARRIER,), nonce_key=KEY,
                            session=replace(SessionConfig(), expires=0))
    endpoint = Endpoint(config, ids("s"), USERS.get)
    endpoint.dial("sip:1@192.0.2.10", Flow("udp", SWITCH, TRUNK), from_uri="sip:a@b", sdp=SDP, now=1.0)
    assert b"Session-Expires" not in endpoint.take_outgoing()[0][0]
