"""The page for families asked by those whom it is for, and by those who would ring, find out or order what is not theirs."""
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.requests import Request

from admin.families.app import CSP, create_families
from admin.families.porch import PACKAGE, STYLE, Bounds, net_of, style_address
from admin.pages.words import catalogue
from dialplans.load import load_plan, shipped_plans
from dialplans.plan import HelpLines, Plan
from switch.call.placed import Answer, PlacedKind
from switch.core.ids import CallId
from switch.core.reasons import Why
from switch.desk import placed, stops
from switch.desk.families import Often
from switch.media.languages import Languages
from switch.media.sounds import SoundShelf
from switch.store.errors import StoreError, StoreUnavailable
from switch.store.placed import SqlPlacedRecords
from tests.unit.desk.office import ANN, MOOR, OFFICER, Office, good, make_office
from tests.unit.store.site import AT, StandingClock

NUMBER, STRANGER, PREMIUM = "07700 900123", "07700 900999", "09098 790000"
AT_ALL = Bounds(Often(1000, 1000), 10_000, 10_000, 10_000, 100_000)
SECRETS = ("Ann Example", ANN, MOOR, "Moor", "Mum")


@dataclass
class Door:
    """A browser at the page, and the switch beside it."""

    office: Office
    http: httpx.AsyncClient
    books: SqlPlacedRecords
    clock: StandingClock
    calls: int = 0

    async def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        return await self.http.post(path, data=form, headers={"Origin": "http://localhost"} if headers is None else headers)

    async def hear(self) -> str:
        (due,) = [one for one in await self.books.due(AT, 9) if one.kind is PlacedKind.CODE]
        self.calls += 1
        call = CallId(f"c{self.calls}")
        assert await self.books.open_attempt(call, due, AT) is None
        await self.books.keep_answer(call, due, Answer.YES, (), AT)
        return due.code

    async def inside(self) -> None:
        assert (await self.post("/number", number=NUMBER)).status_code == 303
        assert (await self.post("/code", code=await self.hear())).headers["location"] == "/yours"


@asynccontextmanager
async def opened(folder: Path, bounds: Bounds = AT_ALL, base: str = "http://localhost") -> AsyncIterator[Door]:
    office, clock = await make_office(folder), StandingClock()
    plan = load_plan(shipped_plans(), "example")
    assert isinstance(plan, Plan)
    days = replace(plan.settings, relief_days=replace(plan.settings.relief_days, value=180))
    plan = replace(plan, settings=days, help=HelpLines("01632 960500", "The helpline.", "Y llinell."))
    office.desk = replace(office.desk, plan=plan)
    await office.receive()
    await office.contact(ANN)
    app = create_families(office.desk, clock.wall, StoreError, bounds)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=base) as http:
            yield Door(office, http, SqlPlacedRecords(
                office.site.store, "node", SoundShelf(Languages.load()), office.mint), clock)
        assert await office.whole(), "the audit chain"
    finally:
        office.mint.hasher.close()
        await office.site.close()


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(tmp_path) as made:
        yield made


async def test_from_a_number_to_a_stop_and_back(door: Door) -> None:
    await door.inside()
    page = (await door.http.get("/yours")).text
    assert "Calls to this number are approved." in page
    assert not any(secret in page for secret in SECRETS), "nothing about anybody in prison"
    done = await door.post("/stop")
    assert done.headers["location"] == "/yours?done=stop"
    page = (await door.http.get("/yours?done=stop")).text
    assert "You have stopped calls from every prison" in page
    assert "are stopped. A call that is running ends" in page
    (stop,) = good(await stops.standing(door.office.desk, OFFICER, AT))
    assert stop.number == "+447700900123"
    assert "stopped. A call" not in (await door.http.get("/yours?done=resume")).text
    await door.post("/resume")
    assert good(await stops.standing(door.office.desk, OFFICER, AT)) == []
    assert "are stopped. A call" not in (await door.http.get("/yours?done=stop")).text, "a link cannot say what is not so"
    await door.post("/leave")
    assert (await door.http.get("/yours")).headers["location"] == "/"


async def test_the_announcement_is_chosen_there(door: Door) -> None:
    good(await placed.allow_relief(door.office.desk, OFFICER, AT, MOOR, "the governor"))
    await door.inside()
    assert "I agree to calls" in (await door.http.get("/yours")).text
    assert (await door.post("/announcement", announcement="short")).status_code == 303
    assert "You hear a short announcement" in (await door.http.get("/yours?done=announcement")).text
    assert (await door.post("/announcement", announcement="none")).status_code == 422
    assert (await door.post("/announcement", announcement="full")).status_code == 303
    assert "You may agree" in (await door.http.get("/yours")).text


async def test_no_answer_says_whether_a_number_is_known(door: Door) -> None:
    """The same status, headers and page; only the cookie's random value is another."""
    said = []
    for number in (NUMBER, STRANGER, PREMIUM, "01632 960777"):
        answer = await door.post("/number", number=number)
        next_page = await door.http.get("/code")
        tries = [(await door.post("/code", code="123456")).text for _ in range(4)]
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        cookie = re.sub(r"=[^;]+", "=", answer.headers["set-cookie"], count=1)
        said.append((answer.status_code, headers, cookie, answer.text, next_page.text, *tries))
    assert said[1:] == said[:1] * 3
    rung = {due.number: await door.books.open_attempt(CallId(due.number), due, AT) for due in await door.books.due(AT, 9)}
    assert rung.pop("+447700900123") is None
    assert set(rung.values()) == {Why.UNAPPROVED}
    assert "number" not in str([row for row in await door.office.audit() if row[0] == "family-code-asked"])


@pytest.mark.parametrize(("number", "status"), [("", 422), ("116123", 422), ("07700900123,,5", 422), ("0" * 60, 422)])
async def test_what_is_no_number_is_told_so(door: Door, number: str, status: int) -> None:
    answer = await door.post("/number", number=number)
    assert answer.status_code == status
    assert "Enter your whole telephone number" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://localhost.evil.example"}, {"Origin": "http://localhost:81"},
])
async def test_only_its_own_pages_may_order(door: Door, headers: dict[str, str]) -> None:
    await door.inside()
    for path in ("/number", "/code", "/stop", "/resume", "/announcement", "/leave"):
        assert (await door.post(path, headers, number=NUMBER)).status_code == 403, path
    assert good(await stops.standing(door.office.desk, OFFICER, AT)) == []
    assert (await door.http.get("/yours")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "10.0.0.1", "families.example@evil.example"])
async def test_a_forged_host_is_not_answered(door: Door, host: str) -> None:
    answer = await door.http.get("/", headers={"Host": host})
    assert answer.status_code == 400
    answer = await door.http.post("/number", data={"number": NUMBER}, headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code in (400, 403)
    assert await door.books.due(AT, 9) == []


async def test_the_public_address_is_the_only_one_and_its_cookie_is_its_own(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(AT_ALL, public="https://families.example"), "https://families.example") as door:
        assert (await door.http.get("/", headers={"Host": "localhost"})).status_code == 400
        assert (await door.post("/number", {"Origin": "http://families.example"}, number=NUMBER)).status_code == 403
        answer = await door.post("/number", {"Origin": "https://families.example"}, number=NUMBER)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-wingline-families=")
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))
        assert answer.headers["strict-transport-security"]


async def test_every_answer_has_its_headers_and_is_kept_nowhere(door: Door) -> None:
    for answer in (await door.http.get("/"), await door.http.get("/code"), await door.http.get("/help"),
                   await door.http.get("/no"), await door.http.get("/yours"), await door.post("/number", number=""),
                   await door.post("/stop", {}),
                   await door.http.get("/openapi.json"), await door.http.get("/docs"), await door.http.put("/number")):
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    style = await door.http.get(style_address())
    assert (style.status_code, style.headers["content-type"].partition(";")[0]) == (200, "text/css")
    assert "immutable" in style.headers["cache-control"]


@pytest.mark.parametrize("path", ["/stop", "/resume", "/announcement", "/leave"])
async def test_without_a_code_nothing_is_done(door: Door, path: str) -> None:
    await door.post("/number", number=NUMBER)
    for cookie in (None, "x" * 3000, "../../etc", "1' OR '1'='1"):
        if cookie is not None:
            door.http.cookies.clear()
            door.http.cookies.set("wingline-families", cookie.replace(" ", "+").replace("'", "%27"))
        answer = await door.post(path, announcement="short")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert good(await stops.standing(door.office.desk, OFFICER, AT)) == []


async def test_the_pass_from_before_the_code_is_worth_nothing_after_it(door: Door) -> None:
    """Whoever planted a cookie before is not carried in by the victim's code."""
    await door.post("/number", number=NUMBER)
    planted = door.http.cookies["wingline-families"]
    await door.post("/code", code=await door.hear())
    door.http.cookies.clear()
    door.http.cookies.set("wingline-families", planted)
    assert (await door.http.get("/yours")).headers["location"] == "/"


async def test_a_code_is_guessed_five_times_and_no_more(door: Door) -> None:
    await door.post("/number", number=NUMBER)
    code = await door.hear()
    for guess in ("000000", "", "a" * 3000, "%00", "１２３４５６"):
        answer = await door.post("/code", code=guess)
        assert (answer.status_code, "This is not the code" in answer.text) == (422, True)
    assert "can no longer be used" in (await door.post("/code", code=code)).text


async def test_one_address_and_all_together_ask_so_often_and_no_more(tmp_path: Path) -> None:
    few = Bounds(Often(2, 9), by_address=4, in_all=100, tries_by_address=3, requests_a_minute=1000)
    async with opened(tmp_path, few) as door:
        spellings = (NUMBER, "+447700900123", "0044 7700 900123")
        assert [(await door.post("/number", number=number)).status_code for number in spellings] == [303, 303, 429]
        assert [(await door.post("/number", number=f"07700 90020{n}")).status_code for n in range(3)] == [303, 429, 429]
        assert [(await door.post("/code", code="1")).status_code for _ in range(4)] == [422, 422, 422, 429]
    async with opened(tmp_path / "all", Bounds(by_address=100, in_all=2)) as door:
        assert [(await door.post("/number", number=f"07700 90020{n}")).status_code for n in range(3)] == [303, 303, 429]
    async with opened(tmp_path / "look", Bounds(requests_a_minute=2)) as door:
        assert [(await door.http.get("/")).status_code for _ in range(3)] == [200, 200, 429]


async def test_nobody_is_rung_at_night(door: Door) -> None:
    door.clock.at = AT.replace(hour=3)
    answer = await door.post("/number", number=NUMBER)
    assert answer.status_code == 409
    assert "We ring nobody at this hour" in answer.text
    assert "09:00-19:00" in answer.text
    assert await door.books.due(door.clock.at, 9) == []


async def test_a_body_that_is_no_form_changes_nothing(door: Door) -> None:
    origin = {"Origin": "http://localhost"}
    for body in (b"\xff\xfe", b"&".join(b"a=1" for _ in range(99)), b'{"number": "07700900123"}'):
        assert (await door.http.post("/number", content=body, headers=origin)).status_code == 422
    assert (await door.http.post("/number", content=b"number=" + b"0" * 9999, headers=origin)).status_code == 413

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(99):
            yield b"0" * 100

    assert (await door.http.post("/number", content=slowly(), headers=origin)).status_code == 413
    assert await door.books.due(AT, 9) == []


async def test_what_is_typed_is_never_markup(door: Door) -> None:
    for page in (await door.post("/number", number="<script>alert(1)</script>"), await door.http.get("/yours?done=<b>"),
                 await door.http.get("/?language=<b>"), await door.http.get("/<script>")):
        assert "<script" not in page.text
        assert "<b>" not in page.text


async def test_books_that_are_silent_are_told(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(door.office.desk.work), "run", silent)
    answer = await door.post("/number", number=NUMBER)
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize(("client", "one"), [
    ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("unix", "?")])
def test_an_address_counts_as_whoever_has_it(client: str, one: str) -> None:
    """Nobody gets new tries by taking the next address of their own network; what a header says is the proxy's affair."""
    scope = {"type": "http", "client": (client, 1), "headers": [(b"x-forwarded-for", b"198.51.100.1")]}
    assert net_of(Request(scope)) == one


class Looked(HTMLParser):
    """What a page would need of script, what has no label, what it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


async def test_pages_work_without_script_in_both_languages(door: Door) -> None:
    good(await placed.allow_relief(door.office.desk, OFFICER, AT, MOOR, "the governor"))
    await door.inside()
    for language in ("en", "cy"):
        for path in ("/", "/code", "/yours", "/help"):
            text = (await door.http.get(f"{path}?language={language}")).text
            page = Looked(text)
            names = [name for name, _ in page.tags]
            assert "script" not in names
            assert not any(key == "style" or key.startswith("on") for _, attributes in page.tags for key in attributes)
            assert names.count("h1") == 1
            assert ("html", {"lang": language}) in page.tags
            labelled = {attributes["for"] for name, attributes in page.tags if name == "label"}
            assert {attributes["id"] for name, attributes in page.tags if name == "input"} == labelled
            if language == "cy":
                assert "Stop all calls" not in text
        helped = (await door.http.get("/help")).text
        assert "116 123" in helped
        assert "01632 960500" in helped
        assert ("The helpline." if language == "en" else "Y llinell.") in helped


def test_every_sentence_has_its_welsh() -> None:
    import admin.families

    folder = Path(str(admin.families.__path__[0]))
    text = "".join(file.read_text("utf-8") for file in [*folder.glob("templates/*.html"), folder / "app.py"])
    said = set(re.findall(r'say\("([^"]+)"', text)) | set(re.findall(r'^ *(?:"[a-z-]+"|\d{3}): "([A-Z][^"]+)"', text, re.M))
    said |= set(re.findall(r'\d{3}: "([^"]+)"', text))
    assert len(said) > 50
    assert said - set(catalogue("cy", PACKAGE)) == set()
    assert {one.partition(".")[0] for one in set(catalogue("cy", PACKAGE)) - said} == {"Something went wrong here"}


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""
    def light(colour: str) -> float:
        full = colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])
        parts = [int(full[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_style_has_contrast_and_targets_to_hit() -> None:
    for text, ground in (("#0b0c0c", "#fff"), ("#1a4f8b", "#fff"), ("#1a4f8b", "#f0f2f4"), ("#484d51", "#fff"),
                         ("#fff", "#a41e13"), ("#fff", "#1a4f8b")):
        assert text in STYLE
        assert contrast(text, ground) >= 4.5, (text, ground)
    assert set(re.findall(r"min-height: (\d+)px", STYLE)) == {"44", "48"}
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert len(STYLE.encode()) < 4000
