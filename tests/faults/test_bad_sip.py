"""Bad SIP, bad descriptions and bad sound, from telephones and strangers: a clear answer or none, and the next call works."""
import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from switch.sip import events as sip
from tests.phones.ears import level_beside, level_of, share_with
from tests.phones.rtp_phone import RtpPhone
from tests.phones.site import Account, Site
from tests.phones.telephone import Leg, Telephone, cell, outside

pytestmark = pytest.mark.wire

CELL, FAMILY, STRANGER = 3650.0, 3850.0, 3450.0
SILENT, SILENT_BESIDE = -55.0, -45.0
"""In a recording a stream may be moved by a few samples, when its clock was late: such a jump is no voice."""
SOMEWHERE, ELSEWHERE = "127.0.0.9", "127.0.0.77"
"""Addresses of this machine that are in no access network of the example."""

REGISTER = """\
REGISTER sip:{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {me}:{my_port};branch=z9hG4bK{tag}
Max-Forwards: 70
From: <sip:101@{host}>;tag={tag}
To: <sip:101@{host}>
Call-ID: {tag}@{me}
CSeq: 1 REGISTER
Contact: <sip:101@{me}:{my_port}>
Expires: 600
Content-Length: 0

"""
INVITE = """\
INVITE sip:07700900101@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {me}:{my_port};branch=z9hG4bK{tag};rport
Max-Forwards: 70
From: "101" <sip:101@{host}>;tag={tag}
To: <sip:07700900101@{host}>
Call-ID: {tag}@{me}
CSeq: 1 INVITE
Contact: <sip:101@{me}:{my_port}>
Content-Type: application/sdp
Content-Length: 106

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 9 RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""
OTHERS = """\
{method} sip:07700900101@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {me}:{my_port};branch=z9hG4bK{tag}
Max-Forwards: 70
From: <sip:101@{host}>;tag={tag}
To: <sip:07700900101@{host}>;tag=1
Call-ID: {tag}@{me}
CSeq: 2 {method}
Content-Length: 0

"""
ANSWER = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{tag}
From: <sip:101@{host}>;tag={tag}
To: <sip:07700900101@{host}>;tag=2
Call-ID: {tag}@{me}
CSeq: 1 INVITE
Content-Length: 0

"""
PIECES = [b"\r\n", b"\r\n\r\n", b"\0", b"\xff\xfe", b":", b";tag=", b"<", b">", b'"', b"9" * 40, b"-1", b"%00", b"sip:",
          b"SIP/2.0", b"Content-Length: 99999\r\n", b"Via: ", b",", b"\xc2\xa0", b"z9hG4bK", b"@", b"CSeq: 4294967296 INVITE\r\n"]


def datagrams(site: Site, me: tuple[str, int]) -> list[bytes]:
    """Two hundred: whole messages cut, doubled, spliced and blown up, and what is no SIP at all. The same ones each time."""
    rng = random.Random(5060)
    made = [b"", b"\0" * 900, b"\r\n\r\n", b"\xff" * 65_000, b"INVITE", b"SIP/2.0 ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
    while len(made) < 200:
        text = rng.choice([REGISTER, INVITE, OTHERS, ANSWER])
        method = rng.choice(["BYE", "ACK", "CANCEL", "INFO", "UPDATE", "PRACK", "REFER", "MESSAGE", "NOTIFY", "X" * 300])
        whole = text.format(host=site.sip[0], port=site.sip[1], me=me[0], my_port=me[1], tag=f"f{len(made)}", method=method)
        data = whole.replace("\n", "\r\n").encode()
        for _ in range(rng.randint(1, 4)):
            start = rng.randrange(len(data))
            end = min(len(data), start + rng.randrange(60))
            put = rng.choice([b"", rng.choice(PIECES), data[start:end] * 2, rng.randbytes(8)])
            data = data[:start] + put + data[end:]
        if len(made) % 20 == 0:  # oversized: one header, many headers, a long body
            data = data.replace(b"\r\n", rng.choice([
                b"\r\nX-Long: " + b"a" * 50_000 + b"\r\n", b"\r\n" + b"X-Many: 1\r\n" * 3000, b"\r\n" + b"\r\n" * 20_000]), 1)
        made.append(data[:65_000])
    return made


def raw(host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.setblocking(False)
    return sock


@asynccontextmanager
async def talking(site: Site) -> AsyncIterator[tuple[Leg, Leg]]:
    """A call between 101 and its family that talks all the while, and is closed as an ordinary one."""
    since = site.since()
    async with outside(site) as family, cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", CELL)).up()
        leg.set.press(site.pin("A1001AA"))
        far = await family.answer(await family.ring(), FAMILY)
        await far.set.hears_tone(CELL)
        await leg.set.hears_tone(FAMILY)
        yield leg, far
        assert not leg.ended.done()
        await far.set.hears_tone(CELL)
        phone.hangup(leg)
        assert await far.over() == "bye"
    row = await since.one()
    assert (row["outcome"], row["end_by"], row["end_why"]) == ("connected", "person", "hung-up")


async def a_call_goes_through(site: Site) -> None:
    async with talking(site):
        pass


async def test_malformed_and_oversized_sip_harms_no_call(site: Site) -> None:
    async with talking(site) as (leg, far):
        with raw("127.0.0.1") as sock:
            sent = datagrams(site, sock.getsockname())
            assert len(sent) == 200
            for data in sent:
                sock.sendto(data, site.sip)
                await asyncio.sleep(0.002)
        await leg.set.packets(25)
        mark = leg.set.mark()
        await leg.set.packets(50)
        assert share_with(leg.ear(mark), FAMILY) > 0.95, "the talk suffered"
        assert not far.ended.done()
    await a_call_goes_through(site)


async def test_what_is_malformed_is_told_so(site: Site) -> None:
    """400 for a request that contradicts itself, 505 for another version, 401 for one that proves nothing."""
    loop = asyncio.get_running_loop()
    spoilt = {400: REGISTER.replace("1 REGISTER", "1 INVITE"), 505: REGISTER.replace("} SIP/2.0", "} SIP/3.0"), 401: REGISTER}
    with raw("127.0.0.1") as sock:
        host, port = sock.getsockname()
        for status, text in spoilt.items():
            data = text.format(host=site.sip[0], port=site.sip[1], me=host, my_port=port, tag=f"m{status}").replace("\n", "\r\n")
            await loop.sock_sendto(sock, data.encode(), site.sip)
            answer = await asyncio.wait_for(loop.sock_recv(sock, 65_535), 5.0)
            assert int(answer.split()[1]) == status, answer


async def test_a_stranger_gets_no_answer(site: Site) -> None:
    """From an address in no access network, not even what would tell a scanner that somebody is here."""
    loop = asyncio.get_running_loop()
    with raw(SOMEWHERE) as sock:
        text = REGISTER.format(host=site.sip[0], port=site.sip[1], me=SOMEWHERE, my_port=sock.getsockname()[1], tag="stranger")
        for _ in range(3):
            await loop.sock_sendto(sock, text.replace("\n", "\r\n").encode(), site.sip)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.sock_recv(sock, 65_535), 1.0)


@pytest.mark.parametrize("user", ["101", "nobody"])
async def test_a_wrong_password_is_refused(site: Site, user: str) -> None:
    """Whether the user exists cannot be told from the answer."""
    async with Telephone(site.sip) as phone:
        answer = await phone.register(Account(user, "not the password", "MD5"))
        assert isinstance(answer, sip.RegisterFailed)
        assert answer.status == 401
        refused = await phone.register(site.account("101"), name="103")
        assert isinstance(refused, sip.RegisterFailed)
        assert refused.status == 403, "nobody registers in another's name"
        assert isinstance(await phone.register(site.account("101")), sip.RegisterSucceeded)


async def test_sound_goes_to_no_address_but_the_telephones_own(site: Site) -> None:
    """A description that names another machine is refused, and nothing is ever sent there."""
    since = site.since()
    victim = await RtpPhone(0, host=ELSEWHERE).open()
    try:
        async with outside(site), cell(site, "101") as phone:
            lies = [{"host": ELSEWHERE, "port": victim.port}, {"host": "127.0.0.2", "port": victim.port},
                    {"host": "224.0.0.1", "port": victim.port}]
            for lie in lies:
                leg = await phone.dial("07700900101", CELL, **lie)
                assert await leg.over() == "488"
        await asyncio.sleep(0.5)
        assert victim.heard == []
    finally:
        await victim.close()
    assert all(row["talk_seconds"] == 0 and row["outcome"] == "failed" for row in await since.closed(len(lies)))
    await a_call_goes_through(site)


async def test_a_telephone_with_no_codec_of_ours_is_refused(site: Site) -> None:
    since = site.since()
    async with cell(site, "101") as phone:
        leg = await phone.dial("07700900101", CELL, other="opus/48000/2")
        assert await leg.over() == "488"
    assert (await since.one())["outcome"] == "failed"
    await a_call_goes_through(site)


@pytest.mark.parametrize("host", [SOMEWHERE, "127.0.0.1"])
async def test_a_stranger_is_neither_heard_nor_recorded(site: Site, host: str) -> None:
    """Sound sent to the ports of a running call, from another machine and from another port of the telephone's own."""
    since = site.since()
    intruders = [await RtpPhone(STRANGER, host=host).open() for _ in range(2)]
    try:
        async with talking(site) as (leg, far):
            mark = leg.set.mark()
            for intruder, one in zip(intruders, (leg, far), strict=True):
                intruder.dest = one.set.dest
                intruder.start()
            await leg.set.packets(60)
            for ear, voice in ((leg.ear(mark), FAMILY), (far.ear(mark), CELL)):
                assert level_beside(ear, STRANGER, voice) < SILENT
            assert share_with(far.ear(mark), CELL) > 0.95, "the stranger's packets took the place of the telephone's"
        assert all(intruder.sent > 40 and not intruder.heard for intruder in intruders), "they hear nothing either"
    finally:
        for intruder in intruders:
            await intruder.close()
    row = await since.one()
    sound = site.sound(row["id"])
    for side, voice in ((0, CELL), (1, FAMILY)):
        assert level_of(sound[:, side], voice) > SILENT
        assert level_beside(sound[:, side], STRANGER, voice) < SILENT_BESIDE
