"""What a request for a part of a body means (RFC 9110 §14.1.2), on both sides of each edge."""
import pytest

from admin.api.ranges import Span, asked_range

WHOLE = Span(0, 100, 100, False)


@pytest.mark.parametrize(("header", "span"), [
    (None, WHOLE), ("", WHOLE), ("bytes=0-99", Span(0, 100, 100, True)), ("bytes=0-", Span(0, 100, 100, True)),
    ("bytes=0-0", Span(0, 1, 100, True)), ("bytes=99-", Span(99, 100, 100, True)), ("bytes=10-19", Span(10, 20, 100, True)),
    ("bytes=50-500", Span(50, 100, 100, True)), (" bytes=1-2 ", Span(1, 3, 100, True)),
    ("bytes=-1", Span(99, 100, 100, True)), ("bytes=-100", Span(0, 100, 100, True)), ("bytes=-101", Span(0, 100, 100, True)),
    # nothing of it is there
    ("bytes=100-", None), ("bytes=100-200", None), ("bytes=-0", None),
    # passed over: backwards, several, another unit, no range at all
    ("bytes=20-10", WHOLE), ("bytes=0-1,5-6", WHOLE), ("seconds=0-1", WHOLE), ("bytes=-", WHOLE), ("bytes=a-b", WHOLE),
    ("bytes=" + "9" * 30 + "-", WHOLE),
])
def test_what_is_asked(header: str | None, span: Span | None) -> None:
    assert asked_range(header, 100) == span


def test_a_part_says_where_it_is() -> None:
    assert Span(10, 20, 100, True).content_range == "bytes 10-19/100"
