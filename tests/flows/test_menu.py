"""The telephone's own menu in virtual time: every key of every screen, what it says when something fails, and its bounds."""
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplans.model import Ask, Decision, Finding, Service
from dialplans.prompts.table import load_table
from switch.call import commands as do
from switch.call import events as was
from switch.call.menu import words
from switch.call.menu.model import Screen
from switch.call.menu.steps import MENU_LONGEST, SECTIONS, SILENCE
from switch.call.model import State
from switch.core.contacts import RefusalReason
from switch.core.facts import ContactKind, ContactState
from switch.core.ids import Leg, StaffId
from switch.core.menu_facts import Account, LastCall, MenuData, Messages, News, OwnContact, OwnContacts, Section, Wait
from switch.core.money import Millipence
from switch.core.money_facts import BundleLeft, LastPayment, Payment, Payments
from switch.core.numbers import E164, Dialled, ShortCode, Unreadable
from switch.core.reasons import EndedBy, Why
from tests.effort import examples
from tests.flows import world as w

CELL = Leg.CELL
MAIN = words.main(())
OFFER = was.CallOffered(Service.MENU, Ask.PIN, 4, w.ANN)
SHARED = was.CallOffered(Service.MENU, Ask.NUMBER_AND_PIN, 4)
AT = datetime(2026, 11, 22, 15, 5, tzinfo=ZoneInfo("Europe/London"))
DAD, AUNT = E164("447700900124"), E164("441632960125")
ACCOUNT = Account(Millipence(2_175_900), (AT + timedelta(days=1)).date(), (
    LastCall(w.MUM, AT, 75.4, Millipence(18_000), Why.HUNG_UP),
    LastCall(DAD, AT, 0.0, Millipence(0), Why.NO_CREDIT),
    LastCall(AUNT, AT, 0.0, Millipence(0), Why.BUSY),
    LastCall(AUNT, AT, 5.0, Millipence(0), None),
))  # fmt: skip
CONTACTS = OwnContacts((
    OwnContact(w.MUM, ContactKind.SOCIAL, ContactState.APPROVED, 3),
    OwnContact(DAD, ContactKind.PRIVILEGED, ContactState.REFUSED),
))  # fmt: skip


def in_menu() -> w.World:
    """Somebody who gave their PIN and hears the main menu."""
    world = w.World()
    world.tell(OFFER, was.LegAnswered(CELL))
    world.tell(*(was.DigitPressed(CELL, key) for key in "2468"))
    world.tell(was.Identified(w.ANN))
    world.tell(was.Decided(w.MENU))
    assert world.call.state is State.MENU
    return world


def press(world: w.World, keys: str) -> list[do.Command]:
    """One key after another; what the last one brought."""
    brought: list[do.Command] = []
    for key in keys:
        brought = world.tell(was.DigitPressed(CELL, key), after=0.2)
    return brought


def said(commands: list[do.Command]) -> tuple[str, ...]:
    (play,) = [command for command in commands if isinstance(command, do.Play)]
    assert play.leg is CELL
    return play.prompts


def decide(commands: list[do.Command]) -> do.Decide:
    (asked,) = [command for command in commands if isinstance(command, do.Decide)]
    return asked


def opened(section: Section, data: MenuData) -> tuple[w.World, tuple[str, ...]]:
    world = in_menu()
    press(world, next(key for key, one in SECTIONS.items() if one is section))
    return world, said(world.tell(was.MenuRead(section, data)))


def test_the_menu_tells_its_keys_after_the_pin() -> None:
    world = in_menu()
    assert world.of(do.Play)[-1].prompts == ("menu-welcome", *MAIN)
    assert not world.of(do.OpenRecord), "nobody is rung, so nothing is opened"
    assert "2468" not in repr(world.call), "a PIN is not kept"


def test_a_number_goes_the_ordinary_way() -> None:
    world = in_menu()
    assert said(press(world, "1")) == words.DIAL
    asked = decide(press(world, "07700900123#"))
    assert asked == do.Decide(w.ANN, Dialled(w.MUM))
    assert world.call.state is State.DECIDING
    assert world.call.menu is None
    world.tell(was.Decided(w.OK))
    assert world.of(do.OpenRecord)[-1].decision is w.OK
    world.tell(was.RecordOpened())
    assert world.call.state is State.DIALLING


def test_a_number_that_the_plan_refuses_is_not_dialled_and_says_why() -> None:
    world = in_menu()
    press(world, "107700900123#")
    assert said(world.tell(was.Decided(w.REFUSED))) == ("refused-unapproved",)
    assert not world.of(do.Dial)


def refused(*keys: str, plan: Decision = w.REFUSED) -> w.World:
    """Somebody who chose a number in the menu and hears why it is not rung."""
    world = in_menu()
    for key in keys:
        press(world, key)
    world.tell(was.Decided(plan))
    assert world.call.state is State.TELLING
    return world


def test_after_a_refusal_the_person_is_back_where_the_number_was_chosen() -> None:
    world = refused("107700900123#")
    brought = world.tell(was.PromptEnded(CELL, "tell"))
    assert said(brought) == ("menu-back", *words.DIAL)
    (noted,) = [one for one in brought if isinstance(one, do.NoteRefusal)]
    assert (noted.ending.reason.why, noted.ending.decision, noted.ending.person) == (Why.UNAPPROVED, w.REFUSED, w.ANN)
    assert (world.call.state, world.call.decision) == (State.MENU, w.MENU)
    assert decide(press(world, "07700900124#")).dialled == Dialled(DAD), "and can try another at once"
    world.tell(was.Decided(w.OK), was.RecordOpened())
    assert world.call.state is State.DIALLING
    assert not world.of(do.Hangup)


def test_a_key_breaks_a_refusal_off_and_brings_the_menu_back() -> None:
    world = refused("107700900123#")
    assert said(press(world, "5")) == ("menu-back", *words.DIAL)


def test_back_in_a_list_its_item_is_told_again() -> None:
    world, first = opened(Section.CONTACTS, CONTACTS)
    press(world, "2")
    world.tell(was.Decided(w.REFUSED))
    assert said(world.tell(was.PromptEnded(CELL, "tell"))) == ("menu-back", *first[1:])
    assert said(press(world, "#"))[0] == "menu-contact-privileged"


def test_back_after_a_speed_dial_and_after_samaritans() -> None:
    world = in_menu()
    press(world, "13#")
    world.tell(was.SlotRead(3, w.MUM), was.Decided(w.REFUSED))
    assert said(press(world, "#")) == ("menu-back", *words.DIAL)
    world = refused("7")
    assert said(press(world, "#")) == ("menu-back", *MAIN)


def test_the_offer_of_samaritans_goes_before_the_way_back() -> None:
    plan = replace(w.decision(findings=(Finding("credit", False, "none", Why.NO_CREDIT),)), lifeline=ShortCode("GB", "116123"))
    world = refused("107700900123#", plan=plan)
    assert not [one for one in world.tell(was.PromptEnded(CELL, "tell")) if isinstance(one, do.Play)], "the offer is waited for"
    assert decide(press(world, "1")) == do.Decide(None, Dialled(ShortCode("GB", "116123")))
    world = refused("107700900123#", plan=plan)
    world.tell(was.PromptEnded(CELL, "tell"))
    assert said(world.pass_time(8.0)) == ("menu-back", *words.DIAL)
    world = refused("107700900123#", plan=plan)
    assert said(press(world, "3")) == ("menu-back", *words.DIAL)


def test_what_the_plan_allowed_does_not_come_back() -> None:
    world = in_menu()
    press(world, "107700900123#")
    world.tell(was.Decided(w.OK), was.RecordRefused(Why.ON_CALL), was.PromptEnded(CELL, "tell"))
    assert world.call.state is State.ENDING, "the media was settled for this call: it cannot be for another"


def test_a_decision_that_takes_too_long_does_not_come_back() -> None:
    world = in_menu()
    press(world, "107700900123#")
    world.pass_time(10.0)
    assert world.call.pending is not None
    assert world.call.pending.why is Why.UNAVAILABLE
    world.tell(was.PromptEnded(CELL, "tell"))
    assert world.call.state is State.ENDING, "lest its answer be taken for that to another number"
    world = in_menu()
    press(world, "107700900123#")
    world.tell(was.CommandFailed("Decide", "away"))
    assert said(press(world, "#")) == ("menu-back", *words.DIAL)


@pytest.mark.parametrize("event", [was.SwitchClosing(1e6), was.CutOrdered(StaffId("s1"), "so")])
def test_orders_given_during_a_refusal_keep_nobody_in_the_menu(event: was.Event) -> None:
    world = refused("107700900123#")
    assert world.tell(event) == []
    world.tell(was.PromptEnded(CELL, "tell"))
    assert world.call.state is State.ENDING


def test_coming_back_and_dialling_the_menu_anew_win_no_time() -> None:
    world = refused("107700900123#")
    world.pass_time(25.0)
    press(world, "#")
    world.pass_time(5.0)
    press(world, "100#")
    world.tell(was.Decided(w.MENU))
    while world.call.state is State.MENU and world.now < 1000.0 + 2 * MENU_LONGEST:
        world.pass_time(5.0)
        press(world, "9")
    assert world.now - 1000.0 < MENU_LONGEST + 10.0


def test_a_refusal_that_could_not_be_noted_ends_nothing() -> None:
    world = refused("107700900123#")
    press(world, "#")
    assert world.tell(was.CommandFailed("NoteRefusal", "x")) == []
    assert world.call.state is State.MENU


def test_slowly_from_one_press_to_the_next() -> None:
    world = in_menu()
    slow = said(press(world, "9"))
    assert slow == words.slow(MAIN)
    assert slow[1::2] == ("pause",) * len(MAIN)
    assert said(press(world, "0")) == words.slow((*words.HELP, *MAIN)), "and it stays so"
    assert said(press(world, "9")) == MAIN
    list_, item = opened(Section.CONTACTS, CONTACTS)
    assert said(press(list_, "9")) == words.slow(item[1:])


# languages

CHOICE = replace(OFFER, language="en", languages=("en", "cy"))


def in_english(languages: tuple[str, ...] = ("en", "cy")) -> w.World:
    """Somebody in the main menu of a telephone that speaks these."""
    world = w.World()
    world.tell(replace(CHOICE, languages=languages), was.LegAnswered(CELL))
    press(world, "2468")
    world.tell(was.Identified(w.ANN, "en"), was.Decided(w.MENU))
    return world


def test_another_language_says_itself_that_it_is_there() -> None:
    assert words.main(("cy",))[-4:] == ("menu-8-language", "cy/menu-language-here", "menu-9-slowly", "menu-0-help")
    assert said(press(in_english(), "8")) == ("en/menu-language-name", "en/say-1", "cy/menu-language-name", "cy/say-2")
    assert said(press(in_english(("en",)), "8"))[0] == "menu-wrong-key", "where there is no choice, none is offered"


def test_a_language_is_kept_and_spoken_from_then_on() -> None:
    world = in_english()
    press(world, "8")
    assert do.KeepLanguage(w.ANN, "cy") in press(world, "2")
    assert press(world, "1") == []
    brought = world.tell(was.LanguageKept("cy"))
    assert said(brought) == ("menu-language-kept", *words.main(("en",)))
    press(world, "2")
    account = world.tell(was.MenuRead(Section.CREDIT, ACCOUNT))
    assert said(account)[:6] == ("menu-credit", "say-tens-2", "say-1", "say-pound-many", "say-tens-7", "say-5"), "its own grammar"
    press(world, "*107700900123#")
    refusal = world.tell(was.Decided(w.REFUSED))
    assert {one.language for one in brought + account + refusal if isinstance(one, do.Play)} == {"cy"}


@pytest.mark.parametrize("event", [was.CommandFailed("KeepLanguage", "away"), was.TimerFired("menu-read")])
def test_a_language_that_could_not_be_kept_is_not_spoken(event: was.Event) -> None:
    world = in_english()
    press(world, "82")
    brought = world.tell(event)
    assert said(brought)[0] == "menu-not-kept"
    assert world.call.language == "en"
    assert world.tell(was.LanguageKept("cy")) == [], "it was kept after all"
    assert world.call.language == "cy"


def test_a_language_kept_late_leaves_a_list_that_was_put_together_in_the_other() -> None:
    world = in_english()
    press(world, "82*2")
    world.tell(was.MenuRead(Section.CREDIT, ACCOUNT))
    assert world.call.menu.items
    assert said(world.tell(was.LanguageKept("cy"))) == ("menu-language-kept", *words.main(("en",)))


def test_a_key_of_the_list_that_was_not_kept_says_nothing_to_who_chooses_a_language() -> None:
    world = in_english()
    press(world, "82")
    assert world.tell(was.CommandFailed("KeepSlot", "away")) == []


def test_back_from_the_choice_of_languages_and_keys_that_are_none() -> None:
    world = in_english()
    press(world, "8")
    assert said(press(world, "3"))[0] == "menu-wrong-key"
    assert said(press(world, "0"))[0] == words.HELP[0]
    assert said(press(world, "*")) == words.main(("cy",))


def test_the_person_is_told_everything_in_their_language_and_whoever_is_called_nothing() -> None:
    world = w.World()
    world.tell(replace(CHOICE, service=Service.CONTACT, language="cy"), was.LegAnswered(CELL))
    press(world, "2468")
    world.tell(was.Identified(w.ANN), was.Decided(w.SHORT), was.RecordOpened(), was.LegAnswered(Leg.OUTSIDE))
    world.tell(was.PromptEnded(Leg.OUTSIDE, "announcement"), was.RecorderRunning())
    world.pass_time(7.0)
    played = {(one.leg, one.language) for one in world.of(do.Play)}
    assert played == {(CELL, "cy"), (Leg.OUTSIDE, "")}
    assert {one.prompts for one in world.of(do.Play) if one.leg is CELL} >= {("enter-pin",), ("warn-5",)}


def test_what_is_kept_of_the_person_goes_before_the_telephones_language() -> None:
    world = w.World()
    world.tell(replace(CHOICE, language="cy"), was.LegAnswered(CELL))
    press(world, "2468")
    world.tell(was.Identified(w.ANN, "en"))
    assert world.call.language == "en"


def test_a_pause_ends_a_number() -> None:
    world = in_menu()
    press(world, "107700900123")
    assert decide(world.pass_time(6.0)).dialled == Dialled(w.MUM)


def test_star_takes_back_what_was_keyed_and_then_goes_back() -> None:
    world = in_menu()
    assert said(press(world, "1077*")) == words.DIAL
    assert said(press(world, "*")) == MAIN
    press(world, "1999")
    assert said(press(world, "*#")) == words.DIAL, "an empty number is asked for again"


def test_what_is_no_number_is_asked_for_again_and_then_refused_by_the_plan() -> None:
    world = in_menu()
    press(world, "1")
    for _ in range(2):
        assert said(press(world, "12345678#")) == ("menu-not-a-number", *words.DIAL)
    assert isinstance(decide(press(world, "0#")).dialled, Unreadable)


def test_a_speed_dial() -> None:
    world = in_menu()
    assert do.ReadSlot(w.ANN, 3) in press(world, "13#")
    assert press(world, "9") == []
    assert decide(world.tell(was.SlotRead(3, w.MUM))) == do.Decide(w.ANN, Dialled(w.MUM))


def test_an_empty_speed_dial_says_so() -> None:
    world = in_menu()
    press(world, "13#")
    assert world.tell(was.SlotRead(4, w.MUM)) == [], "the answer to another question"
    assert said(world.tell(was.SlotRead(3, None))) == ("menu-slot-empty", *words.DIAL)


def test_credit_and_last_calls() -> None:
    world, heard = opened(Section.CREDIT, ACCOUNT)
    assert heard == (
        "menu-credit", "say-20", "say-1", "say-pounds", "say-and", "say-70", "say-5", "say-pence", "menu-calls",
        "menu-call-to", "say-0", "say-1", "say-2", "say-3",
        "say-yesterday", "say-at", "say-3", "say-oh", "say-5",
        "say-afternoon", "menu-call-talked", "say-1", "say-minute", "say-15", "say-seconds",
        "menu-call-cost", "say-18", "say-pence", "menu-item-keys",
    )  # fmt: skip
    second = said(press(world, "#"))
    assert second[-3:] == ("menu-call-failed", "refused-credit", "menu-item-keys"), "a refusal is told with its reason"
    assert said(press(world, "#"))[-2:] == ("menu-call-failed", "menu-item-keys")
    fourth = said(press(world, "#"))
    assert fourth[-2:] == ("menu-call-free", "menu-item-keys")
    assert said(press(world, "1")) == fourth
    assert said(press(world, "#")) == ("menu-list-end", *MAIN)


def test_no_calls_yet() -> None:
    _, heard = opened(Section.CREDIT, replace(ACCOUNT, calls=()))
    assert heard[-len(MAIN) - 1] == "menu-calls-none"


def test_contacts_and_their_state() -> None:
    world, heard = opened(Section.CONTACTS, CONTACTS)
    assert heard == ("menu-contacts", "menu-contact-social", "say-0", "say-1", "say-2", "say-3", "menu-state-approved",
                     "menu-on-key", "say-3", "menu-item-keys")
    assert said(press(world, "#")) == ("menu-contact-privileged", "say-0", "say-1", "say-2", "say-4", "menu-state-refused",
                                       "menu-item-keys")
    assert decide(press(world, "2")).dialled == Dialled(DAD), "the plan says whether it may be rung, not the list"


@pytest.mark.parametrize(("standing", "said_of_it"), [
    ({"state": ContactState.PENDING, "waits": frozenset({Wait.STAFF, Wait.NUMBER})},
     ("menu-still-checked", "menu-wait-number", "menu-wait-staff", "menu-ask-staff")),
    ({"state": ContactState.REFUSED, "refused": RefusalReason.NO_CONSENT},
     ("menu-turned-down", "menu-why-no-consent", "menu-challenge")),
    ({"state": ContactState.APPROVED, "against": Why.NO_CONTACT}, ("refused-no-contact",)),
    ({"state": ContactState.RECEIVED}, ("menu-state-received",)),
])
def test_why_and_what_is_waited_for(standing: dict[str, Any], said_of_it: tuple[str, ...]) -> None:
    one = replace(CONTACTS.contacts[1], kind=ContactKind.SOCIAL, **standing)
    assert opened(Section.CONTACTS, OwnContacts((one,)))[1][6:-1] == said_of_it


def test_every_reason_and_every_wait_has_its_words() -> None:
    for language in ("en", "cy"):
        table = load_table(language)
        assert {f"menu-why-{one}" for one in RefusalReason} | {f"menu-wait-{one}" for one in Wait} <= set(table.prompts)


def test_a_name_is_said_where_there_is_one() -> None:
    named = replace(CONTACTS.contacts[0], name="name-1")
    assert opened(Section.CONTACTS, OwnContacts((named,)))[1][:3] == ("menu-contacts", "name-1", "menu-contact-social")
    called = replace(ACCOUNT, calls=(replace(ACCOUNT.calls[0], name="name-1"),))
    heard = opened(Section.CREDIT, called)[1]
    assert heard[heard.index("menu-call-to") + 5] == "name-1"


def test_payments_and_bundles() -> None:
    data = Payments(AT.date(), (LastPayment(Payment.PAID_IN, Millipence(1_000_000), AT),
                                LastPayment(Payment.REFUND, Millipence(20_000), AT)), (BundleLeft(3600, AT + timedelta(days=1)),))
    world, heard = opened(Section.PAYMENTS, data)
    assert heard[:4] == ("money-left", "say-1", "say-hour", "money-until")
    assert heard[heard.index("money-payments") + 1:] == (
        "money-paid-in", "say-10", "say-pounds", "say-today", "say-at", "say-3", "say-oh", "say-5", "say-afternoon")
    assert said(press(world, "2"))[0] == "menu-wrong-key", "money cannot be rung"
    assert said(press(world, "#"))[:3] == ("money-refund", "say-20", "say-pence")
    assert opened(Section.PAYMENTS, Payments(AT.date(), (), ()))[1] == ("money-payments-none", *MAIN)


def test_nobody_on_the_list() -> None:
    assert opened(Section.CONTACTS, OwnContacts(()))[1] == ("menu-contacts-none", *MAIN)


def test_messages_are_not_pretended() -> None:
    assert opened(Section.MESSAGES, Messages())[1] == ("menu-messages-none", *MAIN)


def test_news_is_told_newest_first_and_can_be_skipped_but_not_rung() -> None:
    world, heard = opened(Section.NEWS, News(("bulletin-2", "bulletin-1")))
    assert heard == ("menu-news", "bulletin-2")
    assert said(press(world, "2")) == ("menu-wrong-key", "bulletin-2")
    assert said(press(world, "3")) == ("menu-wrong-key", "bulletin-2")
    assert said(press(world, "1")) == ("bulletin-2",)
    assert said(press(world, "#")) == ("bulletin-1",)
    assert said(press(world, "#")) == ("menu-list-end", *MAIN)
    assert opened(Section.NEWS, News(()))[1] == ("menu-news-none", *MAIN)


def test_putting_a_number_on_a_key() -> None:
    world, first = opened(Section.CONTACTS, CONTACTS)
    assert said(press(world, "3")) == words.PICK
    assert said(press(world, "#")) == ("menu-wrong-key", *words.PICK)
    assert said(press(world, "0")) == (*words.HELP, *words.PICK)
    assert said(press(world, "*")) == first[1:]
    assert do.KeepSlot(w.ANN, 5, w.MUM) in press(world, "35")
    assert press(world, "7") == []
    assert said(world.tell(was.SlotKept(5)))[:2] == ("menu-kept", "say-5")


@pytest.mark.parametrize("event", [was.CommandFailed("KeepSlot", "away"), was.TimerFired("menu-read")])
def test_a_key_that_could_not_be_kept(event: was.Event) -> None:
    world, _ = opened(Section.CONTACTS, CONTACTS)
    press(world, "35")
    assert said(world.tell(event))[0] == "menu-not-kept"
    assert world.call.menu is not None
    assert world.call.menu.screen is Screen.LIST


@pytest.mark.parametrize("event", [was.CommandFailed("ReadMenu", "away"), was.CommandFailed("ReadSlot", "away"),
                                   was.TimerFired("menu-read")])
@pytest.mark.parametrize("keys", ["2", "13#"])
def test_what_the_store_does_not_say_is_told_so_and_the_menu_goes_on(keys: str, event: was.Event) -> None:
    world = in_menu()
    press(world, keys)
    assert said(world.tell(event)) == ("menu-cannot-tell", *MAIN)


def test_a_late_answer_is_to_no_other_question() -> None:
    world = in_menu()
    press(world, "2")
    assert said(press(world, "*")) == MAIN
    press(world, "3")
    assert world.tell(was.MenuRead(Section.CREDIT, ACCOUNT)) == []
    assert said(world.tell(was.MenuRead(Section.CONTACTS, CONTACTS)))[0] == "menu-contacts"
    assert said(press(world, "*")) == MAIN


def test_samaritans_from_the_menu_are_as_nameless_as_when_dialled() -> None:
    world = w.World()
    world.tell(SHARED, was.LegAnswered(CELL))
    world.tell(*(was.DigitPressed(CELL, key) for key in "2123422" + "2468"))
    world.tell(was.Identified(w.ANN), was.Decided(w.MENU))
    asked = decide(press(world, "7"))
    assert asked.dialled == Dialled(ShortCode("GB", "116123"))
    world.tell(was.Decided(w.SAMARITANS))
    assert world.call.person is None


@pytest.mark.parametrize("offer", [OFFER, SHARED])
def test_without_the_store_helplines_are_offered_all_the_same(offer: was.CallOffered) -> None:
    world = w.World()
    world.tell(offer, was.LegAnswered(CELL))
    if offer is SHARED:
        press(world, "2123422")
    press(world, "2468")
    brought = world.tell(was.CommandFailed("CheckPin", "away"))
    assert decide(brought) == do.Decide(None), "nobody is known, whoever lives there"
    assert [command.kind for command in brought if isinstance(command, do.RaiseAlarm)] == ["no-facts"]
    assert said(world.tell(was.Decided(w.MENU))) == words.LIMITED
    for key in "1234568":
        assert said(press(world, key)) == ("menu-wrong-key", *words.LIMITED), key
    assert said(press(world, "*")) == words.LIMITED
    assert said(press(world, "0")) == (*words.HELP, *words.LIMITED)
    assert decide(press(world, "7")).dialled == Dialled(ShortCode("GB", "116123"))


def test_help_and_wrong_keys() -> None:
    world = in_menu()
    assert said(press(world, "0")) == (*words.HELP, *MAIN)
    assert said(press(world, "8")) == ("menu-wrong-key", *MAIN)
    assert said(press(world, "#")) == MAIN
    list_, item = opened(Section.CONTACTS, CONTACTS)
    assert said(press(list_, "8")) == ("menu-wrong-key", *item[1:])
    assert said(press(list_, "0")) == (*words.HELP, *item[1:])


def test_silence_repeats_then_helps_then_ends() -> None:
    world = in_menu()
    for heard in (MAIN, (*words.HELP, *MAIN)):
        world.tell(was.PromptEnded(CELL, "menu"))
        assert not [one for one in world.pass_time(SILENCE - 0.1) if isinstance(one, do.Play)]
        assert said(world.pass_time(0.1)) == heard
    world.tell(was.PromptEnded(CELL, "menu"))
    assert said(world.pass_time(SILENCE)) == ("ended-menu-over",)
    world.tell(was.PromptEnded(CELL, "tell"))
    world.settle()
    ending = world.of(do.CloseRecord)[0].ending
    assert (ending.reason.by, ending.reason.why, ending.decision, ending.talked) == (EndedBy.POLICY, Why.MENU_OVER, w.MENU, 0.0)


def test_a_session_has_an_end_however_busy() -> None:
    world = in_menu()
    for _ in range(int(MENU_LONGEST // 5) + 2):
        world.pass_time(5.0)
        press(world, "9")
        if world.call.state is not State.MENU:
            break
    assert world.call.state is State.TELLING
    assert world.now - 1000.0 < MENU_LONGEST + 40.0


def test_hanging_up_in_the_menu_is_its_end() -> None:
    world = in_menu()
    world.tell(was.LegLeft(CELL, Why.HUNG_UP))
    world.settle()
    (closed,) = world.of(do.CloseRecord)
    assert (closed.ending.reason.why, closed.ending.decision) == (Why.HUNG_UP, w.MENU)


@pytest.mark.parametrize("event", [was.PromptEnded(Leg.OUTSIDE, "menu"), was.DigitPressed(Leg.OUTSIDE, "2"), was.SlotKept(3),
                                   was.SlotRead(3, w.MUM), was.CommandFailed("KeepSlot", "away"), was.TimerFired("menu-read")])
def test_what_nobody_asked_for_changes_nothing(event: was.Event) -> None:
    world = in_menu()
    before = world.call
    assert world.tell(event) == []
    assert world.call == before


STORY = st.one_of(
    st.builds(was.DigitPressed, st.just(CELL), st.sampled_from("0123456789*#")),
    st.builds(was.DigitPressed, st.just(CELL), st.sampled_from("123#")),
    st.sampled_from([
        was.MenuRead(Section.CREDIT, ACCOUNT),
        was.MenuRead(Section.CONTACTS, CONTACTS), was.MenuRead(Section.MESSAGES, Messages()),
        was.SlotRead(1, w.MUM), was.SlotRead(2, None), was.SlotKept(2), was.PromptEnded(CELL, "menu"), was.TimerFired("menu"),
        was.TimerFired("menu-read"), was.CommandFailed("ReadMenu", "x"), was.CommandFailed("KeepSlot", "x"),
        was.Decided(w.REFUSED), was.Decided(w.MENU), was.Decided(w.OK), was.LegLeft(CELL, Why.HUNG_UP), was.SwitchClosing(1e6),
        was.PromptEnded(CELL, "tell"), was.LanguageKept("cy"), was.CommandFailed("KeepLanguage", "x"),
    ]),
)  # fmt: skip


@settings(max_examples=examples(800), deadline=None)
@given(st.lists(STORY, max_size=40), st.booleans(), st.sampled_from([(), ("en",), ("en", "cy")]))
def test_whatever_is_pressed(story: list[was.Event], known: bool, languages: tuple[str, ...]) -> None:
    world, tables = in_english(languages), {name: load_table(name) for name in ("en", "cy")}
    if not known:
        world.call = replace(world.call, person=None, menu=replace(world.call.menu, screen=Screen.LIMITED))  # type: ignore[type-var]  # it is one
    speaking = True
    for event in story:
        call, before = world.call, world.call.state
        brought = world.tell(event)
        if any(isinstance(one, do.OpenRecord | do.Dial) for one in brought):
            assert before in (State.DECIDING, State.OPENING), "the menu itself lets nothing through"
            assert event == was.Decided(w.OK)
        broken_off = any(isinstance(one, do.Play | do.StopPlaying) and one.leg is CELL for one in brought)
        if isinstance(event, was.DigitPressed) and speaking and (before is State.MENU or call.left is not None):
            assert broken_off, "every prompt of the menu, and every refusal in it, is broken off by any key"
        if broken_off or isinstance(event, was.PromptEnded):
            speaking = any(isinstance(one, do.Play) for one in brought)
        for one in brought:
            if isinstance(one, do.Play):
                spoken = one.language or "en"
                for language, _, prompt in ((one.rpartition("/")) for one in one.prompts):
                    assert prompt in tables[language or spoken] or prompt in tables["en"], prompt
                    assert prompt in tables[language or spoken] or not prompt.startswith("say-"), "a value is not mixed of two"
            if not known and isinstance(one, do.Decide):
                assert one == do.Decide(None, Dialled(ShortCode("GB", "116123"))), "nobody known rings nobody but Samaritans"
            assert known or not isinstance(one, do.ReadMenu | do.ReadSlot | do.KeepSlot | do.KeepLanguage)
            if isinstance(one, do.NoteRefusal):
                assert before is State.TELLING
                assert one.ending.reason.why is Why.UNAPPROVED
    refusals = world.of(do.NoteRefusal)
    world.pass_time(MENU_LONGEST + 300.0, answers=True)
    if world.call.state is State.SETTLING:
        world.tell(was.RecordClosed())
    assert world.call.state is State.ENDED, "every history ends within a bound"
    assert len(world.of(do.CloseRecord)) == 1
    assert len(world.of(do.NoteRefusal)) <= len(refusals) + 1
