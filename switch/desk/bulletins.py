"""News of an establishment in its telephones' menu: published as sound, from a recording or from words, and withdrawn."""
import binascii
from base64 import b64decode
from datetime import datetime

from switch.core.ids import StaffId
from switch.desk.asking import Desk, Problem, Refused, attempt, bad_place, nameless, place_name, refused
from switch.ports.desk import Changes
from switch.ports.menu import Bulletin

MOST_TEXT = 1500
"""Characters: some two minutes of speech."""
MOST_RECORDING = 16_000_000
"""Characters of a recording as it is handed in."""
SOUND_RATE = 8000


async def publish_bulletin(
    desk: Desk, actor: StaffId, at: datetime, establishment: str, until: datetime, *, text: str = "", recording: str = "",
    wing: str | None = None, start: datetime | None = None,
) -> Bulletin | Refused:
    """Tell everybody of an establishment, or of a wing, from `start` (or now) to `until`.

    `recording` is a PCM WAV in base64, played as it is, and `text` is then only shown to staff; without one the text is spoken,
    which needs a voice.
    """
    text = text.strip()
    if problems := _problems(at, establishment, until, text, recording, wing, start):
        return Refused(tuple(problems))
    if problem := nameless(actor):
        return problem
    if desk.voice is None:
        return refused("no-voice", "nothing here can make sound of a bulletin")
    try:
        alaw = await (desk.voice.recorded(b64decode(recording, validate=True)) if recording else desk.voice.spoken(text))
    except binascii.Error:
        return refused("bad-recording", "the recording is not base64")
    except ValueError as error:
        return refused("no-sound", str(error))
    bulletin = Bulletin(f"bulletin-{desk.mint.id()}", establishment, wing, text, round(len(alaw) / SOUND_RATE, 1), start or at,
                        until, at, actor)

    def work(changes: Changes) -> Bulletin | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment}")
        if wing is not None and wing not in changes.wings(establishment):
            return refused("unknown-wing", f"there is no wing {wing} at {establishment}")
        changes.add_bulletin(bulletin, alaw)
        changes.audit("bulletin-published", {"bulletin": bulletin.id, "establishment": establishment},
                      {"recorded": bool(recording), "seconds": round(bulletin.seconds)})
        return bulletin

    return await attempt(desk, actor, at, "bulletin-published", {"establishment": establishment}, work)


async def withdraw_bulletin(desk: Desk, actor: StaffId, at: datetime, bulletin: str) -> str | Refused:
    """It is told no more, from the next time that somebody asks for the news."""

    def work(changes: Changes) -> str | Refused:
        if not changes.withdraw_bulletin(bulletin):
            return refused("unknown-bulletin", f"no bulletin {bulletin} stands: `wingline bulletins list` shows those that do")
        changes.audit("bulletin-withdrawn", {"bulletin": bulletin})
        return bulletin

    return await attempt(desk, actor, at, "bulletin-withdrawn", {"bulletin": bulletin}, work)


async def bulletins(desk: Desk, actor: StaffId, at: datetime, establishment: str | None = None) -> list[Bulletin]:
    """Those in force and to come, newest first."""
    return await desk.work.look(actor, at, lambda changes: list(changes.bulletins(establishment)))


def _problems(
    at: datetime, establishment: str, until: datetime, text: str, recording: str, wing: str | None, start: datetime | None,
) -> list[Problem]:
    problems = [bad_place(what, name) for what, name in (("establishment", establishment), ("wing", wing))
                if name is not None and place_name(name) != name]
    if not text and not recording:
        problems.append(Problem("no-words", "give a recording or a text: there is nothing to tell"))
    if len(text) > MOST_TEXT:
        problems.append(Problem("long-text", f"the text has {len(text)} characters; {MOST_TEXT} is the most"))
    if len(recording) > MOST_RECORDING:
        problems.append(Problem("long-recording", f"the recording has {len(recording)} characters; {MOST_RECORDING} is the most"))
    if until <= max(at, start or at):
        problems.append(Problem("bad-times", "the bulletin would end before it begins"))
    return problems
