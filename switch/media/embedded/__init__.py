"""The media engine inside the switch's own process: RTP relay, gate, prompts, digits, RTCP and taps on asyncio datagrams.

Lives here: everything that moves packets, in small plain classes that take time as an argument; `engine` and `rtp_leg` alone
touch a socket or a clock. May not live here: call logic, SIP beyond reading SDP, a disk (taps write through `ports.Spool`).
"""
from switch.media.embedded.engine import EmbeddedEngine
from switch.media.embedded.settings import EmbeddedSettings, Side

__all__ = ["EmbeddedEngine", "EmbeddedSettings", "Side"]
