"""What each ear hears and does not hear: the gate, prompts, warnings, digits, strangers. Each check takes any engine's maker."""
import asyncio
import itertools
import time

import pytest

from switch.core.ids import Leg
from switch.media import g711
from switch.ports.media import Digit, FirstPacket, LegSilent, MediaRefused, MediaReport, PlayEnded
from tests.contracts.studio import CELL_HZ, OUTSIDE_HZ, PROMPTS, Maker, studio
from tests.phones.ears import level_of, share_with, tones_in
from tests.phones.rtp_phone import RtpPhone


async def nothing_crosses_a_shut_gate(maker: Maker) -> None:
    """Silence both ways before the gate, early media included; each hears the other after; silence again when it shuts."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        cell, outside = await call.hear(0.4)
        assert tones_in(cell) == set(), "the cell hears something before the gate opened"
        assert tones_in(outside) == set(), "the outside hears something before the gate opened"
        await call.engine.gate(call.call, True)
        cell, outside = await call.hear(0.5)
        assert tones_in(cell) == {1250}
        assert tones_in(outside) == {440}
        assert share_with(cell, OUTSIDE_HZ) > 0.85
        assert share_with(outside, CELL_HZ) > 0.85
        await call.engine.gate(call.call, False)
        cell, outside = await call.hear(0.4)
        assert tones_in(cell) == set(), "the cell hears something after the gate shut"
        assert tones_in(outside) == set(), "the outside hears something after the gate shut"


async def prompts_are_heard_by_one(maker: Maker) -> None:
    """A prompt is whole and in order on its leg, absent on the other, and its end is told when it was sent."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        began = time.monotonic()
        await call.engine.play(call.call, Leg.OUTSIDE, ("low", "high"), tag="announcement")
        await call.until(PlayEnded)
        took = call.told[-1][0] - began
        await asyncio.sleep(0.06)
        assert call.of(PlayEnded) == [PlayEnded(Leg.OUTSIDE, "announcement")]
        assert 0.6 < took < 1.0, f"0.7 s of prompts ended after {took:.2f} s"
        outside, cell = call.outside.ear(began), call.cell.ear(began)
        assert tones_in(outside) == {600, 900}
        assert tones_in(cell) == set()
        assert level_of(outside[:2400], 600) > -20
        assert level_of(outside[:2400], 900) < -50
        assert abs(share_with(outside, 600) * len(outside) / 8000 - PROMPTS["low"][1]) < 0.05
        with pytest.raises(KeyError):
            await call.engine.play(call.call, Leg.CELL, ("no such prompt",))


async def a_loop_goes_on_until_replaced(maker: Maker) -> None:
    """A looped prompt sounds without a gap and tells no end; what replaces it does; stop is silence without an end."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.play(call.call, Leg.CELL, ("hum",), tag="ringing", loop_last=True)
        cell, _ = await call.hear(0.5)
        assert tones_in(cell) == {2000}
        assert share_with(cell, 2000) > 0.85
        await call.engine.play(call.call, Leg.CELL, ("low",), tag="after")
        await call.until(PlayEnded)
        assert call.of(PlayEnded) == [PlayEnded(Leg.CELL, "after")]
        await call.engine.play(call.call, Leg.CELL, ("low",), tag="stopped")
        await call.engine.stop(call.call, Leg.CELL)
        cell, _ = await call.hear(0.5)
        assert tones_in(cell) == set()
        assert call.of(PlayEnded) == [PlayEnded(Leg.CELL, "after")]


async def a_warning_speaks_over_the_other_party(maker: Maker) -> None:
    """While a prompt plays in a bridged call its leg hears the prompt alone; the other leg goes on hearing."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.2)
        await call.engine.play(call.call, Leg.CELL, ("low",), tag="warning")
        cell, outside = await call.hear(0.26)
        assert tones_in(cell) == {600}
        assert tones_in(outside) == {440}
        assert share_with(outside, CELL_HZ) > 0.8
        await call.until(PlayEnded)
        cell, outside = await call.hear(0.3)
        assert tones_in(cell) == {1250}
        assert tones_in(outside) == {440}


async def one_unbroken_stream_goes_out(maker: Maker) -> None:
    """Prompt, bridge, warning, bridge: one SSRC, sequence numbers without a gap, timestamps that never go back."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.play(call.call, Leg.CELL, ("high",), tag="one")
        await call.until(PlayEnded)
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.2)
        await call.engine.play(call.call, Leg.CELL, ("high",), tag="two")
        await call.until(PlayEnded, 2)
        await asyncio.sleep(0.2)
        heard = call.cell.heard
        assert len({one.ssrc for one in heard}) == 1
        assert heard[0].ssrc != call.outside.ssrc, "the engine has no SSRC of its own"
        steps = [((b.sequence - a.sequence) & 0xFFFF, (b.timestamp - a.timestamp) & 0xFFFFFFFF)
                 for a, b in itertools.pairwise(heard)]
        assert {step for step, _ in steps} == {1}
        assert all(0 < stamp < 4000 for _, stamp in steps)
        clock = (heard[-1].timestamp - heard[0].timestamp) & 0xFFFFFFFF
        assert abs(clock / 8000 - (heard[-1].at - heard[0].at)) < 0.1


async def a_closed_call_is_not_heard_by_the_next(maker: Maker) -> None:
    """Phones that go on sending after their call closed are in nobody's ear, though the next call comes at once."""
    async with maker(calls=2) as rig, studio(rig) as old:
        await old.connect()
        await old.engine.gate(old.call, True)
        await asyncio.sleep(0.1)
        await old.close()
        await asyncio.sleep(0.05)
        quiet = RtpPhone(CELL_HZ, silent=True), RtpPhone(OUTSIDE_HZ, silent=True)
        async with studio(rig, *quiet, call="call-2") as new:
            await new.connect()
            await new.engine.gate(new.call, True)
            cell, outside = await new.hear(0.4)
            assert tones_in(cell) == set(), "the new call's cell hears an old call"
            assert tones_in(outside) == set(), "the new call's outside hears an old call"
            since = time.monotonic()
            await asyncio.sleep(0.2)
            for phone in (old.cell, old.outside):
                assert tones_in(phone.ear(since)) == set(), "a phone of the closed call hears an old call go on in the new one"


async def laws_are_translated(maker: Maker) -> None:
    """An A-law telephone and a mu-law one hear each other, and a prompt in their own law."""
    far = RtpPhone(OUTSIDE_HZ, law=g711.PCMU, laws=(g711.PCMU,))
    async with maker() as rig, studio(rig, outside=far) as call:
        await call.connect()
        await call.engine.play(call.call, Leg.OUTSIDE, ("low",), tag="p")
        await call.until(PlayEnded)
        assert tones_in(far.ear()) == {600}
        await call.engine.gate(call.call, True)
        cell, outside = await call.hear(0.4)
        assert {one.kind for one in far.heard} == {g711.PCMU}
        assert {one.kind for one in call.cell.heard} == {g711.PCMA}
        assert abs(level_of(cell, OUTSIDE_HZ) + 12) < 1
        assert abs(level_of(outside, CELL_HZ) + 12) < 1
        assert tones_in(cell) == {1250}
        assert tones_in(outside) == {440}
        report = await call.close()
        assert (report.legs[Leg.CELL].codec, report.legs[Leg.OUTSIDE].codec) == ("PCMA", "PCMU")


async def no_common_codec_is_refused(maker: Maker) -> None:
    """An offer or answer without G.711, without audio or without sense is MediaRefused, and the call can still be closed."""
    async with maker() as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        await call.engine.settle(call.call, None)
        for sdp in (call.cell.sdp(other="opus/48000/2"), b"", b"v=0\r\n", b"\xff\xfe" * 40,
                    call.cell.sdp().replace(b"RTP/AVP", b"RTP/SAVP"), call.cell.sdp(host="239.1.2.3"),
                    call.cell.sdp().replace(f"m=audio {call.cell.port}".encode(), b"m=audio 0")):
            with pytest.raises(MediaRefused):
                await call.engine.accept(call.call, Leg.CELL, sdp)
        await call.engine.offer(call.call, Leg.OUTSIDE)
        with pytest.raises(MediaRefused):
            await call.engine.answered(call.call, Leg.OUTSIDE, call.outside.sdp(other="G722/8000"))


async def a_digit_is_told_once(maker: Maker) -> None:
    """Every press is one digit, retransmitted ends and lost packets or not, the same key twice is two, and none is relayed."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.1)
        call.cell.press("99*0#")
        await call.until(Digit, 5)
        await asyncio.sleep(0.2)
        assert call.of(Digit) == [Digit(Leg.CELL, digit) for digit in "99*0#"]
        assert {one.kind for one in call.outside.heard} <= {g711.PCMA}, "digits went through to the other side"


async def a_digit_whose_end_is_lost_is_told(maker: Maker) -> None:
    """Digits count although not one end packet comes, and in heavy loss."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await asyncio.sleep(0.1)
        call.outside.press("12", lose_end=True)
        await call.until(Digit, 2)
        await asyncio.sleep(0.15)
        assert call.of(Digit) == [Digit(Leg.OUTSIDE, "1"), Digit(Leg.OUTSIDE, "2")]


async def strangers_are_not_forwarded(maker: Maker) -> None:
    """Packets from another port or another host are counted, never heard, and never taken for the phone."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.3)
        strangers = [await RtpPhone(1700).open(), await RtpPhone(1900, host="127.0.0.9").open()]
        for stranger in strangers:
            stranger.dest = call.cell.dest
            stranger.start()
        strangers[0].press("5")
        cell, outside = await call.hear(0.4)
        for stranger in strangers:
            await stranger.close()
        assert tones_in(outside) == {440}
        assert tones_in(cell) == {1250}
        assert call.of(Digit) == []
        assert all(not stranger.heard for stranger in strangers)
        report = await call.close()
        assert report.legs[Leg.CELL].stray > 20
        assert report.legs[Leg.OUTSIDE].stray == 0


async def sdp_that_points_elsewhere_is_not_followed_back(maker: Maker) -> None:
    """A phone whose SDP names another host is not heard from its own, and gets nothing there."""
    async with maker() as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        call.cell.aim(await call.engine.accept(call.call, Leg.CELL, call.cell.sdp(host="127.0.0.7")))
        await call.engine.settle(call.call, None)
        call.outside.aim(await call.engine.offer(call.call, Leg.OUTSIDE))
        await call.engine.answered(call.call, Leg.OUTSIDE, call.outside.sdp())
        call.cell.start()
        call.outside.start()
        await call.engine.gate(call.call, True)
        _, outside = await call.hear(0.4)
        assert tones_in(outside) == set()
        assert call.cell.heard == []
        assert FirstPacket(Leg.CELL) not in call.events
        assert (await call.close()).legs[Leg.CELL].stray > 10


async def media_away_from_who_signalled_is_refused(maker: Maker) -> None:
    """A telephone that names another host than it signals from is refused; its own is taken."""
    async with maker() as rig, studio(rig) as call:
        await call.engine.open(call.call, call.tell)
        with pytest.raises(MediaRefused):
            await call.engine.accept(call.call, Leg.CELL, call.cell.sdp(host="127.0.0.7"), peer=call.cell.host)
        await call.engine.accept(call.call, Leg.CELL, call.cell.sdp(), peer=call.cell.host)
        await call.close()


async def rubbish_is_ignored(maker: Maker) -> None:
    """Packets that are no RTP, or of an unknown type, neither latch nor reach an ear; sound goes on."""
    async with maker() as rig, studio(rig) as call:
        await call.connect(start=False)
        assert call.cell.transport is not None
        rubbish = (b"", b"\0", b"\x80\x08", b"\x00" * 172, b"\xff" * 172, b"\x80\x60" + b"\0" * 170, b"\x80\x08" + b"\0" * 10,
                   b"\xbf\x08" + b"\xff" * 40, b"\x90\x08" + b"\xff" * 12, b"\x80\x08" + b"\0" * 60000, b"INVITE sip:x SIP/2.0")
        for packet in rubbish * 3:
            call.cell.transport.sendto(packet, call.cell.dest)
        await asyncio.sleep(0.1)
        call.cell.start()
        call.outside.start()
        await call.engine.gate(call.call, True)
        cell, outside = await call.hear(0.3)
        assert tones_in(cell) == {1250}
        assert tones_in(outside) == {440}


async def a_silent_side_is_named(maker: Maker) -> None:
    """A leg that ought to speak and does not is told once, with its side, its address and the time; a speaking one never."""
    async with maker(silent_after=0.5) as rig, studio(rig) as call:
        await call.connect()
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.3)
        await call.outside.stop()
        await call.until(LegSilent, seconds=4)
        await asyncio.sleep(1.2)
        told = call.of(LegSilent)
        assert [one.leg for one in told if isinstance(one, LegSilent)] == [Leg.OUTSIDE]
        text = str(told[0])
        assert f"127.0.0.1:{call.outside.port}" in text
        assert "outside" in text


async def a_closed_call_is_reported_once(maker: Maker) -> None:
    """The report counts both legs; closing again, or a call never opened, is an empty report; the rest is KeyError."""
    async with maker() as rig, studio(rig) as call:
        await call.connect()
        await call.engine.gate(call.call, True)
        await asyncio.sleep(0.5)
        assert {FirstPacket(Leg.CELL), FirstPacket(Leg.OUTSIDE)} <= set(call.events)
        report = await call.close()
        for leg, phone in ((Leg.CELL, call.cell), (Leg.OUTSIDE, call.outside)):
            one = report.legs[leg]
            assert one.source == f"127.0.0.1:{phone.port}"
            assert abs(one.received - phone.sent) <= 3
            assert one.sent >= 20
            assert (one.lost, one.stray) == (0, 0)
            assert one.jitter_ms < 30
        assert report.recording is None
        assert await call.engine.close(call.call) == MediaReport()
        told = len(call.told)
        since = time.monotonic()
        await asyncio.sleep(0.15)
        assert tones_in(call.cell.ear(since)) == tones_in(call.outside.ear(since)) == set()
        assert len(call.told) == told
        with pytest.raises(KeyError):
            await call.engine.gate(call.call, True)


SOUND = (
    nothing_crosses_a_shut_gate, prompts_are_heard_by_one, a_loop_goes_on_until_replaced, a_warning_speaks_over_the_other_party,
    one_unbroken_stream_goes_out, a_closed_call_is_not_heard_by_the_next, laws_are_translated, no_common_codec_is_refused,
    a_digit_is_told_once, a_digit_whose_end_is_lost_is_told, strangers_are_not_forwarded,
    sdp_that_points_elsewhere_is_not_followed_back, media_away_from_who_signalled_is_refused,
    rubbish_is_ignored, a_silent_side_is_named, a_closed_call_is_reported_once,
)
