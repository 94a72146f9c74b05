"""The sealed form: any piece is read without the others, and nothing can be changed, left out, moved or passed off unseen."""
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings import stream
from recordings.stream import CHUNK, HEADER, TAG, BadStream

KEY = b"k" * 32
OF = stream.about("c1", "audio")


def sealed(data: bytes, key: bytes = KEY, of: bytes = OF) -> bytes:
    return b"".join(stream.seal(key, of, data, os.urandom(stream.SALT + stream.PREFIX)))


SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17)


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(size: int) -> None:
    data = os.urandom(size)
    object = sealed(data)
    assert len(object) == stream.sealed_size(size)
    assert stream.open_whole(KEY, OF, object) == data
    assert sealed(data) != object


@given(size=st.sampled_from(SIZES[1:]), at=st.floats(0, 1), length=st.integers(1, 2 * CHUNK))
def test_a_piece_needs_only_its_own_chunks(size: int, at: float, length: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    start = min(int(at * size), size - 1)
    stop = min(start + length, size)
    object = sealed(data)
    begin, end = stream.span(size, start, stop)
    assert end - begin <= (stop - start) // CHUNK * (CHUNK + TAG) + 2 * (CHUNK + TAG)
    assert stream.open_span(KEY, OF, object[:HEADER], size, start, stop, object[begin:end]) == data[start:stop]


@pytest.mark.parametrize(("key", "of"), [(b"x" * 32, OF), (KEY, stream.about("c2", "audio")), (KEY, stream.about("c1", "peaks"))])
def test_another_key_recording_or_kind_opens_nothing(key: bytes, of: bytes) -> None:
    with pytest.raises(BadStream):
        stream.open_whole(key, of, sealed(b"hello"))


def test_no_byte_can_be_changed() -> None:
    object = sealed(b"hello world" * 9000)
    for at in (0, 9, 41, 46, HEADER, HEADER + CHUNK, HEADER + CHUNK + TAG, len(object) - 1):
        bad = bytearray(object)
        bad[at] ^= 1
        with pytest.raises(BadStream):
            stream.open_whole(KEY, OF, bytes(bad))


def test_no_chunk_can_be_left_out_moved_or_added() -> None:
    object, step = sealed(os.urandom(3 * CHUNK)), CHUNK + TAG
    head, parts = object[:HEADER], [object[HEADER + at * step : HEADER + (at + 1) * step] for at in range(3)]
    for order in ([0, 1], [1, 0, 2], [0, 1, 2, 2], [2], []):
        with pytest.raises(BadStream):
            stream.open_whole(KEY, OF, head + b"".join(parts[at] for at in order))
    for cut in (1, TAG, TAG + 1, len(object)):
        with pytest.raises(BadStream):
            stream.open_whole(KEY, OF, object[:-cut])
    assert stream.open_whole(KEY, OF, head + b"".join(parts))


def test_a_piece_of_a_longer_object_is_not_that_of_a_shorter_one() -> None:
    object = sealed(os.urandom(3 * CHUNK))
    begin, end = stream.span(2 * CHUNK, CHUNK, 2 * CHUNK)
    with pytest.raises(BadStream, match="chunk 1"):
        stream.open_span(KEY, OF, object[:HEADER], 2 * CHUNK, CHUNK, 2 * CHUNK, object[begin:end])
