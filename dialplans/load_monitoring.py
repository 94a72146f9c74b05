"""What a plan says about the monitoring queue: by when each tier is heard, and what share of calls is drawn at random."""
from dialplans.plan import MonitoringRules, RandomShare
from dialplans.reading import Section
from switch.core.monitoring import Tier

KEYS = {
    Tier.MANDATORY: "due_days_mandatory", Tier.OFFENCE: "due_days_offence", Tier.INTELLIGENCE: "due_days_intelligence",
    Tier.LEAD: "due_days_lead", Tier.RANDOM: "due_days_random",
}
MOST_DAYS = 90
"""As long as a recording is kept."""


def read_monitoring(top: Section) -> MonitoringRules | None:
    """The table `[monitoring]` and the `[[random]]` shares; None where something is missing or wrong."""
    section = top.section("monitoring")
    days = {tier: section.integer(key, 0, MOST_DAYS, "days", needed=True) for tier, key in KEYS.items()}
    claim = section.integer("claim_minutes", 5, 480, "minutes", needed=True)
    section.close()
    shares = [_share(one) for one in top.sections("random")]
    said = {tier: day for tier, day in days.items() if day is not None}
    found = tuple(share for share in shares if share is not None)
    if claim is None or len(said) < len(days) or len(found) < len(shares):
        return None
    return MonitoringRules(said, claim, found)


def _share(section: Section) -> RandomShare | None:
    since = section.day("from", needed=True)
    percent = section.integer("percent", 0, 100, "per cent", needed=True)
    where = section.texts("establishments")
    said = section.text("source", "a text: who set it, and where it is written down", needed=True)
    section.close()
    if since is None or percent is None or said is None:
        return None
    return RandomShare(since.value, percent.value, frozenset(where.value if where else ()), said.value, section.source)
