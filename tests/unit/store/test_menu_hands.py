"""What the hands of a call do for the menu: a refusal that leads back is a record of its own; prompts go out by language."""
from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import select

from switch.call import commands as do
from switch.call import events as was
from switch.core.facts import PhoneFacts, SignedListFacts
from switch.core.ids import Leg
from switch.core.numbers import Dialled
from switch.core.reasons import EndedBy, EndReason, Why
from switch.runtime.hands import CallHands, Tools
from switch.store.database import Store
from switch.store.menu import SqlMenu
from switch.store.records import Records
from switch.store.tables import cdrs
from tests.unit.store.site import ANN, CELL_1, MUM, SOLICITOR, Site, decision, request

HERE = PhoneFacts(CELL_1, "A1-01", "A", "HMP", (ANN,))


class Wire:
    """Where the sound and the SIP of a call would go: what was played is written down."""

    flow = dialog = None

    def __init__(self) -> None:
        self.played: list[tuple[str, ...]] = []

    def room_seconds(self) -> float:
        return 1e6

    async def play(self, call: str, leg: Leg, prompts: tuple[str, ...], tag: str, loop_last: bool) -> None:
        self.played.append(prompts)


def hands_of(site: Site, told: list[was.Event], wire: Any, **given: Any) -> CallHands:
    everything: dict[str, Any] = {one.name: wire for one in fields(Tools)} | {
        "records": site.records, "clock": site.clock, "languages": ("en", "cy"), "no_plan": ""} | given
    return CallHands(Tools(**everything), request("c1"), HERE, wire, told.append, lambda *_: None)


def refusal() -> do.NoteRefusal:
    return do.NoteRefusal(do.Ending(EndReason(EndedBy.POLICY, Why.UNAPPROVED, "not on the list"), decision("c1"), ANN, 0.0, 0.0))


async def rows(store: Store) -> list[tuple[Any, ...]]:
    asked = select(cdrs.c.id, cdrs.c.person, cdrs.c.dialled, cdrs.c.outcome, cdrs.c.end_why, cdrs.c.charged).order_by(cdrs.c.id)
    return [tuple(row) for row in await store.read(lambda conn: conn.execute(asked).all())]


async def test_each_refusal_is_a_record_and_the_call_goes_on(site: Site) -> None:
    told: list[was.Event] = []
    hands = hands_of(site, told, Wire())
    await hands.carry_out(refusal())
    await hands.carry_out(refusal())
    assert await rows(site.store) == [
        (id, ANN, str(MUM), "refused", "unapproved", 0) for id in ("c1-1", "c1-2")]
    assert told == [], "nobody waits for it"


async def test_the_number_that_was_refused_is_in_its_own_record_and_not_in_the_menus(site: Site) -> None:
    told: list[was.Event] = []
    hands = hands_of(site, told, Wire(), plan=None, listed=lambda _dialled: SignedListFacts())
    await hands.carry_out(do.Decide(ANN, Dialled(SOLICITOR)))
    (decided,) = told
    assert isinstance(decided, was.Decided)
    reason = EndReason(EndedBy.POLICY, Why.PLAN_INVALID)
    await hands.carry_out(do.NoteRefusal(do.Ending(reason, decided.decision, ANN, 0.0, 0.0)))
    await hands.carry_out(do.CloseRecord(do.Ending(EndReason(EndedBy.PERSON, Why.HUNG_UP), None, ANN, 0.0, 0.0)))
    assert [(row[0], row[2], row[4]) for row in await rows(site.store)] == [
        ("c1", str(MUM), "hung-up"), ("c1-1", str(SOLICITOR), "plan-invalid")]
    facts = select(cdrs.c.id).where(cdrs.c.facts.is_not(None))
    assert await site.store.read(lambda conn: list(conn.execute(facts).scalars())) == ["c1-1"]


async def test_a_refusal_that_the_store_does_not_take_waits_in_the_journal(site: Site) -> None:
    hands = hands_of(site, [], Wire())
    await site.store.close()
    await hands.carry_out(refusal())
    assert [closed.request.call for closed in site.journal.unsettled()] == ["c1-1"]
    again = Store(site.url, patience=6.0)
    records = Records(again, site.journal, site.clock, site.pins)
    try:
        assert await records.settle() == 1
        assert [row[0] for row in await rows(again)] == ["c1-1"]
    finally:
        await again.close()


async def test_prompts_go_out_in_the_persons_language(site: Site) -> None:
    wire = Wire()
    hands = hands_of(site, [], wire)
    play = do.Play(Leg.CELL, ("menu-8-language", "cy/menu-language-here"), "menu")
    for language in ("", "en", "cy"):
        await hands.carry_out(replace(play, language=language))
    assert wire.played == [("menu-8-language", "cy/menu-language-here")] * 2 + [("cy/menu-8-language", "cy/menu-language-here")]


@pytest.mark.parametrize(("kept", "spoken"), [("cy", "cy"), ("en", "en"), ("pl", "en")])
async def test_whoever_gave_the_pin_is_spoken_to_in_what_is_kept_of_them_where_it_is_spoken(site: Site, kept: str, spoken: str
                                                                                            ) -> None:
    told: list[was.Event] = []
    hands = hands_of(site, told, Wire(), menu=SqlMenu(site.store, Any))  # type: ignore[arg-type]  # no sound is asked for
    await hands.carry_out(do.KeepLanguage(ANN, kept))
    await hands.carry_out(do.CheckPin(None, ANN, "2468"))
    assert told == [was.LanguageKept(kept), was.Identified(ANN, spoken)]
