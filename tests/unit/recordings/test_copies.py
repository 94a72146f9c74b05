"""`wingline copies` on a real vault with a sealed recording: clips, redacted copies, files in every format, under leave alone."""
import asyncio
import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from typer.testing import CliRunner

from recordings.keys import load_master
from recordings.sound import decoded
from switch.build import example
from switch.build.site import SystemClock, read_settings
from switch.build.vault import open_vault
from switch.cli import app
from switch.core.ids import PersonId
from switch.media import g711
from switch.media.wav import read_wav
from switch.store.audit import verify_audit
from switch.store.database import Store
from tests.phones.ears import level_of, share_with
from tests.phones.site import NOON
from tests.vaults import keep

COVER = 1000.0
LATER = "2026-11-23T12:10:00Z"


def tones(seconds: float) -> bytes:
    """Two voices that are two tones: 440 Hz in prison, 620 Hz outside."""
    at = np.arange(round(seconds * 8000)) / 8000
    both = np.stack([np.sin(2 * np.pi * tone * at) * 12000 for tone in (440, 620)], axis=1)
    return g711.encode_alaw(both.astype(np.int16).reshape(-1))


AUDIO = tones(4)


def test_clips_redactions_and_exports_of_a_sealed_recording(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    example.write(folder)
    settings = read_settings(folder)

    async def sealed() -> None:
        store = Store(settings.store_url)
        vault = await asyncio.to_thread(open_vault, settings, store, SystemClock().wall)
        await keep(vault, store, settings.recordings.spools, "c1", AUDIO, person=PersonId("A1001AA"),
                   master=load_master(settings.recordings.master_key))
        await store.close()

    asyncio.run(sealed())

    def wingline(*args: str, staff: str = "listener") -> tuple[int, str]:
        now = NOON if args[0] == "authority" else LATER
        done = CliRunner().invoke(app, [*args, "--staff", staff, "--dir", str(folder), "--now", now])
        return done.exit_code, done.output

    why = ("--reason", "ordered by the court")
    file = tmp_path / "out.wav"
    out = ("copies", "export", "c1", "--recipient", "Crown Court at Wickham", *why)
    for args in (("copies", "clip", "c1", "1", "2", *why), ("copies", "redact", "c1", "1-2", *why), (*out, "--to", str(file))):
        code, said = wingline(*args)
        assert (code, "no authorisation covers this person" in said, file.exists()) == (1, True, False), said
    texts = ("--necessity", "threats were made by telephone", "--proportionality", "this person's calls alone")
    code, said = wingline("authority", "apply", "mandatory", "crime", "--person", "A1001AA", *texts, "--until", "+1h")
    assert code == 0, said
    assert wingline("authority", "grant", said.split()[0], "--why", "necessary", staff="governor")[0] == 0

    code, said = wingline("copies", "clip", "c1", "1", "2.5", *why)
    assert code == 0, said
    clip = said.split()[0]
    code, said = wingline("copies", "redact", "c1", "contact:1-2", "3-3.5", *why)
    assert code == 0, said
    redacted = said.split()[0]
    assert wingline("copies", "redact", "c1", "later-on", *why)[0] == 2
    listed = CliRunner().invoke(app, ["copies", "list", "c1", "--dir", str(folder), "--now", NOON]).output
    assert sorted(line.split()[0] for line in listed.splitlines()) == sorted([clip, redacted])

    def written(name: str, *args: str) -> bytes:
        code, said = wingline(*out, *args, "--to", str(tmp_path / name))
        data = (tmp_path / name).read_bytes()
        assert (code, hashlib.sha256(data).hexdigest() in said) == (0, True), said
        return data

    whole, plain = written("whole.wav"), decoded(AUDIO)
    assert whole.endswith(AUDIO), "bit for bit"
    flac, rate = soundfile.read(BytesIO(written("whole.flac", "--format", "flac")), dtype="int16")
    assert rate == 8000
    assert np.array_equal(flac, plain)
    heard, rate = soundfile.read(BytesIO(written("whole.opus", "--format", "opus")), dtype="int16")
    assert abs(len(heard) / rate - 4) < 0.05
    step = rate // 8000
    for side, own, others in ((0, 440.0, 620.0), (1, 620.0, 440.0)):
        channel = heard[::step, side]
        assert share_with(channel, own) > 0.6
        assert level_of(channel, others) < -30
    assert read_wav(written("clip.wav", "--copy", clip)).samples().tolist() == plain[8000:20_000].tolist()
    covered = read_wav(written("redacted.wav", "--copy", redacted)).samples()
    assert np.array_equal(covered[:8000], plain[:8000])
    assert np.array_equal(covered[8000:16_000, 0], plain[8000:16_000, 0]), "the other side is as it was"
    for start, end, side, voice in ((8000, 16_000, 1, 620.0), (24_000, 28_000, 0, 440.0), (24_000, 28_000, 1, 620.0)):
        assert share_with(covered[start:end, side], COVER) > 0.6
        assert level_of(covered[start:end, side], voice) < -30, "what was said is under the tone"
    code, said = wingline(*out, "--to", str(tmp_path / "whole.wav"))
    assert (code, "none is written over" in said) == (2, True)
    done = CliRunner().invoke(app, ["recordings", "verify", "c1", "--dir", str(folder), "--now", NOON])
    assert (done.exit_code, "of which 0 differ" in done.output) == (0, True), "the original is untouched"

    async def audited() -> None:
        store = Store(settings.store_url)
        assert await store.read(verify_audit) == []
        await store.close()

    asyncio.run(audited())
    told = CliRunner().invoke(app, ["audit", "list", "--kind", "disclosure", "--dir", str(folder), "--now", NOON]).output
    assert told.count("recording-exported") == 5 + 1, "each file, and the one that was refused"
