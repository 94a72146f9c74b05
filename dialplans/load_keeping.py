"""What a plan says about how long recordings are kept."""
from dialplans.plan import Keeping
from dialplans.reading import Section, Sourced

LONGEST = 366
"""Days. Whatever is needed for longer is held, by name and with reasons."""


def read_keeping(top: Section, recording: Section) -> Keeping | None:
    """`recording.keep_days`, and the tables `[[keep]]` of single establishments, of which the last one counts."""
    days = recording.integer("keep_days", 1, LONGEST, "days", needed=True)
    at = dict[str, Sourced[int]]()
    for section in top.sections("keep"):
        places = section.texts("establishments", needed=True)
        kept = section.integer("days", 1, LONGEST, "days", needed=True)
        section.close()
        if places is not None and not places.value:
            section.complain("`keep.establishments` is empty: name those that are meant, or leave the table out", places.source)
        if places is not None and kept is not None:
            at |= dict.fromkeys(places.value, kept)
    return None if days is None else Keeping(days, at)
