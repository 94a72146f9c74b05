"""Messages from the wire: limits, oddities, and what is said about them."""
import logging

import pytest

from switch.sip import build
from switch.sip.events import Flow
from switch.sip.message import (
    MAX_HEADERS,
    MAX_MESSAGE,
    Malformed,
    Request,
    Response,
    address_of,
    caller_user,
    host_port,
    parse,
    raw_user,
    tag_of,
    uri_in,
)
from tests.unit.sip.kit import PHONE, SWITCH, raw

OVER = Flow("udp", SWITCH, PHONE)


def request(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request), message
    return message


def test_a_request_is_read_once_with_its_parts() -> None:
    r = request(raw("INVITE", "sip:07700900123@10.0.0.1", "Supported: timer, Replaces", "User-Agent: x", body=b"v=0"))
    assert (r.method, r.uri, r.call_id, r.cseq, r.cseq_method) == ("INVITE", "sip:07700900123@10.0.0.1", "raw-1", 1,
                                                                   "INVITE")
    assert (r.from_tag, r.to_tag, r.branch, r.body) == ("f1", "", "z9hG4bKraw1", b"v=0")
    assert r.tokens("supported") == {"timer", "replaces"}
    assert (r.first("user-agent"), r.first("nothing"), r.all("nothing")) == ("x", "", [])


def test_compact_folded_and_long_forms_are_one() -> None:
    data = (b"\r\n\r\nINVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP 10.0.1.7;branch=z9hG4bKc\r\nf: <sip:a@b>;\r\n tag=t\r\n"
            b"t: <sip:c@d>\r\ni: x\r\nCSeq: 7 INVITE\r\nl: 2\r\n\r\nhi there")
    r = request(data)
    assert (r.from_tag, r.call_id, r.cseq, r.body) == ("t", "x", 7, b"hi")


def test_without_a_length_the_body_is_what_follows() -> None:
    assert request(raw(body=b"abc", without=("Content-Length",))).body == b"abc"


@pytest.mark.parametrize(("data", "why"), [
    (b"x" * (MAX_MESSAGE + 1), "longer"), (b"hello", "no empty line"), (b"A  B\r\nX: y\r\n\r\n", "request line"),
    (b"SIP/1.0 200 OK\r\nX: y\r\n\r\n", "not SIP/2.0"), (b"A B C\r\n\r\n", "no header"),
    (raw(without=("Max-Forwards",)).replace(b"From:", b"X:\rY: 1\r\nFrom:"), "line break"),
    (raw().replace(b"From:", b"X: 1\nFrom:"), "line break"), (raw().replace(b"raw-1", b"\0"), "zero"),
    (raw("INVITE", "sip:a@b", *["X: y"] * MAX_HEADERS), "too many"), (raw("INVITE", "sip:a@b", "X: " + "y" * 5000),
                                                                      "too long"),
    (raw("INVITE", "sip:a@b", "no colon"), "no header"), (raw("INVITE", "sip:a@b", "Na me: x"), "no header"),
    (raw("INVITE", "sip:a@b", "N\xe9: x"), "no header"),
    (raw(version="HTTP/1.1"), "names no version"), (raw().replace(b"INVITE sip:07700900123@10.0.0.1 SIP/2.0",
                                                                  b"INVITE sip:a@b"), "three parts"),
    (b"SIP/2.0 99 Low\r\nVia: x\r\n\r\n", "status code"), (b"SIP/2.0 abc Low\r\nVia: x\r\n\r\n", "status code"),
    (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
     b"From: <sip:a@b>\r\nTo: x\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n", "our tag"),
    (raw(without=("Via",)), "no Via"),
])
def test_what_is_no_sip_gets_a_reason_and_no_answer(data: bytes, why: str) -> None:
    message = parse(data)
    assert isinstance(message, Malformed)
    assert why in message.reason
    assert message.request is None


@pytest.mark.parametrize(("data", "status", "why"), [
    (raw(body=b"abc").replace(b"Content-Length: 3", b"Content-Length: 9"), 400, "shorter"),
    (raw().replace(b"Content-Length: 0", b"Content-Length: -1"), 400, "no number"),
    (raw("INVITE", "sip:a@b", "l: 0"), 400, "no number"), (raw("INVITE", "sip:a@b", "Call-ID: two"), 400,
                                                           "more than one call-id"),
    (raw(cseq=2**31), 400, "CSeq"),
    (raw().replace(b"1 INVITE", b"1 BYE"), 400, "another method"), (raw("INVITE", "<sip:a@b>"), 400, "request line"),
    (raw("INV@TE"), 400, "request line"), (raw(version="SIP/3.0"), 505, "SIP/2.0"),
])
def test_what_is_nearly_sip_can_be_answered(data: bytes, status: int, why: str) -> None:
    message = parse(data)
    assert isinstance(message, Malformed)
    assert (message.status, message.request is not None) == (status, True)
    assert why in message.reason


@pytest.mark.parametrize("data", [raw("ACK", "sip:a@b", "To: two"), raw(without=("From",)), raw(without=("To",)),
                                  raw(without=("Call-ID",)), raw().replace(b"CSeq: 1 ", b"CSeq: x ")])
def test_what_cannot_be_answered_is_not(data: bytes) -> None:
    message = parse(data)
    assert isinstance(message, Malformed)
    assert message.request is None


def test_aiosipua_never_logs_a_wrong_length(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        parse(raw(body=b"abc").replace(b"Content-Length: 3", b"Content-Length: 9"))
        parse(raw(body=b"abc").replace(b"Content-Length: 3", b"Content-Length: 1"))
        parse(raw(body=b"abc").replace(b"Content-Length: 3", b"L :\r\n 9"))
    assert not caplog.records


def test_the_uri_is_cut_as_on_the_wire() -> None:
    assert request(raw("INVITE", "sip:07700\u00a0900123@10.0.0.1")).uri == "sip:07700\u00a0900123@10.0.0.1"


@pytest.mark.parametrize(("uri", "user"), [
    ("sip:07700900123@10.0.0.1", "07700900123"), ("sip:+44 7700@h", "+44 7700"), ("sip:0770,,5;ext=1@h:5060;x=y",
                                                                                  "0770,,5;ext=1"),
    ("sip:10.0.0.1", ""), ("sip:a@b@h", "a@b"), ("sip:u:pw@h", "u:pw"),
])
def test_the_user_part_is_raw(uri: str, user: str) -> None:
    assert raw_user(uri) == user


def test_the_callers_user() -> None:
    assert caller_user('"A" <tel:+441632960001;x=y>;tag=1') == "+441632960001"
    assert caller_user("<sip:+441632960001@h>") == "+441632960001"


def test_addresses_with_hostile_display_names() -> None:
    value = '"<sip:evil@x>;tag=no\\"" <sip:real@y>;tag=yes'
    assert (uri_in(value), tag_of(value), address_of(value).uri.user) == ("sip:real@y", "yes", "real")
    assert address_of(value).display_name == '<sip:evil@x>;tag=no\\"'
    assert address_of("sip:a@b;tag=q").tag == tag_of("sip:a@b;tag=q") == "q"
    assert uri_in("sip:a@b;tag=q") == "sip:a@b"
    assert tag_of("<sip:a@b>;other=1") == ""


@pytest.mark.parametrize(("uri", "found"), [
    ("sip:a@10.0.0.1", ("10.0.0.1", 5060)), ("sip:a@[2001:db8::1]:5070;lr",
                                             ("2001:db8::1", 5070)), ("SIP:10.0.0.1:9?x", ("10.0.0.1", 9)),
    ("sip:a@h:99999", ("", 0)), ("sip:a@h:x", ("", 0)), ("tel:+44", ("", 5060)),
])
def test_host_and_port(uri: str, found: tuple[str, int]) -> None:
    assert host_port(uri) == found


def test_an_answer_says_where_the_request_really_came_from() -> None:
    r = request(raw("INVITE", "sip:a@b", "Record-Route: <sip:p;lr>"))
    text = build.response(r, 180, OVER, to_tag="t").decode()
    assert "Via: SIP/2.0/UDP 10.0.1.7:5060;branch=z9hG4bKraw1;received=10.0.1.7;rport=5060\r\n" in text
    assert "To: <sip:07700900123@10.0.0.1>;tag=t\r\n" in text
    assert "Record-Route: <sip:p;lr>\r\n" in text
    hidden = request(raw().replace(b"10.0.1.7:5060;branch=z9hG4bKraw1;rport",
                                   b"192.168.9.9:5099;branch=z9hG4bKraw1;received=1.1.1.1"))
    assert "Via: SIP/2.0/UDP 192.168.9.9:5099;branch=z9hG4bKraw1;received=10.0.1.7\r\n" in build.response(hidden, 486,
                                                                                                          OVER).decode()
    assert build.reply_flow(hidden, OVER).remote == ("10.0.1.7", 5099)
    plain = request(raw().replace(b";rport", b""))
    assert b"received" not in build.response(plain, 486, OVER)
    assert build.reply_flow(plain, OVER) is OVER
    assert build.reply_flow(hidden, Flow("tcp", SWITCH, PHONE)).remote == PHONE
    portless = request(raw().replace(b"10.0.1.7:5060;branch=z9hG4bKraw1;rport", b"10.0.1.7;branch=z9hG4bK2"))
    assert build.reply_flow(portless, Flow("udp", SWITCH, (PHONE[0], 40000))).remote == PHONE


def test_builders_write_what_the_parser_reads() -> None:
    flow = Flow("tcp", ("2001:db8::1", 5060), ("2001:db8::2", 5060))
    assert build.via(flow, "b", None) == "SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bKb;rport"
    assert build.contact(flow, "u", "sip.example") == "<sip:u@sip.example:5060;transport=tcp>"
    draft = build.Draft("INVITE", "sip:a@b", build.via(OVER, "b", None), "<sip:me@h>;tag=1", "<sip:a@b>", "c", 4,
                        ("<sip:p;lr>",), (), b"v=0")
    r = request(draft.encode())
    assert (r.all("route"), r.body, r.first("content-type")) == (["<sip:p;lr>"], b"v=0", "application/sdp")
    cancel = request(draft.cancel((("Reason", "x"),)).encode())
    assert (cancel.method, cancel.cseq, cancel.branch, cancel.body, cancel.first("reason")) == ("CANCEL", 4, r.branch,
                                                                                                b"", "x")
    refusal = parse(build.response(r, 486, OVER, to_tag="far"))
    assert isinstance(refusal, Response)
    assert (refusal.status, refusal.reason) == (486, "Busy Here")
    ack = request(draft.ack(refusal))
    assert (ack.method, ack.to_tag, ack.branch, ack.all("route")) == ("ACK", "far", r.branch, ["<sip:p;lr>"])


def test_reason_headers() -> None:
    assert build.reason_header("", None) == ()
    assert build.reason_header("gone", None) == (("Reason", 'SIP;cause=200;text="gone"'),)
    assert build.reason_header("", 16) == (("Reason", "Q.850;cause=16"),)
