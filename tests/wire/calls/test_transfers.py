"""Nobody moves a call: REFER, Replaces and 3xx are refused, on the leg of the cell and on the leg outside, and it goes on."""
from collections.abc import AsyncIterator

import pytest

from switch.media.g711 import PCMA
from tests.phones.raw_sip import RawSip, audio, header, proof, status
from tests.phones.rtp_phone import RtpPhone
from tests.phones.site import Site
from tests.phones.telephone import cell, outside

pytestmark = pytest.mark.wire

TONE = 3650.0
ELSEWHERE = "<sip:07700900999@127.0.0.1>"


@pytest.fixture
async def raw(site: Site) -> AsyncIterator[RawSip]:
    """A speaker in the cells' network."""
    speaker = await RawSip.open(site.sip)
    yield speaker
    speaker.close()


async def invite(site: Site, raw: RawSip, ear: RtpPhone, number: str, *headers: str) -> tuple[str, str]:
    """An INVITE of telephone 103, proved; its final answer, and our From."""
    account, uri = site.account("103"), f"sip:{number}@{site.sip[0]}:{site.sip[1]}"
    ours, call_id = "<sip:103@127.0.0.1>;tag=raw", f"raw-{raw.local[1]}"
    to, body = f"<{uri}>", audio("127.0.0.1", ear.port)
    raw.request("INVITE", uri, to=to, from_=ours, call_id=call_id, cseq=1, body=body, headers=headers)
    challenge = await raw.hears("SIP/2.0 401", "INVITE")
    authorised = (*headers, proof(account, challenge, "INVITE", uri))
    raw.request("INVITE", uri, to=to, from_=ours, call_id=call_id, cseq=2, body=body, headers=authorised)
    answer = await raw.hears("SIP/2.0 ", "INVITE")
    while status(answer) < 200:
        answer = await raw.hears("SIP/2.0 ", "INVITE")
    return answer, ours


async def test_refer_and_replaces_from_the_cell(site: Site, raw: RawSip) -> None:
    since = site.since()
    ear = await RtpPhone(TONE, laws=(PCMA,)).open()
    async with outside(site) as family:
        answer, ours = await invite(site, raw, ear, "07700900103")
        assert status(answer) == 200
        theirs, call_id = header(answer, "To"), header(answer, "Call-ID")
        uri = f"sip:{site.sip[0]}:{site.sip[1]}"
        raw.request("ACK", uri, to=theirs, from_=ours, call_id=call_id, cseq=2)
        far = await family.ring()

        raw.request("REFER", uri, to=theirs, from_=ours, call_id=call_id, cseq=3, headers=(f"Refer-To: {ELSEWHERE}",))
        assert status(await raw.hears("SIP/2.0 ", "REFER")) == 603
        raw.request("REFER", uri, to="<sip:103@127.0.0.1>", from_=ours, call_id="raw-refer", cseq=1,
                    headers=(f"Refer-To: {ELSEWHERE}",))
        assert status(await raw.hears("SIP/2.0 ", "REFER")) == 603
        assert family.rings.empty()
        assert not far.ended.done(), "the call goes on"

        thief = await RawSip.open(site.sip)
        tags = f"{call_id};to-tag={theirs.rpartition('tag=')[2]};from-tag=raw"
        stolen, _ = await invite(site, thief, ear, "07700900103", f"Replaces: {tags}")
        thief.close()
        assert status(stolen) == 403
        assert not far.ended.done(), "the call goes on"

        raw.request("BYE", uri, to=theirs, from_=ours, call_id=call_id, cseq=4)
        assert status(await raw.hears("SIP/2.0 ", "BYE")) == 200
        assert await far.over() == "InviteCancelled"
    await ear.close()
    assert (await since.one())["end_why"] == "abandoned"


async def test_refer_and_replaces_from_outside(site: Site) -> None:
    since = site.since()
    ear = await RtpPhone(TONE, laws=(PCMA,)).open()
    family = await RawSip.open(site.sip, *site.trunk)
    async with cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", TONE)).up()
        leg.set.press(site.pin("A1001AA"))
        asked, tag = await family.hears("INVITE", "INVITE"), "family"
        family.reply(asked, "200 OK", tag, audio("127.0.0.1", ear.port))
        await family.hears("ACK", "ACK")
        ours, theirs, call_id = f"{header(asked, 'To')};tag={tag}", header(asked, "From"), header(asked, "Call-ID")
        uri = f"sip:{site.sip[0]}:{site.sip[1]}"

        family.request("REFER", uri, to=theirs, from_=ours, call_id=call_id, cseq=1, headers=(f"Refer-To: {ELSEWHERE}",))
        assert status(await family.hears("SIP/2.0 ", "REFER")) == 603
        family.request("REFER", uri, to=f"<{uri}>", from_="<sip:x@127.0.0.1>;tag=x", call_id="raw-x", cseq=1,
                       headers=(f"Refer-To: {ELSEWHERE}",))
        assert status(await family.hears("SIP/2.0 ", "REFER")) == 603
        family.request("INVITE", uri, to=f"<{uri}>", from_="<sip:x@127.0.0.1>;tag=y", call_id="raw-y", cseq=1,
                       headers=(f"Replaces: {call_id};to-tag={theirs.rpartition('tag=')[2]};from-tag={tag}",),
                       body=audio("127.0.0.1", ear.port))
        assert status(await family.hears("SIP/2.0 4", "INVITE")) == 403
        await leg.set.hears_prompt("beep")
        assert not leg.ended.done(), "the call goes on"
        phone.hangup(leg)
        family.reply(await family.hears("BYE", "BYE"), "200 OK", tag)
    family.close()
    await ear.close()
    assert (await since.one())["outcome"] == "connected"


@pytest.mark.parametrize("code", ["300 Multiple Choices", "301 Moved Permanently", "302 Moved Temporarily", "305 Use Proxy",
                                  "380 Alternative Service"])
async def test_redirection_is_acknowledged_and_not_followed(site: Site, code: str) -> None:
    """The target is the trunk itself, where a followed redirection would ring at once."""
    since = site.since()
    family = await RawSip.open(site.sip, *site.trunk)
    async with cell(site, "101") as phone:
        leg = await (await phone.dial("07700900101", TONE)).up()
        leg.set.press(site.pin("A1001AA"))
        asked = await family.hears("INVITE", "INVITE")
        family.reply(asked, code, "family", headers=(f"Contact: <sip:+447700900999@{site.trunk[0]}:{site.trunk[1]}>",))
        await family.hears("ACK", "ACK")
        await leg.set.hears_begin("ended-moved")
        phone.hangup(leg)
        row = await since.one()
        assert not any(family.inbox.get_nowait().startswith("INVITE") for _ in range(family.inbox.qsize()))
    family.close()
    assert (row["end_by"], row["end_why"]) == ("carrier", "moved")
