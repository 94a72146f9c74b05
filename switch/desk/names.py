"""Names given a sound, so that a call which the switch places itself can say who asks: from a recording, or spoken."""
import binascii
from base64 import b64decode
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import (
    Desk,
    Problem,
    Refused,
    attempt,
    bad_name,
    bad_number,
    bad_place,
    find,
    nameless,
    place_name,
    prison_number,
    refused,
)
from switch.ports.desk import Changes
from switch.ports.names import SpokenName, Whose

MOST_RECORDING = 2_000_000
"""Characters of a recording as it is handed in."""
MOST_SECONDS = 10.0
SOUND_RATE = 8000


async def give_name(desk: Desk, actor: StaffId, at: datetime, whose: Whose, of: str, *, text: str = "",
                    recording: str = "") -> SpokenName | Refused:
    """An establishment (its code) or a person (their prison number) is named so from the next call on.

    `recording` is a PCM WAV in base64, best in the person's own voice; without one the text is spoken, or the name that is on
    record where there is no text either, which needs a voice.
    """
    id = _read(whose, of)
    problems = [id] if isinstance(id, Problem) else []
    problems += bad_name(text) if text else []
    if len(recording) > MOST_RECORDING:
        problems.append(Problem("long-recording", f"the recording has {len(recording)} characters; {MOST_RECORDING} is the most"))
    if problems or isinstance(id, Problem):
        return Refused(tuple(problems))
    if problem := nameless(actor):
        return problem
    if desk.voice is None:
        return refused("no-voice", "nothing here can make sound of a name")
    known = await desk.work.look(actor, at, lambda changes: _known(changes, whose, id))
    if isinstance(known, Refused):
        return known
    try:
        alaw = await (desk.voice.recorded(b64decode(recording, validate=True)) if recording
                      else desk.voice.spoken(text.strip() or known))
    except binascii.Error:
        return refused("bad-recording", "the recording is not base64")
    except ValueError as error:
        return refused("no-sound", str(error))
    seconds = round(len(alaw) / SOUND_RATE, 1)
    if seconds > MOST_SECONDS:
        return refused("long-name", f"it lasts {seconds:g} s: a name is said in {MOST_SECONDS:g}")
    made = SpokenName(f"name-{desk.mint.id()}", whose, id, text.strip(), seconds, at, actor)

    def work(changes: Changes) -> SpokenName | Refused:
        if isinstance(still := _known(changes, whose, id), Refused):
            return still
        changes.put_spoken_name(made, alaw)
        changes.audit("name-spoken", {whose.value: id, "name": made.id}, {"recorded": bool(recording)})
        return made

    return await attempt(desk, actor, at, "name-spoken", {whose.value: id}, work)


async def forget_name(desk: Desk, actor: StaffId, at: datetime, whose: Whose, of: str) -> str | Refused:
    """Said no more, from the next call on; the sound is gone."""
    id = _read(whose, of)
    if isinstance(id, Problem):
        return Refused((id,))

    def work(changes: Changes) -> str | Refused:
        if not changes.drop_spoken_name(whose, id):
            return refused("as-it-is", f"{id} has no name that is said")
        changes.audit("name-forgotten", {whose.value: id})
        return id

    return await attempt(desk, actor, at, "name-forgotten", {whose.value: id}, work)


async def names(desk: Desk, actor: StaffId, at: datetime) -> list[SpokenName]:
    """Everything that has a name with a sound, establishments first."""
    return await desk.work.look(actor, at, lambda changes: list(changes.spoken_names()))


def _read(whose: Whose, of: str) -> str | Problem:
    if whose is Whose.PERSON:
        return prison_number(of) or bad_number(of)
    return place_name(of) or bad_place("establishment", of)


def _known(changes: Changes, whose: Whose, of: str) -> str | Refused:
    """The name on record."""
    if whose is Whose.PERSON:
        who = prison_number(of)
        assert who is not None, "it was read"
        found = find(changes, who)
        return found if isinstance(found, Refused) else found.name
    place = changes.establishment(of)
    return refused("unknown-establishment", f"there is no establishment {of}") if place is None else place.name
