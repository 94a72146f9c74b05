"""In virtual time: whatever is said is told within the promise of its end, by the recording's clock, whatever was lost before."""
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recordings.transcribe import speech, whisper_engine
from recordings.transcribe.live_ears import MOST_GAP, LiveEars
from recordings.transcribe.whisper_engine import WhisperEar
from recordings.transcript import Channel, Heard
from recordings.watch.live import LiveWatch
from switch.media.g711 import encode_alaw
from tests.unit.recordings.conftest import stereo
from tests.unit.recordings.slow_engine import SlowEngine
from tests.unit.recordings.talk import entry

PROMISE = 3.0
"""Seconds from a word's end to the alert."""
ENGINE = 0.5
"""Seconds of work for a stretch or a look of one side: tiny.en takes 0.35 to 0.44 s for five seconds (docs/recordings.md)."""
ON_THE_WAY = 0.2 + 0.1 + 0.1
"""The tap is a fifth of a second behind, a tenth is gathered, and the lead is written."""
SIP = 800
"""Samples that come at once."""
A_WORD, GAP = 0.3, 0.1
LEVELS, LEAST, STEP = 44, 600, 1.08
"""So many words can be told apart by their level, after A-law too."""


def said(*spans: tuple[float, float]) -> bytes:
    """One side: a word each 0.4 s in each span, each word a level of its own that names it; silence elsewhere."""
    sound = np.zeros(round(8000 * (max(end for _, end in spans) + 3)), np.int16)
    for number, start in enumerate(_starts(spans)):
        sound[round(start * 8000) : round((start + A_WORD) * 8000)] = round(LEAST * STEP ** (number % LEVELS))
    return encode_alaw(sound)


def _starts(spans: tuple[tuple[float, float], ...]) -> Iterator[float]:
    for begin, end in spans:
        yield from np.arange(begin, end - A_WORD, A_WORD + GAP)


class Model:
    """Hears a word wherever there is a level, whole or cut: its name is the level, and a piece of one is `half`."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def transcribe(self, sound: Any, **how: Any) -> tuple[list[Any], None]:
        self.asked.append(len(sound) / 16_000)
        loud = np.abs(np.asarray(sound)) > 500 / 32768
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
        words = []
        for begin, end in edges.reshape(-1, 2):
            number = round(math.log(float(np.median(sound[begin:end])) * 32768 / LEAST, STEP))
            whole = end - begin >= 0.9 * A_WORD * 16_000
            words.append(SimpleNamespace(word=f"w{number}" if whole else "half", start=begin / 16_000, end=end / 16_000,
                                         probability=0.9))
        return [SimpleNamespace(words=words)], None


class Engine:
    engine, model, language, partials = "whisper", "scripted", "en", False

    def __init__(self) -> None:
        self.heard_by = Model()

    def ear(self, channel: Channel, live: bool = False) -> WhisperEar:
        return WhisperEar(self.heard_by, "en", channel, live)


@pytest.fixture(autouse=True)
def levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loud is speech: the detector of WebRTC knows no levels."""
    def detector() -> speech.Detector:
        return lambda samples: bool(np.abs(np.frombuffer(samples, np.int16)).max() > 500)

    monkeypatch.setattr(whisper_engine, "detector", detector)


def alerts(left: bytes, right: bytes = b"", begin: int = 0) -> tuple[dict[tuple[Channel, str], float], Engine]:
    """By side and word: seconds from its end to when it was known, had it been a watch word; what the engine does takes its time,
    and what comes meanwhile waits."""
    engine = Engine()
    ears, sound = LiveEars(engine), stereo(left, right)
    late, free = dict[tuple[Channel, str], float](), 0.0
    asked = 0
    for at in range(begin * 2, len(sound), SIP * 2):
        now = (at // 2 + SIP) / 8000
        clock = max(now, free)
        for heard in ears.feed(at // 2, sound[at : at + SIP * 2], current=clock - now < 0.5):
            clock += ENGINE * (len(engine.heard_by.asked) - asked)
            asked = len(engine.heard_by.asked)
            for word in heard.words:
                late.setdefault((word.channel, word.text), clock + ON_THE_WAY - word.end)
        clock += ENGINE * (len(engine.heard_by.asked) - asked)
        asked = len(engine.heard_by.asked)
        free = clock
    return late, engine


@pytest.mark.parametrize("begins", [0.5, 0.61, 0.77, 0.93, 1.08, 1.25, 1.4, 1.56])
def test_a_word_in_the_middle_of_a_long_sentence_is_told_in_time(begins: float) -> None:
    late, engine = alerts(said((begins, begins + 14)))
    words = {text for _, text in late if text != "half"}
    assert len(words) == len(list(_starts(((begins, begins + 14),)))), "every word is told"
    assert max(seconds for (_, text), seconds in late.items() if text != "half") <= PROMISE
    assert max(engine.heard_by.asked) <= 5.1, "no stretch is longer than five seconds"


def test_without_looks_the_first_word_of_a_forced_stretch_would_be_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above can fail."""
    monkeypatch.setattr("recordings.transcribe.live_ears.LOOK_EVERY", 60.0)
    late, _ = alerts(said((0.5, 14.5)))
    assert max(late.values()) > PROMISE


def test_both_sides_at_once_and_short_utterances_are_in_time_too() -> None:
    late, _ = alerts(said((1.0, 2.6), (4.0, 4.5), (7.0, 12.0)), said((1.3, 3.0), (6.0, 11.0)))
    assert {channel for channel, _ in late} == set(Channel)
    assert max(seconds for (_, text), seconds in late.items() if text != "half") <= PROMISE


def test_half_a_word_at_the_edge_of_a_look_is_left_for_the_next() -> None:
    ears = LiveEars(Engine())
    sound = stereo(said((0.5, 6.0)), b"")
    looks = [heard for at in range(0, len(sound), SIP * 2) for heard in ears.feed(at // 2, sound[at : at + SIP * 2])
             if not heard.final]
    assert len(looks) >= 3
    assert "half" not in {word.text for heard in looks for word in heard.words}


def test_nothing_is_looked_at_where_sound_waits() -> None:
    engine = Engine()
    ears, sound = LiveEars(engine), stereo(said((0.5, 4.0)), b"")
    told = [heard for at in range(0, len(sound), SIP * 2)
            for heard in ears.feed(at // 2, sound[at : at + SIP * 2], current=False)]
    assert [heard.final for heard in told] == [True]
    assert len(engine.heard_by.asked) == 1


def words_of(told: list[Heard]) -> list[tuple[str, float]]:
    return [(word.text, word.start) for heard in told for word in heard.words]


def test_times_are_the_recordings_whatever_was_lost() -> None:
    ears, second = LiveEars(SlowEngine()), b"\xd5" * 16_000
    first = list(ears.feed(40_000, second))
    assert words_of(first) == [("left0", 5.0), ("right0", 5.0)]
    assert words_of(list(ears.feed(64_000, second))) == [
        ("left1", 6.0), ("left2", 7.0), ("left3", 8.0), ("right1", 6.0), ("right2", 7.0), ("right3", 8.0)], "two were lost"
    assert words_of(list(ears.feed(64_000, second))) == [], "heard already"
    assert words_of(list(ears.feed(68_000, second))) == [], "half of it was"
    assert words_of(list(ears.feed(76_000, second))) == [("left4", 9.0), ("right4", 9.0)]
    far = 84_000 + MOST_GAP + 8000
    assert words_of(list(ears.feed(far, second))) == [("left0", far / 8000), ("right0", far / 8000)], "it begins anew"
    assert list(ears.end()) == []


def test_a_watch_word_is_noticed_from_a_look_and_not_again_from_the_end() -> None:
    engine = Engine()
    ears, watch, sound = LiveEars(engine), LiveWatch(), stereo(said((0.5, 4.5)), b"")
    watch.use([entry("w1", id="e1")])
    noticed = []
    for at in range(0, len(sound), SIP * 2):
        for heard in ears.feed(at // 2, sound[at : at + SIP * 2]):
            if found := watch.hear(heard):
                noticed.append((heard.final, found))
                watch.told(found)
    ((final, found),) = noticed
    assert (final, found.hits[0].word) == (False, "e1")
    assert found.hits[0].start == pytest.approx(0.9, abs=0.05)

