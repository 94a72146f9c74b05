"""The nights on which the clocks change, for `test_rules`: both sides of each edge of every rule that looks at the time.

Summer time begins on 29 March 2026 at 01:00 UTC, when 01:00 becomes 02:00, and ends on 25 October 2026 at 01:00 UTC, when 02:00
becomes 01:00. What is counted in seconds goes on as if nothing were; what is said in local time moves.
"""
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialplans.plan import Plan
from switch.core.facts import Facts
from switch.core.money import Millipence
from switch.core.openings import LocalHours, Opening
from switch.core.reasons import Why
from tests.unit.dialplans.contact_cases import ORDER
from tests.unit.dialplans.world import FACTS, FAMILY, PLAN, facts, permit, plan

CHANGES = date(2026, 3, 29), date(2026, 10, 25)
TIMED = frozenset({"contact-approved", "no-contact-order", "within-hours", "gap-over", "calls-left", "has-a-price", "spend-left",
                   "credit-left"})
"""Rules that look at the time, at the hours or at the price of the day."""
NIGHTS = plan('[hours]\nevery_day = ["18:00-02:00"]\n')
PAUSE = plan("[call]\ngap_seconds = 600\n")
FEW = plan("[allowance]\ncalls_per_window = 2\nwindow_hours = 4\n")
ABROAD = "+33 1 99 00 12 34"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def priced_from(day: str) -> Plan:
    return plan('[[listed]]\nnumber = "+33199001234"\nname = "a sister"\n' + "\n".join(
        f'[[tariff]]\nname = "x"\nfrom = {day}\nclasses = ["international"]\nweekday = 1\nweekend = 1\nrelay = {relay}'
        for relay in ("false", "true")))


def leave(until: str) -> Facts:
    return replace(FACTS, contact=None, permits=(permit(since=utc(until) - timedelta(hours=3), until=utc(until)),))


def around(rule: str, edge: str, before: Why | None, after: Why | None, known: Facts, number: str = FAMILY, by: Plan = PLAN
           ) -> list[tuple[str, Why | None, Facts, str, Plan]]:
    """A second before a moment, and at it."""
    at = utc(edge)
    return [(rule, before, replace(known, at=at - timedelta(seconds=1)), number, by),
            (rule, after, replace(known, at=at), number, by)]


def calls(*moments: str) -> Facts:
    return facts({"recent_calls": tuple(utc(moment) for moment in moments), "last_ended": utc(moments[0])})


SUNDAYS = facts(no_contact=(replace(ORDER, openings=(Opening("x", hours=(LocalHours(6, 0, 120),)),)),))
"""An order that a court leaves open on Sundays until 02:00."""
POOR = facts({"balance": Millipence(91), "spent_this_week": Millipence(2_175_000 - 91)})
"""A second to a mobile costs 60 at the weekend and 92 on a weekday."""
CLOCK_CASES: list[tuple[str, Why | None, Facts, str, Plan]] = [
    # until 02:00 by the clock: seven hours after 18:00 in March, nine in October
    *around("within-hours", "2026-03-29T01:00", None, Why.OUT_OF_HOURS, FACTS, by=NIGHTS),
    *around("within-hours", "2026-10-25T02:00", None, Why.OUT_OF_HOURS, FACTS, by=NIGHTS),
    # from 18:00 by the clock of that evening
    *around("within-hours", "2026-03-29T17:00", Why.OUT_OF_HOURS, None, FACTS, by=NIGHTS),
    *around("within-hours", "2026-10-25T18:00", Why.OUT_OF_HOURS, None, FACTS, by=NIGHTS),
    # ten minutes are ten minutes, though the clock says seventy, or less than none
    *around("gap-over", "2026-03-29T01:05", Why.TOO_SOON, None, calls("2026-03-29T00:55"), by=PAUSE),
    *around("gap-over", "2026-10-25T01:05", Why.TOO_SOON, None, calls("2026-10-25T00:55"), by=PAUSE),
    # and four hours are four hours
    *around("calls-left", "2026-03-29T02:00", Why.TOO_MANY, None, calls("2026-03-28T23:00", "2026-03-28T22:00"), by=FEW),
    *around("calls-left", "2026-10-25T02:00", Why.TOO_MANY, None, calls("2026-10-24T23:00", "2026-10-24T22:00"), by=FEW),
    # leave of staff ends at a moment, not at what a clock shows
    *around("contact-approved", "2026-03-29T01:30", None, Why.PERMIT_OVER, leave("2026-03-29T01:30")),
    *around("contact-approved", "2026-10-25T01:30", None, Why.PERMIT_OVER, leave("2026-10-25T01:30")),
    # what a court leaves open is meant by the clock
    *around("no-contact-order", "2026-03-29T00:00", Why.NO_CONTACT, None, SUNDAYS),
    *around("no-contact-order", "2026-03-29T01:00", None, Why.NO_CONTACT, SUNDAYS),
    *around("no-contact-order", "2026-10-24T23:00", Why.NO_CONTACT, None, SUNDAYS),
    *around("no-contact-order", "2026-10-25T02:00", None, Why.NO_CONTACT, SUNDAYS),
    # a tariff begins at local midnight, which is at 00:00 UTC in March, and at 23:00 the day before in October
    *around("has-a-price", "2026-03-29T00:00", Why.NUMBER_CLASS, None, FACTS, ABROAD, priced_from("2026-03-29")),
    *around("has-a-price", "2026-10-24T23:00", Why.NUMBER_CLASS, None, FACTS, ABROAD, priced_from("2026-10-25")),
    # the weekend's price ends with Sunday, a day of 23 hours in March and of 25 in October
    *around("credit-left", "2026-03-29T23:00", None, Why.NO_CREDIT, POOR),
    *around("credit-left", "2026-10-26T00:00", None, Why.NO_CREDIT, POOR),
    *around("spend-left", "2026-03-29T23:00", None, Why.SPENT, POOR),
    *around("spend-left", "2026-10-26T00:00", None, Why.SPENT, POOR),
]


def change_near(at: datetime) -> date | None:
    """The change of the clocks within a local day of which something happens."""
    day = at.astimezone(ZoneInfo("Europe/London")).date()
    return next((change for change in CHANGES if abs(day - change) <= timedelta(days=1)), None)
