"""`wingline listen`: a call that runs, heard under authority."""
import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from recordings.transcript import Heard
from switch.build.logs import set_up_logs
from switch.build.site import SiteProblems, read_settings
from switch.build.staff import StoreError
from switch.cli.common import HERE, TRY_AGAIN, Dir, Now, Staff, clock_of, fail, say
from switch.core.ids import StaffId
from switch.desk.asking import Refused
from switch.media.wav import alaw_wav

FRAMES_A_SECOND = 50


def command(call: Annotated[str, typer.Argument(help="The call's id, as `calls --live` has it.")],
            why: Annotated[str, typer.Option("--why", help="Why; kept in the audit.")],
            out: Annotated[Path | None, typer.Option("--out", help="A WAV file for what is heard; raw A-law in stereo goes to "
                                                                   "standard output when left out.")] = None,
            seconds: Annotated[float | None, typer.Option("--seconds", help="Hear so much, and end.", min=0.02)] = None,
            words: Annotated[bool, typer.Option("--words", help="Print what a machine understands too, where one follows the "
                                                                "call: a lead to the sound, and no more.")] = False,
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Listen to a call that runs, under an authorisation in force; left is the person in prison, right the contact."""
    from switch.build import listening  # Redis and what goes with it: no other command needs it

    heard: list[bytes] = []
    most = None if seconds is None else round(seconds * FRAMES_A_SECOND)
    frames = 0

    def take(frame: bytes) -> bool:
        nonlocal frames
        frames += 1
        if out is not None:
            heard.append(frame)
        else:
            sys.stdout.buffer.write(frame)
            sys.stdout.buffer.flush()
        return most is None or frames < most

    def said(heard: Heard) -> None:
        if words and heard.final and heard.words:
            line = " ".join(word.text for word in heard.words)
            typer.echo(f"{heard.words[0].start:8.1f} {heard.words[0].channel.side}: {line}", err=out is None)

    try:
        settings = read_settings(folder)
        set_up_logs(settings.log.level, settings.log.format)
        ended = listening.listen_to(settings, clock_of(now), StaffId(staff or getpass.getuser()), call, why, take, said)
    except SiteProblems as error:
        raise fail(error) from None
    except StoreError as error:
        raise fail(f"{error}: nobody listens", TRY_AGAIN) from None
    except (listening.ListeningAway, OSError) as error:
        raise fail(f"nobody can listen now: Redis does not answer ({error})") from None
    if out is not None and heard:
        out.touch(0o600)
        out.write_bytes(alaw_wav(b"".join(heard), channels=2))
    if isinstance(ended, Refused):
        raise fail(str(ended))
    say_err = f"{ended.seconds:.1f} s heard; {ended.text}"
    if out is not None:
        say(say_err)
    else:
        typer.echo(say_err, err=True)
