"""Make the speech of the demonstration's people: `switch/demo/speech/*.wav` from `lines.toml`, with two British Kokoro voices.

    python -m scripts.render_demo_speech --work DIR    (from the project's root, with the project's packages)

Needs what `scripts.render_prompts` needs and may share its DIR. The demo needs none of it: what it makes is committed.
"""
import argparse
import json
import subprocess
import tarfile
import tomllib
from pathlib import Path

import numpy as np

from scripts import render_prompts as recipe
from switch.media import g711
from switch.media.voice_band import voice_band
from switch.media.wav import alaw_wav

SPEECH = recipe.ROOT / "switch" / "demo" / "speech"
VOICES = {
    "bf_emma": recipe.VOICE_SHA256,
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder for the model and its environment")
    work = ask.parse_args().work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    table = tomllib.loads((SPEECH / "lines.toml").read_text("utf-8"))
    python = recipe._environment(work)
    model, out = recipe._model(work, python), work / "said"
    out.mkdir(exist_ok=True)
    for name in VOICES:
        lines = [{"id": line, "text": row["say"], "speed": 1.0} for line, row in table.items() if row["voice"] == name]
        job = {"model": str(model), "voice": str(_voice(work, name)), "out": str(out), "lines": lines}
        subprocess.run([python, Path(recipe.__file__).with_name("kokoro_voice.py")], input=json.dumps(job).encode(), check=True)
    for line in table:
        sound = voice_band(np.fromfile(out / f"{line}.f32", np.float32).astype(np.float64), recipe.RATE)
        (SPEECH / f"{line}.wav").write_bytes(alaw_wav(g711.encode_alaw(sound)))
        print(f"{line}: {len(sound) / g711.RATE:.2f} s")
    for stray in [file for file in SPEECH.glob("*.wav") if file.stem not in table]:
        stray.unlink()


def _voice(work: Path, name: str) -> Path:
    recipe._voice(work)  # fetches and checks the package that holds them all
    voice = work / f"{name}.bin"
    if not voice.exists():
        with tarfile.open(work / (recipe.KOKORO_JS.replace("@", "-") + ".tgz")) as archive:
            member = archive.extractfile(f"package/voices/{name}.bin")
            assert member is not None
            voice.write_bytes(member.read())
    recipe._must_be(voice, VOICES[name])
    return voice


if __name__ == "__main__":
    main()
