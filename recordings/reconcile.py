"""Each answered monitored call has a recording as long as its talk, and no privileged call has anything: what speaks against it.

Pure: the books' side and the disk's side go in, findings come out (`switch.desk.reconciling` writes them down).
"""
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from switch.core.ids import CallId
from switch.ports.keeping import ClosedCall, Found, IncidentKind

DAY = len("YYYY/MM/DD")


@dataclass(frozen=True, slots=True)
class Stores:
    """What is on the disks: the calls of the spools here, and the names of the objects of some days (`YYYY/MM/DD`)."""

    spools: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()


def calls_of(stores: Stores) -> frozenset[str]:
    """Every call that a spool or an object is named after."""
    return stores.spools | {call for name in stores.objects if (call := call_of(name))}


def call_of(object: str) -> str | None:
    """The recording of an object `YYYY/MM/DD/<recording>/<kind>-<token>`; None for whatever else is in the store."""
    parts = object.split("/")
    return parts[3] if len(parts) == 5 and all(part.isdecimal() for part in parts[:3]) else None


def missing(calls: Iterable[ClosedCall]) -> list[Found]:
    """What is wrong with calls that are not recorded as they talked."""
    found = []
    for one in calls:
        if one.seconds is not None:
            kind, text = IncidentKind.LENGTH_DIFFERS, (f"the recording lasts {one.seconds:.1f} s, and the call talked for "
                                                       f"{one.talk_seconds:.1f} s")
        elif one.recorded:
            kind, text = IncidentKind.NOT_SEALED, f"{one.talk_seconds:.1f} s were recorded, and are not in the vault"
        else:
            kind, text = IncidentKind.NO_RECORDING, f"{one.talk_seconds:.1f} s were talked, and nothing was recorded"
        found.append(Found(kind, one.call, one.establishment, text))
    return found


def kept(rows: Iterable[tuple[CallId, str, str]]) -> list[Found]:
    """What the books keep of privileged calls, one finding a call."""
    calls: dict[tuple[CallId, str], list[str]] = defaultdict(list)
    for call, establishment, what in rows:
        calls[call, establishment].append(what)
    return [Found(IncidentKind.PRIVILEGED_KEPT, call, place, f"kept of a privileged call: {'; '.join(what)}")
            for (call, place), what in calls.items()]


def strays(stores: Stores, known: Mapping[str, tuple[bool, str]]) -> list[Found]:
    """Spools and objects of privileged calls, and of calls that nobody knows. `known`: whether it may be recorded, and where."""
    found = []
    for call in sorted(calls_of(stores)):
        what = [f"object {name}" for name in sorted(stores.objects) if call_of(name) == call]
        what = (["its spool"] if call in stores.spools else []) + what
        if call not in known:
            found.append(Found(IncidentKind.UNKNOWN_CALL, CallId(call), "", f"of no call that is known: {'; '.join(what)}"))
        elif not known[call][0]:
            text = f"kept of a privileged call: {'; '.join(what)}"
            found.append(Found(IncidentKind.PRIVILEGED_KEPT, CallId(call), known[call][1], text))
    return found


def gone(sounds: Sequence[tuple[CallId, str, str]], stores: Stores) -> list[Found]:
    """Recordings of these days whose sound is not in the store."""
    return [Found(IncidentKind.OBJECT_MISSING, call, place, f"object {name} is not in the store")
            for call, place, name in sounds if name[:DAY] in stores.days and name not in stores.objects]
