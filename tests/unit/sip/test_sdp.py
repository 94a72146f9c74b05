"""Audio descriptions: ours and theirs."""
import pytest

from switch.sip.sdp import AudioDescription, SdpError, answering, build_audio, parse_audio


def audio(*lines: str, connection: str = "c=IN IP4 10.0.1.7",
          media: str = "m=audio 40000 RTP/AVP 8 0 101") -> AudioDescription | SdpError:
    head = ["v=0", "o=- 1 1 IN IP4 10.0.1.7", "s=-", *([connection] if connection else []), "t=0 0",
            *([media] if media else [])]
    return parse_audio("\r\n".join([*head, *lines, ""]).encode())


def good(*lines: str, **parts: str) -> AudioDescription:
    found = audio(*lines, **parts)
    assert isinstance(found, AudioDescription), found
    return found


@pytest.mark.parametrize(("address", "family"), [("10.0.0.1", "IP4"), ("2001:db8::1", "IP6")])
def test_ours_reads_back(address: str, family: str) -> None:
    body = build_audio(address, 30000, session=77, version=3)
    assert f"o=- 77 3 IN {family} {address}\r\n" in body.decode()
    assert b"a=rtcp" not in body
    assert parse_audio(body) == AudioDescription(address, 30000, 30001, ((8, "PCMA"), (0, "PCMU")), 101, "sendrecv", 20)


def test_ours_with_other_wishes() -> None:
    body = build_audio("10.0.0.1", 30000, session=1, version=1, payload_types=(0,), telephone_event=None,
                       direction="inactive", rtcp_port=31000)
    assert parse_audio(body) == AudioDescription("10.0.0.1", 30000, 31000, ((0, "PCMU"),), None, "inactive", 20)
    assert b"a=rtcp" not in build_audio("10.0.0.1", 30000, session=1, version=1, rtcp_port=30001)


def test_static_payload_types_need_no_rtpmap_and_wideband_is_left_out() -> None:
    found = good("a=rtpmap:101 telephone-event/8000", "a=rtpmap:96 opus/48000/2", "a=ptime:30",
                 media="m=audio 4 RTP/AVP 96 8 101 18 x 77")
    assert (found.codecs, found.telephone_event, found.ptime) == (((8, "PCMA"), (18, "G729")), 101, 30)


def test_media_level_wins_over_session_level() -> None:
    assert good("c=IN IP4 10.0.9.9", "a=sendonly").address == "10.0.9.9"
    assert good("a=recvonly").direction == "recvonly"
    whole = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\na=inactive\r\nm=audio 4 RTP/AVP 8\r\n"
    found = parse_audio(whole.encode())
    assert isinstance(found, AudioDescription)
    assert found.direction == "inactive"


@pytest.mark.parametrize(("lines", "parts", "held"), [
    ((), {}, False), (("a=sendonly",), {}, True), (("a=inactive",), {}, True), ((), {"connection": "c=IN IP4 0.0.0.0"},
                                                                                True),
])
def test_hold(lines: tuple[str, ...], parts: dict[str, str], held: bool) -> None:
    assert good(*lines, **parts).held is held


def test_odd_attributes_fall_back_to_the_usual() -> None:
    found = good("a=ptime:zero", "a=rtcp:99999 IN IP4 1.1.1.1")
    assert (found.ptime, found.rtcp_port) == (20, 40001)
    assert good("a=rtcp:41000 IN IP4 1.1.1.1").rtcp_port == 41000
    assert good(media="m=audio 65535 RTP/AVP 8").rtcp_port == 65535
    assert good(media="m=audio 0 RTP/AVP 8").rtcp_port == 0


@pytest.mark.parametrize(("found", "why"), [
    (audio(media=""), "no audio"), (audio(media="m=video 4 RTP/AVP 31"),
                                    "no audio"), (audio(media="m=audio 4 RTP/SAVP 8"), "RTP/SAVP"),
    (audio(connection=""), "no connection"), (audio(connection="c=IN IP4 phone.example"),
                                              "literal"), (audio(media="m=audio 70000 RTP/AVP 8"), "port"),
    (audio(media="m=audio x RTP/AVP 8"), "no SDP"), (audio("a=rtpmap:x y/z"), "no SDP"), (parse_audio(b"\xff\xfe"),
                                                                                          "no SDP"),
    (parse_audio(b"v=0\r\n" * 5000), "too long"), (parse_audio(b""), "no audio"),
])
def test_what_cannot_be_used_says_why(found: AudioDescription | SdpError, why: str) -> None:
    assert isinstance(found, SdpError)
    assert why in found.reason


def test_a_hold_gets_our_description_again_with_the_other_direction() -> None:
    given = build_audio("10.0.0.1", 30000, session=5, version=1)
    assert answering(given, "sendrecv") is given
    held = answering(given, "sendonly")
    assert held == given.replace(b"a=sendrecv", b"a=recvonly").replace(b"o=- 5 1 ", b"o=- 5 2 ")
    assert answering(held, "sendonly") is held
    assert answering(held, "sendrecv") == given.replace(b"o=- 5 1 ", b"o=- 5 3 ")
    bare = b"v=0\r\no=- a b IN IP4 1.1.1.1\r\nm=audio 4 RTP/AVP 8\r\n"
    assert answering(bare, "sendrecv") is bare
    assert answering(bare, "inactive") == bare + b"a=inactive\r\n"
