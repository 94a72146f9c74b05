"""What a plan says about the calls that the switch places itself, and about help on the page for families."""
from dialplans.hours import Window, read_window
from dialplans.plan import HelpLines, Naming, Placing
from dialplans.reading import Section
from switch.core.numbers import Unreadable, read_number

_WINDOWS = 'a list of windows such as ["09:00-19:00"]'


def read_placing(top: Section) -> Placing | None:
    """The table `[placed]`; hours are every day's, by the establishment's clock."""
    section = top.section("placed")
    texts = section.texts("hours", _WINDOWS, needed=True)
    tries = section.integer("tries", 1, 10, "tries", needed=True)
    spacing = section.integer("spacing_minutes", 1, 7 * 1440, "minutes", needed=True)
    at_once = section.integer("at_once", 0, 100, "calls", needed=True)
    names = section.text("names", " or ".join(f'"{one}"' for one in Naming), needed=True)
    section.close()
    if texts is None or tries is None or spacing is None or at_once is None or names is None:
        return None
    if names.value not in list(Naming):
        section.complain(f'`placed.names` is "{names.value}": say {", ".join(Naming)}', names.source)
        return None
    windows = [read_window(text) for text in texts.value]
    for fault in windows:
        if isinstance(fault, str):
            section.complain(f"`placed.hours`: {fault}", texts.source)
    hours = tuple(window for window in windows if isinstance(window, Window))
    return Placing(hours, tries.value, spacing.value, at_once.value, Naming(names.value), section.source)


def read_help(top: Section, country: str) -> HelpLines:
    """The table `[help]`, of which nothing is needed."""
    section = top.section("help")
    switchboard = section.text("switchboard", "the prison's telephone number")
    unwanted = section.text("unwanted")
    welsh = section.text("unwanted_cy")
    section.close()
    if switchboard is not None and isinstance(read_number(switchboard.value, country), Unreadable):
        section.complain(f'`help.switchboard` is "{switchboard.value}", which is no telephone number', switchboard.source)
    return HelpLines(*(found.value.strip() if found else "" for found in (switchboard, unwanted, welsh)))
