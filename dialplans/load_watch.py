"""What a plan says about leads from the records, and from what is beyond words in the sound of a call."""
from dialplans.plan import WatchRules
from dialplans.reading import Section


def read_watch(top: Section) -> WatchRules | None:
    """The table `[watch]`; None where something is missing or wrong."""
    section = top.section("watch")
    days = section.integer("days", 1, 90, "days", needed=True)
    shared = section.integer("shared_number_people", 2, 100, "people", needed=True)
    applied = section.integer("applied_number_people", 2, 100, "people", needed=True)
    borrowed = section.integer("borrowed_pin_calls", 1, 100, "calls", needed=True)
    keep = section.integer("keep_days", 1, 365, "days", needed=True)
    keys = section.integer("divert_keys", 2, 20, "keys", needed=True)
    rings = section.integer("divert_rings", 1, 10, "bursts", needed=True)
    apart = section.integer("voice_semitones", 3, 24, "semitones", needed=True)
    voice = section.integer("voice_seconds", 1, 60, "seconds", needed=True)
    tone = section.integer("tone_seconds", 1, 60, "seconds", needed=True)
    silence = section.integer("silence_seconds", 10, 240, "seconds", needed=True)
    section.close()
    if days is not None and keep is not None and keep.value < days.value:
        section.complain(f"`watch.keep_days` is less than the {days.value} days in which one thing makes one lead", keep.source)
    if not (days and shared and applied and borrowed and keep and keys and rings and apart and voice and tone and silence):
        return None
    return WatchRules(days, shared, applied, borrowed, keep, keys, rings, apart, voice, tone, silence)
