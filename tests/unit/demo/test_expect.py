"""The checker says no to each thing that may be wrong; every case starts from a call that is right."""
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from switch.demo.expect import Expectation, Recording, Seen, problems
from switch.demo.scenarios import ROUND, Manner
from switch.media import g711
from switch.softphone.ears import STRANGE, Ear, Heard, Sounds


def speech(seed: int, frames: int = 50) -> bytes:
    """Loud A-law that no other seed makes."""
    noise = b"".join(hashlib.sha256(f"{seed} {block}".encode()).digest() for block in range(frames * 5))
    return bytes(0x80 | (0x20 + octet % 16) for octet in noise)


SOUNDS = Sounds(
    {"cell": speech(1), "family": speech(2)},
    {name: speech(number) for number, name in enumerate(("announce", "beep", "refused"), 3)},
)
WANTED = Expectation(
    "A1001AA", "+447700900101", "connected", "person", "hung-up", cell_hears=("beep",), outside_hears=("announce", "beep"),
    talk=(2.5, 5.0), price=0.125, recorded=True, alarm="",
)
ROW: dict[str, Any] = {
    "id": "one", "person": "A1001AA", "to": "+447700900101", "privileged": False, "outcome": "connected", "end_by": "person",
    "end_why": "hung-up", "ring_seconds": 1.0, "talk_seconds": 3.2, "charged_pence": 0.5, "recording": "one", "findings": [],
}
RIGHT = Seen(
    [ROW], {"beep": Heard(10, 24, 50), "family": Heard(30, 90, 60)}, True,
    {"announce": Heard(1, 50, 50), "beep": Heard(51, 65, 50), "cell": Heard(66, 99, 30)}, "cell", "family",
    Recording(3.3, frozenset({"cell"}), frozenset({"family"})), frozenset(),
)


def with_row(**changes: Any) -> Seen:
    return replace(RIGHT, rows=[ROW | changes])


def test_a_call_as_it_should_be_has_no_problem() -> None:
    assert problems(WANTED, RIGHT, SOUNDS) == []


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (with_row(outcome="failed"), "outcome is failed"),
        (with_row(end_by="switch"), "end_by is switch"),
        (with_row(end_why="fault"), "end_why is fault"),
        (with_row(person="A1004AD"), "person is A1004AD"),
        (with_row(to="+447700900999"), "to is +447700900999"),
        (with_row(privileged=True), "privileged is True"),
        (with_row(talk_seconds=9.0, charged_pence=1.125), "talk lasted 9.0 s"),
        (with_row(ring_seconds=7.0), "ringing lasted 7.0 s"),
        (replace(RIGHT, alarms=frozenset({"recorder"})), "an alarm recorder was raised"),
        (with_row(charged_pence=5), "5 p charged"),
        (with_row(recording=None), "there is no recording"),
        (replace(RIGHT, rows=[]), "0 records"),
        (replace(RIGHT, rows=[ROW, ROW]), "2 records"),
        (replace(RIGHT, recording=None), "there is no recording"),
        (replace(RIGHT, recording=Recording(3.3, frozenset({"cell"}), frozenset())), "does not have both voices"),
        (replace(RIGHT, recording=Recording(3.3, frozenset({"cell", "family"}), frozenset({"family"}))), "in the wrong channel"),
        (replace(RIGHT, recording=Recording(30.0, frozenset({"cell"}), frozenset({"family"}))), "the recording lasts 30.0 s"),
        (replace(RIGHT, rang=False, outside=None), "did not ring"),
        (replace(RIGHT, outside=None), "nobody outside picked up"),
        (replace(RIGHT, outside={**(RIGHT.outside or {}), "cell": Heard(20, 99, 40)}), "heard the cell before the beep"),
        (replace(RIGHT, cell={**RIGHT.cell, "family": Heard(2, 99, 40)}), "heard the outside before the beep"),
        (replace(RIGHT, cell={"beep": Heard(10, 24, 50)}), "the cell did not hear the outside"),
        (replace(RIGHT, cell={"family": Heard(30, 90, 60)}), "did not hear beep to its end"),
        (replace(RIGHT, outside={**(RIGHT.outside or {}), "announce": Heard(1, 9, 9)}), "did not hear announce to its end"),
        (replace(RIGHT, outside={**(RIGHT.outside or {}), "announce": Heard(60, 99, 50)}), "heard beep too early"),
        (replace(RIGHT, cell={**RIGHT.cell, STRANGE: Heard(1, 99, 40)}), "a sound that nobody here makes"),
        (replace(RIGHT, trouble="it was not over"), "it was not over"),
    ],
)
def test_each_thing_that_is_wrong_is_named(seen: Seen, said: str) -> None:
    assert any(said in problem for problem in problems(WANTED, seen, SOUNDS)), problems(WANTED, seen, SOUNDS)


def test_a_refused_call_that_rang_or_was_overheard_is_wrong() -> None:
    refused = Expectation("A1001AA", "+447700900999", "refused", "policy", "unapproved", ("refused",), rings=False,
                          refused_by="contact-approved")
    row = ROW | {"to": "+447700900999", "outcome": "refused", "end_by": "policy", "end_why": "unapproved", "ring_seconds": 0.0,
                 "talk_seconds": 0.0, "charged_pence": 0, "recording": None,
                 "findings": [{"rule": "contact-approved", "allowed": False}]}
    seen = replace(RIGHT, rows=[row], cell={"refused": Heard(1, 50, 50)}, rang=False, outside=None, recording=None)
    assert problems(refused, seen, SOUNDS) == []
    assert problems(refused, replace(seen, rang=True), SOUNDS) == ["the phone outside rang"]
    assert problems(refused, replace(seen, cell={"refused": Heard(1, 20, 20)}), SOUNDS) == [
        "the cell did not hear refused to its end"
    ]
    leaked = replace(seen, cell={**seen.cell, "family": Heard(3, 9, 7)})
    assert problems(refused, leaked, SOUNDS) == ["the cell heard the outside, 7 frames, on a call that was not let through"]
    recorded = replace(seen, recording=RIGHT.recording)
    assert problems(refused, recorded, SOUNDS) == ["there is a recording"]
    unsaid = replace(seen, rows=[row | {"findings": []}])
    assert problems(refused, unsaid, SOUNDS) == ["the rule contact-approved did not say no"]


def test_an_alarm_that_was_not_raised_is_missed() -> None:
    wanted = replace(WANTED, alarm="emergency-call")
    assert problems(wanted, replace(RIGHT, alarms=frozenset({"emergency-call"})), SOUNDS) == []
    assert problems(wanted, RIGHT, SOUNDS) == ["no alarm emergency-call was raised"]


def test_a_privileged_call_with_a_file_in_the_spool_is_wrong() -> None:
    wanted = replace(WANTED, privileged=True, recorded=False)
    row = ROW | {"privileged": True, "recording": None}
    assert problems(wanted, replace(RIGHT, rows=[row], recording=None), SOUNDS) == []
    assert problems(wanted, replace(RIGHT, rows=[row]), SOUNDS) == ["there is a recording"]


async def test_an_ear_names_what_it_hears() -> None:
    ear = Ear(SOUNDS)
    for at in range(0, 1600, 160):
        ear.take(SOUNDS["family"][at : at + 160])
    ear.take(g711.ALAW_SILENCE * 160)
    ear.take(speech(99)[:160])
    assert ear.heard == {"family": Heard(1, 10, 10), STRANGE: Heard(12, 12, 1)}
    await ear.hears("family")


def test_a_voice_is_found_in_a_recording_at_any_place() -> None:
    channel = g711.ALAW_SILENCE * 77 + SOUNDS["cell"] + g711.ALAW_SILENCE * 500
    assert SOUNDS.is_in("cell", channel)
    assert not SOUNDS.is_in("family", channel)


def test_the_round_has_every_ending_of_the_demo_once() -> None:
    assert len({scenario.name for scenario in ROUND}) == len(ROUND)
    named = {scenario.name for scenario in ROUND}
    assert all(scenario.after in named or not scenario.after for scenario in ROUND)
    for scenario in ROUND:
        assert scenario.expects.rings or scenario.outside.manner is Manner.TALKS, scenario.name
        assert scenario.hangs_up or scenario.cut or scenario.expects.end_by != "person", scenario.name
