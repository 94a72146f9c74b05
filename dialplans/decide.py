"""From a plan and the facts to a decision: pure, and the only place where one is made."""
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from operator import itemgetter
from typing import TypedDict

from dialplans.announcing import spoken
from dialplans.hours import end_of
from dialplans.load_parts import EMERGENCY_CODES
from dialplans.model import LAST_MINUTE, Announcement, Ask, Decision, Finding, Limit, MachineTerms, Recording, Service
from dialplans.numbers.table import classify
from dialplans.openings import binds
from dialplans.permits import permit_for
from dialplans.plan import Helpline, Plan
from dialplans.rules import CONTACT_RULES, HELPLINE_RULES
from dialplans.rules.asked import Asked, judge
from dialplans.tariff import affordable, bundle_for, rate_for
from switch.core.facts import ContactKind, Facts, PhoneFacts
from switch.core.grants import Privacy
from switch.core.ids import CallId, PersonId
from switch.core.money import Millipence
from switch.core.numbers import E164, Dialled, Number, ShortCode, Unreadable
from switch.core.reasons import Why

BUILT_IN_HELPLINES: dict[Number, str] = {ShortCode("GB", "116123"): "Samaritans", E164("44800555111"): "Crimestoppers"}
"""What stays open when there is no plan to read them from (architecture, rule 3)."""
BUILT_IN_EMERGENCY: frozenset[Number] = frozenset(ShortCode("GB", code) for code in EMERGENCY_CODES)
WILL_HEAR = "will-hear-announcement"
WILL_HEAR_PERMIT = "will-hear-permit"
WILL_HEAR_PRIVILEGED = "will-hear-privileged"


def service_of(plan: Plan | None, dialled: Dialled | Unreadable) -> Service:
    """What kind of call was dialled; without a plan, by the built-in lists."""
    if isinstance(dialled, Unreadable):
        return Service.CONTACT
    if dialled.number in (BUILT_IN_EMERGENCY if plan is None else plan.emergency.codes):
        return Service.EMERGENCY
    if dialled.number in (BUILT_IN_HELPLINES if plan is None else plan.helplines):
        return Service.HELPLINE
    if plan is not None and dialled.number == plan.menu and dialled.relay is None:
        return Service.MENU
    return Service.CONTACT


def ask_for(plan: Plan | None, phone: PhoneFacts, service: Service) -> Ask:
    """Who the caller must say that they are: nobody for helplines and emergency; else as many as live there decide."""
    if service not in (Service.CONTACT, Service.MENU):
        return Ask.NOTHING
    if len(phone.people) != 1:
        return Ask.NUMBER_AND_PIN
    return Ask.PIN if phone.pin_required else Ask.NOTHING


def occupant(phone: PhoneFacts) -> PersonId | None:
    """The person whom the telephone alone tells: the only one who lives there."""
    return phone.people[0] if len(phone.people) == 1 else None


def pin_digits(plan: Plan | None) -> int:
    """How many digits a PIN has; four where there is no plan to say."""
    return 4 if plan is None else plan.pin_digits


def dial_string(dialled: Dialled) -> str:
    """What is put on the trunk: +447700900123, a short code as it is, or 18001 and the number as dialled inside the country."""
    if dialled.relay is None:
        return str(dialled.number)
    if isinstance(dialled.number, E164):
        digits = dialled.number.digits
        return dialled.relay + (f"0{digits[2:]}" if digits.startswith("44") else f"00{digits}")
    return dialled.relay + dialled.number.digits


def decide(plan: Plan, facts: Facts, call: CallId, dialled: Dialled | Unreadable) -> Decision:
    """The plan's answer. Every rule is asked and every finding kept; one that refuses is enough, and what is unknown refuses."""
    if not isinstance(dialled, Unreadable):
        if dialled.number in plan.emergency.codes:
            return _emergency(call, dialled, plan.emergency.control_room, plan)
        helpline = plan.helplines.get(dialled.number)
        if helpline is not None:
            return _helpline(plan, facts, call, dialled, helpline)
        if service_of(plan, dialled) is Service.MENU:
            return _menu(plan, call, dialled)
    return _contact(plan, facts, call, dialled)


def decide_without_plan(
    facts: Facts, call: CallId, dialled: Dialled | Unreadable, problem: str = "", control_room: str | None = None
) -> Decision:
    """The answer where no plan can be read: helplines and emergency calls go through, everything else is refused.

    `control_room` is the last address known; without one the emergency code itself goes to the trunk: better than nothing.
    """
    service = service_of(None, dialled)
    if isinstance(dialled, Dialled) and service is Service.EMERGENCY:
        return _emergency(call, dialled, control_room or dialled.number.digits, None)
    if isinstance(dialled, Dialled) and service is Service.HELPLINE:
        order = next((order for order in facts.orders if order.helplines_too), None)
        text = "There is no plan; this helpline is built in." if order is None else f"An order stops helplines: {order.reason}."
        finding = Finding("no-orders-for-helplines", order is None, text, None if order is None else Why.ORDERS)
        return _open_line(call, dialled, (finding,), None, privileged=True)
    text = "No plan is in force" + (f": {problem}." if problem else ".")
    return _refused(None, call, dialled, Finding("plan-in-force", False, text, Why.PLAN_INVALID))


def _emergency(call: CallId, dialled: Dialled, room: str, plan: Plan | None) -> Decision:
    source = None if plan is None else plan.emergency.source
    finding = Finding("emergency-code", True, f"{dialled.number} is an emergency code: it rings the control room.", None, source)
    return Decision(
        call=call, service=Service.EMERGENCY, number=dialled.number, dial=room, findings=(finding,), privacy=Privacy.MONITORED,
        recording=Recording.WHERE_POSSIBLE, announcement=Announcement((), ("emergency-ringing",)), limit=None, rate=None,
        warnings=(), **_told(plan, dialled),
    )


def _helpline(plan: Plan, facts: Facts, call: CallId, dialled: Dialled, helpline: Helpline) -> Decision:
    asked = Asked(plan, plan.settings, facts, dialled, None, None, None)
    text = f"{helpline.number} is {helpline.name}, a helpline: free, at any hour, whoever calls."
    findings = [Finding("helpline-listed", True, text, None, helpline.source)]
    for rule in HELPLINE_RULES:
        finding = judge(rule, asked)
        if finding.why is Why.UNAVAILABLE:  # a fault of ours never closes a helpline
            finding = replace(finding, allowed=True, why=None, text=f"{finding.text} A helpline stays open all the same.")
        findings.append(finding)
    # a helpline stays open while the list cannot be trusted, and then nobody records it
    private = helpline.privileged or facts.listed.serial == 0 or facts.listed.name is not None or facts.found_privileged
    return _open_line(call, dialled, tuple(findings), plan, private)


def _menu(plan: Plan, call: CallId, dialled: Dialled) -> Decision:
    """The telephone's own menu: nobody is rung. What is chosen in it is decided anew, as a call of its own kind."""
    finding = Finding("menu-code", True, f"{dialled.number} is this telephone's own menu: free, and nobody is rung.")
    return Decision(
        call=call, service=Service.MENU, number=dialled.number, dial="", findings=(finding,), privacy=Privacy.MONITORED,
        recording=Recording.NEVER, announcement=Announcement(), limit=None, rate=None, warnings=(), **_told(plan, dialled),
    )


def _open_line(call: CallId, dialled: Dialled, findings: tuple[Finding, ...], plan: Plan | None, privileged: bool) -> Decision:
    """A helpline call: free and without a limit. One that is not privileged may be recorded, so it is announced."""
    announced = () if privileged or plan is None else plan.settings.announce_official.value
    return Decision(
        call=call, service=Service.HELPLINE, number=dialled.number, dial=dial_string(dialled), findings=findings,
        privacy=Privacy.PRIVILEGED if privileged else Privacy.MONITORED,
        recording=Recording.NEVER if privileged else Recording.WHERE_POSSIBLE,
        announcement=Announcement(announced, ("helpline-free",) if privileged else (WILL_HEAR,)), limit=None, rate=None,
        warnings=(), **_told(plan, dialled),
    )


def _contact(plan: Plan, facts: Facts, call: CallId, dialled: Dialled | Unreadable) -> Decision:
    try:
        asked = put(plan, facts, dialled)
        findings = tuple(judge(rule, asked) for rule in CONTACT_RULES)
        return _carried(asked, call, findings)
    except Exception as error:  # facts that cannot be worked with refuse the call, they do not crash it
        return _refused(plan, call, dialled, unusable(error))


def unusable(error: Exception) -> Finding:
    """The refusal that stands for facts which no rule can be asked about."""
    text = f"The facts could not be judged ({type(error).__name__}: {error})."
    return Finding("facts-usable", False, text, Why.UNAVAILABLE)


def put(plan: Plan, facts: Facts, dialled: Dialled | Unreadable) -> Asked:
    """The question that the rules are asked, with what the plan makes of it for this person, telephone and number."""
    number = None if isinstance(dialled, Unreadable) else dialled.number
    local = facts.at.astimezone(plan.zone)
    settings = plan.settings_for(facts.phone, facts.person, number, local.date())
    hours = plan.hours_for(facts.phone, facts.person, number, local.date())
    kind = None if number is None else classify(number, plan.country)
    relay = isinstance(dialled, Dialled) and dialled.relay is not None
    permit = None if facts.person is None else permit_for(facts.permits, number, facts.at)
    until = end_of(hours.spans, facts.at)
    rate = None if kind is None or permit is not None else rate_for(plan, kind.name, local, relay, number)
    held = () if facts.person is None or kind is None or rate is None else facts.person.bundles
    bundle = bundle_for(plan, held, kind.name, facts.at) if kind is not None and held else None
    return Asked(plan, settings, facts, dialled, kind, rate, until, permit, bundle, hours.source)


def _carried(asked: Asked, call: CallId, findings: tuple[Finding, ...]) -> Decision:
    """How a contact's call is carried. Worked out for a refused one too, for the record: its warrant and limit give nothing."""
    settings, privileged = asked.settings, asked.privileged
    prompts, offered = spoken(settings, asked.facts, asked.permit is not None, privileged)
    limit = longest(asked)
    to_caller = WILL_HEAR_PRIVILEGED if privileged else WILL_HEAR_PERMIT if asked.permit else WILL_HEAR
    return Decision(
        call=call, service=Service.CONTACT, number=asked.number,
        dial="" if isinstance(asked.dialled, Unreadable) else dial_string(asked.dialled), findings=findings,
        privacy=Privacy.PRIVILEGED if privileged else Privacy.MONITORED,
        recording=Recording.NEVER if privileged else Recording.REQUIRED,
        announcement=Announcement(prompts, (to_caller,), offered), limit=limit,
        rate=asked.rate, warnings=_warnings(asked, limit.seconds), lifeline=_lifeline(asked),
        ring_seconds=float(settings.ring.value), plan=asked.plan.label,
        number_class="" if asked.number_class is None else asked.number_class.name,
        relay=None if isinstance(asked.dialled, Unreadable) else asked.dialled.relay,
        closes_in=hours_left(asked),
        permit=None if asked.permit is None else asked.permit.id,
        bundle=None if asked.bundle is None else asked.bundle.id, bundle_seconds=asked.bundle_seconds,
        machines=None if privileged else _machines(asked),
    )


def _lifeline(asked: Asked) -> Number | None:
    person = asked.facts.person
    return next(iter(BUILT_IN_HELPLINES)) if person is not None and person.at_risk else None


def _warnings(asked: Asked, seconds: float) -> tuple[float, ...]:
    """Seconds before the end at which both are told; the last minute of somebody at risk is always among them."""
    said = set(asked.settings.warnings.value)
    if _lifeline(asked) is not None:
        said.add(int(LAST_MINUTE))
    return tuple(float(second) for second in sorted(said, reverse=True) if second < seconds)


def _machines(asked: Asked) -> MachineTerms | None:
    settings = asked.settings
    if not settings.machines.value:
        return None
    return MachineTerms(float(settings.machine_hang_up.value), float(settings.machine_talk.value))


def longest(asked: Asked) -> Limit:
    """The least of length, allowances, spending, credit and end of hours; among equals the first of these. Unknown is nothing."""
    settings = asked.settings
    kind = ContactKind.PRIVILEGED if asked.privileged else asked.kind
    limits = [(float(settings.length(kind, asked.relay).value), Why.LENGTH)]
    if asked.permit is None:
        limits += _allowed(asked)
    limits.append((hours_left(asked), Why.HOURS))
    return Limit(*min(limits, key=itemgetter(0)))


def _allowed(asked: Asked) -> Iterator[tuple[float, Why]]:
    """Seconds that minutes and money leave of a call."""
    settings, person = asked.settings, asked.facts.person
    if settings.allowance.value is not None:
        yield max(0.0, settings.allowance.value - (inf if person is None else person.talked_today)), Why.ALLOWANCE
    if settings.week.value is not None:
        yield max(0.0, settings.week.value - (inf if person is None else person.talked_this_week)), Why.WEEK
    if person is None or asked.rate is None:
        yield 0.0, Why.CREDIT
        return
    if settings.spend.value is not None:
        left = Millipence(settings.spend.value - person.spent_this_week)
        yield affordable(asked.rate, left, asked.bundle_seconds), Why.SPEND
    yield affordable(asked.rate, person.balance, asked.bundle_seconds), Why.CREDIT


def hours_left(asked: Asked) -> float:
    """Seconds from now to the end of hours of use, or of the leave by which the call is made, or to the moment at which an order
    against contact binds again; none out of hours."""
    facts, number = asked.facts, asked.number
    end = asked.open_until if asked.permit is None else asked.permit.until
    if end is None:
        return 0.0
    if facts.no_contact and number is not None:
        end = min(end, binds(facts.no_contact, number, facts.at))
    return (end - facts.at).total_seconds()


def _refused(plan: Plan | None, call: CallId, dialled: Dialled | Unreadable, finding: Finding) -> Decision:
    """A refusal where there was nothing to work out: no announcement, no time, no recording."""
    return Decision(
        call=call, service=Service.CONTACT, number=None if isinstance(dialled, Unreadable) else dialled.number, dial="",
        findings=(finding,), privacy=Privacy.MONITORED, recording=Recording.REQUIRED, announcement=Announcement(),
        limit=Limit(0.0, Why.LENGTH), rate=None, warnings=(), plan="" if plan is None else plan.label,
    )


class _Told(TypedDict):
    ring_seconds: float
    plan: str
    number_class: str
    relay: str | None


def _told(plan: Plan | None, dialled: Dialled) -> _Told:
    """What a free call has of the plan, or of the defaults without one."""
    kind = classify(dialled.number)
    return _Told(
        ring_seconds=45.0 if plan is None else float(plan.settings.ring.value), plan="" if plan is None else plan.label,
        number_class="" if kind is None else kind.name, relay=dialled.relay,
    )
