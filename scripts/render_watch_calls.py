"""Make the calls that watch words are measured on: `tests/sounds/watch/*.wav` and `times.json` from `calls.toml`.

    python -m scripts.render_watch_calls --work DIR    (from the project's root, with the project's packages and Debian's `flite`)

A file has the turns of one call one after another, A-law at 8 kHz in the telephone's band; `times.json` says where each begins
and ends in it, and when it begins in the call, in samples. Two turns of a call in three are parted by a pause, and one falls into
another's end. Needs what `scripts.render_prompts` needs and may share its DIR. The tests need none of it: what it makes is
committed.
"""
import argparse
import json
import subprocess
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from scripts import render_prompts as recipe
from switch.media import g711
from switch.media.voice_band import voice_band
from switch.media.wav import alaw_wav, read_wav

CALLS = recipe.ROOT / "tests" / "sounds" / "watch"
PAUSES = (4_000, 7_200, -3_200)
"""Samples between the end of a turn and the beginning of the next; less than none is a word into the other's ear."""
FLITE = ("awb",)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder for the model and its environment")
    work = ask.parse_args().work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    told = tomllib.loads((CALLS / "calls.toml").read_text("utf-8"))
    lines: dict[str, dict[str, str]] = {}
    for script, pair, number in _calls(told):
        for at, turn in enumerate(told["scripts"][script]["turns"]):
            side = turn["by"] ^ told["scripts"][script].get("swapped", False)
            lines.setdefault(pair[side], {})[f"{script}-{number}.{at}"] = turn["say"]
    sounds = dict[str, g711.Samples]()
    python = recipe._environment(work)
    for voice, texts in lines.items():
        sounds |= _by_flite(voice, texts, work) if voice in FLITE else _by_kokoro(voice, texts, work, python)
    times: dict[str, list[list[int]]] = {}
    for script, _, number in _calls(told):
        name, begin, at = f"{script}-{number}", 0, 8_000
        parts: list[g711.Samples] = []
        for turn in range(len(told["scripts"][script]["turns"])):
            part = sounds[f"{name}.{turn}"]
            times.setdefault(name, []).append([begin, begin + len(part), at])
            begin, at = begin + len(part), at + len(part) + PAUSES[turn % len(PAUSES)]
            parts.append(part)
        (CALLS / f"{name}.wav").write_bytes(alaw_wav(g711.encode_alaw(np.concatenate(parts))))
        print(f"{name}: {begin / g711.RATE:.1f} s of speech in {at / g711.RATE:.1f} s")
    for stray in [file for file in CALLS.glob("*.wav") if file.stem not in times]:
        stray.unlink()
    rows = ",\n".join(f' "{name}": {json.dumps(turns)}' for name, turns in times.items())
    (CALLS / "times.json").write_text(f"{{\n{rows}\n}}\n")


def _calls(told: dict[str, Any]) -> list[tuple[str, list[str], int]]:
    return [(script, pair, number) for script in told["scripts"] for number, pair in enumerate(told["pairs"], 1)]


def _by_kokoro(voice: str, texts: dict[str, str], work: Path, python: Path) -> dict[str, g711.Samples]:
    out = work / "watch"
    out.mkdir(exist_ok=True)
    wanted = [{"id": name, "text": text, "speed": 1.0} for name, text in texts.items() if not (out / f"{name}.f32").exists()]
    job = {"model": str(recipe._model(work, python)), "voice": str(_voice(work, voice)), "out": str(out), "lines": wanted,
           "british": voice[0] != "a"}
    subprocess.run([python, Path(recipe.__file__).with_name("kokoro_voice.py")], input=json.dumps(job).encode(), check=True)
    return {name: voice_band(np.fromfile(out / f"{name}.f32", np.float32).astype(np.float64), recipe.RATE) for name in texts}


def _by_flite(voice: str, texts: dict[str, str], work: Path) -> dict[str, g711.Samples]:
    sounds, file = {}, work / "flite.wav"
    for name, text in texts.items():
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(file)], check=True)
        wav = read_wav(file.read_bytes())
        sounds[name] = voice_band(wav.samples().astype(np.float64).mean(axis=1) / 32768.0, wav.rate)
    return sounds


def _voice(work: Path, name: str) -> Path:
    """Out of the package whose hash is known."""
    recipe._voice(work)
    voice = work / f"{name}.bin"
    if not voice.exists():
        with tarfile.open(work / (recipe.KOKORO_JS.replace("@", "-") + ".tgz")) as archive:
            member = archive.extractfile(f"package/voices/{name}.bin")
            assert member is not None
            voice.write_bytes(member.read())
    return voice


if __name__ == "__main__":
    main()
