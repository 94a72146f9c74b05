"""What one call can have done: its SIP legs, its media, its record. Each outcome is told to the call as an event."""
import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from dialplans.decide import decide, decide_without_plan, occupant
from dialplans.model import Decision, Service
from dialplans.plan import Plan
from switch.call import commands as do
from switch.call import events as was
from switch.call.model import Call, State
from switch.core.facts import Facts, PhoneFacts, SignedListFacts
from switch.core.ids import CallId, Leg, PersonId
from switch.core.numbers import Dialled, Unreadable
from switch.core.reasons import EndedBy, EndReason, Why
from switch.ports import media as heard
from switch.ports.board import Board, BoardRow
from switch.ports.carrier import Carrier, Route
from switch.ports.clock import Clock
from switch.ports.menu import MenuRecords
from switch.ports.records import CallRecords, CallRequest, ClosedCall, service_needs_sql
from switch.ports.spool import Spool
from switch.sip.events import DialogId, InviteReceived

Q850 = {
    Why.BUSY: 17, Why.NO_ANSWER: 19, Why.REJECTED: 21, Why.NOT_IN_SERVICE: 1, Why.UNREACHABLE: 27, Why.NETWORK_FAILURE: 38,
    Why.FAULT: 41, Why.RECORDER: 41, Why.LINES_BUSY: 34,
}  # fmt: skip
"""ITU-T Q.850 causes for the Reason header (RFC 3326); whatever is not here cleared normally, 16."""


ORDERS_WAIT = 0.5
"""Seconds that a helpline call waits for the store to say whether an order of staff stops helplines too."""


class SipLegs(Protocol):
    """The SIP side as a call needs it."""

    def answer(self, dialog: DialogId, sdp: bytes) -> None: ...

    def refuse(self, dialog: DialogId, status: int) -> None: ...

    def dial(self, call: CallId, route: Route, sdp: bytes) -> DialogId: ...

    def hangup(self, dialog: DialogId, reason: str, q850: int) -> None: ...


def unread(_dialled: Dialled | Unreadable) -> SignedListFacts:
    """No list at all: nothing that would be recorded is placed."""
    return SignedListFacts()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the hands of every call share."""

    sip: SipLegs
    media: heard.MediaEngine
    records: CallRecords
    carrier: Carrier
    spool: Spool
    board: Board
    clock: Clock
    menu: MenuRecords
    plan: Plan | None
    """None: what stands is no plan (`no_plan` says why); helplines and emergency calls go through all the same."""
    control_room: str | None = None
    """Where emergency calls go while there is no plan: the last address known."""
    no_plan: str = ""
    listed: Callable[[Dialled | Unreadable], SignedListFacts] = unread
    """What the signed list of privileged numbers says of a number, as the node has it now."""
    languages: tuple[str, ...] = ("en",)
    """Those that can be spoken, the site's own first."""

    def decide(self, facts: Facts, request: CallRequest) -> Decision:
        """The plan's word on a call, or what holds without a plan."""
        if self.plan is None:
            return decide_without_plan(facts, request.call, request.dialled, self.no_plan, self.control_room)
        return decide(self.plan, facts, request.call, request.dialled)

    def spoken(self, language: str) -> str:
        """The language that is kept of somebody, where it is spoken here, else the site's own."""
        return language if language in self.languages else self.languages[0]


class CallHands:
    """The hands of one call. `tell` is the call's inbox; `bind` says which dialog is a leg of it."""

    def __init__(
        self, tools: Tools, request: CallRequest, phone: PhoneFacts, offer: InviteReceived,
        tell: Callable[[was.Event], None], bind: Callable[[CallId, Leg, DialogId], None],
    ) -> None:  # fmt: skip
        self._tools, self._request, self._phone, self._tell, self._bind = tools, request, phone, tell, bind
        self.dialogs: dict[Leg, DialogId] = {Leg.CELL: offer.dialog}
        self.person: PersonId | None = None
        self.talking_since: float | None = None
        self.row: BoardRow | None = None
        self._offer, self._first, self._refusals = offer, request, 0
        self._decision: Decision | None = None
        self._facts: Facts | None = None
        self._let_go: set[Leg] = set()
        self._report = heard.MediaReport()

    @property
    def to_contact(self) -> bool:
        """It was decided, and is a call to a contact: what orders of staff end, where they do not name the call itself."""
        return self._decision is not None and self._decision.service is Service.CONTACT

    async def carry_out(self, command: do.Command) -> None:
        tools, call = self._tools, self._request.call
        match command:
            case do.AnswerCell():
                await self._answer_cell()
            case do.CheckPin(keyed, person, pin):
                await self._check_pin(keyed, person, pin)
            case do.Decide(person, dialled):
                if dialled is not None:  # chosen since: facts, decision and record are about this number, from now
                    self._request = replace(self._request, dialled=dialled, at=tools.clock.wall())
                await self._decide(person)
            case do.ReadMenu(person, section):
                data = await tools.menu.read(section, person, tools.clock.wall())
                self._tell(was.MenuRead(section, data))
            case do.ReadSlot(person, slot):
                self._tell(was.SlotRead(slot, await tools.menu.slot(person, slot)))
            case do.KeepSlot(person, slot, number):
                await tools.menu.keep_slot(call, person, slot, number, tools.clock.wall())
                self._tell(was.SlotKept(slot))
            case do.KeepLanguage(person, language):
                await tools.menu.keep_language(call, person, language, tools.clock.wall())
                self._tell(was.LanguageKept(language))
            case do.OpenRecord(decision):
                why = await tools.records.open(self._request, self.person, decision, self._facts)
                self._tell(was.RecordOpened() if why is None else was.RecordRefused(why))
            case do.Dial(decision):
                await self._dial(decision)
            case do.Play(leg, prompts, tag, loop_last, language):
                await tools.media.play(call, leg, self._worded(prompts, language), tag, loop_last)
            case do.StopPlaying(leg):
                await tools.media.stop(call, leg)
            case do.StartRecording(warrant):
                await tools.media.record(call, warrant)
            case do.SeekMachine(warrant):
                await tools.media.seek_machine(call, warrant)
            case do.Bridge():
                await self._bridge()
            case do.Unbridge():
                await tools.media.gate(call, False)
            case do.StopContact(scope):
                assert self._decision is not None
                assert self._decision.number is not None
                await tools.records.stop_contact(self._request, self.person, self._decision.number, scope)
                self._tell(was.ContactStopped(scope))
            case do.MarkWrongNumber():
                assert self._decision is not None
                assert self._decision.number is not None
                await tools.records.wrong_number(self._request, self.person, self._decision.number)
            case do.RaiseAlarm(kind, text):
                await tools.records.raise_alarm(kind, self._placed(text), call, tools.clock.wall())
            case do.Hangup(leg, reason):
                self._hangup(leg, reason)
            case do.CloseMedia():
                self._report = await tools.media.close(call)
                self._tell(was.MediaClosed())
            case do.CloseRecord(ending):
                await tools.records.close(self._closed(ending))
                self._tell(was.RecordClosed())
            case do.NoteRefusal(ending):
                await self._note_refusal(ending)
            case do.JournalRecord(ending):
                await tools.records.journal(self._closed(ending))
                self._tell(was.RecordClosed())

    def changed(self, call: Call) -> None:
        """Show the call's new state on the board."""
        clock, decision = self._tools.clock, call.decision
        if call.state is State.ENDED:
            self._tools.board.drop(self._request.call)
            return
        since = clock.wall().isoformat()
        talking = call.state is State.TALKING
        self.row = BoardRow(
            id=self._request.call, state=call.state.name.lower(), phone=self._phone.id, person=call.person,
            to="" if decision is None or decision.number is None else str(decision.number),
            privileged=decision is not None and decision.privacy == "privileged",
            since=since if self.row is None else self.row.since, talking_since=since if talking else None,
            seconds_left=decision.limit.seconds if talking and decision and decision.limit else None,
            rate=decision.rate.per_minute if decision and decision.rate else None,
            free_seconds=decision.bundle_seconds if decision else 0,
        )  # fmt: skip
        self._tools.board.put(self.row)

    def hear(self, event: heard.MediaEvent) -> None:
        """A media event in the words of the call."""
        match event:
            case heard.Digit(leg, digit):
                self._tell(was.DigitPressed(leg, digit))
            case heard.PlayEnded(leg, tag):
                self._tell(was.PromptEnded(leg, tag))
            case heard.LegSilent(leg, text):
                self._tell(was.LegFellSilent(leg, text))
            case heard.TapRunning():
                self._tell(was.RecorderRunning())
            case heard.TapStopped(why):
                self._tell(was.RecorderStopped(why))
            case heard.MachineHeard(_, why):
                self._tell(was.MachineHeard(why))
            case heard.FirstPacket():
                pass

    async def outside_answered(self, sdp: bytes) -> None:
        """The phone outside was picked up; an answer that we cannot carry is no answer."""
        try:
            await self._tools.media.answered(self._request.call, Leg.OUTSIDE, sdp)
        except (heard.MediaRefused, KeyError) as error:
            self._hangup(Leg.OUTSIDE, EndReason(EndedBy.SWITCH, Why.FAULT))
            self._tell(was.CommandFailed("Dial", f"the answer from outside cannot be carried: {error}"))
        else:
            self._tell(was.LegAnswered(Leg.OUTSIDE))

    async def _answer_cell(self) -> None:
        media, call, cell = self._tools.media, self._request.call, self.dialogs[Leg.CELL]
        try:
            await media.open(call, self.hear)
            sdp = await media.accept(call, Leg.CELL, self._offer.sdp or b"", self._offer.flow.remote[0])
        except heard.MediaRefused:
            self._tools.sip.refuse(cell, 488)
            raise
        except OSError:  # every port is in use
            self._tools.sip.refuse(cell, 503)
            raise
        if Leg.CELL not in self._let_go:
            self._tools.sip.answer(cell, sdp)

    async def _check_pin(self, keyed: str | None, person: PersonId | None, pin: str) -> None:
        verdict = await self._tools.records.check_pin(self._phone.id, keyed, person, pin)
        if verdict.person is not None:
            self._tell(was.Identified(verdict.person, self._tools.spoken(verdict.language)))
            if verdict.duress:  # told after, so that nothing about the call is slower or otherwise
                text = f"{verdict.person} gave the duress PIN: cell {self._phone.cell}, telephone {self._phone.id}"
                await self._tools.records.raise_alarm("duress", text, self._request.call, self._tools.clock.wall())
            return
        if verdict.locked_now:
            text = self._placed("Three wrong PINs: this telephone is locked for this person")
            await self._tools.records.raise_alarm("pin-locked", text, self._request.call, self._tools.clock.wall())
        self._tell(was.IdentityRefused(verdict.locked))

    async def _decide(self, person: PersonId | None) -> None:
        tools, request = self._tools, self._request
        self.person, self._facts = person, None
        listed = tools.listed(request.dialled)
        # what the store has not said yet is not known: a helpline that it may have found to be privileged is not recorded
        decision = tools.decide(Facts(request.at, self._phone, listed=listed, found_privileged=True), request)
        if service_needs_sql(decision.service):
            facts = await tools.records.facts(request, person)
            facts = replace(facts, recording_room=tools.spool.room_seconds(), listed=listed)
            self._facts = facts
            decision = tools.decide(facts, request)
        elif decision.service is Service.HELPLINE and (known := await self._against_helpline()):
            bare = Facts(request.at, self._phone, orders=known.orders, stopped_by_two=known.stopped_by_two, listed=listed,
                         found_privileged=known.found_privileged)
            decision = tools.decide(bare, request)
        if decision.service is Service.HELPLINE:  # who is known from the menu is not written down for a helpline
            self.person = occupant(self._phone)
        if decision.refusal is None and decision.service is not Service.MENU:
            await tools.media.settle(request.call, decision.warrant())
        self._decision = decision
        self._tell(was.Decided(decision))

    async def _against_helpline(self) -> Facts | None:
        """Orders and stops that close helplines. A store that is gone or slow closes none: a helpline needs no store."""
        try:
            async with asyncio.timeout(ORDERS_WAIT):
                return await self._tools.records.facts(self._request, None)
        except Exception:
            return None

    async def _dial(self, decision: Decision) -> None:
        sdp = await self._tools.media.offer(self._request.call, Leg.OUTSIDE)
        if Leg.OUTSIDE not in self._let_go:
            dialog = self._tools.sip.dial(self._request.call, self._tools.carrier.route(decision.dial), sdp)
            self.dialogs[Leg.OUTSIDE] = dialog
            self._bind(self._request.call, Leg.OUTSIDE, dialog)

    async def _bridge(self) -> None:
        """Open the gate, then note in the journal that the charged part began: a crash charges from there."""
        await self._tools.media.gate(self._request.call, True)
        self.talking_since = self._tools.clock.monotonic()
        try:
            await self._tools.records.talking(self._request.call)
        except Exception:
            if self._decision is not None and service_needs_sql(self._decision.service):
                raise

    def _hangup(self, leg: Leg, reason: EndReason) -> None:
        self._let_go.add(leg)
        if dialog := self.dialogs.get(leg):
            self._tools.sip.hangup(dialog, reason.why, Q850.get(reason.why, 16))

    def _closed(self, ending: do.Ending) -> ClosedCall:
        return ClosedCall(self._request, ending, self._tools.clock.wall(), self._report, self._facts)

    async def _note_refusal(self, ending: do.Ending) -> None:
        """A record of its own for what was refused from the menu; what follows is the menu's again."""
        self._refusals += 1
        call = CallId(f"{self._first.call}-{self._refusals}")
        decision = None if ending.decision is None else replace(ending.decision, call=call)
        refused = replace(self._closed(replace(ending, decision=decision)), request=replace(self._request, call=call))
        self._request, self._decision, self._facts = self._first, None, None
        records = self._tools.records
        try:
            await records.close(refused)
        except Exception:
            try:
                await records.journal(refused)
            except Exception as error:
                text = f"A refusal could be written neither to the store nor to the journal: {error}"
                await records.raise_alarm("no-record", text, call, self._tools.clock.wall())

    def _worded(self, prompts: tuple[str, ...], language: str) -> tuple[str, ...]:
        """The prompts as ids of this language; the site's own needs none, and what names its language keeps it."""
        if language in ("", self._tools.languages[0]):
            return prompts
        return tuple(prompt if "/" in prompt else f"{language}/{prompt}" for prompt in prompts)

    def _placed(self, text: str) -> str:
        """The alarm's text with the cell, and the person or who may be the person."""
        who = self.person or " or ".join(self._phone.people) or "nobody assigned"
        return f"{text}: cell {self._phone.cell}, telephone {self._phone.id}, {who}"
