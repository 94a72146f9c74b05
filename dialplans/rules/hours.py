"""Rules about when."""
from dialplans.hours import told
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def within_hours(asked: Asked) -> Finding:
    """The hours of use are open, and stay open for a useful call."""
    rule, settings = "within-hours", asked.settings
    if asked.permit is not None:
        left = (asked.permit.until - asked.facts.at).total_seconds()
        text = f"The window of the leave stands for the hours of use; it ends in {left:.0f} s"
        if left < settings.minimum_talk.value:
            return says(asked, rule, Why.OUT_OF_HOURS, f"{text}, less than a call of {settings.minimum_talk.value} s.")
        return says(asked, rule, None, f"{text}.")
    local = asked.facts.at.astimezone(asked.plan.zone)
    holiday = asked.plan.holidays.get(local.date())
    clock = f"{told(local)} in {asked.plan.zone.key}" + ("" if holiday is None else f", {holiday.name},")
    if asked.open_until is None:
        return says(asked, rule, Why.OUT_OF_HOURS, f"{clock} is outside the hours of use.", asked.hours_source)
    end = asked.open_until.astimezone(asked.plan.zone)
    left = (asked.open_until - asked.facts.at).total_seconds()
    if left < settings.minimum_talk.value:
        text = f"The hours of use end in {left:.0f} s, less than a call of {settings.minimum_talk.value} s."
        return says(asked, rule, Why.OUT_OF_HOURS, text, asked.hours_source)
    return says(asked, rule, None, f"{clock} is within the hours of use, which end at {told(end)}.", asked.hours_source)
