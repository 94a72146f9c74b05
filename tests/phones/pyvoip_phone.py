"""pyVoIP 1.6.8 as a telephone in a cell: a program for its own interpreter (GPL-3.0), never imported by anything of ours.

One JSON object a line: orders on standard input, events on standard output. It registers without qop, offers mu-law, cannot send
RFC 4733 events, so its keys are tones in its voice, and keeps what it hears as 8-bit linear sound in a file.

    {"do": "call", "number": "07700900101"} -> {"event": "answered"} ... {"event": "ended"}
    {"do": "keys", "keys": "1234"}  {"do": "tone", "hz": 3650}  {"do": "hangup"}  {"do": "quit"}
"""
import json
import math
import sys
import threading
import time

from pyVoIP.VoIP import CallState, VoIPPhone
from pyVoIP.VoIP.status import PhoneStatus

RATE = 8000
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
KEYS = "123456789*0#"


def tell(event: str, **about: object) -> None:
    print(json.dumps({"event": event, **about}), flush=True)


def sine(*hz: float, seconds: float, level: float = 0.25) -> bytes:
    """Unsigned 8-bit linear, as pyVoIP wants it; `level` of full scale for each sine."""
    count = int(RATE * seconds)
    return bytes(
        128 + round(127 * level * sum(math.sin(2 * math.pi * one * at / RATE) for one in hz)) for at in range(count)
    )


def key(digit: str) -> bytes:
    """ITU-T Q.23, 100 ms, and as long a silence."""
    row, column = divmod(KEYS.index(digit), 3)
    return sine(ROWS[row], COLUMNS[column], seconds=0.1) + b"\x80" * (RATE // 10)


def listen(call: object, heard: object) -> None:
    """Keep what is heard until the call ends."""
    while call.state is CallState.DIALING:
        time.sleep(0.01)
    tell("answered")
    while call.state is CallState.ANSWERED:
        heard.write(call.read_audio(160, blocking=False))
        heard.flush()
        time.sleep(0.02)
    tell("ended")


def main() -> None:
    about = json.loads(sys.argv[1])
    phone = VoIPPhone(about["host"], about["port"], about["user"], about["password"], myIP="127.0.0.1",
                      sipPort=about["sip_port"], rtpPortLow=about["rtp_port"], rtpPortHigh=about["rtp_port"])
    phone.start()
    while phone.get_status() is PhoneStatus.REGISTERING:
        time.sleep(0.02)
    tell("registered" if phone.get_status() is PhoneStatus.REGISTERED else "failed")
    call = None
    with open(about["heard"], "wb") as heard:
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "call":
                call = phone.call(order["number"])
                threading.Thread(target=listen, args=(call, heard), daemon=True).start()
            elif order["do"] == "keys":
                call.write_audio(b"".join(map(key, order["keys"])))
            elif order["do"] == "tone":
                call.write_audio(sine(order["hz"], seconds=30))
            elif order["do"] == "hangup":
                call.hangup()
            elif order["do"] == "quit":
                break
        phone.stop()
    tell("gone")


main()
