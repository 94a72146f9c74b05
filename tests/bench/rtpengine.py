"""rtpengine (Debian) in user space with its own recording, asked over its NG protocol: bencoded dictionaries over UDP."""
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.machine import debian_version
from tests.bench.sip_text import read, sdp
from tests.bench.sockets import HOST, Stream

PORTS = (20000, 27999)


class RtpEngine:
    """Runs from entering the context to leaving it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="wingline-rtpengine-", ignore_cleanup_errors=True)
        self._asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(2)

    @staticmethod
    def missing() -> str:
        """Why it cannot run here, empty when it can."""
        return "" if shutil.which("rtpengine") else "rtpengine is not installed (apt-get install rtpengine-daemon)"

    @staticmethod
    def version() -> str:
        return debian_version("rtpengine-daemon")

    def __enter__(self) -> "RtpEngine":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        folder = Path(self._folder.name)
        with (folder / "log").open("w") as log:
            self._running = subprocess.Popen([
                "rtpengine", "--foreground", "--log-stderr", "--log-level=4", "--table=-1", f"--interface={HOST}",
                f"--listen-ng={HOST}:{port}", f"--recording-dir={folder / 'recordings'}", "--recording-method=pcap",
                f"--port-min={PORTS[0]}", f"--port-max={PORTS[1]}", f"--pidfile={folder / 'pid'}", "--delete-delay=0",
            ], stdout=log, stderr=log)
        self._socket.connect((HOST, port))
        for _ in range(50):
            try:
                self._ask({"command": "ping"})
            except OSError:
                if self._running.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return self
        said = (folder / "log").read_text("utf-8", "replace")[-500:]
        self.__exit__()
        raise RuntimeError(f"rtpengine did not start: {said}")

    def __exit__(self, *_: object) -> None:
        self._running.terminate()
        try:
            self._running.wait(10)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        self._socket.close()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        return self._running.pid

    def call(self, name: str, a: Stream, b: Stream) -> tuple[tuple[str, int], tuple[str, int]]:
        """Open a recorded call between two streams: where each of them has to send."""
        shared: dict[str, Any] = {"call-id": name, "from-tag": "a", "ICE": "remove", "record call": "yes"}
        to_b = self._ask({"command": "offer", "sdp": sdp(HOST, a.port), **shared})["sdp"]
        to_a = self._ask({"command": "answer", "sdp": sdp(HOST, b.port), "to-tag": "b", **shared})["sdp"]
        return _audio(to_a), _audio(to_b)

    def end(self, name: str) -> None:
        self._ask({"command": "delete", "call-id": name, "from-tag": "a"})

    def recorded_bytes(self) -> int:
        """In the captures so far."""
        return sum(path.stat().st_size for path in Path(self._folder.name).rglob("*.pcap"))

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self._asked += 1
        cookie = f"bench{self._asked} ".encode()
        self._socket.send(cookie + encode(request))
        while True:
            answer = self._socket.recv(65535)
            if answer.startswith(cookie):
                break
        said: dict[str, Any] = decode(answer[len(cookie):])[0]
        if said["result"] not in ("ok", "pong"):
            raise RuntimeError(f"rtpengine: {said}")
        return said


def _audio(text: str) -> tuple[str, int]:
    return read(f"X\r\n\r\n{text}".encode()).audio


def encode(value: Any) -> bytes:
    """Bencode of strings and dictionaries."""
    if isinstance(value, dict):
        return b"d" + b"".join(encode(key) + encode(one) for key, one in value.items()) + b"e"
    data = value.encode()
    return b"%d:%s" % (len(data), data)


def decode(data: bytes, at: int = 0) -> tuple[Any, int]:
    """One bencoded value and where it ends."""
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in (b"d", b"l"):
        values, at = [], at + 1
        while data[at:at + 1] != b"e":
            value, at = decode(data, at)
            values.append(value)
        return (dict(zip(values[::2], values[1::2], strict=True)) if kind == b"d" else values), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end].decode("utf-8", "replace"), end
