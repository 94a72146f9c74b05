"""Calls transcribed while they run: words as they are said, the highest first where room is short, and let go when too slow."""
import asyncio
from collections.abc import Callable

from recordings.transcribe.engine import Transcriber
from recordings.transcribe.live import BEHIND, LiveTranscription
from recordings.transcript import Channel, Heard
from switch.core.ids import CallId
from switch.core.monitoring import Tier
from tests.unit.dialplans.test_transcribing import RULES, STRICT
from tests.unit.recordings.conftest import WORDS, spoken, stereo
from tests.unit.recordings.slow_engine import SlowEngine
from tests.unit.recordings.test_engines import alike

C1, C2, C3 = CallId("c1"), CallId("c2"), CallId("c3")
SECOND = b"\xd5" * 16_000


async def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # threads have no event of ours
            await asyncio.sleep(0.02)


async def test_words_come_by_call_and_side_in_their_order() -> None:
    told: list[tuple[CallId, Heard]] = []
    live = LiveTranscription(SlowEngine(), RULES, lambda call, heard: told.append((call, heard)))
    assert live.begin(C1, None)
    assert live.begin(C1, None), "it is already"
    assert live.begin(C2, None)
    for second in range(3):
        live.feed(C1, second * 8000, SECOND)
    live.feed(C2, 40_000, SECOND)
    await until(lambda: len(told) == 8)
    of_one = [word.text for call, heard in told if call == C1 for word in heard.words]
    assert of_one == ["left0", "right0", "left1", "right1", "left2", "right2"]
    assert {word.start for call, heard in told if call == C2 for word in heard.words} == {5.0}, "by the recording's clock"
    live.end(C1)
    live.feed(C1, 24_000, SECOND)
    assert live.calls == (C2,)
    live.close()


async def test_where_room_is_short_the_highest_have_it_and_nobody_waits() -> None:
    gone: list[CallId] = []
    live = LiveTranscription(SlowEngine(), RULES, lambda _call, _heard: None, gone.append)
    assert live.begin(C1, None)
    assert live.begin(C2, Tier.INTELLIGENCE)
    assert not live.begin(C3, None)
    assert live.begin(C3, Tier.MANDATORY)
    assert (gone, live.calls) == ([C1], (C2, C3))
    assert not LiveTranscription(SlowEngine(), STRICT, lambda _call, _heard: None).begin(C1, Tier.MANDATORY)
    live.close()


async def test_a_call_that_the_engine_cannot_follow_is_let_go() -> None:
    gone: list[CallId] = []
    told: list[Heard] = []
    live = LiveTranscription(SlowEngine(5.0), RULES, lambda _call, heard: told.append(heard), gone.append)
    assert live.begin(C1, Tier.MANDATORY)
    for second in range(BEHIND // len(SECOND)):
        live.feed(C1, second * 8000, SECOND)
    assert gone == []
    live.feed(C1, 80_000, SECOND)
    assert (gone, live.calls) == ([C1], ())
    await asyncio.sleep(0.05)
    assert told == [], "nothing more is said of it"


async def test_where_the_machine_is_too_slow_the_lowest_goes_first_and_then_whoever_cannot_catch_up() -> None:
    gone: list[CallId] = []
    live = LiveTranscription(SlowEngine(5.0), RULES, lambda _call, _heard: None, gone.append)
    assert live.begin(C1, Tier.MANDATORY)
    assert live.begin(C2, Tier.INTELLIGENCE)
    for second in range(11):
        live.feed(C1, second * 8000, SECOND)
    assert (gone, live.calls) == ([C2], (C1,))
    for second in range(11, 16):
        live.feed(C1, second * 8000, SECOND)
    assert (gone, live.calls) == ([C2, C1], ())


async def test_once_nobody_may_hear_it_what_waits_is_not_understood() -> None:
    told: list[Heard] = []
    gone: list[CallId] = []
    live = LiveTranscription(SlowEngine(0.2), RULES, lambda _call, heard: told.append(heard), gone.append)
    assert live.begin(C1, Tier.MANDATORY)
    live.feed(C1, 0, SECOND * 5)
    live.stop(C1, "authority-expired")
    live.stop(C1, "authority-expired")
    await asyncio.sleep(0.5)
    assert (told, gone, live.calls) == ([], [C1], ())


async def test_an_engine_that_says_finals_only_hears_the_last_word_too(whisper: Transcriber) -> None:
    told: list[Heard] = []
    live = LiveTranscription(whisper, RULES, lambda _call, heard: told.append(heard) if heard.final else None)
    assert live.begin(C1, None)
    sound = stereo(spoken("cell-low"), b"")
    for start in range(0, len(sound), 1600):
        live.feed(C1, start // 2, sound[start : start + 1600])
    live.end(C1)
    await until(lambda: "while" in " ".join(word.text for heard in told for word in heard.words).lower())
    assert alike(WORDS["cell-low"], " ".join(word.text for heard in told for word in heard.words)) >= 0.85
    assert all(heard.words[0].channel is Channel.LEFT for heard in told)
