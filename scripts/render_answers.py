"""Make the sounds by which answering machines are told from people: tests/sounds/answering/{machines,humans}/NN.wav.

    python -m scripts.render_answers --work DIR        (from the project's root; DIR as for render_prompts)

What is said, by which voice and in what room stands in tests/sounds/answering/lines.toml. Speech is Kokoro's and hibari's; rooms,
beeps and keys are made here. Chance is seeded by each sound's own name: the same machine and packages give the same bytes.
"""
import argparse
import json
import subprocess
import tarfile
import tomllib
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.render_prompts import KOKORO_JS, KOKORO_JS_SHA256, ROOT, _environment, _model, _must_be, _voice
from switch.media import g711
from switch.media.voice_band import voice_band
from switch.media.wav import alaw_wav

Floats = NDArray[np.float64]
FOLDER = ROOT / "tests" / "sounds" / "answering"
STUDIO = 24000
HIBARI = "af_heart"
TAIL = 1.0
"""Seconds of the line after the last word or beep."""
TELEVISION = "And now the weather. It will be dry in the north, with some sunny spells by the afternoon."


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder for the model and its environment")
    work = ask.parse_args().work.resolve()
    table = tomllib.loads((FOLDER / "lines.toml").read_text("utf-8"))
    said = {part for kind in table.values() for line in kind for part in _parts(line)}
    spoken = _spoken(sorted(said | {("bm_daniel", TELEVISION)}), work)
    for kind, lines in table.items():
        (FOLDER / kind).mkdir(exist_ok=True)
        for line in lines:
            sound = _answer(line, spoken, np.random.default_rng(zlib.crc32(f"{kind}/{line['id']}".encode())))
            (FOLDER / kind / f"{line['id']}.wav").write_bytes(alaw_wav(g711.encode_alaw(sound)))
    print(f"{sum(len(lines) for lines in table.values())} made")


def _parts(line: dict[str, Any]) -> list[tuple[str, str]]:
    """Every sentence of a line with the voice that speaks it."""
    said = [step for step in line["say"] if isinstance(step, str)]
    return [_cast(step, line["voice"]) for step in said]


def _cast(step: str, voice: str) -> tuple[str, str]:
    head, mark, rest = step.partition(": ")
    return (head, rest) if mark and head[1:3] in ("f_", "m_") else (voice, step)


def _spoken(parts: list[tuple[str, str]], work: Path) -> dict[tuple[str, str], Floats]:
    """The sound of each (voice, text) in the telephone's band, kept in `work` from one run to the next."""
    python = _environment(work)
    model, out = _model(work, python), work / "answers"
    _voice(work)  # brings the archive with every voice
    out.mkdir(exist_ok=True)
    packed = work / (KOKORO_JS.replace("@", "-") + ".tgz")
    _must_be(packed, KOKORO_JS_SHA256)
    name = {part: f"{part[0]}-{zlib.crc32(part[1].encode()):08x}" for part in parts}
    _by_hibari(python, [(out / f"{name[part]}.f32", part[1]) for part in parts if part[0] == HIBARI])
    for voice in sorted({voice for voice, _ in parts} - {HIBARI}):
        with tarfile.open(packed) as archive:
            member = archive.extractfile(f"package/voices/{voice}.bin")
            assert member is not None
            (out / f"{voice}.bin").write_bytes(member.read())
        wanted = [part for part in parts if part[0] == voice and not (out / f"{name[part]}.f32").exists()]
        if not wanted:
            continue
        lines = [{"id": name[part], "text": part[1], "speed": 1.1} for part in wanted]
        job = {"model": str(model), "voice": str(out / f"{voice}.bin"), "out": str(out), "lines": lines}
        script = Path(__file__).with_name("kokoro_voice.py")
        subprocess.run([python, script], input=json.dumps(job).encode(), check=True, stderr=subprocess.DEVNULL)
    return {part: np.fromfile(out / f"{name[part]}.f32", np.float32).astype(np.float64) for part in parts}


def _by_hibari(python: Path, wanted: list[tuple[Path, str]]) -> None:
    """The voice that needs no model file: float32 at 24 kHz, as Kokoro's."""
    lines = json.dumps([(str(file), text) for file, text in wanted if not file.exists()])
    code = ("import hibari, json, sys, numpy; speak = hibari.Hibari()\n"
            "for file, text in json.load(sys.stdin): numpy.asarray(speak(text, seed=0), numpy.float32).ravel().tofile(file)")
    subprocess.run([python, "-c", code], input=lines.encode(), check=True)


def _answer(line: dict[str, Any], spoken: dict[tuple[str, str], Floats], chance: np.random.Generator) -> g711.Samples:
    pieces = [_silence(0.25)]
    for step in line["say"]:
        if isinstance(step, str):
            studio = spoken[_cast(step, line["voice"])]
            pieces.append(_telephone(studio, line.get("pitch", 1.0)))
        else:
            pieces.append(_silence(step))
    sound = np.concatenate(pieces)
    if "beep" in line:
        hertz, ms, pause, level = line["beep"]
        sound = np.concatenate([sound, _silence(pause), tones((hertz,), ms / 1000) * 10 ** (level / 20)])
    after = [_room(what, start, spoken, chance) for what, start, _ in line.get("more", ())]
    length = max([len(sound) + int(TAIL * g711.RATE), *(len(made) for made in after)])
    if not line["say"]:
        length = max(length, 5 * g711.RATE)
    whole = np.zeros(length)
    whole[: len(sound)] += sound
    for (what, start, level), made in zip(line.get("more", ()), after, strict=True):
        goes_on = start == 0 and what in LASTING
        whole += (np.resize(made, length) if goes_on else _padded(made, length)) * 10 ** (level / 20)
    if line.get("gsm"):  # a mobile's channel: narrower, and coarse
        spectrum = np.fft.rfft(whole)
        hertz = np.fft.rfftfreq(len(whole), 1 / g711.RATE)
        whole = np.fft.irfft(spectrum * ((hertz > 350) & (hertz < 2900)), len(whole))
        whole = np.round(whole * 400) / 400
    whole += chance.normal(0, 10 ** (-62 / 20), length)  # no line is quite still
    whole *= 10 ** (line.get("gain", 0) / 20)
    return np.asarray(np.rint(np.clip(whole, -1, 1) * 32767), np.int16)


def _telephone(studio: Floats, pitch: float) -> Floats:
    """Speech as a telephone carries it, by `pitch` higher and shorter."""
    if pitch != 1.0:
        at = np.arange(0, len(studio) - 1, pitch)
        studio = np.interp(at, np.arange(len(studio)), studio)
    return np.asarray(voice_band(studio, STUDIO) / 32768.0, np.float64)


def _silence(seconds: float) -> Floats:
    return np.zeros(int(seconds * g711.RATE))


def _padded(sound: Floats, length: int) -> Floats:
    return np.concatenate([sound, np.zeros(length - len(sound))])


def tones(hertz: tuple[float, ...], seconds: float) -> Floats:
    """Tones at once, as loud together as speech (-18 dBFS RMS), faded over 5 ms."""
    at = np.arange(int(seconds * g711.RATE)) / g711.RATE
    sound = sum((np.sin(2 * np.pi * one * at) for one in hertz), np.zeros(len(at)))
    sound *= 10 ** (-18 / 20) * np.sqrt(2.0 / len(hertz))
    ramp = np.linspace(0, 1, min(40, len(sound)))
    sound[: len(ramp)] *= ramp
    sound[len(sound) - len(ramp) :] *= ramp[::-1]
    return np.asarray(sound, np.float64)


LASTING = ("noise", "hum", "babble", "tv", "music", "busy")


def _room(what: str, start: float, spoken: dict[tuple[str, str], Floats], chance: np.random.Generator) -> Floats:
    """One sound in the room, as loud as speech, from `start`."""
    return np.concatenate([_silence(start), _made(what, spoken, chance)])


def _made(what: str, spoken: dict[tuple[str, str], Floats], chance: np.random.Generator) -> Floats:
    loud = 10 ** (-18 / 20)
    gap = _silence
    match what:
        case "noise":  # pink
            spectrum = np.fft.rfft(chance.normal(0, 1, 8 * g711.RATE))
            spectrum /= np.sqrt(np.maximum(1, np.arange(len(spectrum))))
            made = np.fft.irfft(spectrum)
            return np.asarray(made / made.std() * loud, np.float64)
        case "hum":  # an engine
            at = np.arange(4 * g711.RATE) / g711.RATE
            made = sum((np.sin(2 * np.pi * 110 * n * at) / n for n in range(3, 9)), chance.normal(0, 0.3, len(at)))
            return np.asarray(made / made.std() * loud, np.float64)
        case "babble":
            parts = sorted(spoken)
            picks = [parts[int(pick)] for pick in chance.integers(0, len(parts), 6)]
            many = [np.resize(_telephone(spoken[pick], 1.0), 8 * g711.RATE) for pick in picks]
            made = np.sum(many, axis=0)
            return np.asarray(made / made.std() * loud, np.float64)
        case "tv":
            return _telephone(spoken["bm_daniel", TELEVISION], 1.0)
        case "music":
            chords = ((262, 330, 392), (294, 370, 440), (349, 440, 523), (392, 494, 587))
            notes = [(*chords[int(pick)], 2 * chords[int(pick)][1]) for pick in chance.integers(0, 4, 12)]
            return np.concatenate([tones(chord, 0.45) * (0.6 + 0.4 * chance.random()) for chord in notes])
        case "dog":
            bark = chance.normal(0, 1, 1200) * np.hanning(1200) * loud * 1.5
            bark += tones((520, 1040, 1560), 0.15) * np.hanning(1200)
            return np.concatenate([bark, gap(0.25), bark, gap(0.3), bark])
        case "cough":
            return np.asarray(chance.normal(0, 1, 2000) * np.exp(-np.arange(2000) / 500) * loud * 2, np.float64)
        case "dtmf9":
            return tones((852, 1477), 0.25)
        case "dtmf1":
            return tones((697, 1209), 0.2)
        case "appliance":  # an oven that is done
            return np.concatenate([np.concatenate([tones((2048,), 0.3), gap(0.5)]) for _ in range(4)])
        case "whistle":  # a person calling the dog: never one pitch
            at = np.arange(int(0.6 * g711.RATE)) / g711.RATE
            return np.asarray(np.sin(2 * np.pi * (1100 * at + 600 * at * at)) * np.hanning(len(at)) * loud * 1.4, np.float64)
        case "ring":  # another telephone
            return np.concatenate([tones((400, 450), 0.4), gap(0.2), tones((400, 450), 0.4), gap(0.6)])
        case "busy":
            return np.concatenate([tones((400,), 0.375), gap(0.375)])
        case "holdtone":
            return np.concatenate([np.concatenate([tones((440,), 0.2), gap(1.2)]) for _ in range(3)])
        case "chime":
            return np.concatenate([tones((660, 1320), 0.5), tones((523, 1046), 0.7)])
        case "baby":
            at = np.arange(int(0.9 * g711.RATE)) / g711.RATE
            turn = 2 * np.pi * np.cumsum(450 + 90 * np.sin(2 * np.pi * 1.3 * at)) / g711.RATE
            cry = sum((np.sin(turn * n) / n for n in range(1, 6)), np.zeros(len(at))) * np.hanning(len(at)) * loud
            return np.concatenate([cry, gap(0.3), cry])
    raise ValueError(f"no such sound: {what}")


if __name__ == "__main__":
    main()
