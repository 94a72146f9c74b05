"""A recording that was sealed becomes an item of the monitoring queue, once; what it stands on later moves it in the queue."""
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from dialplans.monitoring import RANK, due_at, is_drawn, moved, seed_month, share_on, tier_of
from dialplans.plan import Plan
from switch.core.ids import CallId, StaffId
from switch.core.monitoring import CLOSED, ItemState
from switch.desk.asking import Desk, Refused, attempt, refused
from switch.desk.drawing import seed_of
from switch.ports.desk import Changes
from switch.ports.monitoring import Item, RecordedCall


async def file_recording(desk: Desk, actor: StaffId, at: datetime, call: str) -> Item | Refused | None:
    """The item of a call, filed now or before. None for one that nobody may hear: it has no item, and no row says that it was
    looked at. Refused without a plan, and where no recording was sealed."""
    plan, seed = desk.plan, desk.mint.password()
    if plan is None:
        return refused("no-plan", "the plan cannot be read, so that nobody knows what is to be listened to: see check-plan")

    def work(changes: Changes) -> Item | Refused | None:
        known = changes.item(CallId(call))
        if known is not None:
            return known
        found = changes.recorded_call(CallId(call))
        if found is None:
            return refused("not-sealed", f"{call}: no recording of it was sealed")
        if found.private:
            return None
        item = _item(changes, plan, found, seed, at)
        changes.add_item(item)
        if item.tier is not None:
            changes.audit("monitoring-filed", {"call": item.call} | ({"person": item.person} if item.person else {}), {
                "tier": item.tier, "percent": item.percent, "plan": item.plan})
        return item

    return await attempt(desk, actor, at, "monitoring-filed", {"call": call}, work)


def _item(changes: Changes, plan: Plan, found: RecordedCall, seed: str, at: datetime) -> Item:
    day = found.started_at.astimezone(ZoneInfo(found.zone)).date()
    share = share_on(plan.monitoring.random, found.establishment, day)
    percent = 0 if share is None else share.percent
    drawn = is_drawn(seed_of(changes, seed_month(day), seed), found.call, day, percent)
    item = Item(found.call, found.establishment, found.wing, found.person, found.number, found.language, found.started_at, day,
                found.seconds, at, ItemState.UNLISTED, drawn=drawn, percent=percent, plan=plan.label)
    return placed(changes, plan, item, at)


def placed(changes: Changes, plan: Plan, item: Item, at: datetime) -> Item:
    """The item where it belongs in the queue by what it stands on now. A rise makes it due no later than it was; after a fall it
    is due as if it had been filed so."""
    tier = tier_of((), item.lead is not None, item.drawn)
    state = moved(item.state, item.tier, tier)
    if state in CLOSED:
        return item
    if tier is None:
        return replace(item, state=state, tier=None, due=None)
    if state is item.state and tier is item.tier:
        return item
    place = changes.establishment(item.establishment)
    zone = ZoneInfo(place.zone) if place else plan.zone
    rose = item.tier is None or RANK[tier] < RANK[item.tier]
    due = due_at(plan.monitoring, tier, at if rose else item.filed_at, zone)
    if rose and item.state is ItemState.WAITING and item.due is not None:
        due = min(due, item.due)
    return replace(item, state=state, tier=tier, due=due, closed_at=None, closed_by=None)
