"""The monitoring queue as officers work through it: the next item, in hand for a while, notes, and what came of it."""
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialplans.monitoring import claimed_by_another, is_foreign
from dialplans.plan import MonitoringRules, Plan
from switch.core.authority import SENTENCES, Because
from switch.core.ids import CallId, StaffId
from switch.core.monitoring import CLOSED, ItemState, NoteKind, Outcome, Side, Tier, Translation
from switch.desk.asking import Desk, Problem, Refused, attempt, refused, unreasoned
from switch.desk.filing import placed, settle
from switch.ports.desk import Changes
from switch.ports.monitoring import Item, ItemNote

MOST = 1000
MOST_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Next:
    """What to listen to now; None where nothing waits that this officer may hear."""

    item: Item | None


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item with everything that staff wrote about it, oldest first."""

    item: Item
    notes: tuple[ItemNote, ...]


async def next_item(desk: Desk, actor: StaffId, at: datetime, establishment: str) -> Next | Refused:
    """The first of an establishment's items that nobody else has in hand. It is this officer's until the claim ends; asked again
    meanwhile, it is the same one."""
    plan = _plan(desk)
    if isinstance(plan, Refused):
        return plan

    def work(changes: Changes) -> Next | Refused:
        if changes.establishment(establishment) is None:
            return refused("unknown-establishment", f"there is no establishment {establishment[:32]}")
        while (found := changes.first_waiting(establishment, actor, changes.connected(actor))) is not None:
            still = placed(changes, plan, found)
            if (still.state, still.tier, still.authority) == (found.state, found.tier, found.authority):
                return Next(_take(changes, found, plan.monitoring))
            _settle(changes, plan, found, still)  # what it stood on ended by time alone
        return Next(None)

    return await attempt(desk, actor, at, "monitoring-claimed", {"establishment": establishment}, work)


async def claim_item(desk: Desk, actor: StaffId, at: datetime, call: str) -> Item | Refused:
    """One item by its call, out of turn, or one in hand for as long again."""
    plan = _plan(desk)
    if isinstance(plan, Refused):
        return plan

    def work(changes: Changes) -> Item | Refused:
        item = _open(changes, call)
        return item if isinstance(item, Refused) else _take(changes, item, plan.monitoring)

    return await attempt(desk, actor, at, "monitoring-claimed", {"call": call}, work)


async def release_item(desk: Desk, actor: StaffId, at: datetime, call: str) -> Item | Refused:
    """Give an item back, for whoever is next."""

    def work(changes: Changes) -> Item | Refused:
        item = _open(changes, call)
        if isinstance(item, Refused):
            return item
        if item.claimed_by is None:
            return refused("not-in-hand", f"{call}: nobody has it in hand")
        given = replace(item, claimed_by=None, claimed_until=None)
        changes.set_item(given)
        changes.audit("monitoring-released", _ids(item))
        return given

    return await attempt(desk, actor, at, "monitoring-released", {"call": call}, work)


async def close_listened(desk: Desk, actor: StaffId, at: datetime, call: str, outcome: Outcome, words: str = ""
                         ) -> Item | Refused:
    """Whoever says so listened to it, and this came of it: the audit must have that they played it (`recording-played`)."""
    if problem := _bad_words(words, needed=False):
        return problem
    return await _close(desk, actor, at, call, ItemState.LISTENED, outcome, words)


async def close_not_needed(desk: Desk, actor: StaffId, at: datetime, call: str, reason: str) -> Item | Refused:
    """Nobody needs to listen to it, and why."""
    if problem := unreasoned(reason) or _bad_words(reason, needed=True):
        return problem
    return await _close(desk, actor, at, call, ItemState.NOT_NEEDED, None, reason)


async def _close(desk: Desk, actor: StaffId, at: datetime, call: str, state: ItemState, outcome: Outcome | None, words: str
                 ) -> Item | Refused:
    def work(changes: Changes) -> Item | Refused:
        item = _open(changes, call)
        if isinstance(item, Refused):
            return item
        if is_foreign((item.language,)) and item.translation is None:
            return refused("no-translation-decision", f"{call}: the person's language is {item.language}: say first whether it "
                                                      "was translated, is to be, or need not be")
        if state is ItemState.LISTENED and not changes.played(item.call, item.started_at, actor):
            return refused("not-played", f"{call}: you have not played it. Open its recording, listen, close it, and say so "
                                         "again; or say why nobody needs to hear it")
        closed = replace(item, state=state, outcome=outcome, closed_at=at, closed_by=actor, claimed_by=None, claimed_until=None)
        changes.set_item(closed)
        changes.audit("monitoring-closed", _ids(item), {
            "state": state, "outcome": outcome, "tier": item.tier, "authority": item.authority}, note=words.strip())
        if words.strip():
            changes.mark_item(item.call, NoteKind.CLOSED)
        return closed

    return await attempt(desk, actor, at, "monitoring-closed", {"call": call}, work)


async def note_item(desk: Desk, actor: StaffId, at: datetime, call: str, words: str) -> ShownItem | Refused:
    """Something to know about the whole call, in staff's own words."""
    return await _write(desk, actor, at, call, NoteKind.NOTE, words)


async def bookmark(desk: Desk, actor: StaffId, at: datetime, call: str, second: int, side: Side, words: str
                   ) -> ShownItem | Refused:
    """A place in the recording, whose voice, and what is there."""
    return await _write(desk, actor, at, call, NoteKind.BOOKMARK, words, second, side)


async def translate(desk: Desk, actor: StaffId, at: datetime, call: str, decision: Translation, reason: str) -> Item | Refused:
    """What was decided about translating a call, and why. A later decision stands in place of it; the audit keeps both."""
    if problem := unreasoned(reason) or _bad_words(reason, needed=True):
        return problem

    def work(changes: Changes) -> Item | Refused:
        item = _mine(changes, call)
        if isinstance(item, Refused):
            return item
        decided = replace(item, translation=decision, translated_at=at, translated_by=actor)
        changes.set_item(decided)
        changes.audit("monitoring-translation", _ids(item), {"decision": decision, "language": item.language},
                      note=reason.strip())
        changes.mark_item(item.call, NoteKind.TRANSLATION)
        return decided

    return await attempt(desk, actor, at, "monitoring-translation", {"call": call}, work)


async def items(desk: Desk, actor: StaffId, at: datetime, establishment: str, state: ItemState = ItemState.WAITING,
                tier: Tier | None = None, overdue: bool = False, most: int = MOST) -> list[Item] | Refused:
    """An establishment's items in the order of the queue, without those of people to whom the officer is connected."""
    if not 1 <= most <= MOST:
        return refused("bad-most", f"at most {MOST} items are listed at once, and at least one")
    return await desk.work.look(actor, at, lambda changes: changes.items(
        establishment, (state,), tier, overdue, changes.connected(actor), most))


async def show_item(desk: Desk, actor: StaffId, at: datetime, call: str) -> ShownItem | Refused:
    """One item, with what staff wrote about it."""

    def look(changes: Changes) -> ShownItem | Refused:
        item = _known(changes, call)
        return item if isinstance(item, Refused) else ShownItem(item, tuple(changes.item_notes(item.call)))

    return await desk.work.look(actor, at, look)


async def _write(desk: Desk, actor: StaffId, at: datetime, call: str, kind: NoteKind, words: str, second: int | None = None,
                 side: Side | None = None) -> ShownItem | Refused:
    if problem := _bad_words(words, needed=True):
        return problem

    def work(changes: Changes) -> ShownItem | Refused:
        item = _known(changes, call)
        if isinstance(item, Refused):
            return item
        if second is not None and not 0 <= second <= item.seconds:
            return refused("bad-second", f"{call} is {item.seconds:.0f} s long: a bookmark lies within it")
        changes.audit(f"monitoring-{'noted' if kind is NoteKind.NOTE else 'bookmarked'}", _ids(item),
                      {} if second is None else {"second_of_call": second, "side": side}, note=words.strip())
        changes.mark_item(item.call, kind, second, side)
        return ShownItem(item, tuple(changes.item_notes(item.call)))

    return await attempt(desk, actor, at, "monitoring-noted", {"call": call}, work)


def _plan(desk: Desk) -> Plan | Refused:
    if desk.plan is None:
        return refused("no-plan", "the plan cannot be read: nobody knows how long an item is one officer's; see check-plan")
    return desk.plan


def _settle(changes: Changes, plan: Plan, item: Item, still: Item) -> None:
    """With this item, all that stood on the same authorisation, so that no officer waits for one after the other."""
    ended = changes.authority(item.authority) if item.authority else None
    if ended is not None:
        settle(changes, plan, ended.authority)
    else:
        changes.set_item(still)


def _take(changes: Changes, item: Item, rules: MonitoringRules) -> Item:
    until = changes.at + timedelta(minutes=rules.claim_minutes.value)
    taken = replace(item, claimed_by=changes.actor, claimed_until=until)
    changes.set_item(taken)
    changes.audit("monitoring-claimed", _ids(item), {"tier": item.tier, "authority": item.authority})
    return taken


def _known(changes: Changes, call: str) -> Item | Refused:
    item = changes.item(CallId(call))
    if item is None:
        return refused("unknown-item", f"{call[:64]}: no recording of it is in the queue")
    if item.person is not None and item.person in changes.connected(changes.actor):
        return refused(Because.CONNECTED, SENTENCES[Because.CONNECTED])
    return item


def _mine(changes: Changes, call: str) -> Item | Refused:
    """An item that nobody else has in hand."""
    item = _known(changes, call)
    if isinstance(item, Refused):
        return item
    if claimed_by_another(changes.actor, item.claimed_by, item.claimed_until, changes.at):
        return refused("in-hand", f"{call}: {item.claimed_by} has it in hand until {item.claimed_until:%H:%M} UTC")
    return item


def _open(changes: Changes, call: str) -> Item | Refused:
    item = _mine(changes, call)
    if not isinstance(item, Refused) and item.state in CLOSED:
        return refused("closed", f"{call}: it was closed as {item.state} before")
    return item


def _ids(item: Item) -> dict[str, str]:
    return {"call": item.call} | ({"person": item.person} if item.person else {})


def _bad_words(words: str, *, needed: bool) -> Refused | None:
    if needed and not words.strip():
        return refused("no-words", "write what there is to know")
    if len(words) > MOST_WORDS:
        return Refused((Problem("bad-words", f"at most {MOST_WORDS} characters"),))
    return None
