"""CPU of the embedded engine for each recorded call and second: `python -m tests.bench.media_relay --calls 300`.

Another process speaks for every phone: 50 packets of 20 ms A-law a second from both sides of each call, and hears what comes
back. Prints one JSON line: CPU milliseconds of this process per call and second (user and system, all threads), packets sent and
received by the phones, and the delay from phone to phone on loopback.
"""
import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import select
import socket
import struct
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop

from recordings.intake import Intake
from recordings.keys import FileMaster
from switch.core.grants import Privacy, RecordingWarrant
from switch.core.ids import CallId, Leg
from switch.media.embedded import EmbeddedEngine, EmbeddedSettings

HOST = "127.0.0.1"


class NoPrompts:
    """Nothing plays here."""

    def alaw(self, prompt_id: str, /) -> bytes:
        raise KeyError(prompt_id)


def sdp(port: int) -> bytes:
    return (f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n").encode()


def phones(pipe: Connection, calls: int, seconds: float) -> None:
    """The load: two sockets a call; every 20 ms a fiftieth of them at a time, so that packets are spread as real ones are."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2 * calls)]
    for one in sockets:
        one.bind((HOST, 0))
        one.setblocking(False)
    pipe.send([one.getsockname()[1] for one in sockets])
    for one, port in zip(sockets, pipe.recv(), strict=True):
        one.connect((HOST, port))
    poll = select.epoll()
    by_fd = {one.fileno(): one for one in sockets}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    parts = [sockets[at::20] for at in range(20)]
    sound, began, slot, got, sent = b"\xd5" * 152, time.monotonic(), 0, 0, 0
    delays: list[float] = []
    number = 0
    while time.monotonic() - began < seconds + 1:
        due = began + slot * 0.001
        if time.monotonic() >= due:
            number = slot // 20
            head = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160, 77)
            if time.monotonic() - began < seconds:
                for one in parts[slot % 20]:
                    try:
                        one.send(head + struct.pack("!d", time.monotonic()) + sound)
                        sent += 1
                    except OSError:
                        pass
            slot += 1
            if slot == 5 * 1000:
                pipe.send("warm")
        for fd, _ in poll.poll(max(0.0, began + slot * 0.001 - time.monotonic())):
            try:
                while True:
                    packet = by_fd[fd].recv(400)
                    got += 1
                    if got % 50 == 0:
                        delays.append(time.monotonic() - struct.unpack_from("!d", packet, 12)[0])
            except OSError:
                pass
    delays.sort()
    late = {f"p{share}": round(delays[len(delays) * share // 100] * 1000, 3) for share in (50, 99)} if delays else {}
    pipe.send({"sent": sent, "received": got, "delay_ms": late})


def cpu() -> tuple[float, float]:
    """Seconds of user and of system time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime, used.ru_stime


async def relay(calls: int, seconds: float, record: bool) -> dict[str, object]:
    ours, theirs = multiprocessing.Pipe()
    other = multiprocessing.get_context("spawn").Process(target=phones, args=(theirs, calls, seconds + 5))
    other.start()
    with tempfile.TemporaryDirectory() as root:
        spool = Intake(Path(root), FileMaster(bytes(32)), calls)
        engine = EmbeddedEngine(EmbeddedSettings(ports=(20000, 20000 + 4 * calls + 400)), NoPrompts(), spool)
        ports = await asyncio.to_thread(ours.recv)
        targets = []
        for at in range(calls):
            call = CallId(f"bench-{at}")
            warrant = RecordingWarrant(call, Privacy.MONITORED) if record else None
            await engine.open(call, lambda event: None)
            await engine.settle(call, warrant)
            answer = await engine.accept(call, Leg.CELL, sdp(ports[2 * at]))
            offer = await engine.offer(call, Leg.OUTSIDE)
            await engine.answered(call, Leg.OUTSIDE, sdp(ports[2 * at + 1]))
            await engine.gate(call, True)
            if warrant is not None:
                await engine.record(call, warrant)
            targets += [int(one.split(b"m=audio ")[1].split()[0]) for one in (answer, offer)]
        ours.send(targets)
        await asyncio.to_thread(ours.recv)
        began, used = time.monotonic(), cpu()
        await asyncio.sleep(seconds)
        user, system = (after - before for after, before in zip(cpu(), used, strict=True))
        took = time.monotonic() - began
        counts = await asyncio.to_thread(ours.recv)
        await engine.aclose()
        spool.close()
    other.join()
    scale = 1000 / (calls * took)
    return {"calls": calls, "recorded": record, "cpu_ms_per_call_second": round((user + system) * scale, 3),
            "user": round(user * scale, 3), "system": round(system * scale, 3), **counts}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--no-recording", action="store_true")
    wanted = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 16 * wanted.calls + 256)), hard))
    sys.stdout.write(json.dumps(uvloop.run(relay(wanted.calls, wanted.seconds, not wanted.no_recording))) + os.linesep)


if __name__ == "__main__":
    main()
