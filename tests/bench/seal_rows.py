"""The rows about the vault: how many times real time a core seals, as it is and with a copy in Opus."""
import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from recordings.objects import folder_objects
from recordings.spool import spool_of, write_spool
from switch.media.wav import read_wav
from tests.bench.bench_site import RunningSite
from tests.bench.words import Row, Size
from tests.unit.store.site import AT, make_site
from tests.vaults import MASTER, close_recorded, make_vault

SOUNDS = Path(__file__).parents[1] / "sounds" / "answering"
MINUTES = 10
PROMISED = {False: 2_000, True: 60}


def conversation(minutes: float) -> bytes:
    """Speech on both sides by turns, as much as asked for."""
    sides: tuple[list[bytes], list[bytes]] = ([], [])
    for at, file in enumerate(sorted(SOUNDS.glob("*/*.wav"))):
        data = read_wav(file.read_bytes()).data
        sides[at % 2].append(data)
        sides[1 - at % 2].append(b"\xd5" * len(data))
    left, right = (np.frombuffer(b"".join(side), np.uint8) for side in sides)
    both = np.stack([left, right], axis=1).reshape(-1)
    return bytes(np.resize(both, round(minutes * 60 * 16_000)).tobytes())


async def _sealed(folder: Path, opus: bool, times: int, audio: bytes) -> float:
    """CPU seconds of this process, all threads, for one seal."""
    site = await make_site(folder)
    vault = make_vault(site.store, folder / "spool", objects=folder_objects(folder / "vault"), opus=opus)
    for at in range(times + 1):
        write_spool(spool_of(folder / "spool", f"c{at}"), f"c{at}", AT, audio, MASTER)
        await close_recorded(site.store, f"c{at}", audio)
    await vault.seal("c0")
    began = time.process_time()
    for at in range(times):
        await vault.seal(f"c{at + 1}")
    used = (time.process_time() - began) / times
    await site.close()
    return used


def sealing(_site: RunningSite, size: Size) -> list[Row]:
    """Raises RuntimeError where it is slower than promised."""
    rows, audio = [], conversation(MINUTES)
    for opus in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            used = asyncio.run(_sealed(Path(folder), opus, 1 if opus else 5, audio))
        rate = MINUTES * 60 / used
        if rate < PROMISED[opus]:
            raise RuntimeError(f"sealing (Opus: {opus}) is {rate:.0f} times real time, promised are {PROMISED[opus]}")
        note = f"{used * 1000:.0f} ms of CPU: decrypted, hashed, encrypted anew, stored, peaks, manifest, row, spool destroyed"
        rows.append(Row(f"Sealing a recording of {MINUTES} min{', with a copy in Opus' * opus}",
                        f"{rate:,.0f} times real time a core", f"promised: {PROMISED[opus]:,}", "", note))
    return rows
