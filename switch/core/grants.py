"""Leave to do what may not be done without leave. A grant is a value that exists only after the answer.

`RecordingWarrant` is issued by `dialplans.model.Decision.warrant` and nowhere else (a test reads the source to see that);
a privileged call has none, so no code path can ask a media engine to record it (architecture, rule 2).
"""
from dataclasses import dataclass
from enum import StrEnum

from switch.core.ids import CallId


class Privacy(StrEnum):
    MONITORED = "monitored"
    PRIVILEGED = "privileged"
    """Lawyers, Samaritans: nobody can hear it, nothing is kept of it but that it took place."""


class NotMonitored(ValueError):
    """A recording warrant was asked for a call that may not be heard."""


@dataclass(frozen=True, slots=True)
class RecordingWarrant:
    """Leave to record one call. Raises `NotMonitored` for any privacy but monitored."""

    call: CallId
    privacy: Privacy

    def __post_init__(self) -> None:
        if self.privacy is not Privacy.MONITORED:
            raise NotMonitored(f"call {self.call} is {self.privacy}: nothing of it may be recorded")
