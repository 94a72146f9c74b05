"""How the telephone's menu says who a contact is: the sound of a name, for the one person whose contact it is."""
import binascii
from base64 import b64decode
from datetime import datetime

from switch.core.facts import ContactState
from switch.core.ids import StaffId
from switch.desk.asking import Desk, Refused, attempt, bad_number, find, nameless, prison_number, refused
from switch.ports.contacts import Approval
from switch.ports.desk import Changes
from switch.ports.menu import ContactName

LONGEST = 6.0
"""Seconds of a name."""
MOST_RECORDING = 2_000_000
"""Characters of a recording as it is handed in."""
SOUND_RATE = 8000


async def record_name(desk: Desk, actor: StaffId, at: datetime, approval: str, recording: str = "") -> ContactName | Refused:
    """Say a contact by name from now on. `recording` is a PCM WAV in base64, of staff or of the contact; without one the name
    that is kept of the party is spoken, which needs a voice."""
    if problem := nameless(actor):
        return problem
    if desk.voice is None:
        return refused("no-voice", "nothing here can make sound of a name")
    if len(recording) > MOST_RECORDING:
        return refused("long-recording", f"the recording has {len(recording)} characters; {MOST_RECORDING} is the most")
    words = await desk.work.look(actor, at, lambda changes: _words(changes, approval))
    try:
        if recording:
            alaw = await desk.voice.recorded(b64decode(recording, validate=True))
        elif words:
            alaw = await desk.voice.spoken(words)
        else:
            alaw = b""  # refused below, with its audit row
    except binascii.Error:
        return refused("bad-recording", "the recording is not base64")
    except ValueError as error:
        return refused("no-sound", str(error))
    seconds = round(len(alaw) / SOUND_RATE, 1)
    if seconds > LONGEST:
        return refused("long-name", f"it takes {seconds} s to say; {LONGEST:.0f} s is the most")
    made = ContactName(approval, f"name-{desk.mint.id()}", seconds, at, actor)

    def work(changes: Changes) -> ContactName | Refused:
        found = _live(changes, approval)
        if isinstance(found, Refused):
            return found
        changes.put_name(made, alaw)
        changes.audit("contact-name-recorded", {"person": found.person, "approval": approval}, {"recorded": bool(recording)})
        return made

    return await attempt(desk, actor, at, "contact-name-recorded", {"approval": approval}, work)


async def delete_name(desk: Desk, actor: StaffId, at: datetime, approval: str) -> str | Refused:
    """The sound is deleted; the contact is told by its number again."""

    def work(changes: Changes) -> str | Refused:
        if not changes.delete_name(approval):
            return refused("unknown-name", f"no name of {approval} is recorded")
        changes.audit("contact-name-deleted", {"approval": approval})
        return approval

    return await attempt(desk, actor, at, "contact-name-deleted", {"approval": approval}, work)


async def recorded_names(desk: Desk, actor: StaffId, at: datetime, person: str) -> list[ContactName] | Refused:
    """Which of a person's contacts are said by name; the sounds are not shown."""
    who = prison_number(person)
    if who is None:
        return Refused((bad_number(person),))

    def look(changes: Changes) -> list[ContactName] | Refused:
        found = find(changes, who)
        return found if isinstance(found, Refused) else list(changes.names(who))

    return await desk.work.look(actor, at, look)


def _words(changes: Changes, approval: str) -> str:
    one = changes.approval(approval)
    party = None if one is None else changes.party(one.party)
    return "" if party is None else party.name


def _live(changes: Changes, approval: str) -> Approval | Refused:
    one = changes.approval(approval)
    if one is None:
        return refused("unknown-approval", f"there is no application or contact {approval!r}")
    if one.state is ContactState.WITHDRAWN:
        return refused("bad-state", f"{approval} is withdrawn: nothing is kept of its name")
    return one
