"""Prompt audio as it is sent, a site's own recordings, and what their import refuses."""

import hashlib
import json
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from dialplans.prompts.table import PromptKind, load_manifest, load_table, shipped_audio
from switch.media import g711
from switch.media.prompts import PromptAudioError, PromptLibrary, check_audio, import_recording
from switch.media.voice_band import band_limited
from switch.media.wav import Wav, WavError, alaw_wav, read_wav

LIBRARY = PromptLibrary.load()


def _tone(hertz: float, seconds: float, rate: int, level: float = 0.3) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def _write(file: Path, sound: np.ndarray, rate: int, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(np.repeat((sound * 32767).astype("<i2"), channels).tobytes())
    return file


def _level(samples: np.ndarray, hertz: float) -> float:
    """Amplitude of one pitch, full scale 1."""
    at = np.arange(len(samples)) / g711.RATE
    return float(2 * np.abs(np.mean(samples / 32768.0 * np.exp(-2j * np.pi * hertz * at))))


def _peaks(samples: np.ndarray, count: int) -> list[int]:
    spectrum = np.abs(np.fft.rfft(samples.astype(float) * np.hanning(len(samples))))
    found: list[int] = []
    while len(found) < count:
        best = int(np.argmax(spectrum))
        found.append(round(best * g711.RATE / len(samples)))
        around = int(20 * len(samples) / g711.RATE)
        spectrum[max(0, best - around) : best + around] = 0
    return sorted(found)


# what ships


def test_every_prompt_can_be_played() -> None:
    assert LIBRARY.missing == ()
    for prompt in load_table():
        frames = LIBRARY.frames(prompt.id)
        assert {len(frame) for frame in frames} == {g711.FRAME}
        assert len(frames) * 0.02 == pytest.approx(LIBRARY.seconds(prompt.id), abs=0.02)
        assert LIBRARY.seconds(prompt.id) == pytest.approx(load_manifest()[prompt.id].seconds, abs=0.001)


def test_speech_has_one_loudness_and_no_clipping() -> None:
    for prompt in load_table():
        if prompt.kind is not PromptKind.TONE:
            sound = g711.decode_alaw(LIBRARY.alaw(prompt.id)) / 32768.0
            frames = np.sqrt(np.mean(sound[: len(sound) // 80 * 80].reshape(-1, 80) ** 2, axis=1))
            speech = frames[frames > 0.1 * frames.max()]
            assert -21.0 < 20 * np.log10(np.sqrt(np.mean(speech**2))) < -17.0, prompt.id
            assert np.abs(sound).max() < 0.95, prompt.id
            # It ends soon after the last word, and starts with the first.
            assert np.flatnonzero(frames > 0.05 * frames.max())[0] <= 15, prompt.id


def test_speech_keeps_to_the_telephone_band() -> None:
    sound = g711.decode_alaw(LIBRARY.alaw("announce-england-wales")).astype(float)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / g711.RATE)
    assert power[hertz < 200].sum() / power.sum() < 0.001
    assert power[hertz > 3600].sum() / power.sum() < 0.001


def test_lengths_that_a_call_counts_on() -> None:
    assert 10.0 < LIBRARY.seconds("announce-england-wales") < 15.0
    assert 0.4 < LIBRARY.seconds("announce-short") < 0.65
    assert LIBRARY.seconds("warn-5") < 2.0
    assert LIBRARY.seconds("warn-2") < 1.5
    assert LIBRARY.seconds("ringback-uk") == 3.0
    assert LIBRARY.seconds("silence-1s") == 1.0


@pytest.mark.parametrize(
    ("tone", "pitches", "start", "stop"),
    [
        ("beep", [1400], 0.0, 0.3),
        ("ringback-uk", [400, 450], 0.0, 0.4),
        ("ringback-uk", [400, 450], 0.6, 1.0),
        ("soft-tone", [330], 0.0, 1.2),
        ("busy-uk", [400], 0.0, 0.375),
        ("busy-uk", [400], 2.25, 2.625),
        ("digits-ack", [700], 0.0, 0.04),
    ],
)
def test_tones_have_their_pitch(tone: str, pitches: list[int], start: float, stop: float) -> None:
    part = g711.decode_alaw(LIBRARY.alaw(tone))[int(start * g711.RATE) : int(stop * g711.RATE)]
    assert _peaks(part, len(pitches)) == pytest.approx(pitches, abs=13 if stop - start < 0.1 else 4)


@pytest.mark.parametrize(
    ("tone", "start", "stop"),
    [
        ("ringback-uk", 0.4, 0.6),
        ("ringback-uk", 1.0, 3.0),
        ("busy-uk", 0.375, 0.75),
        ("soft-tone", 1.2, 3.0),
        ("silence-1s", 0.0, 1.0),
    ],
)
def test_tones_keep_their_silence(tone: str, start: float, stop: float) -> None:
    part = g711.decode_alaw(LIBRARY.alaw(tone))[int(start * g711.RATE) : int(stop * g711.RATE)]
    assert np.abs(part).max() <= 8


def test_the_soft_tone_is_softer_than_speech() -> None:
    assert _level(g711.decode_alaw(LIBRARY.alaw("soft-tone"))[800:8000], 330) < 0.04


def test_mulaw_is_the_same_sound() -> None:
    assert LIBRARY.ulaw("beep") == g711.alaw_to_ulaw(LIBRARY.alaw("beep"))
    assert LIBRARY.frames("beep", g711.PCMU) is LIBRARY.frames("beep", g711.PCMU)
    with pytest.raises(ValueError, match="payload type 9"):
        LIBRARY.frames("beep", 9)


def test_unknown_and_silent_ids_are_told_apart() -> None:
    with pytest.raises(KeyError, match="no prompt 'hello'"):
        LIBRARY.alaw("hello")
    with pytest.raises(KeyError, match="no prompt 'hello'"):
        LIBRARY.seconds("hello")
    bare = PromptLibrary(load_table(), {"beep": b"\xd5" * 100})
    with pytest.raises(KeyError, match="prompt 'ended-busy' has no audio"):
        bare.frames("ended-busy")
    assert "ended-busy" in bare.missing
    assert bare.alaw("beep") == b"\xd5" * 160
    assert bare.seconds("beep") == 0.0125


def test_a_warning_at_any_point_is_heard() -> None:
    assert LIBRARY.frames("warn-45") == LIBRARY.frames("warn-generic")
    assert LIBRARY.seconds("warn-45") == LIBRARY.seconds("warn-generic")
    assert LIBRARY.alaw("warn-60") != LIBRARY.alaw("warn-generic")


# a site's own


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_recording_is_imported_and_played(tmp_path: Path, rate: int, channels: int) -> None:
    quiet = np.zeros(rate // 2)
    source = _write(tmp_path / "in.wav", np.concatenate([quiet, _tone(1000, 1.0, rate, 0.05), quiet]), rate, channels)
    entry = import_recording(source, "ended-busy", tmp_path / "own", "Morwenna")
    assert entry.voice == "human:Morwenna"
    assert entry.seconds == pytest.approx(1.08, abs=0.03)  # trimmed, with its margins
    library = PromptLibrary.load(extra_dir=tmp_path / "own")
    assert _peaks(g711.decode_alaw(library.alaw("ended-busy")), 1) == pytest.approx([1000], abs=3)
    assert _level(g711.decode_alaw(library.alaw("ended-busy"))[800:8000], 1000) == pytest.approx(0.178, rel=0.06)
    assert library.alaw("ended-no-answer") == LIBRARY.alaw("ended-no-answer")
    assert check_audio(extra_dir=tmp_path / "own") == []
    listed = json.loads((tmp_path / "own" / "manifest.json").read_text())
    written = (tmp_path / "own" / "ended-busy.wav").read_bytes()
    assert listed["ended-busy"]["audio_sha256"] == hashlib.sha256(written).hexdigest()


def test_a_second_recording_joins_the_first(tmp_path: Path) -> None:
    source = _write(tmp_path / "in.wav", _tone(700, 1.0, 8000), 8000)
    import_recording(source, "ended-busy", tmp_path, "Morwenna")
    import_recording(source, "ended-staff", tmp_path, "Piran")
    listed = json.loads((tmp_path / "manifest.json").read_text())
    assert {name: one["voice"] for name, one in listed.items()} == {
        "ended-busy": "human:Morwenna",
        "ended-staff": "human:Piran",
    }
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ended-busy.wav", "ended-staff.wav", "in.wav", "manifest.json"]


def test_a_file_that_nobody_listed_is_reported(tmp_path: Path) -> None:
    (tmp_path / "ended-busy.wav").write_bytes(shipped_audio()["ended-busy"])
    (tmp_path / "misspelt.wav").write_bytes(shipped_audio()["ended-busy"])
    assert sorted(str(one) for one in check_audio(extra_dir=tmp_path)) == [
        "ended-busy: has an audio file that no manifest lists",
        "misspelt: has audio but is not in the table",
    ]


def test_a_recording_exchanged_behind_the_manifest_is_reported(tmp_path: Path) -> None:
    import_recording(_write(tmp_path / "in.wav", _tone(700, 1.0, 8000), 8000), "ended-busy", tmp_path / "own")
    (tmp_path / "own" / "ended-busy.wav").write_bytes(shipped_audio()["ended-staff"])
    (problem,) = check_audio(extra_dir=tmp_path / "own")
    assert str(problem) == "ended-busy: audio is not the file that the manifest lists"


@pytest.mark.parametrize("coding", ["pcm", "ulaw", "alaw"])
def test_a_site_file_may_be_any_telephone_coding(tmp_path: Path, coding: str) -> None:
    sound = (_tone(1000, 0.5, 8000) * 32767).astype(np.int16)
    alaw = g711.encode_alaw(sound)
    raw = alaw_wav(alaw)
    if coding == "pcm":
        raw = _write(tmp_path / "beep.wav", _tone(1000, 0.5, 8000), 8000).read_bytes()
    elif coding == "ulaw":
        raw = alaw_wav(g711.encode_ulaw(sound)).replace(struct.pack("<HH", 6, 1), struct.pack("<HH", 7, 1), 1)
    (tmp_path / "beep.wav").write_bytes(raw)
    played = g711.decode_alaw(PromptLibrary.load(extra_dir=tmp_path).alaw("beep"))
    assert _peaks(played, 1) == pytest.approx([1000], abs=3)
    assert _level(played, 1000) == pytest.approx(0.3, rel=0.05)


def test_site_files_that_cannot_be_played_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "beep.wav").write_bytes(b"not sound")
    _write(tmp_path / "ended-busy.wav", _tone(500, 0.2, 16000), 16000)
    with pytest.raises(PromptAudioError) as caught:
        PromptLibrary.load(extra_dir=tmp_path)
    assert "beep.wav: not a WAV file" in str(caught.value)
    assert "ended-busy.wav: is 16000 Hz with 1 channels" in str(caught.value)


def test_a_broken_site_manifest_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(PromptAudioError, match=r"manifest\.json: not a prompt manifest"):
        check_audio(extra_dir=tmp_path)


# what import refuses


def _refused(source: Path, own: Path, says: str, prompt_id: str = "ended-busy", name: str = "Piran") -> None:
    with pytest.raises(PromptAudioError, match=says):
        import_recording(source, prompt_id, own, name)
    assert not own.exists()


def test_import_refuses_what_is_no_prompt(tmp_path: Path) -> None:
    source = _write(tmp_path / "in.wav", _tone(700, 1.0, 8000), 8000)
    _refused(source, tmp_path / "own", "no prompt is called", prompt_id="../../etc/passwd")
    _refused(source, tmp_path / "own", "is a tone", prompt_id="beep")
    _refused(source, tmp_path / "own", "needs a given name", name=" ")
    _refused(tmp_path / "nowhere.wav", tmp_path / "own", r"nowhere\.wav: .*No such file")


def test_import_refuses_what_is_no_voice(tmp_path: Path) -> None:
    file = tmp_path / "in.wav"
    file.write_bytes(b"ID3 an mp3 file by another name")
    _refused(file, tmp_path / "own", "not a WAV file")
    file.write_bytes(alaw_wav(b"\x55" * 8000))
    _refused(file, tmp_path / "own", "telephone recording already")
    _refused(_write(file, np.zeros(16000), 16000), tmp_path / "own", "nothing to hear")
    _refused(_write(file, np.zeros(0), 16000), tmp_path / "own", "nothing to hear")
    _refused(_write(file, _tone(500, 1.0, 11025), 11025), tmp_path / "own", "11025 samples a second")
    _refused(_write(file, _tone(500, 121.0, 8000), 8000), tmp_path / "own", "lasts 121 s")


@pytest.mark.parametrize(
    ("fmt", "says"),
    [
        (struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8), "8-bit samples"),
        (struct.pack("<HHIIHH", 85, 1, 8000, 8000, 1, 16), "coding 85"),
        (struct.pack("<HHIIHH", 1, 6, 8000, 96000, 12, 16), "6 channels"),
        (struct.pack("<HHIIHH", 1, 1, 0, 0, 2, 16), "rate is 0"),
        (b"\1\0", "cut short"),
    ],
)
def test_odd_headers_are_refused(fmt: bytes, says: str) -> None:
    raw = b"RIFF\0\0\0\0WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data\4\0\0\0abcd"
    with pytest.raises(WavError, match=says):
        read_wav(raw)


def test_headers_out_of_order_or_missing_are_refused() -> None:
    with pytest.raises(WavError, match="before the header"):
        read_wav(b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd")
    with pytest.raises(WavError, match="no sound"):
        read_wav(b"RIFF\0\0\0\0WAVELIST\2\0\0\0ab")


def test_a_wav_cut_short_is_read_as_far_as_it_goes() -> None:
    assert read_wav(alaw_wav(bytes(range(200)))[:-50]) == Wav(6, 8000, 1, bytes(range(150)))


def test_an_extensible_header_is_read() -> None:
    fmt = struct.pack("<HHIIHHHHIH", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4, 1) + bytes(14)
    raw = b"RIFF\0\0\0\0WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data\4\0\0\0\1\0\2\0"
    assert read_wav(raw).samples().tolist() == [[1], [2]]


def test_the_band_keeps_speech_and_drops_the_rest() -> None:
    rate = 48000
    heard = sum((_tone(hertz, 1.0, rate, 0.1) for hertz in (50, 1000, 3000, 5000)), np.zeros(rate))
    out = band_limited(heard, rate) * 32768
    assert len(out) == 8000
    assert [round(_level(out[800:7200], hertz), 2) for hertz in (50, 1000, 3000)] == [0.0, 0.1, 0.1]
    assert _level(out[800:7200], 3000) == pytest.approx(0.1, rel=0.02)  # 5 kHz would alias here
    with pytest.raises(ValueError, match="4000 Hz is less"):
        band_limited(heard, 4000)
