"""Plan files: everything that can be wrong with one is said with file, line and what to do; the shipped ones are right."""
from dataclasses import replace

import pytest

from dialplans.load import load_plan, shipped_plans
from dialplans.model import Decision, Limit, Source
from dialplans.plan import Plan
from dialplans.reading import PlanProblem
from switch.core.facts import ContactKind
from switch.core.ids import PersonId
from switch.core.numbers import E164, ShortCode
from switch.core.reasons import Why
from tests.unit.dialplans.world import HEADER, NOON, PHONE, PLAN, ask, facts, plan


def problems(text: str, header: str = HEADER) -> list[str]:
    """What is wrong with a site's plan; lines count from the first of `text`."""
    loaded = load_plan({**shipped_plans(), "site.toml": header + text}, "site")
    if isinstance(loaded, Plan):
        return []
    above = header.count("\n")
    return [f"{problem.line - above}: {problem.text}" if problem.file == "site.toml" else str(problem) for problem in loaded]


def test_the_shipped_plans_are_free_of_problems() -> None:
    files = shipped_plans()
    assert set(files) == {"estate.toml", "example.toml"}
    example = load_plan(files, "example")
    assert isinstance(example, Plan), example
    assert example.files == ("example.toml", "estate.toml")
    assert isinstance(load_plan({**files, "site.toml": HEADER}, "site"), Plan)


def test_the_estate_is_only_for_others_to_extend() -> None:
    loaded = load_plan(shipped_plans(), "estate")
    assert not isinstance(loaded, Plan)
    assert [problem.text.split(":")[0] for problem in loaded] == [
        "this plan is a template", "`emergency.control_room` is missing",
    ]  # fmt: skip


def test_a_plan_knows_its_name_its_hash_and_where_each_word_stands() -> None:
    assert PLAN.name == "site"
    assert PLAN.label == f"site@{PLAN.hash[:12]}"
    assert plan("# one more line\n").hash != PLAN.hash
    assert PLAN.emergency.source == Source("site.toml", 3)
    assert PLAN.settings.length(ContactKind.SOCIAL, relay=False).source.file == "estate.toml"
    assert PLAN.reserve.value == 1800
    assert E164("44800555111") in PLAN.helplines
    assert PLAN.helplines[ShortCode("GB", "116123")].name == "Samaritans"


def test_hours_are_replaced_as_a_whole_and_other_tables_key_by_key() -> None:
    changed = plan('[hours]\nweekdays = ["08:00-12:00"]\nweekend = []\nsunday = ["10:00-11:00"]\n[length]\nsocial = 300\n')
    hours = changed.settings.hours.value
    assert [len(day) for day in hours] == [1, 1, 1, 1, 1, 0, 1]
    assert changed.settings.length_social.value == 300
    assert changed.settings.length_official.value == 600


def test_a_sites_own_helpline_wins_over_the_estates() -> None:
    changed = plan('[[helpline]]\nnumber = "116123"\nname = "Samaritaid"\nprivileged = true\n')
    assert changed.helplines[ShortCode("GB", "116123")].name == "Samaritaid"
    assert len(changed.helplines) == 2


def test_all_semantic_problems_come_together_in_order() -> None:
    found = problems('[length]\nsocial = 0\noficial = 300\n[pin]\ndigits = 9\n')
    assert found == [
        "2: `length.social` must be a whole number of seconds from 1 to 21600",
        "3: `length.oficial` is not a key of a plan: did you mean `official`?",
        "5: `pin.digits` must be a whole number of digits from 4 to 8",
    ]


def test_a_syntax_error_comes_alone() -> None:
    (problem,) = problems("[length]\nsocial = = 0\noficial = 300\n")
    assert problem.startswith("2: this is not TOML")
    (problem,) = problems("[length]\nsocial = 1\nsocial = 2\n")
    assert "is not TOML" in problem
    (problem,) = problems('[length]\nsocial = """')
    assert problem.startswith("2: this is not TOML")
    broken = load_plan({"site.toml": HEADER, "estate.toml": "x ="}, "site")
    assert not isinstance(broken, Plan)
    assert [problem.file for problem in broken] == ["estate.toml"]


def test_a_missing_plan_a_ring_and_a_wrong_extends() -> None:
    assert load_plan({}, "site") == (PlanProblem("site.toml", 1, "there is no plan file site.toml; there are: none"),)
    (problem,) = problems("", 'title = "x"\nextends = "estat"\n')
    assert problem == "0: there is no plan file estat.toml; there are: estate.toml, example.toml, site.toml"
    (problem,) = problems("", 'extends = "site"\n')
    assert "in a ring: site.toml -> site.toml" in problem
    (problem,) = problems("", "extends = 3\n")
    assert "must be the name of a plan" in problem


def test_an_empty_plan_is_told_everything_that_it_lacks() -> None:
    found = problems("", "")
    for key in (
        "title", "country", "zone", "hours", "length.social", "length.relay", "announcement.privileged",
        "announcement.stop_offer", "announcement.wrong_number",
        "allowance.minutes_per_day", "allowance.minutes_per_week", "allowance.pence_per_week", "allowance.calls_per_window",
        "allowance.window_hours", "call.gap_seconds", "call.warnings", "pin.digits", "recording.reserve_minutes",
        "recording.keep_days",
        "emergency.codes", "barred.classes", "rules.contact-approved",
    ):  # fmt: skip
        assert any(f"`{key}` is missing" in problem for problem in found), key
    assert any("Samaritans" in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("length = 3\n", "-: `length` must be a table"),
        ("[recording]\nkeep_days = 0\n", "2: `recording.keep_days` must be a whole number of days from 1 to 366"),
        ("[recording]\nkeep_days = 367\n", "2: `recording.keep_days` must be a whole number of days"),
        ("[[keep]]\ndays = 30\n", "1: `keep.establishments` is missing"),
        ('[[keep]]\nestablishments = ["x"]\n', "1: `keep.days` is missing"),
        ("[[keep]]\nestablishments = []\ndays = 30\n", "2: `keep.establishments` is empty"),
        ('[[keep]]\nestablishments = ["x"]\ndays = 400\n', "3: `keep.days` must be a whole number of days from 1 to 366"),
        ('[call]\nring_seconds = "45"\n', "2: `call.ring_seconds` must be a whole number of seconds"),
        ("[call]\nring_seconds = true\n", "2: `call.ring_seconds` must be a whole number"),
        ("[call]\nwarnings = [60, 120]\n", "2: `call.warnings` must go down"),
        ("[call]\nwarnings = [60, 60]\n", "2: `call.warnings` must go down"),
        ("[call]\nwarnings = [60, 0]\n", "2: `call.warnings` must go down"),
        ("[call]\nwarnings = [60, 1.5]\n", "2: `call.warnings` must be a list of seconds"),
        ("[call]\nwarnings = [true]\n", "2: `call.warnings` must be a list of seconds"),
        ("[allowance]\nminutes_per_day = -1\n", "2: `allowance.minutes_per_day` must be a whole number of minutes"),
        ('[allowance]\nminutes_per_day = "none"\n',
         '2: `allowance.minutes_per_day` must be a whole number of minutes, or "no limit"'),
        ("[allowance]\nminutes_per_week = 10081\n", "2: `allowance.minutes_per_week` must be a whole number of minutes"),
        ("[allowance]\ncalls_per_window = 101\n", "2: `allowance.calls_per_window` must be a whole number of calls"),
        ("[allowance]\nwindow_hours = 25\n", "2: `allowance.window_hours` must be a whole number of hours from 1 to 24"),
        ("[allowance]\nwindow_hours = \"no limit\"\n", "2: `allowance.window_hours` must be"),
        ("[allowance]\npence_per_week = 1.5\n", '2: `allowance.pence_per_week` must be a whole number of pence, or "no limit"'),
        ("[call]\ngap_seconds = 86401\n", "2: `call.gap_seconds` must be a whole number of seconds from 0 to 86400"),
        ('[announcement]\nsocial = ["cy/announce-stop"]\n', '2: "cy/announce-stop" in `announcement.social` is not a prompt'),
        ('[announcement]\nsocial = ["xx/announce-stop"]\n', '2: "xx/announce-stop" in `announcement.social` is not a prompt'),
        ('[announcement]\nrelief = ["cy/announce-england-wales"]\n',
         '2: "cy/announce-england-wales" in `announcement.relief` says the word prison'),
        ('[announcement]\nsocial = ["announce-engand"]\n', '2: "announce-engand" in `announcement.social` is not a prompt'),
        ("[announcement]\nsocial = []\n", "2: `announcement.social` is empty"),
        ('[announcement]\nsocial = "announce-short"\n', "2: `announcement.social` must be a list of prompt names"),
        ("[announcement]\nstop_offer = 1\n", "2: `announcement.stop_offer` must be true or false"),
        ('[hours]\nmonday = ["06:00-24:00"]\n', "1: `hours` says nothing of tuesday"),
        ('[hours]\nevery_day = ["6-24"]\n', '2: `hours.every_day`: "6-24" is not a window'),
        ('[hours]\nevery_day = "06:00-24:00"\n', "2: `hours.every_day` must be a list of windows"),
        ('[hours]\nevery_day = []\nmonnday = []\n', "3: `hours.monnday` is not a key of a plan: did you mean `monday`?"),
        ("[pin]\nqqq = 1\n", "2: `pin.qqq` is not a key of a plan: known here are digits"),
        ('[barred]\nclasses = ["premum"]\n', '2: "premum" in `barred.classes` is not a number class'),
        ('[[barred_number]]\nnumber = "07700 900x"\nreason = "x"\n', '2: "07700 900x" is not a telephone number: only digits'),
        ('[[barred_number]]\nnumber = "116123"\nreason = "x"\n', "1: 116123 is barred here and is a [[helpline]] too"),
        ('[[barred_number]]\nreason = "x"\n', "1: `barred_number.number` is missing"),
        ("barred_number = 3\n", "-: `barred_number` must be an array of tables: [[barred_number]]"),
        ('[[listed]]\nnumber = "+33199001234"\nname = "x"\n', "1: +33199001234 is listed, but no [[tariff]] prices its class"),
        ('[[helpline]]\nnumber = "116123"\nname = "S"\nprivileged = false\n', "1: every plan has Samaritans, 116123"),
        ('[[helpline]]\nnumber = "116123"\nname = " "\nprivileged = true\n', "3: `helpline.name` must be a text"),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01T00:00:00Z\nclasses = ["mobile"]\nweekday = 1\nweekend = 1\n',
         "3: `tariff.from` must be a date"),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\nweekday = 1\nweekend = 1\n', "1: a [[tariff]] is for `classes`"),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\nclasses = ["mobile"]\ncountries = ["+33"]\nweekday = 1\nweekend = 1\n',
         "1: a [[tariff]] is for `classes` or for `countries`: give one of them"),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\ncountries = ["33"]\nweekday = 1\nweekend = 1\n',
         '4: "33" in `tariff.countries` is not a country code'),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\nclasses = ["mobile"]\nper = "hour"\nweekday = 1\nweekend = 1\n',
         '5: `tariff.per` must be "second" or "minute"'),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\nclasses = ["mobile"]\nwhole_pence = 1\nweekday = 1\nweekend = 1\n',
         "5: `tariff.whole_pence` must be true or false"),
        ('[[abroad]]\ncode = "+33"\nname = "France"\n', "2: France is listed, but no [[tariff]] prices +33"),
        ('[[abroad]]\ncode = "33"\nname = "France"\n', '2: "33" in `abroad.code` is not a country code'),
        ('[[abroad]]\ncode = "+441481"\nname = "Guernsey"\n', "2: +44 is not abroad"),
        ('[[abroad]]\ncode = "+33"\n', "1: `abroad.name` is missing"),
        ('[[bundle]]\nname = "x"\nfrom = 2026-01-01\nminutes = 0\npence = 100\nevery = "day"\nclasses = ["mobil"]\n',
         "4: `bundle.minutes` must be a whole number of minutes"),
        ('[[bundle]]\nname = "x"\nfrom = 2026-01-01\nminutes = 9\npence = 100\nevery = "day"\nclasses = ["mobile"]\n',
         '6: `bundle.every` must be "week" or "month"'),
        ('[[bundle]]\nname = "x"\nfrom = 2026-01-01\nminutes = 9\npence = 100\nevery = "week"\n',
         "1: `bundle.classes` is missing"),
        ('[[bundle]]\nname = "x"\nfrom = 2026-01-01\nminutes = 9\npence = 100\nevery = "week"\nclasses = ["mobil"]\n',
         '7: "mobil" in `bundle.classes` is not a number class'),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\nclasses = ["mobil"]\nweekday = 1\nweekend = 1\n',
         '4: "mobil" in `tariff.classes` is not'),
        ('[[tariff]]\nname = "x"\nfrom = 2026-01-01\nclasses = ["mobile"]\nweekday = 2.47\nweekend = 1\n', "5: `tariff.weekday`"),
        ('[[group]]\nname = "x"\nwings = ["A"]\n', "1: this [[group]] changes nothing"),
        ('[[group]]\nname = "x"\nlength = { social = 8 }\n', "1: a [[group]] must say for whom"),
        ('[[group]]\nname = "x"\nwings = []\nlength = { social = 8 }\n', "3: `group.wings` is empty"),
        ('[[group]]\nwings = ["A"]\nlength = { social = 8 }\n', "1: `group.name` is missing"),
        ('[[group]]\nname = "x"\nwings = ["A"]\ncontacts = ["+44"]\nlength = { social = 8 }\n', '4: "+44" in `group.contacts`'),
        ('[[group]]\nname = "x"\nwings = ["A"]\n[group.lenght]\nsocial = 8\n',
         "4: `group.lenght` is not a key of a plan: did you"),
        ('[rules]\ncontact-aproved = "x"\n',
         "2: `rules.contact-aproved` is not a key of a plan: did you mean `contact-approved`?"),
        ("[rules]\ncontact-approved = false\n", "2: `rules.contact-approved` must be a sentence"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line(text: str, expected: str) -> None:
    header = HEADER
    if expected.startswith("-:"):  # a key of the top must stand before any table
        header, text = text + HEADER, ""
        expected = expected.removeprefix("-: ")
        assert any(expected in problem for problem in problems(text, header))
        return
    found = problems(text)
    assert any(problem.startswith(expected) for problem in found), found


def test_classes_neither_barred_nor_priced_are_named() -> None:
    found = problems('[barred]\nclasses = ["premium"]\n')
    assert any("no [[tariff]] prices crown, directory" in problem for problem in found)
    assert any("no [[tariff]] with `relay = true` prices crown" in problem for problem in found)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('extends = "estate"\n', "`emergency.control_room` is missing"),
        ('extends = "estate"\n[emergency]\ncontrol_room = "control room"\n', 'must be a SIP address such as "sip:'),
        ('extends = "estate"\n[emergency]\ncontrol_room = "sip:a@b"\ncodes = ["999"]\n', '`emergency.codes` must have "112"'),
        ('extends = "estate"\n[emergency]\ncontrol_room = "sip:a@b"\ncodes = ["999", "112", "18000", "07700900123"]\n',
         '"07700900123" in `emergency.codes` is not a short code'),
        ('extends = "estate"\nzone = "Europe/Londn"\n', '"Europe/Londn" is no time zone'),
        ('extends = "estate"\nzone = "../etc"\n', "is no time zone"),
        ('extends = "estate"\ncountry = "FR"\n', 'there is no number table for "FR"'),
        ('extends = "estate"\ntemplate = "no"\n', "`template` must be true or false"),
        ('extends = "estate"\nhours = 3\n', "`hours` must be a table"),
    ],
)  # fmt: skip
def test_faults_of_the_head(head: str, says: str) -> None:
    assert any(says in problem for problem in problems("", head)), problems("", head)


def test_listed_numbers_may_be_rung_when_priced() -> None:
    text = """
[[listed]]
number = "+33 1 99 00 12 34"
name = "a sister abroad"
[[tariff]]
name = "France"
from = 2026-01-01
classes = ["international"]
weekday = 9000
weekend = 9000
"""
    assert E164("33199001234") in plan(text).listed


def test_a_number_listed_and_barred_is_a_contradiction() -> None:
    text = '[[listed]]\nnumber = "01632960001"\nname = "x"\n[[barred_number]]\nnumber = "+441632960001"\nreason = "y"\n'
    assert problems(text) == ["4: +441632960001 is barred here and is [[listed]] too: take it off one list"]


def test_the_example_plan_plays_its_parts() -> None:
    example = load_plan(shipped_plans(), "example")
    assert isinstance(example, Plan)

    def decided(person: str, wing: str = "A", hour: int = 3) -> Decision:
        at = NOON.replace(hour=hour)
        known = facts({"id": person}, at=at, phone=replace(PHONE, wing=wing, people=(PersonId(person),)))
        return ask(known, by=example)

    usual = decided("A1001AA")
    assert (usual.refusal, usual.announcement.prompts) == (None, ("announce-short",))
    assert not usual.announcement.offers_stop
    assert decided("A1002AB").announcement.prompts == ("announce-england-wales", "announce-stop")
    assert decided("A1007AG").announcement.prompts == ("announce-short", "announce-stop")
    short = decided("A1005AE")
    assert (short.limit, short.warnings) == (Limit(8.0, Why.LENGTH), (5.0, 2.0))
    for hour in (3, 11, 23):
        closed = decided("A1008AH", "night", hour).refusal
        assert closed is not None
        assert closed.why is Why.OUT_OF_HOURS
        assert decided("A1001AA", hour=hour).refusal is None
    barred = ask(number="01632 960666", by=example).refusal
    assert barred is not None
    assert barred.why is Why.BARRED


def test_an_establishment_keeps_recordings_for_as_long_as_the_last_word_about_it() -> None:
    assert plan().keeping.days_at("wick-hill").value == 90
    keeping = plan('[recording]\nkeep_days = 60\n[[keep]]\nestablishments = ["moor", "fen"]\ndays = 30\n'
                   '[[keep]]\nestablishments = ["fen"]\ndays = 20\n').keeping
    assert [keeping.days_at(place).value for place in ("wick-hill", "moor", "fen")] == [60, 30, 20]
    assert (keeping.days_at("fen").source.file, keeping.days_at("fen").source.line) == ("site.toml", 11)
