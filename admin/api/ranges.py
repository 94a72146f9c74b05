"""Parts of a body that were asked for (RFC 9110 §14): one range of bytes; whatever else is asked, the whole is the answer."""
import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [start, stop) of a body of `size`; `part` where they were asked for (206), and not the whole (200)."""

    start: int
    stop: int
    size: int
    part: bool

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def asked_range(header: str | None, size: int) -> Span | None:
    """What the header `Range` asks of a body; None where nothing of it is there (416). Several ranges, other units and what
    cannot be read are passed over, as a server may."""
    whole = Span(0, size, size, False)
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or found[0] == "bytes=-":
        return whole
    first, last = found[1], found[2]
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return whole
    return Span(start, stop, size, True) if start < stop else None
