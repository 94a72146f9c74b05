"""A recording that was sealed becomes an item of the monitoring queue, once; what it stands on later moves it in the queue."""
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialplans.monitoring import RANK, due_at, is_drawn, moved, seed_month, share_on, tier_of
from dialplans.plan import Plan
from switch.core.authority import Authority
from switch.core.ids import CallId, RecordingId, StaffId
from switch.core.monitoring import CLOSED, ItemState, Tier
from switch.desk.asking import Desk, Refused, attempt, refused
from switch.desk.drawing import seed_of
from switch.ports.desk import Changes
from switch.ports.monitoring import Item, RecordedCall


async def file_recording(desk: Desk, actor: StaffId, at: datetime, call: str) -> Item | Refused | None:
    """The item of a call, filed now or before. None for one that nobody may hear: it has no item, and no row says that it was
    looked at. Refused without a plan, and where no recording was sealed."""
    plan, seed = desk.plan, desk.mint.password()
    if plan is None:
        return _no_plan()
    return await attempt(desk, actor, at, "monitoring-filed", {"call": call},
                         lambda changes: _filed(changes, plan, CallId(call), seed))


async def file_lead(desk: Desk, actor: StaffId, at: datetime, call: str, lead: str) -> Item | Refused | None:
    """The machine found something in a recording: its item moves up, filed now where it was not. The first lead is named; a
    second changes nothing. None as in `file_recording`."""
    plan, seed = desk.plan, desk.mint.password()
    if plan is None:
        return _no_plan()

    def work(changes: Changes) -> Item | Refused | None:
        item = _filed(changes, plan, CallId(call), seed)
        if item is None or isinstance(item, Refused) or item.lead is not None:
            return item
        moved_up = placed(changes, plan, replace(item, lead=lead))
        changes.set_item(moved_up)
        changes.audit("monitoring-moved", {"call": item.call, "lead": lead}, {"from": item.tier, "to": moved_up.tier})
        return moved_up

    return await attempt(desk, actor, at, "monitoring-moved", {"call": call}, work)


async def follow_authority(desk: Desk, actor: StaffId, at: datetime, authority: str) -> int | Refused:
    """An authorisation came into force, ended or stands still: every item that it is about is where it belongs now. How many
    moved; done again, none does."""
    plan = desk.plan
    if plan is None:
        return _no_plan()

    def work(changes: Changes) -> int | Refused:
        found = changes.authority(authority)
        if found is None:
            return refused("unknown-authority", f"{authority[:64]}: there is no such authorisation")
        return settle(changes, plan, found.authority)

    return await attempt(desk, actor, at, "monitoring-moved", {"authority": authority}, work)


async def follow_all(desk: Desk, actor: StaffId, at: datetime) -> int | Refused:
    """As `follow_authority` for each of them: what ended by time alone, or stands again since it was reviewed late."""
    plan = desk.plan
    if plan is None:
        return _no_plan()
    every = await desk.work.look(actor, at, lambda changes: [one.authority.id for one in changes.authorities()])
    total = 0
    for authority in every:  # a transaction each, so that none is long
        moved_by = await follow_authority(desk, actor, at, authority)
        if isinstance(moved_by, Refused):
            return moved_by
        total += moved_by
    return total


def settle(changes: Changes, plan: Plan, authority: Authority) -> int:
    """Every open item about this authorisation where it belongs now, with one audit row where any moved."""
    count = 0
    for item in changes.items_about(authority.id, authority.person, authority.number, authority.since):
        new = placed(changes, plan, item)
        if new != item:
            changes.set_item(new)
            count += 1
    if count:
        changes.audit("monitoring-moved", {"authority": authority.id}, {"items": count})
    return count


def _filed(changes: Changes, plan: Plan, call: CallId, seed: str) -> Item | Refused | None:
    known = changes.item(call)
    if known is not None:
        return known
    found = changes.recorded_call(call)
    if found is None:
        return refused("not-sealed", f"{call}: no recording of it was sealed")
    if found.private:
        return None
    item = _item(changes, plan, found, seed)
    changes.add_item(item)
    if item.drawn:
        changes.draw(RecordingId(call), changes.at + timedelta(days=plan.listening.random_days.value))
    if item.tier is not None:
        ids = {"call": item.call} | ({"person": item.person} if item.person else {})
        changes.audit("monitoring-filed", ids | ({"authority": item.authority} if item.authority else {}), {
            "tier": item.tier, "percent": item.percent, "plan": item.plan})
    return item


def _item(changes: Changes, plan: Plan, found: RecordedCall, seed: str) -> Item:
    day = found.started_at.astimezone(ZoneInfo(found.zone)).date()
    share = share_on(plan.monitoring.random, found.establishment, day)
    percent = 0 if share is None else share.percent
    drawn = is_drawn(seed_of(changes, seed_month(day), seed), found.call, day, percent)
    item = Item(found.call, found.establishment, found.wing, found.person, found.number, found.language, found.started_at, day,
                found.seconds, changes.at, ItemState.UNLISTED, drawn=drawn, percent=percent, plan=plan.label)
    return placed(changes, plan, item)


def placed(changes: Changes, plan: Plan, item: Item) -> Item:
    """The item where it belongs in the queue by what it stands on now. A rise makes it due no later than it was; after a fall it
    is due as if it had been filed so."""
    authority = best(changes.authorities_for(item.person, item.number, changes.at), item.started_at)
    tier = tier_of(() if authority is None else (Tier(authority.kind),), item.lead is not None, item.drawn)
    state = moved(item.state, item.tier, tier)
    if state in CLOSED:
        return item
    item = replace(item, authority=None if authority is None else authority.id)
    if tier is None:
        return replace(item, state=state, tier=None, due=None)
    if state is item.state and tier is item.tier:
        return item
    place = changes.establishment(item.establishment)
    zone = ZoneInfo(place.zone) if place else plan.zone
    rose = item.tier is None or RANK[tier] < RANK[item.tier]
    due = due_at(plan.monitoring, tier, changes.at if rose else item.filed_at, zone)
    if rose and item.state is ItemState.WAITING and item.due is not None:
        due = min(due, item.due)
    return replace(item, state=state, tier=tier, due=due, closed_at=None, closed_by=None)


def best(authorities: Sequence[Authority], started_at: datetime) -> Authority | None:
    """Of those in force, the first in the order of the queue; of two alike, the one that lasts longer. One that began after the
    call did lists no call of before: who wants to hear that one asks for it by name."""
    begun = [one for one in authorities if one.since <= started_at]
    return min(begun, key=lambda one: (RANK[Tier(one.kind)], -one.ends.timestamp(), one.id), default=None)


def _no_plan() -> Refused:
    return refused("no-plan", "the plan cannot be read, so that nobody knows what is to be listened to: see check-plan")
