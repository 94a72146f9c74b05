"""Whatever comes, nothing raises and nothing stays."""
import logging
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switch.sip.events import Address, DialogId, Flow
from switch.sip.message import Malformed, Request, Response, parse
from switch.sip.sdp import AudioDescription, SdpError, parse_audio
from tests.effort import examples
from tests.unit.sip.kit import ANSWER, PHONE, SDP, SWITCH, TRUNK, Call

QUICK = settings(deadline=None, max_examples=examples(150), suppress_health_check=list(HealthCheck))
WORDS = st.sampled_from([b"INVITE", b"SIP/2.0", b"sip:", b"Via: ", b";branch=z9hG4bK", b"\r\n", b"\r\n\r\n",
                         b"Content-Length: ", b"\xff", b"\0", b":",
                         b";tag=", b"<", b">", b'"', b",", b"CSeq: 1 ", b"9" * 30, b"-1", b" ", b"\t",
                         b"l:", b"Contact: *", b"\xc2\xa0", b"\xe2\x80\xa8"])


@cache
def seeds() -> tuple[bytes, ...]:
    """Every message of a call with a challenge, a registration, a hang-up."""
    call = Call()
    call.phone.register("sip:cell-1@10.0.0.1", "sip:10.0.0.1", Flow("udp", PHONE, SWITCH), None, 1.0)
    call.talk()
    call.dial_trunk()
    call.phone.hangup(call.caller, call.wire.now)
    call.wire.run()
    return tuple(data for _, _, data in call.wire.log)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A real message with a few pieces cut out, doubled or replaced."""
    data = draw(st.sampled_from(seeds()))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        data = data[:start] + draw(st.one_of(WORDS, st.binary(max_size=8), st.just(data[start:end] * 2))) + data[end:]
    return data


@QUICK
@given(st.one_of(st.binary(max_size=400), spoilt(), st.lists(WORDS, max_size=30).map(b"".join)))
def test_parsing_never_raises(data: bytes) -> None:
    assert isinstance(parse(data), Request | Response | Malformed)
    assert isinstance(parse_audio(data), AudioDescription | SdpError)


@QUICK
@given(st.lists(st.tuples(st.sampled_from([PHONE, TRUNK, ("10.0.1.8", 5060), ("203.0.113.1", 5060)]), spoilt(),
                          st.floats(0, 40)), max_size=12))
def test_an_endpoint_never_raises_and_forgets_everything(history: list[tuple[Address, bytes, float]]) -> None:
    call = Call().talk()
    call.dial_trunk()
    for source, data, wait in history:
        call.switch.receive(data, Flow("udp", SWITCH, source), call.wire.now)
        call.wire.later(wait)
    for event in call.wire.events[SWITCH]:
        call.switch.hangup(getattr(event, "dialog", None) or DialogId(""), call.wire.now)
    call.switch.hangup(call.leg, call.wire.now)
    call.wire.later(4000.0)
    counts = call.switch.counts()
    assert not any(counts.values()), counts


STEPS = st.sampled_from(["answer", "progress", "refuse", "hangup", "phone-hangup", "trunk-answer", "trunk-refuse",
                         "trunk-hangup", "lose", "find", "wait"])


@QUICK
@given(st.lists(st.tuples(STEPS, st.floats(0, 35)), max_size=10))
def test_any_order_of_commands_and_losses_ends_in_silence(steps: list[tuple[str, float]]) -> None:
    call = Call()
    call.invite()
    outside = call.dial_trunk()
    inside = next((e.dialog for e in call.wire.events[TRUNK] if hasattr(e, "dialog")), DialogId(""))
    for name, wait in steps:
        now = call.wire.now
        match name:
            case "answer":
                call.switch.answer(call.leg, ANSWER, now)
            case "progress":
                call.switch.progress(call.leg, 183, ANSWER, now=now)
            case "refuse":
                call.switch.refuse(call.leg, 486, now)
            case "hangup":
                call.switch.hangup(outside, now)
            case "phone-hangup":
                call.phone.hangup(call.caller, now)
            case "trunk-answer":
                call.trunk.answer(inside, SDP, now)
            case "trunk-refuse":
                call.trunk.refuse(inside, 503, now)
            case "trunk-hangup":
                call.trunk.hangup(inside, now)
            case "lose" | "find":
                call.wire.drop = lambda data, to, lost=name == "lose": lost  # type: ignore[misc]  # a default freezes the loop's value
        call.wire.later(wait)
    call.wire.drop = lambda data, to: False
    call.switch.hangup(call.leg, call.wire.now)
    call.switch.hangup(outside, call.wire.now)
    call.wire.later(1000.0)
    assert call.switch.counts()["dialogs"] == 0
    call.trunk.hangup(inside, call.wire.now)  # whose CANCEL was lost rings on until its own user gives up
    call.wire.later(1000.0)
    for endpoint in (call.switch, call.phone, call.trunk):
        assert endpoint.counts()["dialogs"] == 0
    call.wire.later(3000.0)
    for endpoint in (call.switch, call.phone, call.trunk):
        assert not any(endpoint.counts().values()), endpoint.counts()


def test_nothing_is_logged_by_the_grammar() -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]  # the shortest listener there is
    logging.getLogger("aiosipua").addHandler(handler)
    try:
        for data in seeds():
            for length in (b"Content-Length: 99999", b"l: +5", b"Content-Length:\r\n 7"):
                parse(data.replace(b"Content-Length: 0", length))
    finally:
        logging.getLogger("aiosipua").removeHandler(handler)
    assert not records
