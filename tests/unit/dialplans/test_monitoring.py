"""The monitoring queue's rules: order, draw, due times, what needs a translation; both sides of each edge."""
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.monitoring import (
    RANK,
    claimed_by_another,
    due_at,
    is_drawn,
    is_foreign,
    moved,
    overdue,
    seed_month,
    share_on,
    tier_of,
)
from dialplans.plan import Plan
from switch.core.monitoring import ItemState, Tier
from tests.unit.dialplans.test_load import problems
from tests.unit.dialplans.world import HEADER, PLAN, plan

RULES = PLAN.monitoring
LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 11, 25)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_order_is_mandatory_offence_intelligence_lead_random() -> None:
    assert sorted(Tier, key=RANK.__getitem__) == [
        Tier.MANDATORY, Tier.OFFENCE, Tier.INTELLIGENCE, Tier.LEAD, Tier.RANDOM]  # fmt: skip


@pytest.mark.parametrize(("authorities", "lead", "drawn", "tier"), [
    ((), False, False, None),
    ((), False, True, Tier.RANDOM),
    ((), True, False, Tier.LEAD),
    ((), True, True, Tier.LEAD),
    ((Tier.INTELLIGENCE,), True, True, Tier.INTELLIGENCE),
    ((Tier.INTELLIGENCE, Tier.OFFENCE), False, False, Tier.OFFENCE),
    ((Tier.OFFENCE, Tier.MANDATORY), True, False, Tier.MANDATORY),
])
def test_an_item_has_the_first_tier_of_all_that_it_stands_on(
    authorities: tuple[Tier, ...], lead: bool, drawn: bool, tier: Tier | None,
) -> None:
    assert tier_of(authorities, lead, drawn) is tier


@pytest.mark.parametrize(("since", "tier", "due"), [
    ("2026-11-25T12:00", Tier.MANDATORY, "2026-11-27T00:00"),
    ("2026-11-25T23:59:59", Tier.MANDATORY, "2026-11-27T00:00"),
    ("2026-11-26T00:00", Tier.MANDATORY, "2026-11-28T00:00"),
    ("2026-11-25T12:00", Tier.RANDOM, "2026-12-03T00:00"),
    ("2026-06-03T22:59:59", Tier.MANDATORY, "2026-06-04T23:00"),  # 23:59:59 in London
    ("2026-06-03T23:00", Tier.MANDATORY, "2026-06-05T23:00"),  # the next day there
    ("2026-03-28T12:00", Tier.MANDATORY, "2026-03-29T23:00"),  # the day after has 23 hours
    ("2026-03-29T00:59:59", Tier.MANDATORY, "2026-03-30T23:00"),
    ("2026-10-24T12:00", Tier.MANDATORY, "2026-10-26T00:00"),  # the day after has 25 hours
    ("2026-10-25T00:30", Tier.MANDATORY, "2026-10-27T00:00"),  # 01:30, the first time the clock shows it
    ("2026-10-25T01:30", Tier.MANDATORY, "2026-10-27T00:00"),  # 01:30, the second
])
def test_an_item_is_due_at_the_end_of_a_local_day(since: str, tier: Tier, due: str) -> None:
    assert due_at(RULES, tier, utc(since), LONDON) == utc(due)


def test_no_days_is_by_midnight() -> None:
    today = plan("[monitoring]\ndue_days_lead = 0\n").monitoring
    assert due_at(today, Tier.LEAD, utc("2026-11-25T23:59"), LONDON) == utc("2026-11-26T00:00")


@pytest.mark.parametrize(("state", "due", "late"), [
    (ItemState.WAITING, timedelta(milliseconds=1), False),
    (ItemState.WAITING, timedelta(0), True),
    (ItemState.LISTENED, timedelta(0), False),
    (ItemState.NOT_NEEDED, timedelta(0), False),
    (ItemState.UNLISTED, None, False),
    (ItemState.WAITING, None, False),
])
def test_what_waits_at_its_due_time_is_overdue(state: ItemState, due: timedelta | None, late: bool) -> None:
    now = utc("2026-11-25T12:00")
    assert overdue(state, None if due is None else now + due, now) is late


@pytest.mark.parametrize(("state", "old", "new", "then"), [
    (ItemState.UNLISTED, None, None, ItemState.UNLISTED),
    (ItemState.UNLISTED, None, Tier.LEAD, ItemState.WAITING),
    (ItemState.WAITING, Tier.LEAD, Tier.OFFENCE, ItemState.WAITING),
    (ItemState.WAITING, Tier.OFFENCE, Tier.RANDOM, ItemState.WAITING),
    (ItemState.WAITING, Tier.OFFENCE, None, ItemState.UNLISTED),
    (ItemState.LISTENED, Tier.RANDOM, Tier.MANDATORY, ItemState.LISTENED),
    (ItemState.LISTENED, Tier.RANDOM, None, ItemState.LISTENED),
    (ItemState.NOT_NEEDED, Tier.RANDOM, Tier.LEAD, ItemState.WAITING),
    (ItemState.NOT_NEEDED, Tier.RANDOM, Tier.RANDOM, ItemState.NOT_NEEDED),
    (ItemState.NOT_NEEDED, Tier.OFFENCE, Tier.INTELLIGENCE, ItemState.NOT_NEEDED),
    (ItemState.NOT_NEEDED, Tier.RANDOM, None, ItemState.NOT_NEEDED),
    (ItemState.NOT_NEEDED, None, Tier.RANDOM, ItemState.WAITING),
])
def test_what_becomes_of_an_item_that_stands_on_something_else(
    state: ItemState, old: Tier | None, new: Tier | None, then: ItemState,
) -> None:
    assert moved(state, old, new) is then


def test_a_draw_can_be_done_again_from_what_is_written_of_it() -> None:
    """By the words of the module and docs/recordings.md, not by its code."""
    for number in range(200):
        call = f"call-{number}"
        digest = hmac.digest(b"a seed", f"2026-11-25 {call}".encode(), hashlib.sha256)
        share = int.from_bytes(digest[:8], "big") / 2**64
        assert is_drawn("a seed", call, DAY, 30) == (share < 0.30)


def test_a_draw_hangs_on_seed_call_and_day_and_on_nothing_else() -> None:
    def drawn(seed: str, day: date) -> list[str]:
        return [f"c{n}" for n in range(500) if is_drawn(seed, f"c{n}", day, 20)]

    assert drawn("one", DAY) == drawn("one", DAY)
    assert drawn("one", DAY) != drawn("two", DAY)
    assert drawn("one", DAY) != drawn("one", DAY + timedelta(days=1))


@pytest.mark.parametrize("percent", [0, 1, 5, 50, 99, 100])
def test_the_share_drawn_is_that_of_the_plan(percent: int) -> None:
    found = sum(is_drawn("seed", f"call-{n}", DAY, percent) for n in range(10_000))
    assert abs(found - percent * 100) <= 4 * (percent * (100 - percent)) ** 0.5  # four standard deviations


def test_who_is_drawn_at_a_lower_share_is_drawn_at_a_higher() -> None:
    for number in range(300):
        shares = [is_drawn("seed", f"call-{number}", DAY, percent) for percent in range(101)]
        assert shares == sorted(shares)


@pytest.mark.parametrize(("day", "month"), [(date(2026, 11, 30), "2026-11"), (date(2026, 12, 1), "2026-12")])
def test_each_month_has_its_seed(day: date, month: str) -> None:
    assert seed_month(day) == month


SHARES = plan("""
[[random]]
from = 2026-06-01
percent = 10
source = "a governor"
[[random]]
from = 2026-03-01
percent = 20
establishments = ["Northfield"]
source = "a governor"
[[random]]
from = 2026-09-01
percent = 30
establishments = ["Northfield", "Fen"]
source = "a governor"
[[random]]
from = 2026-09-01
percent = 40
establishments = ["Northfield"]
source = "the later of one day"
""").monitoring.random


@pytest.mark.parametrize(("where", "day", "percent"), [
    ("Moor", date(2025, 12, 31), None),
    ("Moor", date(2026, 1, 1), 5),
    ("Moor", date(2026, 5, 31), 5),
    ("Moor", date(2026, 6, 1), 10),
    ("Northfield", date(2026, 2, 28), 5),
    ("Northfield", date(2026, 3, 1), 20),
    ("Northfield", date(2026, 6, 1), 20),
    ("Northfield", date(2026, 9, 1), 40),
    ("Fen", date(2026, 8, 31), 10),
    ("Fen", date(2026, 9, 1), 30),
])
def test_the_share_is_the_establishments_own_and_the_newest(where: str, day: date, percent: int | None) -> None:
    found = share_on(SHARES, where, day)
    assert (None if found is None else found.percent) == percent


@pytest.mark.parametrize(("languages", "foreign"), [
    ((), False), (("",), False), (("en",), False), (("EN-gb",), False), (("cy",), False), (("cy-GB",), False),
    (("pl",), True), (("en", "ro"), True), (("cy", "en"), False), (("enm",), True),
])
def test_what_is_neither_english_nor_welsh_needs_a_translation_decision(languages: tuple[str, ...], foreign: bool) -> None:
    assert is_foreign(languages) is foreign


NOON = utc("2026-11-25T12:00")


@pytest.mark.parametrize(("by", "until", "taken"), [
    (None, None, False),
    ("other", NOON + timedelta(milliseconds=1), True),
    ("other", NOON, False),
    ("officer", NOON + timedelta(hours=1), False),
    ("Officer ", NOON + timedelta(hours=1), False),
    ("other", None, False),
])
def test_an_item_is_one_officers_until_its_claim_ends(by: str | None, until: datetime | None, taken: bool) -> None:
    assert claimed_by_another("officer", by, until, NOON) is taken


def test_every_order_of_words_gives_one_tier() -> None:
    for found in permutations(list(Tier)[:3]):
        assert tier_of(found, True, True) is Tier.MANDATORY


@pytest.mark.parametrize(("text", "told"), [
    ("[monitoring]\ndue_days_lead = 91\n", [
        "2: `monitoring.due_days_lead` must be a whole number of days from 0 to 90"]),
    ("[monitoring]\ndue_days_lead = -1\n", ["2: `monitoring.due_days_lead` must be a whole number of days from 0 to 90"]),
    ("[monitoring]\ndue_days_lead = 90\n", []),
    ("[monitoring]\nclaim_minutes = 4\n", ["2: `monitoring.claim_minutes` must be a whole number of minutes from 5 to 480"]),
    ("[monitoring]\ndue_days_leads = 4\n", [
        "2: `monitoring.due_days_leads` is not a key of a plan: did you mean `due_days_lead`?"]),
    ("[[random]]\nfrom = 2026-06-01\npercent = 101\n", [
        "1: `random.source` is missing: give a text: who set it, and where it is written down",
        "3: `random.percent` must be a whole number of per cent from 0 to 100"]),
    ('[[random]]\npercent = 100\nsource = "x"\n', [
        "1: `random.from` is missing: give a date such as 2025-05-01, without quotes"]),
    ('[[random]]\nfrom = 2026-06-01\npercent = 0\nsource = "x"\nestablishments = []\n', []),
])
def test_what_is_wrong_with_a_plan_is_told_by_its_line(text: str, told: list[str]) -> None:
    assert problems(text) == told


def test_a_plan_that_says_nothing_of_it_is_told_so() -> None:
    estate = shipped_plans()["estate.toml"].replace("due_days_random = 7\n", "")
    loaded = load_plan({"estate.toml": estate, "site.toml": HEADER}, "site")
    assert not isinstance(loaded, Plan)
    assert ["`monitoring.due_days_random` is missing" in one.text for one in loaded] == [True]
