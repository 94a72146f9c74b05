"""A transcript as bytes and back, its turns, and bytes that are none."""
import json

import pytest

from recordings.transcript import Channel, Transcript, TranscriptProblem, Word, in_order

LEFT, RIGHT = Channel.LEFT, Channel.RIGHT
WORDS = (Word(LEFT, 0.5, 0.9, "hello", 0.9), Word(LEFT, 1.0, 1.2, "love", 0.8), Word(RIGHT, 1.5, 2.0, "ti’n", 0.5),
         Word(LEFT, 2.5, 2.9, "yes", 1.0), Word(LEFT, 4.0, 4.2, "parcel", 0.25))
WHOLE = Transcript("vosk", "small-en", "en", WORDS, 5.25)


def test_the_bytes_say_the_same_transcript() -> None:
    assert Transcript.from_json(WHOLE.to_json()) == WHOLE
    assert WHOLE.to_json() == Transcript.from_json(WHOLE.to_json()).to_json()


def test_the_json_is_as_the_page_says() -> None:
    said = json.loads(WHOLE.to_json())
    assert {name: said[name] for name in ("version", "engine", "model", "language", "seconds")} == {
        "version": 1, "engine": "vosk", "model": "small-en", "language": "en", "seconds": 5.25}
    assert said["words"][0] == {"channel": "left", "start": 0.5, "end": 0.9, "text": "hello", "confidence": 0.9}


def test_a_turn_ends_with_a_pause_of_its_own_side() -> None:
    assert [(turn.channel, turn.start, turn.text) for turn in WHOLE.turns()] == [
        (LEFT, 0.5, "hello love"), (RIGHT, 1.5, "ti’n"), (LEFT, 2.5, "yes"), (LEFT, 4.0, "parcel")]
    assert [turn.text for turn in WHOLE.turns(pause=1.2)] == ["hello love", "ti’n", "yes parcel"]
    assert [turn.text for turn in WHOLE.turns(pause=1.4)] == ["hello love yes parcel", "ti’n"]
    assert Transcript("vosk", "m", "en", ()).turns() == []


def test_words_of_two_channels_stand_by_their_start() -> None:
    late, both, early = Word(LEFT, 2, 3, "c"), Word(RIGHT, 1, 2, "b"), Word(LEFT, 1, 2, "a")
    assert in_order([late, both, early]) == (early, both, late)
    assert WHOLE.channel(RIGHT) == (WORDS[2],)


@pytest.mark.parametrize(("change", "says"), [
    ({"version": 2}, "version 1"), ({"engine": None}, "engine"), ({"words": "none"}, "list of words"),
    ({"seconds": "long"}, "seconds"), ({"words": [{"channel": "middle"}]}, "word 0"), ({"words": [3]}, "word 0"),
    ({"words": [{"channel": "left", "start": 2, "end": 1, "text": "x"}]}, "ends before it begins"),
    ({"words": [{"channel": "left", "start": True, "end": 1, "text": "x"}]}, "start"),
    ({"words": [{"channel": "left", "start": 0, "end": 1e999, "text": "x"}]}, "end"),
])
def test_what_is_no_transcript_is_told(change: dict[str, object], says: str) -> None:
    with pytest.raises(TranscriptProblem, match=says):
        Transcript.from_json(json.dumps(json.loads(WHOLE.to_json()) | change).encode())
    with pytest.raises(TranscriptProblem, match="JSON"):
        Transcript.from_json(b"\xff{")
