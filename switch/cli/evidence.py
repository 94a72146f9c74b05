"""`wingline evidence`: a recording for somebody outside, with everything by which they can tell that it is what was recorded."""
import getpass
from pathlib import Path
from typing import Annotated

import typer

from switch.build import site
from switch.build.staff import StoreError
from switch.cli.common import HERE, TRY_AGAIN, Dir, Now, Reason, Staff, clock_of, fail, say
from switch.core.ids import StaffId
from switch.desk.asking import Refused


def command(call: Annotated[str, typer.Argument(help="The call's id.")], reason: Reason,
            out: Annotated[Path, typer.Option("--out", help="The file to write; one that is there is not written over.")],
            recipient: Annotated[str, typer.Option("--recipient", help="Who gets it; kept with the disclosure.")],
            second: Annotated[str, typer.Option("--second", help="The second member of staff who agrees.")],
            as_vcon: Annotated[bool, typer.Option("--vcon", help="With the conversation as vCon JSON; experimental.")] = False,
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Write an evidence pack: the sound, its manifest, its custody, the proof, and a program that checks them offline."""
    from switch.build import evidence  # the vault is needed by few commands

    try:
        settings, who = site.read_settings(folder), StaffId(staff or getpass.getuser())
        done = evidence.write_pack(settings, clock_of(now), who, call, out, recipient, reason, second, as_vcon)
    except StoreError as error:
        raise fail(error, TRY_AGAIN) from None
    except (site.SiteProblems, OSError, LookupError, *evidence.PROBLEMS) as error:
        raise fail(error) from None
    if isinstance(done, Refused):
        raise fail(str(done))
    say(f"{done.file}: recording {done.recording}, SHA-256 {done.sha256}",
        f"tell its recipient the fingerprint of the key in another way: {done.fingerprint}")
