"""G.711 tables against the ITU's values and, where Python still has it, audioop."""

import hashlib
import sys
import warnings

import numpy as np
import pytest

from switch.media import g711

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(65536, dtype=np.uint16).view(np.int16)


# SHA-256 of what audioop of Python 3.11 gives for every code and every sample.
AUDIOOP = {
    "decode_alaw": "e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174",
    "decode_ulaw": "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827",
    "encode_alaw": "f77c76aa923ee25617453f87514828a12896227f82ff383bf3bb53d6ac7c2a0f",
    "encode_ulaw": "617fa4850d68d3906597e949f7625fb2fc46db479e29707f33159b3d131721cb",
}


def test_every_code_and_sample_is_as_audioop_has_it() -> None:
    made = {
        "decode_alaw": g711.decode_alaw(EVERY_CODE).tobytes(),
        "decode_ulaw": g711.decode_ulaw(EVERY_CODE).tobytes(),
        "encode_alaw": g711.encode_alaw(EVERY_SAMPLE),
        "encode_ulaw": g711.encode_ulaw(EVERY_SAMPLE),
    }
    assert {name: hashlib.sha256(raw).hexdigest() for name, raw in made.items()} == AUDIOOP
    if sys.version_info < (3, 13):  # Python 3.13 dropped it
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import audioop
        assert made["decode_alaw"] == audioop.alaw2lin(EVERY_CODE, 2)
        assert made["decode_ulaw"] == audioop.ulaw2lin(EVERY_CODE, 2)
        assert made["encode_alaw"] == audioop.lin2alaw(EVERY_SAMPLE.tobytes(), 2)
        assert made["encode_ulaw"] == audioop.lin2ulaw(EVERY_SAMPLE.tobytes(), 2)


@pytest.mark.parametrize(("code", "sample"), [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256), (0x80, 5504)])
def test_alaw_values_of_the_itu(code: int, sample: int) -> None:
    """ITU-T G.711 table 1, at 16-bit scale."""
    assert g711.decode_alaw(bytes([code])).tolist() == [sample]
    assert g711.encode_alaw(np.array([sample], np.int16)) == bytes([code])


@pytest.mark.parametrize(("code", "sample"), [(0xFF, 0), (0x80, 32124), (0x00, -32124), (0xFE, 8), (0x7E, -8), (0xF0, 120)])
def test_ulaw_values_of_the_itu(code: int, sample: int) -> None:
    """ITU-T G.711 table 2, at 16-bit scale."""
    assert g711.decode_ulaw(bytes([code])).tolist() == [sample]
    assert g711.encode_ulaw(np.array([sample], np.int16)) == bytes([code])


def test_codes_survive_decoding_and_encoding() -> None:
    assert g711.encode_alaw(g711.decode_alaw(EVERY_CODE)) == EVERY_CODE
    changed = [code for code in EVERY_CODE if g711.encode_ulaw(g711.decode_ulaw(bytes([code])))[0] != code]
    assert changed == [0x7F]  # minus zero becomes zero


def test_laws_translate_directly() -> None:
    assert g711.alaw_to_ulaw(EVERY_CODE) == g711.encode_ulaw(g711.decode_alaw(EVERY_CODE))
    assert g711.ulaw_to_alaw(EVERY_CODE) == g711.encode_alaw(g711.decode_ulaw(EVERY_CODE))
    assert len(g711.ALAW_TO_ULAW) == len(g711.ULAW_TO_ALAW) == 256
    there_and_back = g711.decode_alaw(g711.ulaw_to_alaw(g711.alaw_to_ulaw(EVERY_CODE))).astype(int)
    lost = np.abs(there_and_back - g711.decode_alaw(EVERY_CODE))
    assert np.all(lost <= np.maximum(16, np.abs(g711.decode_alaw(EVERY_CODE).astype(int)) / 16))


def test_silence_is_silent() -> None:
    assert abs(int(g711.decode_alaw(g711.ALAW_SILENCE)[0])) <= 8
    assert g711.decode_ulaw(g711.ULAW_SILENCE).tolist() == [0]
