"""From the supplier's first token to a call that is refused: each step by HTTP or SIP, as HMPPS's service and staff take it."""
import asyncio
from typing import Any

import httpx
import pytest

from switch.settings import cast
from switch.sip.events import RegisterSucceeded
from tests.phones.site import NOON, Account, Site
from tests.phones.telephone import Leg, Telephone, outside
from tests.wire.desk.test_console import address

pytestmark = pytest.mark.wire

CELL, FAR = 3650.0, 3850.0
WHO, WHERE, PHONE = "A2020BC", "A9-01", "901"
DAUGHTER, SOLICITOR, OTHER_FIRM = "07700900155", cast.SOLICITOR, "01632960171"
CALL = {"controlStatus": True, "alert": False, "legal": False, "override": False, "allowMonitor": True, "callAllowed": True}


async def issue(site: Site, name: str, *args: str) -> str:
    made = await asyncio.to_thread(site.wingline, "access", "issue", name, *args, "--now", NOON)
    assert made.returncode == 0, made.stderr
    return str(made.stdout.split()[0])


class Hmpps:
    """HMPPS's side of the supplier API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http, self._serial = http, 0

    async def log_in(self, key: str) -> None:
        client, _, secret = key.partition(".")
        answer = await self.http.post("/auth/token", json={"clientId": client, "clientSecret": secret})
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"

    async def ask(self, operation: str, **body: Any) -> dict[str, Any]:
        self._serial += 1
        answer = await self.http.post(f"/pcs/{operation}", json={"reference": f"e2e-{self._serial}", "prisonerId": WHO} | body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def number(self, number: str, **other: Any) -> int:
        body: dict[str, Any] = {"name": "Ruth Penn", "number": number, "relationshipId": 7} | CALL | other
        return int((await self.ask("ControlledNumber", **body))["id"])

    async def balance(self) -> int:
        return int((await self.ask("Balance"))["balancePence"])


class Staff:
    """Two members of staff at the JSON API, j.osei and k.marsh, each with a key of their own."""

    def __init__(self, http: httpx.AsyncClient, second: dict[str, str]) -> None:
        self.http, self._second = http, second

    async def ask(self, path: str, **body: Any) -> Any:
        answer = await self.http.post(f"/api/{path}", json=body)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def both(self, path: str, **body: Any) -> Any:
        """The first asks, and nothing is done before the second confirms it."""
        asked = await self.http.post(f"/api/{path}", json=body | {"second": "k.marsh"})
        assert asked.status_code == 202, (path, asked.text)
        body = {"proposal": asked.json()["proposal"]}
        alone = await self.http.post("/api/proposals/confirm", json=body)
        assert (alone.status_code, alone.json()["problems"][0]["code"]) == (403, "not-the-second")
        done = await self.http.post("/api/proposals/confirm", json=body, headers=self._second)
        assert done.status_code == 200, (path, done.text)
        return done.json()

    async def approval(self, number: str) -> dict[str, Any]:
        found = await self.http.get("/api/parties/standing", params={"person": WHO})
        (one,) = [one for one in found.json() if one["number"] == number]
        return dict(one)


async def dial(phone: Telephone, number: str, pin: str) -> Leg:
    leg = await (await phone.dial(number, CELL)).up()
    leg.set.press(pin)
    return leg


async def refused(site: Site, phone: Telephone, number: str, pin: str, why: str) -> None:
    since = site.since()
    leg = await dial(phone, number, pin)
    await leg.set.hears_prompt(f"refused-{why}")
    await leg.over()
    row = await since.one()
    assert (row["person"], row["outcome"], row["end_why"], row["charged_pence"]) == (WHO, "refused", why, 0)
    assert any(not finding["allowed"] for finding in row["findings"])


async def talked(site: Site, phone: Telephone, family: Telephone, number: str, pin: str, packets: int = 0) -> dict[str, Any]:
    since = site.since()
    leg = await dial(phone, number, pin)
    far = await family.answer(await family.ring(), FAR)
    await far.set.hears_tone(CELL)
    await leg.set.hears_tone(FAR)
    await leg.set.packets(packets)
    phone.hangup(leg)
    assert await far.over() == "bye"
    return await since.one()


async def install(site: Site, staff: Staff) -> Account:
    """A cell for somebody who was received, and the telephone in it, as staff set them up."""
    await staff.ask("places/add-cell", establishment=cast.ESTABLISHMENT, wing="A", cell=WHERE, capacity=1)
    await staff.ask("people/move", number=WHO, cell=WHERE)
    made = await staff.ask("places/add-phone", phone=PHONE, establishment=cast.ESTABLISHMENT, cell=WHERE,
                           network=cast.MD5_NETWORK)
    account = Account(PHONE, made["password"], "MD5")
    async with asyncio.timeout(30):
        while not await registers(site, account):  # noqa: ASYNC110  # another process looks every ten seconds
            await asyncio.sleep(1)
    return account


async def registers(site: Site, account: Account) -> bool:
    async with Telephone(site.sip, account.host) as phone:
        return isinstance(await phone.register(account), RegisterSucceeded)


@pytest.mark.timeout(300)
async def test_from_a_token_to_a_call_that_is_refused(site: Site) -> None:
    supplier = await issue(site, "HMPPS PIN phones", "--scope", "supplier")
    scopes = [word for scope in ("read", "contacts", "people", "places") for word in ("--scope", scope)]
    keys = [await issue(site, who, *scopes, "--holder", who) for who in ("j.osei", "k.marsh")]
    first, second = [{"Authorization": f"Bearer {key}"} for key in keys]
    async with (httpx.AsyncClient(base_url=address(site)) as theirs,
                httpx.AsyncClient(base_url=address(site), headers=first) as ours):
        hmpps, staff = Hmpps(theirs), Staff(ours, second)
        await hmpps.log_in(supplier)
        await hmpps.ask("Account", prisonCode=cast.ESTABLISHMENT, firstName="Ivo", lastName="Penn", statusActive=True)
        account = await install(site, staff)
        pin = str((await staff.ask("pins/issue-pin", number=WHO, reason="first night"))["pin"])
        async with outside(site) as family, Telephone(site.sip, account.host, account=account) as phone:
            await from_nothing_to_a_bar(site, hmpps, staff, phone, family, pin)
            await lawyers(site, hmpps, staff, phone, family, pin)
            assert family.rings.empty()


async def from_nothing_to_a_bar(site: Site, hmpps: Hmpps, staff: Staff, phone: Telephone, family: Telephone, pin: str) -> None:
    await refused(site, phone, DAUGHTER, pin, "unapproved")
    id = await hmpps.number(DAUGHTER)
    await refused(site, phone, DAUGHTER, pin, "contact-pending")
    standing = await staff.approval("+447700900155")
    assert (standing["state"], standing["kind"]) == ("pending", "social")
    checks = await staff.ask("applications/begin", approval=standing["approval"])
    assert {task["kind"] for task in checks} == {"check-number", "check-consent", "check-public-protection"}
    not_yet = await staff.http.post("/api/applications/approve", json={"approval": standing["approval"]})
    assert (not_yet.status_code, len(not_yet.json()["problems"])) == (409, 4)
    for check in ("number", "public-protection"):
        await staff.ask("applications/check-done", approval=standing["approval"], check=check)
    await staff.ask("parties/record-consent", party=standing["party"], agrees=True)
    assert (await staff.ask("applications/approve", approval=standing["approval"]))["state"] == "approved"

    await refused(site, phone, DAUGHTER, pin, "credit")
    paid = await hmpps.ask("AccountCredit", amountPence=500)
    assert (paid["preBalancePence"], paid["newBalancePence"]) == (0, 500)
    row = await talked(site, phone, family, DAUGHTER, pin, 60)
    assert (row["person"], row["outcome"], row["recording"]) == (WHO, "connected", row["id"])
    assert row["charged_pence"] > 0
    left = await hmpps.balance()
    assert left == int(500 - row["charged_pence"]) < 500

    assert await hmpps.number(DAUGHTER, callAllowed=False) == id
    await refused(site, phone, DAUGHTER, pin, "contact-refused")
    assert await hmpps.balance() == left
    assert await hmpps.number(DAUGHTER) == id
    assert (await talked(site, phone, family, DAUGHTER, pin))["outcome"] == "connected"


async def lawyers(site: Site, hmpps: Hmpps, staff: Staff, phone: Telephone, family: Telephone, pin: str) -> None:
    """On the signed list at once and never recorded, whatever the flags say; off it not before two of staff verified them."""
    await hmpps.number(SOLICITOR, name="Hartnell and Quill", relationshipId=28, allowMonitor=True)
    row = await talked(site, phone, family, SOLICITOR, pin)
    assert (row["outcome"], row["privileged"], row["recording"]) == ("connected", True, None)
    await hmpps.number(OTHER_FIRM, name="Fen and Field", relationshipId=27)
    await refused(site, phone, OTHER_FIRM, pin, "contact-pending")
    standing = await staff.approval("+441632960171")
    assert [task["kind"] for task in await staff.ask("applications/begin", approval=standing["approval"])] == ["check-genuine"]
    await staff.both("applications/check-done", approval=standing["approval"], check="genuine")
    await refused(site, phone, OTHER_FIRM, pin, "contact-pending")
    await staff.ask("applications/approve", approval=standing["approval"])
    row = await talked(site, phone, family, OTHER_FIRM, pin)
    assert (row["outcome"], row["privileged"], row["recording"]) == ("connected", True, None)
