"""A plan as it stands after reading: settings with the lines they come from, ready to be decided by."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dialplans.hours import Span, Week, Window, spans
from dialplans.model import Rate, Source
from dialplans.reading import Sourced
from switch.core.authority import AuthorityKind
from switch.core.contacts import Check
from switch.core.facts import ContactKind, PersonFacts, PhoneFacts
from switch.core.money import Millipence
from switch.core.monitoring import Tier
from switch.core.numbers import E164, Number


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a `[[group]]` may say otherwise; None leaves the plan's own word. Seconds unless said."""

    hours: Sourced[Week] | None = None
    holiday_hours: Sourced[tuple[Window, ...] | None] | None = None
    """Said together with `hours`: a None inside it is no word about holidays."""
    length_social: Sourced[int] | None = None
    length_official: Sourced[int] | None = None
    length_privileged: Sourced[int] | None = None
    length_relay: Sourced[int] | None = None
    announce_social: Sourced[tuple[str, ...]] | None = None
    announce_official: Sourced[tuple[str, ...]] | None = None
    announce_privileged: Sourced[tuple[str, ...]] | None = None
    announce_child: Sourced[tuple[str, ...]] | None = None
    announce_relief: Sourced[tuple[str, ...]] | None = None
    relief_days: Sourced[int] | None = None
    stop_offer: Sourced[bool] | None = None
    wrong_number: Sourced[bool] | None = None
    allowance: Sourced[int | None] | None = None
    week: Sourced[int | None] | None = None
    spend: Sourced[int | None] | None = None
    cap: Sourced[int | None] | None = None
    calls: Sourced[int | None] | None = None
    calls_window: Sourced[int] | None = None
    gap: Sourced[int] | None = None
    warnings: Sourced[tuple[int, ...]] | None = None
    ring: Sourced[int] | None = None
    minimum_talk: Sourced[int] | None = None
    machines: Sourced[bool] | None = None
    machine_hang_up: Sourced[int] | None = None
    machine_talk: Sourced[int] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a group may override, complete: what holds for one person, telephone and number."""

    hours: Sourced[Week]
    holiday_hours: Sourced[tuple[Window, ...] | None]
    """What holds on a listed holiday; None is the weekday's own windows."""
    length_social: Sourced[int]
    length_official: Sourced[int]
    length_privileged: Sourced[int]
    length_relay: Sourced[int]
    announce_social: Sourced[tuple[str, ...]]
    announce_official: Sourced[tuple[str, ...]]
    announce_privileged: Sourced[tuple[str, ...]]
    announce_child: Sourced[tuple[str, ...]]
    """Where a child is likely to answer, instead of `announce_social`."""
    announce_relief: Sourced[tuple[str, ...]]
    """After consent, where the establishment has leave for it, instead of `announce_social` and the stop offer."""
    relief_days: Sourced[int]
    """How long a consent stands for that; 0 is never."""
    stop_offer: Sourced[bool]
    wrong_number: Sourced[bool]
    """Whether key 7 is told of where the stop offer, which tells of it too, is not spoken."""
    allowance: Sourced[int | None]
    """Seconds of talk a day; None is no limit."""
    week: Sourced[int | None]
    """Seconds of talk a week, from Monday; None is no limit."""
    spend: Sourced[int | None]
    """Thousandths of a penny a week, from Monday; None is no limit."""
    cap: Sourced[int | None]
    """Thousandths of a penny that a person may have in all after a top-up; None is no limit. Not asked when a call is decided."""
    calls: Sourced[int | None]
    """Answered calls in any window of `calls_window` seconds; None is no limit."""
    calls_window: Sourced[int]
    gap: Sourced[int]
    """Seconds between the end of an answered call and the next; 0 is none."""
    warnings: Sourced[tuple[int, ...]]
    ring: Sourced[int]
    minimum_talk: Sourced[int]
    """A call that could not last so long is refused."""
    machines: Sourced[bool]
    """Whether an answering machine is listened for, and the caller told."""
    machine_hang_up: Sourced[int]
    """Seconds from then in which hanging up makes the call free."""
    machine_talk: Sourced[int]
    """Seconds of talk after which it is charged all the same."""

    def length(self, kind: ContactKind, relay: bool) -> Sourced[int]:
        """The longest a call to this kind of contact may last; through Relay UK, where each word takes longer, its own limit."""
        if relay:
            return self.length_relay
        return {
            ContactKind.SOCIAL: self.length_social,
            ContactKind.OFFICIAL: self.length_official,
            ContactKind.PRIVILEGED: self.length_privileged,
        }[kind]

    def announce(self, kind: ContactKind) -> Sourced[tuple[str, ...]]:
        return {
            ContactKind.SOCIAL: self.announce_social,
            ContactKind.OFFICIAL: self.announce_official,
            ContactKind.PRIVILEGED: self.announce_privileged,
        }[kind]


@dataclass(frozen=True, slots=True)
class Group:
    """Whom an override is for, and when: every selector that is given must fit. A later group wins over an earlier one."""

    name: str
    overrides: Overrides
    source: Source
    establishments: frozenset[str] = frozenset()
    wings: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    incentives: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    contacts: frozenset[Number] = frozenset()
    since: date | None = None
    until: date | None = None
    """The last local day on which it holds."""

    def fits(self, phone: PhoneFacts, person: PersonFacts | None, number: Number | None) -> bool:
        """Whether it is for this call, on whatever day."""
        return (
            (not self.establishments or phone.establishment in self.establishments)
            and (not self.wings or phone.wing in self.wings)
            and (not self.cells or phone.cell in self.cells)
            and (not self.incentives or (person is not None and person.incentive in self.incentives))
            and (not self.people or (person is not None and person.id in self.people))
            and (not self.contacts or number in self.contacts)
        )

    def holds(self, day: date | None) -> bool:
        """Whether it is in force on a local day; one with dates never is on no day in particular."""
        if self.since is None and self.until is None:
            return True
        return day is not None and (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day named by its date; `windows` are its own hours, where it has any."""

    name: str
    windows: Sourced[tuple[Window, ...]] | None
    source: Source


@dataclass(frozen=True, slots=True)
class Helpline:
    """A number that anybody may ring, free, at any hour."""

    number: Number
    name: str
    privileged: bool
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices of some number classes, or countries, from a date on: thousandths of a penny a minute, weekday and weekend."""

    name: str
    since: date
    classes: frozenset[str]
    relay: bool
    weekday: Millipence
    weekend: Millipence
    minimum: Millipence
    source: Source
    countries: frozenset[str] = frozenset()
    """Beginnings of international numbers, digits only, for which it holds instead of a class."""
    step: int = 1
    whole_pence: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """An offer: seconds of talk, or texts, to some classes for a price, in a week or a month from the day that it is bought."""

    name: str
    since: date
    until: date | None
    """The last local day on which it is sold."""
    seconds: int
    price: Millipence
    monthly: bool
    classes: frozenset[str]
    source: Source
    texts: int = 0
    """How many texts; 0 where it is for talk, and then `seconds` is not."""
    renews: bool = False
    """May be subscribed to: bought anew each period until it is cancelled."""
    retry_days: int = 0
    """For so many days after a period a subscription without credit is tried again; then it ends."""


class Naming(StrEnum):
    """Who asks, in the words of a call that the switch places itself."""

    NOBODY = "nobody"
    PRISON = "prison"
    PERSON = "person"
    """The prison, and the person whom it is about: whoever picks up learns that somebody of this name is in prison."""


@dataclass(frozen=True, slots=True)
class Placing:
    """The calls that the switch places itself: when, how often a number is tried, minutes between tries, how many at once, and
    whom they name."""

    hours: tuple[Window, ...]
    tries: int
    spacing_minutes: int
    at_once: int
    names: Naming
    source: Source


@dataclass(frozen=True, slots=True)
class HelpLines:
    """What the page for families says of where to turn to; nothing of what is empty."""

    switchboard: str = ""
    unwanted: str = ""
    unwanted_cy: str = ""


@dataclass(frozen=True, slots=True)
class ContactRules:
    """What an application for a contact needs, and how many contacts a person may have."""

    most_social: Sourced[int]
    most_official: Sourced[int]
    """Official and privileged together."""
    checks_social: Sourced[tuple[Check, ...]]
    checks_official: Sourced[tuple[Check, ...]]
    checks_privileged: Sourced[tuple[Check, ...]]
    due_days: Sourced[int]
    verify_months: Sourced[int]
    refuse_wrong: Sourced[bool]
    """Whether a number that was answered as the wrong one is refused until it is verified."""

    def checks(self, kind: ContactKind) -> Sourced[tuple[Check, ...]]:
        return {
            ContactKind.SOCIAL: self.checks_social,
            ContactKind.OFFICIAL: self.checks_official,
            ContactKind.PRIVILEGED: self.checks_privileged,
        }[kind]

    def most(self, kind: ContactKind) -> Sourced[int]:
        return self.most_social if kind is ContactKind.SOCIAL else self.most_official


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """Days within which each kind of authorisation is reviewed, and for which a recording drawn at random may be heard."""

    mandatory_days: Sourced[int]
    offence_days: Sourced[int]
    intelligence_days: Sourced[int]
    random_days: Sourced[int]

    def review_days(self, kind: AuthorityKind) -> Sourced[int]:
        return {
            AuthorityKind.MANDATORY: self.mandatory_days,
            AuthorityKind.OFFENCE: self.offence_days,
            AuthorityKind.INTELLIGENCE: self.intelligence_days,
        }[kind]


@dataclass(frozen=True, slots=True)
class WatchRules:
    """From when on the records, or the sound of a call, have too much of something, for a lead: counts within `days`; and for how
    many days a lead that is of no recording is kept."""

    days: Sourced[int]
    shared_number_people: Sourced[int]
    applied_number_people: Sourced[int]
    borrowed_pin_calls: Sourced[int]
    keep_days: Sourced[int]
    divert_keys: Sourced[int]
    divert_rings: Sourced[int]
    voice_semitones: Sourced[int]
    voice_seconds: Sourced[int]
    tone_seconds: Sourced[int]
    silence_seconds: Sourced[int]


@dataclass(frozen=True, slots=True)
class RandomShare:
    """So much in a hundred of an establishment's recorded calls is drawn to be listened to, from a local day on."""

    since: date
    percent: int
    establishments: frozenset[str]
    """Empty for all of them."""
    said: str
    """Who set it, and where that is written down."""
    source: Source


@dataclass(frozen=True, slots=True)
class MonitoringRules:
    """The monitoring queue: local days until an item of a tier is due, and minutes for which an officer has one in hand."""

    due: Mapping[Tier, Sourced[int]]
    claim_minutes: Sourced[int]
    random: tuple[RandomShare, ...]

    def due_days(self, tier: Tier) -> Sourced[int]:
        return self.due[tier]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days a recording is kept from its call's end: the plan's word, and that of single establishments."""

    days: Sourced[int]
    at: Mapping[str, Sourced[int]]

    def days_at(self, establishment: str) -> Sourced[int]:
        return self.at.get(establishment, self.days)


@dataclass(frozen=True, slots=True)
class TranscribingRules:
    """Which recordings are transcribed first, and how much there is to do."""

    tiers: tuple[Tier, ...]
    """Of the monitoring queue, the first first."""
    rest: bool
    """Whether what is in none of them is transcribed too, after them."""
    hours_a_day: int
    """Audio that is recorded in a day, as the establishment expects it."""
    live: int
    """Calls transcribed while they run, on one machine at once."""
    source: Source


@dataclass(frozen=True, slots=True)
class Emergency:
    """The codes that ring the control room, and its SIP address."""

    codes: frozenset[Number]
    control_room: str
    source: Source


class Hours(NamedTuple):
    """When the telephones are open, as seen from one local day, and the line that gives that day's hours."""

    spans: tuple[Span, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Plan:
    """One establishment's rules, whole and free of problems."""

    name: str
    hash: str
    """SHA-256, hex, over the names and texts of this file and those it extends."""
    title: str
    country: str
    zone: ZoneInfo
    settings: Settings
    holidays: Mapping[date, Holiday]
    groups: tuple[Group, ...]
    helplines: Mapping[Number, Helpline]
    emergency: Emergency
    barred_classes: Sourced[frozenset[str]]
    barred_numbers: Mapping[Number, Sourced[str]]
    """By number, the reason."""
    listed: Mapping[Number, Sourced[str]]
    """Numbers that may be rung, once approved, though their class is barred; by number, whose it is."""
    countries: Mapping[str, Sourced[str]]
    """Countries abroad whose numbers may be rung, once approved; by the beginning of their numbers, digits only, the name."""
    tariffs: tuple[Tariff, ...]
    bundles: tuple[Bundle, ...]
    menu: Number | None
    """What reaches the telephone's own menu; None where there is none."""
    placing: Placing
    transcribing: TranscribingRules
    pin_digits: int
    contact: ContactRules
    listening: ListeningRules
    monitoring: MonitoringRules
    watch: WatchRules
    reserve: Sourced[int]
    """Seconds for which every line must still be recordable before a new monitored call is let through."""
    keeping: Keeping
    rules: Mapping[str, Source]
    """The line of `[rules]` that says why each rule is there."""
    files: tuple[str, ...] = ()
    help: HelpLines = HelpLines()
    _made: dict[tuple[Source, ...], Settings] = field(
        default_factory=dict, init=False, repr=False, compare=False)
    """Settings by the groups that made them: a plan has few combinations, and a call should not work them out anew."""
    _hours: dict[tuple[date, tuple[Source, ...]], Hours] = field(
        default_factory=dict, init=False, repr=False, compare=False)
    """Hours by local day and the groups that have any, likewise."""
    rates: dict[tuple[str, bool, date], Rate | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    """For `dialplans.tariff.rate_for`, likewise: by class, relay and local day, since abroad it hangs on the number."""

    @property
    def label(self) -> str:
        """Name and short hash, as a CDR keeps them."""
        return f"{self.name}@{self.hash[:12]}"

    def settings_for(
        self, phone: PhoneFacts, person: PersonFacts | None, number: Number | None, day: date | None = None,
    ) -> Settings:
        """The plan's settings with every group that fits, and holds on this local day, applied in order."""
        groups = self.groups_for(phone, person, number, day)
        key = tuple(group.source for group in groups)
        settings = self._made.get(key)
        if settings is None:
            settings = self.settings
            for group in groups:
                said = {field.name: getattr(group.overrides, field.name) for field in fields(group.overrides)}
                settings = replace(settings, **{name: value for name, value in said.items() if value is not None})
            self._made[key] = settings
        return settings

    def groups_for(
        self, phone: PhoneFacts, person: PersonFacts | None, number: Number | None, day: date | None = None,
    ) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.holds(day) and group.fits(phone, person, number))

    def country_of(self, number: Number) -> Sourced[str] | None:
        """The listed country of a number abroad, by the longest beginning that fits."""
        digits = number.digits if isinstance(number, E164) else ""
        sizes = range(len(digits), 0, -1)
        return next((self.countries[digits[:size]] for size in sizes if digits[:size] in self.countries), None)

    def hours_for(self, phone: PhoneFacts, person: PersonFacts | None, number: Number | None, today: date) -> Hours:
        """The hours of use as they stand on a local day."""
        groups = tuple(group for group in self.groups if group.overrides.hours is not None and group.fits(phone, person, number))
        key = (today, tuple(group.source for group in groups))
        hours = self._hours.get(key)
        if hours is None:
            opened = spans(lambda day: self._windows(groups, day).value, self.zone, today)
            hours = self._hours[key] = Hours(opened, self._windows(groups, today).source)
        return hours

    def _windows(self, groups: Iterable[Group], day: date) -> Sourced[tuple[Window, ...]]:
        """Those of the last group that has any on this local day; else a holiday's own; else the plan's."""
        holiday = self.holidays.get(day)
        hours, special = self.settings.hours, self.settings.holiday_hours
        own = None if holiday is None else holiday.windows
        for group in groups:
            if group.holds(day) and group.overrides.hours and group.overrides.holiday_hours:
                hours, special, own = group.overrides.hours, group.overrides.holiday_hours, None
        if own is not None:
            return own
        if holiday is not None and special.value is not None:
            return Sourced(special.value, special.source)
        return Sourced(hours.value[day.weekday()], hours.source)
