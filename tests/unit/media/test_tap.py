"""The tap's clock: whatever packets do, a recording is as long as the time that passed, and sounds lie where they were spoken."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId, Leg
from switch.media.embedded.tap import FRAME, HELD, RATE, SILENCE, TapChannel, TapWriter

WARRANT = RecordingWarrant(CallId("c"), Privacy.MONITORED)
VOICE = b"\x2a"


def frames(channel: TapChannel, count: int) -> bytes:
    return channel.take(count)


def test_packets_in_time_lie_end_to_end() -> None:
    channel = TapChannel()
    for number in range(10):
        channel.place(5000 + number * FRAME, bytes([number + 1]) * FRAME, (number + 1) * FRAME)
    assert frames(channel, 10 * FRAME) == b"".join(bytes([number + 1]) * FRAME for number in range(10))


def test_a_lost_packet_is_silence_in_its_place() -> None:
    channel = TapChannel()
    for number in (0, 1, 3):
        channel.place(number * FRAME, VOICE * FRAME, (number + 1) * FRAME)
    assert frames(channel, 4 * FRAME) == VOICE * 2 * FRAME + SILENCE * FRAME + VOICE * FRAME


def test_a_late_packet_within_what_is_held_finds_its_place() -> None:
    channel = TapChannel()
    for number in (0, 2, 1):
        channel.place(number * FRAME, bytes([number + 1]) * FRAME, 3 * FRAME)
    got = frames(channel, 6 * FRAME).replace(SILENCE, b"")
    assert got == b"\x01" * FRAME + b"\x02" * FRAME + b"\x03" * FRAME
    assert channel.late == 0


def test_a_packet_behind_what_is_written_is_dropped_and_counted() -> None:
    channel = TapChannel()
    channel.place(0, VOICE * FRAME, FRAME)
    channel.take(10 * FRAME)
    channel.place(2 * FRAME, VOICE * FRAME, 10 * FRAME)
    assert channel.late == 1
    assert frames(channel, 10 * FRAME) == SILENCE * 10 * FRAME


def test_timestamps_that_stood_still_in_a_pause_are_placed_by_arrival_again() -> None:
    """After half a second of pause the sender counts on as if there had been none: after a tenth the stream is moved."""
    channel, now = TapChannel(), FRAME
    for number in range(10):
        channel.place(number * FRAME, VOICE * FRAME, now)
        now += FRAME
    now += RATE // 2
    channel.take(now - HELD)
    for number in range(10, 40):
        channel.place(number * FRAME, VOICE * FRAME, now)
        now += FRAME
    tail = frames(channel, now - channel.start)
    assert tail.endswith(VOICE * 20 * FRAME) or tail.rstrip(SILENCE).endswith(VOICE * 20 * FRAME)
    assert channel.moved == 1


def test_a_timestamp_jump_and_a_new_stream_are_placed_by_arrival() -> None:
    for restart in (False, True):
        channel = TapChannel()
        channel.place(0, VOICE * FRAME, FRAME)
        if restart:
            channel.restart()
        channel.place(0x9000_0000, b"\x11" * FRAME, 5 * FRAME)
        got = frames(channel, 5 * FRAME)
        assert got == VOICE * FRAME + SILENCE * 3 * FRAME + b"\x11" * FRAME


def test_timestamps_wrap() -> None:
    channel = TapChannel()
    for number in range(4):
        channel.place((0xFFFFFFFF - 200 + number * FRAME) & 0xFFFFFFFF, VOICE * FRAME, (number + 1) * FRAME)
    assert frames(channel, 4 * FRAME) == VOICE * 4 * FRAME


@pytest.mark.parametrize("rate", [0.999, 1.001])
def test_a_clock_that_runs_wrong_is_followed(rate: float) -> None:
    """A sender off by a thousandth for five minutes (0.3 s in all) is never further off than two frames and a bit."""
    channel, gone = TapChannel(), 0
    worst = 0.0
    for number in range(15_000):
        now = int((number + 1) * FRAME / rate)
        channel.place(number * FRAME, VOICE * FRAME, now)
        if number % 50 == 49:
            channel.level()
        if number % 25 == 24 and now - gone > HELD:
            sound = np.frombuffer(channel.take(now - HELD - gone), np.uint8)
            gone = now - HELD
            worst = max(worst, float((sound != VOICE[0]).mean()))
    assert worst < 0.12, f"{worst:.3f} of half a second is a hole"
    assert 10 <= channel.moved <= 25


@given(
    lost=st.sets(st.integers(0, 149)), jitter=st.lists(st.integers(0, 1200), min_size=150, max_size=150),
    start=st.integers(0, 2**32 - 1), skew=st.floats(0.98, 1.02), flush=st.integers(5, 40), seconds=st.floats(3.0, 3.4),
)
def test_length_is_the_time_that_passed(
    lost: set[int], jitter: list[int], start: int, skew: float, flush: int, seconds: float
) -> None:
    """Any loss, jitter to 150 ms, reordering, skew and rhythm of writing: as many samples as time, on both channels."""
    writer = TapWriter(WARRANT, began=1000.0)
    arrivals = sorted((int((n + 1) * FRAME / skew) + jitter[n], n) for n in range(150) if n not in lost)
    out, beat = b"", 0
    for at, n in arrivals:
        while beat < at:
            beat += flush * FRAME
            out += writer.flush(1000.0 + beat / RATE)
            writer.level()
        writer.channels[Leg.CELL].place((start + n * FRAME) & 0xFFFFFFFF, VOICE * FRAME, at)
    end = max(beat / RATE, seconds)
    out += writer.flush(1000.0 + end, last=True)
    assert len(out) == 2 * round(end * RATE)
    assert set(out[1::2]) <= {SILENCE[0]}
    assert set(out[::2]) <= {SILENCE[0], VOICE[0]}


def test_both_voices_lie_side_by_side() -> None:
    writer = TapWriter(WARRANT, began=0.0)
    for leg, code in ((Leg.CELL, 1), (Leg.OUTSIDE, 2)):
        writer.channels[leg].hear(777, bytes([code]) * FRAME, 0.02, 0, None)
    assert writer.flush(0.02, last=True) == b"\x01\x02" * FRAME
    assert writer.flush(0.02, last=True) == b""


def test_a_long_stall_is_silence_and_not_lost_time() -> None:
    writer = TapWriter(WARRANT, began=0.0)
    assert len(writer.flush(30.0, last=True)) == 2 * 30 * RATE
    writer.channels[Leg.CELL].place(0, VOICE * FRAME, 30 * RATE + FRAME)
    assert writer.flush(30.02, last=True)[::2] == VOICE * FRAME
