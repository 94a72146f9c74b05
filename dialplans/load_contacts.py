"""The part of a plan file about applications for contacts."""
from dialplans.plan import ContactRules
from dialplans.reading import Section, Sourced
from switch.core.contacts import Check

_CHECKS = f"a list of checks: {', '.join(Check)}"


def read_contacts(top: Section) -> ContactRules | None:
    """None where something is missing or wrong. Privileged contacts are always verified as genuine."""
    section = top.section("contact")
    social = section.integer("most_social", 0, 1000, "contacts", needed=True)
    official = section.integer("most_official", 0, 1000, "contacts", needed=True)
    checks = [_checks(section, f"checks_{kind}") for kind in ("social", "official", "privileged")]
    due = section.integer("due_days", 1, 365, "days", needed=True)
    verify = section.integer("verify_months", 1, 120, "months", needed=True)
    wrong = section.truth("refuse_wrong_numbers", needed=True)
    section.close()
    ask_social, ask_official, ask_privileged = checks
    if ask_privileged is not None and Check.GENUINE not in ask_privileged.value:
        text = '`contact.checks_privileged` must have "genuine": nobody is privileged unverified'
        section.complain(text, ask_privileged.source)
    if not (social and official and ask_social and ask_official and ask_privileged and due and verify and wrong):
        return None
    return ContactRules(social, official, ask_social, ask_official, ask_privileged, due, verify, wrong)


def _checks(section: Section, key: str) -> Sourced[tuple[Check, ...]] | None:
    said = section.texts(key, _CHECKS, needed=True)
    if said is None:
        return None
    for text in said.value:
        if text not in list(Check):
            section.complain(f'"{text}" in `contact.{key}` is not a check: {", ".join(Check)}', said.source)
    return Sourced(tuple(Check(text) for text in dict.fromkeys(said.value) if text in list(Check)), said.source)
