"""`CallRecords` (switch.ports.records) on SQL and the node's journal."""
import asyncio
import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from weakref import WeakValueDictionary

from dialplans.model import Decision
from switch.core.facts import Facts, OrderFacts, PhoneFacts, StopScope
from switch.core.ids import CallId, PersonId, PhoneId
from switch.core.node_orders import Kept, NodeOrder, NodeReach, reaches
from switch.core.numbers import Number, Unreadable
from switch.core.reasons import Why
from switch.ledger.charge import hold_of
from switch.ports.clock import Clock
from switch.ports.media import MediaReport, SealedRecording
from switch.ports.records import CallRequest, ClosedCall, LiveOrder, PinVerdict, service_needs_sql
from switch.store.calls import CloseCall, CloseLost, NotEnoughCredit, OnCall, OpenCall, open_unknown, request_row
from switch.store.database import Store
from switch.store.errors import JournalFailed, StoreError
from switch.store.facts import read_facts, read_phone, read_phones
from switch.store.journal import Journal
from switch.store.journal_state import Record, closed_record, opened_record, order_record
from switch.store.kept_orders import KeepOrder
from switch.store.orders import PlaceAlarm, PlaceStop, read_live_orders
from switch.store.pins import ClearFailures, CountFailure, PinHasher, read_claims
from switch.store.stamps import stamp, unstamp
from switch.store.wrong_numbers import MarkWrongNumber

log = logging.getLogger("wingline.store")
ORDER_PATIENCE = 1.0
"""Seconds for which an order of staff waits to be told that the database has it; it holds on the node at once."""
Salvage = Callable[[CallId], SealedRecording | None]


class Records:
    """One node's calls. `start` beats the journal, settles what SQL lacks and keeps the telephones known; `stop` ends that.

    `salvage(call)` is what a tap left of a call that nobody closed: blocking, run in a thread.
    """

    def __init__(
        self, store: Store, journal: Journal, clock: Clock, pins: PinHasher, node: str = "node", salvage: Salvage | None = None,
        beat: float = 0.5, settle_every: float = 5.0,
    ) -> None:
        self._store, self._journal, self._clock, self._pins, self._node = store, journal, clock, pins, node
        self._salvage, self._beat, self._settle_every = salvage, beat, settle_every
        self._live: set[CallId] = set()
        self._talking: set[CallId] = set()
        self._phones: dict[PhoneId, PhoneFacts] = {}
        self._pairs: WeakValueDictionary[tuple[str, str | None], asyncio.Lock] = WeakValueDictionary()
        self._orders = {order.id: order for order in journal.orders()}
        self._settling = asyncio.Lock()
        self._lost_sought = False
        self._tasks: set[asyncio.Task[object]] = set()

    async def start(self) -> None:
        """Know the telephones, bring the last run's calls into SQL. A store that is gone is no reason not to start."""
        try:
            await self.refresh()
            await self.settle()
        except StoreError as error:
            log.warning("started without the database: %s", error)
        for task in (self._beating(), self._keeping()):
            self._spawn(asyncio.create_task(task))

    async def stop(self) -> None:
        """End the background work. Store and journal are closed by whoever opened them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def refresh(self) -> None:
        """Read all telephones anew, for `phone` to know while SQL is gone."""
        self._phones = await self._store.read(read_phones)

    async def phone(self, phone: PhoneId) -> PhoneFacts | None:
        """As of the last `refresh`, a few seconds ago at most; `facts` reads it anew before anything is decided."""
        if known := self._phones.get(phone):
            return known
        return await self._store.read(lambda conn: read_phone(conn, phone))

    async def check_pin(self, phone: PhoneId, keyed: str | None, person: PersonId | None, pin: str) -> PinVerdict:
        """One try of a pair at a time: guesses that come together are counted one after another."""
        async with self._pairs.setdefault((phone, person or keyed), asyncio.Lock()):
            claims = await self._store.read(lambda conn: read_claims(conn, phone, keyed, person))
            open_to_try = [claim for claim in claims if not claim.locked]
            if not open_to_try:
                return PinVerdict(None, locked=True)
            for claim in open_to_try:
                first = await self._pins.fits(claim.hash, pin)
                # asked of everybody whose first PIN did not fit, so that a wrong one takes as long with and without a second
                duress = not first and await self._pins.fits(claim.duress, pin)
                if first or duress:
                    if claim.failures:
                        await self._store.write(ClearFailures(phone, claim.who, self._clock.wall()))
                    return PinVerdict(claim.person, duress=duress, language=claim.language)
            locks = await self._store.write(CountFailure(phone, open_to_try[0].who, self._clock.wall()))
            return PinVerdict(None, locked=locks, locked_now=locks)

    async def facts(self, request: CallRequest, person: PersonId | None) -> Facts:
        facts = await self._store.read(lambda conn: read_facts(conn, request, person))
        if isinstance(request.dialled, Unreadable):
            return facts
        number = str(request.dialled.number)
        waiting = tuple(
            StopScope(stop["scope"]) for stop in self._journal.stops()
            if stop["number"] == number and (stop["scope"] == StopScope.EVERYONE or stop["person"] == person)
        )
        wrong = facts.wrong_number or any(one["number"] == number for one in self._journal.wrong_numbers())
        taken = tuple(OrderFacts(one.reach, one.reason) for one in self._orders.values()
                      if one.in_force(request.at) and reaches(one, facts.phone, person))
        if not (waiting or wrong or taken):
            return facts
        return replace(facts, stops=facts.stops + waiting, wrong_number=wrong, orders=facts.orders + taken)

    async def open(
        self, request: CallRequest, person: PersonId | None, decision: Decision, facts: Facts | None = None,
    ) -> Why | None:
        needs_sql = service_needs_sql(decision.service)
        self._live.add(request.call)
        unit = OpenCall(request, request_row(request, person, decision, self._node, facts), hold_of(decision))
        try:
            await self._journal.write(opened_record(request, person, decision, stamp(self._clock.wall())))
        except JournalFailed:
            if needs_sql:
                raise
            await self._store.write(unit)
            return None
        if not needs_sql:
            self._spawn(asyncio.create_task(self._open_late(unit)))
            return None
        try:
            await self._store.write(unit)
        except OnCall:
            self._forget(request.call, "void")
            return Why.ON_CALL
        except NotEnoughCredit:  # spent since the decision, on something else
            self._forget(request.call, "void")
            return Why.NO_CREDIT
        return None

    async def talking(self, call: CallId) -> None:
        self._talking.add(call)
        self._journal.talking(call)

    async def close(self, closed: ClosedCall) -> None:
        await self._store.write(CloseCall(closed, self._node))
        self._forget(closed.request.call, "settled")

    async def journal(self, closed: ClosedCall) -> None:
        await self._journal.write(closed_record(closed))
        self._live.discard(closed.request.call)
        self._talking.discard(closed.request.call)

    async def settle(self) -> int:
        async with self._settling:
            for stop in self._journal.stops():
                await self._store.write(_stop_unit(stop))
                self._journal.settled(stop["id"])
            for wrong in self._journal.wrong_numbers():
                await self._store.write(_wrong_unit(wrong))
                self._journal.settled(wrong["id"])
            for order in list(self._orders.values()):
                await self._keep(order)
            for alarm in self._journal.alarms():
                unit = PlaceAlarm(alarm["id"], alarm["kind"], alarm["text"], alarm["call"], unstamp(alarm["at"]))
                await self._store.write(unit)
                self._journal.settled(alarm["id"])
            brought = 0
            for closed in self._journal.unsettled():
                brought += await self._store.write(CloseCall(await self._salvaged(closed), self._node))
                self._journal.settled(closed.request.call)
            if not self._lost_sought:
                known = frozenset(self._live) | self._journal.open_calls()
                for call in await self._store.read(lambda conn: open_unknown(conn, self._node, known)):
                    await self._store.write(CloseLost(call, self._clock.wall()))
                    brought += 1
                self._lost_sought = True
            return brought

    async def stop_contact(self, request: CallRequest, person: PersonId | None, number: Number, scope: StopScope) -> None:
        """A stop of nobody in particular is a stop of everybody: the wider reading harms nobody who asked for it."""
        reach = scope if person else StopScope.EVERYONE
        record: Record = {"k": "stop", "id": f"{request.call}:{reach}", "number": str(number), "scope": reach,
                          "person": person if reach is StopScope.PERSON else None, "by": f"call:{request.call}",
                          "at": stamp(self._clock.wall())}
        await self._journal.write(record)
        await self._store.write(_stop_unit(record))
        self._journal.settled(record["id"])

    async def wrong_number(self, request: CallRequest, person: PersonId | None, number: Number) -> None:
        record: Record = {"k": "wrong", "id": f"{request.call}:wrong", "call": request.call, "number": str(number),
                          "person": person, "at": stamp(self._clock.wall())}
        await self._journal.write(record)
        await self._store.write(_wrong_unit(record))
        self._journal.settled(record["id"])

    async def take_order(self, order: NodeOrder) -> Kept:
        self._orders[order.id] = order  # from here on it holds on this node, whatever becomes of writing it down
        kept = Kept.JOURNAL
        try:
            await self._journal.write(order_record(order))
        except JournalFailed as error:
            log.critical("order %s is in no journal: %s", order.id, error)
            kept = Kept.MEMORY
        writing = asyncio.create_task(self._kept(order))
        self._spawn(writing)
        await asyncio.wait({writing}, timeout=ORDER_PATIENCE)
        return Kept.DATABASE if order.id not in self._orders else kept

    def waiting_orders(self) -> Sequence[NodeOrder]:
        return list(self._orders.values())

    def known_phones(self) -> Sequence[PhoneFacts]:
        return list(self._phones.values())

    async def _kept(self, order: NodeOrder) -> None:
        try:
            await self._keep(order)
        except StoreError as error:
            what = "cut" if order.reach is NodeReach.CALL else "kill"
            text = f"{order.staff} ordered a {what} ({order.id}) while the database was away: {error}"
            await self.raise_alarm("order-not-written", text, None, order.at)

    async def _keep(self, order: NodeOrder) -> None:
        await self._store.write(KeepOrder(order, self._node))
        self._orders.pop(order.id, None)
        self._journal.settled(order.id)

    async def live_orders(self) -> Sequence[LiveOrder]:
        now = self._clock.wall()
        return await self._store.read(lambda conn: read_live_orders(conn, now))

    async def raise_alarm(self, kind: str, text: str, call: CallId | None, at: datetime) -> None:
        """Never raises: what SQL does not take waits in the journal, and what that does not take is in the log."""
        log.warning("alarm %s: %s", kind, text)
        id = f"{kind}:{call or ''}:{stamp(at)}:{zlib.crc32(text.encode()):08x}"
        try:
            await self._store.write(PlaceAlarm(id, kind, text, call, at))
        except Exception as error:
            log.error("alarm %s not in the database: %s", kind, error)
            try:
                await self._journal.write({"k": "alarm", "id": id, "kind": kind, "text": text, "call": call, "at": stamp(at)})
            except Exception as failure:
                log.critical("alarm %s is in this log only: %s", kind, failure)

    async def _salvaged(self, closed: ClosedCall) -> ClosedCall:
        if self._salvage is None or closed.ending.reason.why is not Why.CRASHED or closed.media.recording:
            return closed
        recording = await asyncio.to_thread(self._salvage, closed.request.call)
        return replace(closed, media=MediaReport(closed.media.legs, recording)) if recording else closed

    async def _open_late(self, unit: OpenCall) -> None:
        """A helpline call shows in lists where SQL can be had; it does not wait for it."""
        try:
            await self._store.write(unit)
        except StoreError as error:
            log.warning("call %s is in the journal only: %s", unit.request.call, error)

    def _forget(self, call: CallId, word: str) -> None:
        self._talking.discard(call)
        if call in self._live:
            self._live.discard(call)
            try:
                self._journal.note({"k": word, "id": call})
            except JournalFailed as error:
                log.error("call %s stays in the journal, and is settled again: %s", call, error)

    async def _beating(self) -> None:
        while True:
            await asyncio.sleep(self._beat)
            if self._talking:
                try:
                    self._journal.beat(self._clock.wall())
                except JournalFailed as error:
                    log.error("%s", error)

    async def _keeping(self) -> None:
        while True:
            await asyncio.sleep(self._settle_every)
            try:
                if self._journal.pending() or self._orders or not self._lost_sought:
                    await self.settle()
                await self.refresh()
            except StoreError as error:
                log.warning("the database is still away: %s", error)

    def _spawn(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _stop_unit(stop: Record) -> PlaceStop:
    return PlaceStop(stop["id"], stop["number"], StopScope(stop["scope"]), stop["person"], stop["by"], unstamp(stop["at"]))


def _wrong_unit(wrong: Record) -> MarkWrongNumber:
    return MarkWrongNumber(wrong["call"], wrong["number"], wrong["person"], f"call:{wrong['call']}", unstamp(wrong["at"]))
