"""What a plan says about transcription: which recordings come first, and how much there is to do."""
from dialplans.plan import TranscribingRules
from dialplans.reading import Section
from switch.core.monitoring import Tier

_TIERS = "a list of tiers of the monitoring queue: " + ", ".join(f'"{tier}"' for tier in Tier)


def read_transcribing(top: Section) -> TranscribingRules | None:
    """The table `[transcribing]`; None where something is missing or wrong."""
    section = top.section("transcribing")
    tiers = section.texts("tiers", _TIERS, needed=True)
    rest = section.truth("rest", needed=True)
    hours = section.integer("hours_a_day", 1, 100_000, "hours", needed=True)
    live = section.integer("live", 0, 50, "calls", needed=True)
    section.close()
    if tiers is None or rest is None or hours is None or live is None:
        return None
    known = [tier for tier in tiers.value if tier in list(Tier)]
    for tier in set(tiers.value).difference(known):
        section.complain(f'`transcribing.tiers` has "{tier}": give {_TIERS}', tiers.source)
    if len(set(known)) < len(known):
        section.complain("`transcribing.tiers` names a tier twice", tiers.source)
    return TranscribingRules(tuple(map(Tier, known)), rest.value, hours.value, live.value, section.source)
