"""A decision in plain words, for whoever asks why."""
from dialplans.model import Decision, Finding, Limit, Recording
from dialplans.plan import Plan
from dialplans.prompts.table import load_table, named
from switch.core.facts import Facts
from switch.core.grants import Privacy
from switch.core.money import pence
from switch.core.reasons import Why

_LIMITS = {
    Why.LENGTH: "the longest that one call may last",
    Why.ALLOWANCE: "what is left of the day's minutes",
    Why.WEEK: "what is left of the week's minutes",
    Why.SPEND: "what may still be spent this week",
    Why.CREDIT: "what the credit pays for",
    Why.HOURS: "until the hours of use end",
}
_RECORDINGS = {
    Recording.REQUIRED: "yes; nobody speaks before the recorder runs",
    Recording.WHERE_POSSIBLE: "yes where possible; the call never waits for it",
    Recording.NEVER: "never",
}


def explain(decision: Decision, plan: Plan | None, facts: Facts | None = None) -> list[str]:
    """Lines that say what was decided, what would be played, the limit, the price, and every rule's finding with its place.

    `plan` None is a decision made without one; with `facts`, the groups that override the plan for this call are named too.
    """
    refusal = decision.refusal
    lines = [f"Call to {decision.number or 'what is not a number'}: {'connected' if refusal is None else 'refused'}."]
    lines += [f"  plan       {decision.plan or 'none'}" + ("" if plan is None else f", {plan.title}")]
    if decision.number_class:
        relay = f", through Relay UK ({decision.relay})" if decision.relay else ""
        lines.append(f"  number     {decision.number_class}{relay}")
    if refusal is not None:
        lines += _refused(refusal)
    else:
        lines += _carried(decision)
    if plan is not None and facts is not None:
        day = facts.at.astimezone(plan.zone).date()
        groups = plan.groups_for(facts.phone, facts.person, decision.number, day)
        lines += [f"  group      {group.name} ({group.source.file}:{group.source.line})" for group in groups]
    lines += _known(facts)
    lines.append("Findings, in the order in which a refusal is told:")
    return lines + [_finding(finding) for finding in decision.findings]


def _known(facts: Facts | None) -> list[str]:
    """What the decision was made from, where it is at hand."""
    if facts is None or facts.person is None:
        return []
    person, phone = facts.person, facts.phone
    return [
        f"  known      at {facts.at:%Y-%m-%d %H:%M:%S} UTC: {person.id} on {phone.id}, cell {phone.cell}, wing {phone.wing}; "
        f"{pence(person.balance)}p, {person.talked_today:.0f} s talked that day, {person.talked_this_week:.0f} s that week, "
        f"{pence(person.spent_this_week)}p spent",
    ]


def _refused(refusal: Finding) -> list[str]:
    prompt = f"refused-{refusal.why}"
    table = load_table()
    lines = [f"  because    {refusal.text}"]
    if prompt in table:
        lines += [f'  hears      "{table[prompt].say}"', f"  meaning    {table[prompt].plain}"]
    return lines


def _carried(decision: Decision) -> list[str]:
    played = [f'"{prompt.say}"' for name in decision.announcement.prompts if (prompt := named(name)) is not None]
    lines = [
        f"  service    {decision.service}",
        f"  dials      {decision.dial}",
        f"  privacy    {decision.privacy}" + ("; nobody can listen" if decision.privacy is Privacy.PRIVILEGED else ""),
        f"  recorded   {_RECORDINGS[decision.recording]}",
        f"  announced  {' then '.join(played) or 'nothing'}",
        f"  longest    {_limit(decision.limit)}",
        f"  price      {_price(decision)}",
    ]
    if decision.warnings:
        lines.append(f"  warned     {', '.join(f'{second:g}' for second in decision.warnings)} s before the end")
    return lines


def _limit(limit: Limit | None) -> str:
    return "no limit" if limit is None else f"{limit.seconds:g} s: {_LIMITS[limit.why]}"


def _price(decision: Decision) -> str:
    rate = decision.rate
    if rate is None:
        return "free" if decision.permit is None else "free, by leave of staff"
    first = f"nothing for the first {decision.bundle_seconds} s, from a bundle; then " if decision.bundle_seconds else ""
    least = f", at least {pence(rate.minimum)}p" if rate.minimum else ""
    step = "second" if rate.step == 1 else "started minute"
    whole = ", made up to whole pence" if rate.whole_pence else ""
    return f"{first}{pence(rate.per_minute)}p a minute by the {step}{least}{whole} ({rate.name})"


def _finding(finding: Finding) -> str:
    place = "" if finding.source is None else f"  [{finding.source.file}:{finding.source.line}]"
    return f"  {'allows' if finding.allowed else 'REFUSES':8} {finding.rule}: {finding.text}{place}"
