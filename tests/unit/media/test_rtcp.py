"""RTCP as bytes (RFC 3550 §6)."""
from hypothesis import given
from hypothesis import strategies as st

from switch.media.embedded import rtcp

BLOCK = rtcp.Block(77, 64, -3, 70000, 12, 0x11112222, 65536)


def test_what_is_built_is_read_back() -> None:
    stamp = rtcp.ntp(1_700_000_000.5)
    sender = rtcp.build(5, "media", stamp=stamp, timestamp=9, packets=3, octets=480, block=BLOCK)
    assert rtcp.parse(sender) == rtcp.Report(5, rtcp.middle(stamp), (BLOCK,), False)
    receiver = rtcp.build(5, "media", stamp=stamp, timestamp=9, packets=0, octets=0, block=None, bye=True)
    assert rtcp.parse(receiver) == rtcp.Report(5, 0, (), True)
    assert len(sender) % 4 == len(receiver) % 4 == 0


def test_the_round_trip_is_now_less_lsr_less_dlsr() -> None:
    sent, heard = rtcp.ntp(1000.0), rtcp.ntp(1001.25)
    block = rtcp.Block(1, 0, 0, 0, 0, rtcp.middle(sent), 65536)
    assert rtcp.round_trip(block, heard) == 0.25
    assert rtcp.round_trip(rtcp.Block(1, 0, 0, 0, 0), heard) is None
    assert rtcp.round_trip(rtcp.Block(1, 0, 0, 0, 0, rtcp.middle(heard), 65536), sent) is None


@given(st.binary(max_size=120))
def test_no_bytes_break_the_reader(packet: bytes) -> None:
    assert rtcp.parse(packet) is None or packet[1] in (rtcp.SR, rtcp.RR)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_report_cut_short_or_spoilt_is_nothing_or_a_report(at: int, byte: int) -> None:
    packet = bytearray(rtcp.build(5, "media", stamp=1, timestamp=9, packets=3, octets=480, block=BLOCK))
    assert rtcp.parse(bytes(packet[:-1])) is None
    packet[at % len(packet)] = byte
    report = rtcp.parse(bytes(packet))
    assert report is None or len(report.blocks) <= 1
