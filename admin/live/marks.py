"""Words of a call that runs as a listener is shown them, with watch words marked for whoever may know what is watched for."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from recordings.transcript import Heard, TranscriptProblem
from recordings.watch.live import LiveWatch
from switch.ports.watch import WatchWord


@dataclass(slots=True)
class Marks:
    """One listener at one call. What is no words of a call is passed over."""

    _watch: LiveWatch = field(default_factory=LiveWatch)

    def use(self, entries: Sequence[WatchWord]) -> None:
        """What is looked for; nothing until then."""
        self._watch.use(entries)

    def read(self, said: bytes) -> dict[str, Any] | None:
        """`words` as they were understood, whether they are `final`, and `hits`: the side and the seconds of each watch word that
        was not marked yet, some of it perhaps among earlier words."""
        try:
            heard = Heard.from_json(said)
        except TranscriptProblem:
            return None
        noticed = self._watch.hear(heard)
        if noticed is not None:
            self._watch.told(noticed)
        return {
            "final": heard.final,
            "words": [{"side": word.channel.value, "start": word.start, "text": word.text} for word in heard.words],
            "hits": [] if noticed is None else
                    [{"side": hit.channel.value, "start": hit.start, "end": hit.end} for hit in noticed.hits]}
