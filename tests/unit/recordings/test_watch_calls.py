"""The finder and the scorer on the calls that are measured: what was said word for word, and what an engine heard of it once."""
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recordings.transcript import Transcript, Word
from recordings.watch.match import Matcher
from switch.media.wav import read_wav
from tests.watched import FOLDER, HEARD, RATE, Call, as_said, calls, entries, errors, in_time, scores, sound, table, total

CALLS, MATCHER = calls(), Matcher(entries())
MOST_BYTES = 6_000_000


def test_there_is_enough_to_be_mistaken_in_and_no_more_than_a_repository_should_hold() -> None:
    turns = [turn for call in CALLS for turn in call.turns]
    assert len(CALLS) == 18
    assert all(len({turn.voice for turn in call.turns}) == 2 for call in CALLS)
    assert len({turn.accent for turn in turns}) == 6
    assert sum(len(turn.said) for turn in turns) >= 120
    assert sum(not turn.said for turn in turns) >= 40
    said = {word for turn in turns for word in turn.said}
    assert said <= {entry.id for entry in entries()}
    assert len(said) >= 19
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST_BYTES


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_every_watch_word_is_found_in_what_was_said_and_no_other(call: Call) -> None:
    for turn, score in zip(call.turns, scores(call, as_said(call), MATCHER), strict=True):
        assert (score.false, score.missed, score.wrong) == (0, 0, 0), turn
        assert score.right == len(turn.said)


def test_each_side_is_heard_where_it_speaks_and_nowhere_else() -> None:
    for call in CALLS:
        wav = read_wav((FOLDER / f"{call.name}.wav").read_bytes())
        assert (wav.rate, len(wav.samples().reshape(-1))) == (RATE, call.cuts[-1][1])
        both = np.frombuffer(sound(call), np.uint8).reshape(-1, 2)
        loud = both != 0xD5
        for side, channel in enumerate(("left", "right")):
            spoken = np.zeros(len(both), bool)
            for turn in call.turns:
                if turn.channel == channel:
                    spoken[round(turn.start * RATE) : round(turn.end * RATE)] = True
            assert not loud[~spoken, side].any()
            assert loud[spoken, side].mean() > 0.5
    assert sound(CALLS[0], 15.0) == sound(CALLS[0], 15.0) != sound(CALLS[0])


def test_a_word_left_out_put_in_or_given_to_the_wrong_side_is_counted() -> None:
    call = CALLS[0]
    whole = as_said(call)
    at = next(number for number, word in enumerate(whole.words) if word.text.startswith("parcel"))
    word = whole.words[at]

    def scored(*words: Word) -> tuple[int, int, int, int]:
        one = total(scores(call, replace(whole, words=words), MATCHER))
        return one.false, one.missed, one.wrong, one.right

    said = sum(len(turn.said) for turn in call.turns)
    before, after = whole.words[:at], whole.words[at + 1 :]
    assert scored(*before, *after) == (0, 1, 1, said - 1)
    assert scored(*before, replace(word, text="partial"), *after) == (0, 1, 1, said - 1)
    assert scored(*before, word, replace(word, text="drone"), *after) == (1, 0, 1, said)
    other = call.turns[1].channel
    assert scored(*before, replace(word, channel=other), *after) == (1, 1, 2, said - 1)


def test_words_wrong_are_counted_as_they_are_written_in_either_way() -> None:
    assert errors("Ring him now.", "ring Him, now") == (0, 3)
    assert errors("one two three", "one too three four") == (2, 3)
    assert errors("0770 090 0123", "07700900 123") == (0, 1)
    assert errors("the colour", "the color") == (0, 2)
    assert errors("", "a word") == (2, 0)


def test_what_the_engine_heard_scores_as_the_docs_say() -> None:
    heard = {name: Transcript.from_json(json.dumps(one).encode()) for name, one in json.loads(HEARD.read_text("utf-8")).items()}
    assert set(heard) == {call.name for call in CALLS}
    scored = [pair for call in CALLS for pair in zip(call.turns, scores(call, heard[call.name], MATCHER), strict=True)]
    docs = (Path(__file__).parents[3] / "docs" / "watch-words.md").read_text("utf-8")
    assert "\n".join(table(scored)) in docs, "python -m tests.bench.speech_rows --write prints the table"
    assert all(in_time(call, heard[call.name]) for call in CALLS)
