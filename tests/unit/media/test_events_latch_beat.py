"""Small parts on their own: telephone events, the source latch, the 20 ms beat, playback, sequence numbers, tones."""
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.media import g711
from switch.media.embedded.events import EVENTS, EventDigits
from switch.media.embedded.inband import KEYS, Press, keys_in
from switch.media.embedded.latch import SourceLatch
from switch.media.embedded.rtp import StreamCount, judge_sequence, plain
from switch.media.embedded.ticker import Beat, Playback
from tests.phones.rtp_phone import tone


def event(digit: str, duration: int, end: bool = False) -> bytes:
    return struct.pack("!BBH", EVENTS.index(digit), 0x8A if end else 10, duration)


@given(
    digits=st.lists(st.sampled_from(EVENTS), min_size=1, max_size=8), drop=st.sets(st.integers(0, 63)),
    swaps=st.lists(st.integers(0, 62), max_size=6), start=st.integers(0, 2**32 - 1),
)
def test_digits_are_told_once_in_order_whatever_is_lost(
    digits: list[str], drop: set[int], swaps: list[int], start: int
) -> None:
    """Eight packets a digit, some lost, neighbours of one digit swapped: each digit of which one packet came, once."""
    packets = []
    for number, digit in enumerate(digits):
        stamp = (start + number * 2000) & 0xFFFFFFFF
        packets += [(number, event(digit, 160 * (n + 1)), stamp) for n in range(5)]
        packets += [(number, event(digit, 800, end=True), stamp)] * 3
    for at in swaps:
        if at + 1 < len(packets) and packets[at][0] == packets[at + 1][0]:
            packets[at], packets[at + 1] = packets[at + 1], packets[at]
    came = [packet for at, packet in enumerate(packets) if at not in drop]
    reader = EventDigits()
    told = [digit for _, payload, stamp in came if (digit := reader.feed(payload, stamp)) is not None]
    assert told == [digits[number] for number in sorted({number for number, _, _ in came})]


def test_a_packet_of_the_digit_before_is_late_and_not_new() -> None:
    reader = EventDigits()
    assert [reader.feed(event("1", 160), 100), reader.feed(event("2", 160), 2100), reader.feed(event("1", 800, True), 100)] \
        == ["1", "2", None]


def test_a_digit_longer_than_its_field_is_one_digit() -> None:
    reader = EventDigits()
    assert reader.feed(event("5", 0xFFFF), 0) == "5"
    assert reader.feed(event("5", 160), 0xFFFF) is None
    assert reader.feed(event("5", 320, end=True), 0xFFFF) is None
    assert reader.feed(event("5", 160), 0xFFFF + 4000) == "5"


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\x05\x0a\x00", bytes((16, 10, 0, 160)), bytes((255, 10, 0, 160))])
def test_what_is_no_digit_is_ignored(payload: bytes) -> None:
    assert EventDigits().feed(payload, 0) is None


# --- the latch


def test_the_sdps_own_port_locks_at_once() -> None:
    latch = SourceLatch("10.0.0.1", 4000)
    assert latch.admit(("10.0.0.1", 4000))
    assert latch.locked
    assert not latch.admit(("10.0.0.1", 4002))
    assert latch.stray == 1


def test_another_host_never_latches() -> None:
    latch = SourceLatch("10.0.0.1", 4000)
    assert not any(latch.admit(("10.0.0.2", 4000)) for _ in range(50))
    assert (latch.source, latch.locked, latch.stray) == (None, False, 50)


def test_a_nat_may_rebind_once_before_the_lock() -> None:
    latch = SourceLatch("10.0.0.1", 4000, lock_after=5)
    assert latch.admit(("10.0.0.1", 5000))
    assert latch.admit(("10.0.0.1", 5001))
    assert not latch.admit(("10.0.0.1", 5002))
    assert all(latch.admit(("10.0.0.1", 5001)) for _ in range(4))
    assert latch.locked
    assert not latch.admit(("10.0.0.1", 4000)), "once locked not even the SDP's port moves it"


def test_the_right_port_displaces_one_on_trial() -> None:
    latch = SourceLatch("10.0.0.1", 4000)
    assert latch.admit(("10.0.0.1", 5000))
    assert latch.admit(("10.0.0.1", 4000))
    assert latch.source == ("10.0.0.1", 4000)


@given(st.lists(st.tuples(st.sampled_from(["10.0.0.1", "10.0.0.2"]), st.sampled_from([4000, 5000, 5001, 5002])), max_size=60))
def test_a_locked_source_never_changes(arrivals: list[tuple[str, int]]) -> None:
    latch, locked_to = SourceLatch("10.0.0.1", 4000, lock_after=4), None
    for address in arrivals:
        admitted = latch.admit(address)
        assert not admitted or address[0] == "10.0.0.1"
        if locked_to is not None:
            assert (latch.source, admitted) == (locked_to, address == locked_to)
        if latch.locked:
            locked_to = latch.source


# --- the beat


@given(st.lists(st.floats(0.0, 0.09), min_size=1, max_size=200))
def test_the_beat_does_not_drift(waits: list[float]) -> None:
    """However late the wake-ups (below the burst), as many frames as time has passed, never ahead of it."""
    beat, now, sent = Beat(50.0), 50.0, 0
    for wait in waits:
        now = max(now, beat.next_at) + wait
        sent += beat.due(now)
        assert beat.skipped == 0
        assert abs(sent - (now - 50.0) / 0.02 - 0.5) <= 0.51


def test_a_wake_up_too_early_sends_nothing() -> None:
    beat = Beat(0.0)
    assert [beat.due(0.0), beat.due(0.0), beat.due(0.019), beat.due(0.02)] == [1, 0, 0, 1]


def test_after_a_stall_the_burst_is_bounded_and_the_grid_moves() -> None:
    beat = Beat(0.0, burst=5)
    assert beat.due(0.0) == 1
    assert beat.due(2.0) == 5
    assert beat.skipped == 95
    assert beat.next_at == pytest.approx(2.02)
    assert [beat.due(2.02), beat.due(2.03), beat.due(2.04)] == [1, 0, 1]


def test_prompts_follow_each_other_without_a_gap_and_end_padded() -> None:
    play = Playback((b"a" * 200, b"", b"b" * 130), tag="t")
    out = []
    while not play.over:
        out.append(play.frame())
    assert b"".join(out) == b"a" * 200 + b"b" * 130 + b"\xd5" * 150


def test_a_loop_of_the_last_has_no_seam() -> None:
    play = Playback((b"a" * 40, b"b" * 100), loop_last=True)
    assert b"".join(play.frame() for _ in range(5)) == b"a" * 40 + b"b" * 760
    assert not play.over


def test_nothing_to_play_is_over() -> None:
    assert Playback((), loop_last=True).over
    assert Playback((b"",), loop_last=True).over


# --- packets and their numbers


def test_packets_are_made_plain() -> None:
    head = bytes.fromhex("0008 0001 00000002 00000003".replace(" ", ""))
    def packet(first: int, rest: bytes) -> bytes:
        return bytes((first,)) + head[1:] + rest

    sound = b"\x55" * 20
    wanted = packet(0x80, sound)
    assert plain(wanted) == wanted
    assert plain(packet(0x82, b"\0" * 8 + sound)) == wanted
    assert plain(packet(0x90, b"\xbe\xde\0\x01" + b"\0" * 4 + sound)) == wanted
    assert plain(packet(0xA0, sound + b"\0\0\0\x04")) == wanted
    for bad in (packet(0x40, sound), packet(0xA0, sound + b"\xff"), packet(0xA0, sound + b"\0"), packet(0x90, b"\0\0\xff\xff"),
                packet(0x8F, sound), packet(0x80, b""), packet(0x80, b"\0" * 1600), b""):
        assert plain(bad) is None


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(packet: bytes) -> None:
    made = plain(packet)
    assert made is None or (made[0] == 0x80 and len(made) > 12)


def test_sequence_numbers_wrap_and_start_anew() -> None:
    assert [judge_sequence(65536, s) for s in (0, 5, 65535, 65500)] == [0, 5, -1, -36]
    assert judge_sequence(100, 30000) is None


def test_counts_of_a_lossy_stream() -> None:
    count = StreamCount()
    assert (count.received, count.lost, count.fraction_lost()) == (0, 0, 0)
    count.restart(65530, 1)
    for sequence in (65530, 65531, 65534, 65532, 2):
        ahead = judge_sequence(count.next, sequence)
        assert ahead is not None
        if ahead < 0:
            count.late()
        else:
            count.skip(ahead)
    assert (count.received, count.lost) == (5, 4)
    assert count.fraction_lost() == (4 << 8) // 9
    assert count.fraction_lost() == 0
    count.restart(7, 2)
    count.skip(0)
    assert (count.received, count.lost) == (6, 4)


# --- tones in the sound


@pytest.mark.parametrize("key", "".join(KEYS))
@pytest.mark.parametrize("law", [g711.encode_alaw, g711.encode_ulaw])
def test_every_key_is_found_and_no_other(key: str, law: object) -> None:
    row = next(at for at, keys in enumerate(KEYS) if key in keys)
    pair = ((697, 770, 852, 941)[row], (1209, 1336, 1477, 1633)[KEYS[row].index(key)])
    sound = tone(pair, 37, 480, level=-14)
    blocks = g711.decode_alaw(g711.encode_alaw(sound)) if law is g711.encode_alaw else g711.decode_ulaw(g711.encode_ulaw(sound))
    assert set(keys_in(blocks.reshape(-1, 160).astype(np.float32))) == {key}


def test_voices_single_tones_and_noise_are_no_keys() -> None:
    noise = np.random.default_rng(5)
    sounds = [tone(697, 0, 1600), tone((697, 770), 0, 1600), tone((350, 440), 0, 1600), np.zeros(1600, np.int16),
              (noise.normal(0, 4000, 1600)).astype(np.int16), tone((697, 1209), 0, 1600, level=-60),
              tone(tuple(140.0 * n for n in range(1, 20)), 0, 1600, level=-30)]
    for sound in sounds:
        assert set(keys_in(sound.reshape(-1, 160).astype(np.float32))) == {""}


def test_a_press_is_told_once_when_it_lasted() -> None:
    press = Press()
    keys = ["", "5", "", "5", "5", "5", "5", "", "5", "5", "", "", "5", "5", "7", "7"]
    assert [key for key in map(press.feed, keys) if key] == ["5", "5", "7"]
