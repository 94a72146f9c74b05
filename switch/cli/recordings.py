"""`wingline recordings`: what is in the vault, and whether it is what was sealed."""
import asyncio
import json
from typing import Annotated

import typer

from switch.cli.common import HERE, Dir, Json, Now, clock_of, fail, moment, open_site, print_rows, say
from switch.ports.recordings import Recording

app = typer.Typer(help="The vault: recordings that were sealed.", no_args_is_help=True)


@app.command("list")
def list_(person: Annotated[str | None, typer.Option("--person", help="Only those of this prison number.")] = None,
          since: Annotated[str | None, typer.Option("--since", help="Only those that began from this moment on.")] = None,
          until: Annotated[str | None, typer.Option("--until", help="Only those that began before this moment.")] = None,
          as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """List what is in the vault, oldest first; what was erased is in it as proof, without its sound."""
    from switch.build import vault_desk  # ciphers and the store of objects are needed by no other command

    at, site = clock_of(now).wall(), open_site(folder, now)
    try:
        found = asyncio.run(vault_desk.listed(site, moment(since, at, "--since"), moment(until, at, "--until"), person))
    except vault_desk.PROBLEMS as error:
        raise fail(error) from None
    print_rows(((_row(one), _line(one)) for one in found), as_json)


@app.command()
def verify(recording: Annotated[str, typer.Argument(help="The recording's id, which is its call's.")] = "",
           every: Annotated[bool, typer.Option("--all", help="Every recording of the vault.")] = False,
           as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Read recordings again and compare them with what was sealed: sound, manifest, signature and parts. Exits 1 on any
    difference, and says which."""
    from switch.build import vault_desk

    if bool(recording) is every:
        raise fail("say which recording, or --all", 2)
    site = open_site(folder, now)

    async def work() -> tuple[int, int]:
        count = wrong = 0
        async for id, problems in vault_desk.verified(site, recording or None):
            count, wrong = count + 1, wrong + bool(problems)
            row = {"record": "verified", "recording": id, "problems": problems}
            say(*([json.dumps(row, ensure_ascii=False)] if as_json else [f"{id}  {problem}" for problem in problems]))
        return count, wrong

    try:
        count, wrong = asyncio.run(work())
    except vault_desk.PROBLEMS as error:
        raise fail(error) from None
    if not as_json:
        say(f"recordings verified: {count}, of which {wrong} differ from what was sealed")
    if wrong:
        raise typer.Exit(1)


def _row(one: Recording) -> dict[str, object]:
    return {"record": "recording", "id": one.id, "establishment": one.establishment, "person": one.person, "number": one.number,
            "started_at": one.started_at.isoformat(), "seconds": one.seconds, "sealed_at": one.sealed_at.isoformat(),
            "audio_sha256": one.audio_sha256, "erase_at": one.erase_at.isoformat() if one.erase_at else None,
            "erased_at": one.erased_at.isoformat() if one.erased_at else None, "erased_why": one.erased_why,
            "quarantined": one.quarantined}


def _line(one: Recording) -> str:
    state = "quarantined" if one.quarantined else f"erased: {one.erased_why}" if one.erased_at else "kept"
    return f"{one.id}  {one.started_at:%Y-%m-%d %H:%M:%S}  {one.person or '-':<8} {one.number}  {one.seconds:.0f} s  {state}"
