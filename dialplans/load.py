"""Plan files become a plan, or the list of everything that is wrong with them."""
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from hashlib import sha256
from importlib.resources import files as package_files
from typing import Any

from dialplans.load_contacts import read_contacts
from dialplans.load_keeping import read_keeping
from dialplans.load_listening import read_listening
from dialplans.load_monitoring import read_monitoring
from dialplans.load_overrides import read_groups, read_holidays, read_overrides
from dialplans.load_parts import read_emergency, read_helplines, read_menu, read_numbers, read_zone
from dialplans.load_placing import read_help, read_placing
from dialplans.load_tariffs import check_numbers, known_classes, read_bundles, read_countries, read_tariffs
from dialplans.load_transcribing import read_transcribing
from dialplans.load_watch import read_watch
from dialplans.model import Source
from dialplans.plan import Overrides, Plan, Settings
from dialplans.reading import Node, PlanProblem, Section, Sourced, merged, nodes
from dialplans.rules import RULE_NAMES

REPLACED = frozenset({"hours"})
"""Tables that a plan gives whole or not at all."""
_AT_LINE = re.compile(r"\(at line (\d+)")
_KEY_OF = {
    "hours": "hours", "holiday_hours": "hours", "length_social": "length.social", "length_official": "length.official",
    "length_privileged": "length.privileged", "length_relay": "length.relay", "announce_social": "announcement.social",
    "announce_official": "announcement.official", "announce_privileged": "announcement.privileged",
    "announce_child": "announcement.child", "announce_relief": "announcement.relief", "relief_days": "announcement.relief_days",
    "stop_offer": "announcement.stop_offer", "wrong_number": "announcement.wrong_number",
    "allowance": "allowance.minutes_per_day", "week": "allowance.minutes_per_week",
    "spend": "allowance.pence_per_week", "cap": "allowance.pence_held",
    "calls": "allowance.calls_per_window", "calls_window": "allowance.window_hours",
    "gap": "call.gap_seconds", "warnings": "call.warnings",
    "ring": "call.ring_seconds", "minimum_talk": "call.minimum_talk",
    "machines": "call.answering_machines", "machine_hang_up": "call.machine_hang_up_seconds",
    "machine_talk": "call.machine_talk_seconds",
}


class _Stop(Exception):
    """Reading cannot go on: `problems` is all that can be said."""

    def __init__(self, problem: PlanProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def shipped_plans() -> dict[str, str]:
    """The plan files of this package, by file name: what a site's own files extend."""
    folder = package_files("dialplans") / "plans"
    return {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".toml")}


def load_plan(files: Mapping[str, str], name: str) -> Plan | tuple[PlanProblem, ...]:
    """The plan of `name`.toml among the texts in hand (by file name), or its problems, in order of file and line.

    A syntax error comes alone, since nothing after it can be trusted; all semantic problems come together. A plan marked
    `template = true` is only for others to extend, and loading it is a problem.
    """
    try:
        chain = list(_chain(files, name))
    except _Stop as stop:
        return (stop.problem,)
    problems: list[PlanProblem] = []
    leaf = chain[0][1]
    template = Section(leaf, "", problems).truth("template")
    if template is not None and template.value:
        problems.append(PlanProblem(*_place(template.source), "this plan is a template: load a plan that extends it"))
    whole = Node({}, Source(f"{name}.toml", 1))
    for _, node in reversed(chain):
        whole = merged(whole, Node(_without(node.value), node.source), REPLACED)
    digest = sha256("\0".join(f"{file}\0{files[file]}" for file, _ in chain).encode()).hexdigest()
    plan = _read(whole, name, digest, tuple(file for file, _ in chain), problems)
    if problems or plan is None:
        return tuple(sorted(set(problems), key=lambda problem: (problem.file, problem.line, problem.text)))
    return plan


def _place(source: Source) -> tuple[str, int]:
    return source.file, source.line


def _without(table: dict[str, Node]) -> dict[str, Node]:
    return {key: node for key, node in table.items() if key not in ("extends", "template")}


def _chain(files: Mapping[str, str], name: str) -> Iterator[tuple[str, Node]]:
    """The plan's file, the one that it extends, and so on to the last."""
    file, asked, seen = f"{name}.toml", Source(f"{name}.toml", 1), list[str]()
    while True:
        if file in seen:
            raise _Stop(PlanProblem(*_place(asked), f"plans extend each other in a ring: {' -> '.join([*seen, file])}"))
        if file not in files:
            known = ", ".join(sorted(files)) or "none"
            raise _Stop(PlanProblem(*_place(asked), f"there is no plan file {file}; there are: {known}"))
        node = _parse(file, files[file])
        yield file, node
        seen.append(file)
        base = node.value.get("extends")
        if base is None:
            return
        if not isinstance(base.value, str):
            raise _Stop(PlanProblem(*_place(base.source), '`extends` must be the name of a plan, such as "estate"'))
        file, asked = f"{base.value}.toml", base.source


def _parse(file: str, text: str) -> Node:
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT_LINE.search(str(error))
        line = int(match.group(1)) if match else text.count("\n") + 1
        raise _Stop(PlanProblem(file, line, f"this is not TOML: {error}; nothing else was read")) from None
    return nodes(data, text, file)


def _read(whole: Node, name: str, digest: str, chain: tuple[str, ...], problems: list[PlanProblem]) -> Plan | None:
    top = Section(whole, "", problems)
    title = top.text("title", needed=True)
    country = top.text("country", needed=True)
    code = "GB" if country is None else country.value
    if country is not None and code != "GB":
        top.complain(f'there is no number table for "{code}": the country must be "GB"', country.source)
    zone = read_zone(top)
    overrides = read_overrides(top)
    for field in fields(Overrides):
        if getattr(overrides, field.name) is None and not _complained(top, _KEY_OF[field.name]):
            top.complain(f"`{_KEY_OF[field.name]}` is missing: every plan, or one that it extends, must say it")
    pin_section = top.section("pin")
    pin = pin_section.integer("digits", 4, 8, "digits", needed=True)
    pin_section.close()
    recording = top.section("recording")
    reserve = recording.integer("reserve_minutes", 0, 1440, "minutes", needed=True)
    keeping = read_keeping(top, recording)
    recording.close()
    placing = read_placing(top)
    help_lines = read_help(top, code)
    contact = read_contacts(top)
    listening = read_listening(top)
    monitoring = read_monitoring(top)
    watch = read_watch(top)
    transcribing = read_transcribing(top)
    emergency = read_emergency(top, code)
    helplines = read_helplines(top, code)
    menu = read_menu(top, code, {*helplines, *(emergency.codes if emergency else ())})
    barred = top.section("barred")
    classes = barred.texts("classes", needed=True)
    barred.close()
    barred_classes = None
    if classes is not None:
        known_classes(barred, classes)
        barred_classes = Sourced(frozenset(classes.value), classes.source)
    barred_numbers = read_numbers(top, "barred_number", "reason", code)
    listed = read_numbers(top, "listed", "name", code)
    tariffs = read_tariffs(top, barred_classes)
    countries = read_countries(top, tariffs)
    bundles = read_bundles(top)
    check_numbers(top, helplines, barred_numbers, listed, tariffs)
    holidays = read_holidays(top)
    groups = read_groups(top, code)
    rules = _rules(top)
    top.close()
    if problems or not (title and zone and pin and reserve and keeping and contact and listening and monitoring and watch
                        and transcribing and emergency and barred_classes and placing):
        return None
    settings = Settings(**{field.name: getattr(overrides, field.name) for field in fields(Overrides)})
    return Plan(
        name=name, hash=digest, title=title.value, country=code, zone=zone, settings=settings, holidays=holidays, groups=groups,
        helplines=helplines, emergency=emergency, barred_classes=barred_classes, barred_numbers=barred_numbers, listed=listed,
        countries=countries, tariffs=tariffs, bundles=bundles, placing=placing,
        menu=menu, pin_digits=pin.value, contact=contact, listening=listening, monitoring=monitoring, watch=watch,
        reserve=Sourced(reserve.value * 60, reserve.source), keeping=keeping, transcribing=transcribing, rules=rules,
        files=chain, help=help_lines,
    )


def _complained(top: Section, key: str) -> bool:
    """Whether a wrong value was named already: it need not be called missing too."""
    return any(f"`{key}" in problem.text for problem in top.problems)


def _rules(top: Section) -> dict[str, Source]:
    section = top.section("rules")
    said = {name: section.text(name, "a sentence: why the rule is there, and by what authority", True) for name in RULE_NAMES}
    section.close()
    return {name: text.source for name, text in said.items() if text is not None}
