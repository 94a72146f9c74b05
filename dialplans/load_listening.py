"""What a plan says about authorisations to listen, and recordings drawn at random."""
from dialplans.plan import ListeningRules
from dialplans.reading import Section

QUARTER, MONTH = 92, 31
"""The longest three months and the longest month: no plan may leave an authorisation unreviewed for longer."""


def read_listening(top: Section) -> ListeningRules | None:
    """The table `[listening]`; None where something is missing or wrong."""
    section = top.section("listening")
    mandatory = section.integer("review_mandatory_days", 1, QUARTER, "days", needed=True)
    offence = section.integer("review_offence_days", 1, QUARTER, "days", needed=True)
    intelligence = section.integer("review_intelligence_days", 1, MONTH, "days", needed=True)
    random = section.integer("random_days", 1, QUARTER, "days", needed=True)
    section.close()
    if not (mandatory and offence and intelligence and random):
        return None
    return ListeningRules(mandatory, offence, intelligence, random)
