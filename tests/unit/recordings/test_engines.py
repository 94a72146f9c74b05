"""Both engines on telephone speech: the words, whose they are, when they were said, and the traps that each has."""
import difflib
import re
import threading

import numpy as np
import pytest

from recordings.transcribe import whisper_engine
from recordings.transcribe.engine import Heard, Transcriber, transcribe
from recordings.transcribe.sound import Doubler
from recordings.transcript import Channel, Transcript
from tests.unit.recordings.conftest import WORDS, spoken, stereo

LEFT, RIGHT = Channel.LEFT, Channel.RIGHT
SILENCE = b"\xd5"
STEP = 800
"""A tenth of a second."""


def plain(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def alike(said: str, heard: str) -> float:
    return difflib.SequenceMatcher(None, plain(said), plain(heard)).ratio()


def of(transcript: Transcript, channel: Channel) -> str:
    return " ".join(word.text for word in transcript.channel(channel))


def live(engine: Transcriber, alaw: bytes) -> list[tuple[float, Heard]]:
    """What a live ear says, with the second of the call at which it said it."""
    ear = engine.ear(LEFT, live=True)
    told = [((at + STEP) / 8000, heard) for at in range(0, len(alaw), STEP) for heard in ear.feed(alaw[at : at + STEP])]
    return told + [(len(alaw) / 8000, heard) for heard in ear.end()]


def test_whisper_hears_both_sides_each_on_its_own(whisper: Transcriber) -> None:
    """Three seconds before the contact answers; the pieces are of no whole number of frames."""
    sound = stereo(spoken("cell-hello"), SILENCE * 24_000 + spoken("family"))
    found = transcribe(whisper, [sound[at : at + 10_001] for at in range(0, len(sound), 10_001)])
    assert (found.engine, found.model, found.language) == ("whisper", "tiny.en", "en")
    assert found.seconds == pytest.approx(len(sound) / 16_000)
    assert alike(WORDS["cell-hello"], of(found, LEFT)) >= 0.9, of(found, LEFT)
    assert alike(WORDS["family"], of(found, RIGHT)) >= 0.9, of(found, RIGHT)
    assert 2.6 <= found.channel(RIGHT)[0].start <= 3.8
    assert found.channel(RIGHT)[-1].end <= found.seconds + 0.05
    assert [word.start for word in found.words] == sorted(word.start for word in found.words)
    assert all(0 <= word.confidence <= 1 and word.start <= word.end for word in found.words)


def test_whisper_makes_nothing_of_no_speech(whisper: Transcriber) -> None:
    noise = np.random.default_rng(7).integers(0xD0, 0xDA, 80_000, np.uint8).tobytes()
    assert transcribe(whisper, [stereo(noise, SILENCE * 80_000)]).words == ()


def test_whisper_is_never_told_what_to_hear(whisper: Transcriber, monkeypatch: pytest.MonkeyPatch) -> None:
    """Watch words given to it come out as if they had been said; its filter of silence drops what was said on a telephone."""
    asked: list[dict[str, object]] = []
    model = whisper._model  # type: ignore[attr-defined]  # the library's own, looked at as it is called
    real = model.transcribe
    monkeypatch.setattr(model, "transcribe", lambda sound, **how: (asked.append(how), real(sound, **how))[1])
    transcribe(whisper, [stereo(spoken("cell-low"), b"")])
    assert asked
    assert all(how["hotwords"] is None and how["initial_prompt"] is None and how["vad_filter"] is False for how in asked)


def test_whisper_live_says_what_goes_on_after_five_seconds(whisper: Transcriber) -> None:
    """Speech without a pause: the first words are said in time, none is lost at the cut, and all are final."""
    assert whisper.partials is False
    going_on = spoken("cell-hello")[: 8000 * 4] + spoken("family")
    told = live(whisper, going_on)
    assert all(heard.final for _, heard in told)
    for at, heard in told[:-1]:
        assert at - heard.words[0].start <= whisper_engine.LIVE[1] + 0.6
    said = " ".join(word.text for _, heard in told for word in heard.words)
    assert alike("Hello love, it's me. How are the children? " + WORDS["family"], said) >= 0.85, said


def test_vosk_words_have_the_times_at_which_they_were_said_in_two_threads_alike(vosk: Transcriber) -> None:
    """The model is a Korean one, so that the words are none; where somebody spoke, and on which side, is right all the same."""
    line = spoken("cell-low")[: 12_000]
    sound, each = stereo(SILENCE * 4000 + line, SILENCE * 18_000 + line), list[Transcript]()
    threads = [threading.Thread(target=lambda: each.append(transcribe(vosk, [sound]))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, other = each
    assert (found.engine, found.model, found.language) == ("vosk", "ko", "ko")
    assert found == other, "without dither the same sound is the same words"
    for channel, begins in ((LEFT, 0.5), (RIGHT, 2.25)):
        words = found.channel(channel)
        assert words
        assert begins - 0.2 <= words[0].start <= begins + 1.5, words
        assert begins + 0.5 <= words[-1].end <= found.seconds + 0.1, words


def test_vosk_live_tells_what_it_has_and_is_made_to_say_it(vosk: Transcriber) -> None:
    told = live(vosk, spoken("cell-hello") + spoken("cell-low")[:16_000])
    finals = [(at, heard) for at, heard in told if heard.final]
    partial = [(at, heard) for at, heard in told if not heard.final]
    assert partial[0][0] < finals[0][0], "something was told before the utterance was over"
    begun = 0.0
    for at, heard in finals[:-1]:
        assert at - max(begun, heard.words[0].start) <= 5.5
        begun = at
    starts = [word.start for _, heard in finals for word in heard.words]
    assert starts == sorted(starts), "times go on over a forced end"


def test_sound_is_doubled_without_a_seam() -> None:
    sound = spoken("cell-low")
    whole, pieces = Doubler(), Doubler()
    expected = whole.samples(sound)
    got = np.concatenate([pieces.samples(sound[at : at + 333]) for at in range(0, len(sound), 333)])
    assert len(expected) == 2 * len(sound)
    assert np.array_equal(expected, got)
    assert len(pieces.samples(b"")) == 0
