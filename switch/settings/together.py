"""What settings must be to one another: checks over several values, each asked only of those that could be read."""
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from itertools import combinations
from pathlib import Path
from typing import Any

from switch.settings import checks

Key = tuple[str | int, ...]
Problem = tuple[Key, str]
SOCKET_PATH = 107
"""Longest path of a unix socket on Linux: sun_path is 108 bytes with its end (unix(7))."""
SOCKETS = ("valkey.sock", "control.sock")
PORTS_PER_CALL = 4


def judge(good: Mapping[Key, Any]) -> Iterator[Problem]:
    """Every problem between values, at the setting that should change. `good` has each readable value by path."""
    yield from _addresses(good)
    yield from _networks(good)
    yield from _trunk(good)
    yield from _media(good)
    state: Path | None = good.get(("node", "state_dir"))
    if state is not None and any(len(str(state / name).encode()) > SOCKET_PATH for name in SOCKETS):
        yield ("node", "state_dir"), f"{state} is too long: a unix socket's whole path may have {SOCKET_PATH} bytes"


def _loopback(host: str) -> bool:
    return host == "localhost" or (checks.address(host) is None and ip_address(host).is_loopback)


def _addresses(good: Mapping[Key, Any]) -> Iterator[Problem]:
    for bound, shown in ((("sip", "host"), ("sip", "advertised")), (("media", "bind"), ("media", "advertised"))):
        if bound in good and ip_address(good[bound]).is_unspecified and good.get(shown) == "":
            yield bound, f"{good[bound]} is every address; say in {'.'.join(shown)} which one others reach this machine by"
    if good.get(("example",)):
        for path in (("sip", "host"), ("sip", "advertised"), ("media", "bind"), ("media", "advertised"), ("trunk", "host"),
                     ("console", "host"), ("families", "host")):
            if good.get(path) and not _loopback(good[path]):
                yield path, f"{good[path]} is not loopback, and this is the example site: its people and passwords are for play"


def _networks(good: Mapping[Key, Any]) -> Iterator[Problem]:
    networks = good.get(("network",))
    count = len(networks) if networks is not None else 0
    if networks is not None and not count:
        yield ("network",), "at least one [[network]] is needed"
    numbers = sorted({path[1] for path in good if path[0] == "network" and len(path) == 3 and isinstance(path[1], int)})
    names: set[str] = set()
    ranges: list[tuple[Key, str, Any]] = []
    for index in numbers:
        name = good.get(("network", index, "name"))
        if name in names:
            yield ("network", index, "name"), f'another network is called "{name}"'
        names.add(name or "")
        if good.get(("network", index, "allow_no_qop")) and good.get(("network", index, "digest")) == "SHA-256":
            yield ("network", index, "allow_no_qop"), "only MD5 was ever asked for without qop (RFC 2069)"
        sources = good.get(("network", index, "sources"))
        if sources == ():
            yield ("network", index, "sources"), "at least one address range is needed"
        ranges += [(("network", index, "sources"), name or "", ip_network(source)) for source in sources or ()]
    ranges += [(("trunk", "sources"), "trunk", ip_network(source)) for source in good.get(("trunk", "sources")) or ()]
    for (_, earlier, one), (path, later, other) in combinations(ranges, 2):
        if earlier != later and one.overlaps(other):
            yield path, f'{other} overlaps {one} of "{earlier}": an address belongs to one network'


def _trunk(good: Mapping[Key, Any]) -> Iterator[Problem]:
    host, user, password = (good.get(("trunk", key)) for key in ("host", "user", "password"))
    if host and checks.address(host) is not None and good.get(("trunk", "sources")) == ():
        yield ("trunk", "sources"), f'"{host}" is a name; list the address ranges that the carrier sends from'
    if password and (wrong := checks.password(password, user or "")):
        yield ("trunk", "password"), wrong
    if user and password == "":
        yield ("trunk", "password"), "is needed where a user is given"
    if password and user == "":
        yield ("trunk", "user"), "is needed where a password is given"
    if host and host == good.get(("sip", "host")) and good.get(("trunk", "port")) == good.get(("sip", "udp"), 0):
        yield ("trunk", "port"), "this is the switch's own SIP port: calls would come straight back"


def _media(good: Mapping[Key, Any]) -> Iterator[Problem]:
    ports, calls, sip = good.get(("media", "ports")), good.get(("limits", "calls")), good.get(("sip", "udp"))
    if ports is None:
        return
    if ports.first % 2:
        yield ("media", "ports"), f"must start with an even port, RTCP being the odd one above (RFC 3550 §11), not {ports.first}"
    if calls and len(ports) < calls * PORTS_PER_CALL:
        yield ("media", "ports"), f"{len(ports)} ports carry {len(ports) // PORTS_PER_CALL} calls, and limits.calls is {calls}"
    if sip and ports.first <= sip <= ports.last:
        yield ("sip", "udp"), f"{sip} lies within media.ports {ports}"
