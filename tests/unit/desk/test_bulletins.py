"""Bulletins by the desk: as sound or not at all, for a place that there is, with a name and an audit row."""
import io
import wave
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from switch.core.ids import StaffId
from switch.desk import bulletins
from switch.media import g711, voice
from switch.media.voice import TelephoneVoice
from tests.phones.ears import level_of
from tests.unit.desk.office import FEN, MOOR, OFFICER, Office, good, why
from tests.unit.store.site import AT

UNTIL = AT + timedelta(days=2)


def wav(seconds: float = 1.0, hz: float = 1000.0, rate: int = 16000, level: float = 0.3) -> bytes:
    """A tone as a recorder would have made it."""
    sound = level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return out.getvalue()


def b64(level: float = 0.3) -> str:
    return b64encode(wav(level=level)).decode()


@pytest.fixture
def heard(office: Office) -> Office:
    """An office that can make sound."""
    return replace(office, desk=replace(office.desk, voice=TelephoneVoice()))


async def test_a_recording_is_made_a_telephones_published_listed_and_withdrawn(heard: Office) -> None:
    before = await heard.audited()
    made = good(await bulletins.publish_bulletin(heard.desk, OFFICER, AT, MOOR, UNTIL, recording=b64(), wing="M", text="Visits"))
    assert (made.establishment, made.wing, made.start, made.until) == (MOOR, "M", AT, UNTIL)
    assert made.seconds == pytest.approx(1.0, abs=0.1)
    assert good(await bulletins.bulletins(heard.desk, OFFICER, AT)) == [made]
    assert good(await bulletins.bulletins(heard.desk, OFFICER, AT, FEN)) == []
    assert good(await bulletins.bulletins(heard.desk, OFFICER, UNTIL)) == []
    assert good(await bulletins.withdraw_bulletin(heard.desk, OFFICER, AT, made.id)) == made.id
    assert why(await bulletins.withdraw_bulletin(heard.desk, OFFICER, AT, made.id)) == ["unknown-bulletin"]
    assert good(await bulletins.bulletins(heard.desk, OFFICER, AT)) == []
    assert [action for action, _, _ in await heard.audit(before)] == [
        "bulletin-published", "bulletin-withdrawn", "bulletin-withdrawn-refused"]
    assert "Visits" not in str(await heard.audit())
    assert await heard.whole()


async def test_the_sound_is_the_recordings() -> None:
    assert level_of(g711.decode_alaw(await TelephoneVoice().recorded(wav(hz=1200.0))), 1200.0) > -25.0


async def test_a_text_is_spoken_where_a_voice_is_installed(heard: Office) -> None:
    pytest.importorskip("hibari", reason="the extra `speech` is not installed; the dev group has it")
    made = good(await bulletins.publish_bulletin(heard.desk, OFFICER, AT, MOOR, UNTIL, text="Visits on Friday begin at two."))
    assert 1.0 < made.seconds < 5.0
    with pytest.raises(ValueError, match="the most"):
        await TelephoneVoice().spoken("Visits on Friday begin at two. " * 90)


async def test_without_a_voice_a_text_is_refused_and_says_what_to_do(heard: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_name: str) -> None:
        raise ImportError

    voice._engine.cache_clear()
    monkeypatch.setattr("switch.media.voice.importlib.import_module", none)
    refused = await bulletins.publish_bulletin(heard.desk, OFFICER, AT, MOOR, UNTIL, text="Visits")
    assert why(refused) == ["no-sound"]
    assert "give a recording, or install the extra" in str(refused)


async def test_what_is_malformed_is_refused_whole_and_leaves_nothing(heard: Office) -> None:
    before = await heard.audited()
    desk = heard.desk
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, "no place", AT, wing="no wing")) == [
        "bad-place", "bad-place", "no-words", "bad-times"]
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, MOOR, UNTIL, text="x" * 1501)) == ["long-text"]
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, MOOR, UNTIL, recording="x" * 16_000_001)) == [
        "long-recording"]
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, MOOR, UNTIL, recording="not base64")) == ["bad-recording"]
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, MOOR, UNTIL, recording="UklGRg==")) == ["no-sound"]
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, MOOR, UNTIL, recording=b64(level=0.0))) == ["no-sound"]
    assert why(await bulletins.publish_bulletin(desk, OFFICER, AT, MOOR, UNTIL, recording=b64(), start=UNTIL)) == ["bad-times"]
    assert why(await bulletins.publish_bulletin(desk, StaffId(""), AT, MOOR, UNTIL, recording=b64())) == ["no-actor"]
    mute = replace(desk, voice=None)
    assert why(await bulletins.publish_bulletin(mute, OFFICER, AT, MOOR, UNTIL, recording=b64())) == ["no-voice"]
    assert await heard.audited() == before


async def test_a_place_that_is_not_there_is_refused_and_audited(heard: Office) -> None:
    before = await heard.audited()
    assert why(await bulletins.publish_bulletin(heard.desk, OFFICER, AT, "bog", UNTIL, recording=b64())) == [
        "unknown-establishment"]
    assert why(await bulletins.publish_bulletin(heard.desk, OFFICER, AT, MOOR, UNTIL, recording=b64(), wing="F")) == [
        "unknown-wing"]
    assert [action for action, _, _ in await heard.audit(before)] == ["bulletin-published-refused"] * 2
