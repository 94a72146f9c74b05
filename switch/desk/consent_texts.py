"""Consent by text. Sender IDs are forged, so a YES counts only with the code that was texted to the number itself."""
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from switch.call.placed import Answer, PlacedKind
from switch.core.ids import StaffId
from switch.core.numbers import E164, read_number
from switch.desk.asking import Desk, Refused, attempt, refused
from switch.ports.desk import Changes
from switch.ports.placed import PlacedCall, PlacedState, TextCode

DIGITS = 6
GOOD_FOR = timedelta(days=3)
MOST_WRONG = 3
PROMPT = "text-consent"
"""What stands for the prompts of a consent that was texted."""
WORDS = ("Prison phone service. A person in prison wants to ring you on this number. Their calls may be recorded. To agree, "
         "reply YES {code}. If not, reply NO {code}.")
_ANSWER = re.compile(r"\s*(yes|no)\s+(\d{6})\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is to be texted, to this number and nowhere else. The code is in it, and kept as a hash alone."""

    number: str
    text: str


async def write(desk: Desk, actor: StaffId, at: datetime, request: str) -> ConsentText | Refused:
    """The text that asks instead of a call; the request waits for its answer, and is rung all the same unless it comes before. A
    second one replaces the code of the first."""
    code = desk.mint.pin(DIGITS)
    (hashed,) = await desk.mint.hashes([code])

    def work(changes: Changes) -> ConsentText | Refused:
        found = changes.placed_call(request)
        if found is None or found.person is None or found.kind is not PlacedKind.CONSENT or found.state is not PlacedState.DUE:
            return refused("unknown-request", f"no request {request} for consent waits")
        changes.set_text_code(TextCode(request, hashed, at + GOOD_FOR))
        changes.audit("consent-text-written", {"request": request, "person": found.person})
        return ConsentText(found.number, WORDS.format(code=code))

    return await attempt(desk, actor, at, "consent-text-written", {"request": request}, work)


async def received(desk: Desk, actor: StaffId, at: datetime, sender: str, text: str) -> PlacedCall | Refused:
    """A text from outside: YES or NO with a code that was sent to this very number answers the request that it was sent for.
    Three wrong codes end what was sent to the number."""
    number, said = read_number(sender), _ANSWER.fullmatch(text)
    if not isinstance(number, E164) or said is None:
        return refused("no-answer", "this is no YES or NO with a code, from a whole telephone number")
    codes = await desk.work.look(actor, at, lambda changes: changes.text_codes(str(number)))
    answer = Answer.YES if said[1].lower() == "yes" else Answer.NO
    for code in codes:
        if await desk.mint.fits(code.hashed, said[2]):
            return await _keep(desk, actor, at, code, answer)

    def wrong(changes: Changes) -> PlacedCall | Refused:
        changes.count_wrong_code(str(number), MOST_WRONG)
        return refused("wrong-code", "no code that was sent to this number fits")

    return await attempt(desk, actor, at, "consent-text-received", {}, wrong)


async def _keep(desk: Desk, actor: StaffId, at: datetime, code: TextCode, answer: Answer) -> PlacedCall | Refused:
    def work(changes: Changes) -> PlacedCall | Refused:
        if code not in changes.text_codes(None) or not changes.keep_text_answer(code.request, answer, PROMPT):
            return refused("too-late", "this was answered, taken back or given up before")
        found = changes.placed_call(code.request)
        assert found is not None
        return found

    return await attempt(desk, actor, at, "consent-text-received", {"request": code.request}, work)
