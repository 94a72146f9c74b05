"""Speak lines with a voice of Kokoro: run by render_prompts.py inside its own virtual environment.

Standard input: JSON `{model, voice, out, lines: [{id, text, speed}], british}`; for each line `<out>/<id>.f32` is written,
float32 at 24 kHz. One thread and no randomness: the same machine and packages give the same bytes.
"""

import json
import re
import sys
from pathlib import Path

import hibari
import numpy as np
import onnxruntime
from hibari.g2p import G2P

LONGEST = 509
"""Tokens the model takes at once, one less than the rows of a voice file."""
RATE = 24000
PAUSE = 0.3
"""Seconds between sentences."""


def main() -> None:
    job = json.load(sys.stdin)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
    style = np.fromfile(job["voice"], np.float32).reshape(510, 256)
    vocab = json.loads((Path(hibari.__file__).parent / "assets" / "vocab.json").read_text("utf-8"))
    phonemes_of = G2P(british=job.get("british", True))
    for line in job["lines"]:
        parts: list[np.ndarray] = []
        for sentence in re.split(r"(?<=[.!?])\s+", line["text"].strip()):
            phonemes = phonemes_of(sentence)
            tokens = [vocab[sound] for sound in phonemes if sound in vocab]
            if not 0 < len(tokens) <= LONGEST:
                sys.exit(f"{line['id']}: a sentence of {len(tokens)} tokens cannot be spoken: {sentence!r}")
            feed = {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style[len(tokens)][None],
                "speed": np.array([line["speed"]], np.float32),
            }
            sound = np.asarray(session.run(None, feed)[0], np.float32).ravel()
            parts += [_trimmed(sound), np.zeros(int(RATE * PAUSE), np.float32)]
            print(f"{line['id']}: {phonemes}", file=sys.stderr)
        np.concatenate(parts[:-1]).tofile(Path(job["out"]) / f"{line['id']}.f32")


def _trimmed(sound: np.ndarray) -> np.ndarray:
    """Without the long and uneven silence that the model leaves around each sentence."""
    hop = RATE // 100
    level = np.sqrt(np.mean(sound[: len(sound) // hop * hop].reshape(-1, hop) ** 2, axis=1))
    heard = np.flatnonzero(level > 0.02 * level.max())
    return sound[max(0, heard[0] - 2) * hop : (heard[-1] + 6) * hop]



if __name__ == "__main__":
    main()
