"""What a scenario must come to, held against its record and against what the ears heard. Pure: it returns its problems."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from switch.softphone.ears import CLEAR, STRANGE, Heard, Sounds

Span = tuple[float, float]
FEW = 3
"""Strange frames that are let pass: a packet cut in two by a busy machine is no voice."""
PENNY_PART = 0.0011
"""A thousandth, to which prices are rounded."""
SLACK = 1.0
"""Seconds by which a recording may be longer than the talk: its recorder runs before the gate opens."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """How a call must end. Voices are lines of the demo's speech; what is played is prompts, heard whole and in this order."""

    person: str | None
    to: str
    outcome: str
    end_by: str
    end_why: str
    cell_hears: tuple[str, ...] = ()
    outside_hears: tuple[str, ...] = ()
    rings: bool = True
    """Whether the phone outside rings at all, and"""
    answered: bool = True
    """whether it is picked up."""
    ring: Span = (0.9, 2.5)
    """Seconds from dialling to the answer; nothing where nothing rings."""
    talk: Span = (0.0, 0.0)
    """Seconds; above zero both must have heard each other, and neither before the beep, where there is one."""
    price: float = 0.0
    """Pence for each second begun."""
    charged: Span | None = None
    """Pence, where it is not seconds times price."""
    privileged: bool = False
    recorded: bool = False
    alarm: str = ""
    """The one that must be raised; no other may be."""
    refused_by: str = ""
    """The rule whose finding must say no."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A sealed recording: which lines are in the channel of the cell and in that of the outside."""

    seconds: float
    cell: frozenset[str]
    outside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one scenario: its call records, of which there must be one, what each ear heard (outside: None where nobody
    picked up). `cell_said` and `outside_said` are the lines that either spoke."""

    rows: Sequence[Mapping[str, Any]]
    cell: Mapping[str, Heard]
    rang: bool
    outside: Mapping[str, Heard] | None
    cell_said: str
    outside_said: str
    recording: Recording | None
    alarms: frozenset[str]
    trouble: str = ""
    """What stopped the scenario from being played to its end."""


def problems(expected: Expectation, seen: Seen, sounds: Sounds) -> list[str]:
    """Everything that is not as it should be, a sentence each."""
    found = [seen.trouble] if seen.trouble else []
    if len(seen.rows) != 1:
        return [*found, f"there are {len(seen.rows)} records of this call, not one"]
    found += _record(expected, seen.rows[0], seen.alarms)
    found += _heard("the cell", expected.cell_hears, seen.cell, sounds)
    if seen.rang is not expected.rings:
        found.append("the phone outside rang" if seen.rang else "the phone outside did not ring")
    elif (seen.outside is not None) is not (expected.rings and expected.answered):
        found.append("nobody outside picked up" if seen.outside is None else "somebody outside picked up")
    elif seen.outside is not None:
        found += _heard("the outside", expected.outside_hears, seen.outside, sounds)
    found += _voices(expected, seen)
    return found + _recording(expected, seen)


def _record(expected: Expectation, row: Mapping[str, Any], alarms: frozenset[str]) -> list[str]:
    wanted = {name: getattr(expected, name) for name in ("person", "to", "privileged", "outcome", "end_by", "end_why")}
    found = [f"{name} is {row[name]}, not {want}" for name, want in wanted.items() if row[name] != want]
    talked = float(row["talk_seconds"])
    for what, lasted, (least, most) in (
        ("ringing", float(row["ring_seconds"]), expected.ring if expected.rings else (0.0, 0.0)),
        ("talk", talked, expected.talk),
    ):
        if not least <= lasted <= most:
            found.append(f"{what} lasted {lasted:.1f} s, not {least:g} to {most:g}")
    cheapest, dearest = expected.charged or (talked * expected.price, (talked + 1) * expected.price)
    if not cheapest - PENNY_PART <= float(row["charged_pence"]) <= dearest + PENNY_PART:
        found.append(f"{row['charged_pence']} p charged, not {cheapest:.3f} to {dearest:.3f}")
    if expected.alarm and expected.alarm not in alarms:
        found.append(f"no alarm {expected.alarm} was raised")
    found += [f"an alarm {alarm} was raised" for alarm in sorted(alarms - {expected.alarm})]
    said_no = {finding["rule"] for finding in row["findings"] if not finding["allowed"]}
    if expected.refused_by and expected.refused_by not in said_no:
        found.append(f"the rule {expected.refused_by} did not say no")
    return found


def _heard(who: str, wanted: tuple[str, ...], heard: Mapping[str, Heard], sounds: Sounds) -> list[str]:
    found, after = [], 0
    for name in wanted:
        if name not in heard or not sounds.is_whole(name, heard[name]):
            found.append(f"{who} did not hear {name} to its end")
        elif heard[name].first < after:
            found.append(f"{who} heard {name} too early")
        else:
            after = heard[name].first
    if STRANGE in heard and heard[STRANGE].frames > FEW:
        found.append(f"{who} heard {heard[STRANGE].frames} frames of {STRANGE}")
    return found


def _voices(expected: Expectation, seen: Seen) -> list[str]:
    found = []
    ears = [("the outside", "the cell", seen.outside, seen.cell_said), ("the cell", "the outside", seen.cell, seen.outside_said)]
    for who, whom, ear, said in ears:
        voice = ear.get(said) if ear is not None else None
        if expected.talk[0] > 0.0:
            if voice is None or voice.frames < CLEAR:
                found.append(f"{who} did not hear {whom}")
            elif ear is not None and "beep" in ear and voice.first < ear["beep"].first:
                found.append(f"{who} heard {whom} before the beep")
            elif ear is not None and "beep" not in ear and expected.outside_hears:
                found.append(f"{who} heard no beep")
        elif voice is not None:
            found.append(f"{who} heard {whom}, {voice.frames} frames, on a call that was not let through")
    return found


def _recording(expected: Expectation, seen: Seen) -> list[str]:
    row, recording = seen.rows[0], seen.recording
    if not expected.recorded:
        return ["there is a recording"] if recording is not None or row["recording"] is not None else []
    if recording is None or row["recording"] is None:
        return ["there is no recording"]
    found = []
    if seen.cell_said not in recording.cell or seen.outside_said not in recording.outside:
        found.append("the recording does not have both voices")
    if seen.cell_said in recording.outside or seen.outside_said in recording.cell:
        found.append("the recording has a voice in the wrong channel")
    talked = float(row["talk_seconds"])
    if not talked - 0.2 <= recording.seconds <= talked + SLACK:
        found.append(f"the recording lasts {recording.seconds:.1f} s, the talk {talked:.1f} s")
    return found
