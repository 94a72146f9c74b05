"""The calls that the switch places itself: requests that are due are taken up, rung and asked, each by a task of its own."""
import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from dialplans.placing import may_place, placing_now
from dialplans.plan import Plan
from switch.call import commands as do
from switch.call import events as was
from switch.call import placed
from switch.call.coding import code_question
from switch.call.confirming import confirmation
from switch.core.facts import StopScope
from switch.core.ids import CallId, Leg, PersonId, PhoneId, StaffId
from switch.core.node_orders import NodeOrder, NodeReach
from switch.core.numbers import Unreadable, read_dialled, read_number
from switch.core.reasons import EndedBy, EndReason, Why, from_status
from switch.ports import media as heard
from switch.ports.board import BoardRow
from switch.ports.clock import Ids
from switch.ports.placed import DueCall, PlacedRecords, Tries
from switch.ports.records import CallRequest
from switch.runtime.calls import Runner
from switch.runtime.hands import Q850, Tools
from switch.sip import events as sip

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""Seconds between looks for requests that are due, and for orders against calls that run."""
DRAIN_WAIT = 10.0


def question_of(due: DueCall) -> placed.Question:
    if due.kind is placed.PlacedKind.CODE:
        return code_question(due.code)
    if due.stop is not None:
        return confirmation(due.kind, due.stop.scope, due.stop.code)
    return placed.QUESTIONS[due.kind]


class PlacedHands:
    """What one call of the switch can have done. Its media is settled untappable, and nobody in a cell is ever put on it."""

    def __init__(self, placing: "Placing", call: CallId, due: DueCall, question: placed.Question) -> None:
        self._placing, self._call, self._due, self._question = placing, call, due, question
        self._tools = placing.tools
        self._dialog: sip.DialogId | None = None
        self._let_go = False
        self.row: BoardRow | None = None
        """As it is on the board; its media is untappable, so it is shown as privileged."""
        self.runner: Runner[placed.Placed] = Runner(
            self, placed.Placed(), placed.step, lambda one: one.state, placed.State.ENDED)

    async def carry_out(self, command: placed.Command) -> None:
        tools, records, call, now = self._tools, self._placing.records, self._call, self._tools.clock.wall()
        match command:
            case placed.OpenAttempt():
                why = await records.open_attempt(call, self._due, now)
                self.runner.tell(was.RecordOpened() if why is None else was.RecordRefused(why))
            case placed.Ring():
                await self._ring()
            case placed.KeepAnswer(answer):
                if answer is placed.Answer.STOPPED and self._due.person is not None:
                    await self._stop(self._due.person, StopScope.PERSON)
                elif self._due.stop and self._due.kind is placed.PlacedKind.STOP and answer is placed.Answer.YES:
                    await self._stop(self._due.stop.person, self._due.stop.scope)
                await records.keep_answer(call, self._due, answer, self._question.prompts, now)
                self.runner.tell(placed.AnswerKept())
            case placed.CloseAttempt():
                await records.close_attempt(call, self._due, command, self._placing.tries, now)
                self.runner.tell(was.RecordClosed())
            case do.Play(leg, prompts, tag, loop_last):
                await tools.media.play(call, leg, prompts, tag, loop_last)
            case do.StopPlaying(leg):
                await tools.media.stop(call, leg)
            case do.RaiseAlarm(kind, text):
                await tools.records.raise_alarm(kind, text, None, now)
            case do.Hangup(_, reason):
                self._hangup(reason)
            case do.CloseMedia():
                await tools.media.close(call)
                self.runner.tell(was.MediaClosed())
            case _:
                raise TypeError(f"a call of the switch has no {type(command).__name__}")

    def changed(self, call: placed.Placed) -> None:
        """Show the new state on the board, as that of every other call."""
        if call.state is placed.State.ENDED:
            self._tools.board.drop(self._call)
            return
        now, before = self._tools.clock.wall().isoformat(), self.row
        answered = call.answered_at is not None and call.closing is None
        self.row = BoardRow(
            id=self._call, state=call.state.name.lower(), phone="", person=self._due.person, to=self._due.number,
            privileged=True, since=now if before is None else before.since,
            talking_since=((before.talking_since if before else None) or now) if answered else None,
            kind=f"placed-{self._due.kind}",
        )  # fmt: skip
        self._tools.board.put(self.row)

    def hear(self, event: heard.MediaEvent) -> None:
        match event:
            case heard.Digit(leg, digit):
                self.runner.tell(was.DigitPressed(leg, digit))
            case heard.PlayEnded(leg, tag):
                self.runner.tell(was.PromptEnded(leg, tag))
            case _:
                pass

    async def answered(self, sdp: bytes) -> None:
        """Picked up; an answer that we cannot carry is none."""
        try:
            await self._tools.media.answered(self._call, Leg.OUTSIDE, sdp)
        except (heard.MediaRefused, KeyError) as error:
            self._hangup(EndReason(EndedBy.SWITCH, Why.FAULT))
            self.runner.tell(was.CommandFailed("Ring", f"the answer cannot be carried: {error}"))
        else:
            self.runner.tell(was.LegAnswered(Leg.OUTSIDE))

    async def _ring(self) -> None:
        tools, call = self._tools, self._call
        await tools.media.open(call, self.hear)
        await tools.media.settle(call, None)
        sdp = await tools.media.offer(call, Leg.OUTSIDE)
        if not self._let_go:
            self._dialog = tools.sip.dial(call, tools.carrier.route(self._due.number), sdp)
            self._placing.legs[self._dialog] = self

    async def _stop(self, person: PersonId | None, scope: StopScope) -> None:
        """In the node's journal first, as every order to stop: it holds though the store is gone."""
        dialled = read_dialled(self._due.number)
        assert not isinstance(dialled, Unreadable), "no number that cannot be read is rung"
        request = CallRequest(self._call, PhoneId(""), dialled, self._tools.clock.wall())
        await self._tools.records.stop_contact(request, person, dialled.number, scope)

    def _hangup(self, reason: EndReason) -> None:
        self._let_go = True
        if self._dialog is not None:
            self._tools.sip.hangup(self._dialog, reason.why, Q850.get(reason.why, 16))

    def forget(self) -> None:
        if self._dialog is not None:
            self._placing.legs.pop(self._dialog, None)


@dataclass
class Placing:
    """Never more at once than the plan says, none outside its hours, none while the switch drains."""

    tools: Tools
    records: PlacedRecords
    ids: Ids
    plan: Plan
    legs: dict[sip.DialogId, PlacedHands] = field(default_factory=dict)
    _running: dict[CallId, tuple[DueCall, PlacedHands, "asyncio.Task[Any]"]] = field(default_factory=dict)
    _answering: "set[asyncio.Task[None]]" = field(default_factory=set)
    _draining: bool = False

    def __len__(self) -> int:
        return len(self._running)

    @property
    def tries(self) -> Tries:
        return Tries(self.plan.placing.tries, self.plan.placing.spacing_minutes)

    def on_event(self, event: sip.SipEvent) -> bool:
        """Whether the event was for one of these calls."""
        match event:
            case sip.Answered(dialog, sdp) if dialog in self.legs:
                task = asyncio.get_running_loop().create_task(self.legs[dialog].answered(sdp))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            case sip.Rejected(dialog, status, reason) if dialog in self.legs:
                self._left(dialog, from_status(status), f"{status} {reason}")
            case sip.ByeReceived(dialog, reason) if dialog in self.legs:
                self._left(dialog, Why.HUNG_UP, reason)
            case (sip.SessionExpired(dialog) | sip.DialogLost(dialog, _)) if dialog in self.legs:
                self._left(dialog, Why.UNREACHABLE, "the other side was lost")
            case sip.DigitByInfo(dialog, digit, _) if dialog in self.legs:
                self.legs[dialog].runner.tell(was.DigitPressed(Leg.OUTSIDE, digit))
            case _:
                return False
        return True

    def _left(self, dialog: sip.DialogId, why: Why, note: str) -> None:
        self.legs.pop(dialog).runner.tell(was.LegLeft(Leg.OUTSIDE, why, note))

    def rows(self) -> list[BoardRow]:
        """Those that run, as the board shows them."""
        return [hands.row for _, hands, _ in self._running.values() if hands.row is not None]

    def has(self, call: CallId) -> bool:
        return call in self._running

    def obey(self, order: NodeOrder, at: datetime) -> None:
        """An order that this node took itself: a cut of one of these calls, or a kill of the person whom they are about. They
        have no telephone; the kill of a place is a row, and ends them when the database is back."""
        for call, (due, _, _) in self._running.items():
            about = order.reach is NodeReach.PERSON and order.cut and order.in_force(at) and order.target == due.person
            if about or (order.reach is NodeReach.CALL and order.target == call):
                self.cut(call, order.staff, order.reason)

    def cut(self, call: CallId, staff: StaffId, reason: str) -> bool:
        """Staff end one. False where it is none of these."""
        if call not in self._running:
            return False
        self._running[call][1].runner.tell(was.CutOrdered(staff, reason))
        return True

    async def run(self) -> None:
        """Look each second; never returns. A store that is away is tried again: nothing is placed without it."""
        recovered = False
        while True:
            try:
                if not recovered:
                    await self.records.recover(self.tries, self.tools.clock.wall())
                    recovered = True
                await self._look()
            except Exception as error:
                log.warning("placing", error=repr(error))
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        now = self.tools.clock.wall()
        if self._running:
            for order in await self.records.live_orders(list(self._running), now):
                self.cut(order.call, order.staff, order.reason)
        room = self.plan.placing.at_once - len(self._running)
        if self._draining or room <= 0 or not placing_now(self.plan, now):
            return
        busy = {one.id for one, _, _ in self._running.values()}
        numbers = {one.number for one, _, _ in self._running.values()}
        for due in await self.records.due(now, room + len(busy)):
            if self._draining or len(self._running) >= self.plan.placing.at_once:
                return
            if due.id in busy or due.number in numbers:
                continue
            number = read_number(due.number)
            why = Why.UNREADABLE if isinstance(number, Unreadable) else may_place(self.plan, number, now)
            if why is not None:
                await self.records.refuse(due, why, now)
                continue
            numbers.add(due.number)
            who = await self.records.introduce(due, self.plan.placing.names)
            self._start(due, placed.introduced(question_of(due), who))

    def _start(self, due: DueCall, question: placed.Question) -> None:
        call = CallId(self.ids.call())
        hands = PlacedHands(self, call, due, question)
        hands.runner.tell(placed.Due(question, float(self.plan.settings.ring.value)))
        task = asyncio.get_running_loop().create_task(self._live(call, hands), name=f"placed {call}")
        self._running[call] = (due, hands, task)

    async def _live(self, call: CallId, hands: PlacedHands) -> None:
        try:
            await hands.runner.run()
        finally:
            hands.forget()
            self._running.pop(call, None)

    async def drain(self) -> None:
        """No new ones; those that run end, and are on the record when this returns, or time is up."""
        self._draining = True
        for _, hands, _ in list(self._running.values()):
            hands.runner.tell(was.SwitchClosing(0.0))
        if tasks := [task for _, _, task in self._running.values()]:
            await asyncio.wait(tasks, timeout=DRAIN_WAIT)
