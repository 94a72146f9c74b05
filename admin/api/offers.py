"""What the API offers: one line for each use case of the desk, with the scope that a key needs for it."""
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import switch.desk
from switch.desk import (
    access,
    accounts,
    alarms,
    applications,
    audit,
    authority,
    bulk,
    bulletins,
    calls,
    canary,
    connections,
    consent_texts,
    contact_names,
    copies,
    drawing,
    evidence,
    explaining,
    filing,
    finding,
    holding,
    kill,
    leads,
    leaving,
    listening,
    money,
    monitoring,
    monitoring_reports,
    names,
    no_contact,
    numbers,
    parties,
    people,
    permits,
    pins,
    placed,
    places,
    privileged,
    proposals,
    reconciling,
    rolls,
    shown,
    speed_dials,
    stops,
    subject_access,
    subscriptions,
    supplied,
    today,
    transcripts,
    watch_words,
)
from switch.desk.asking import attempt
from switch.ports.access import Scope

Use = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A use case and who may ask for it. Whatever only looks is a GET; the rest are POST, and need the name of a person."""

    use: Use
    scope: Scope
    own_key: bool = False
    """Whether only a member of staff's own key will do: who asks has to be proved, and a system only says so."""

    @property
    def reads(self) -> bool:
        return self.scope is Scope.READ

    @property
    def two_names(self) -> bool:
        """Whether it takes, or may take, a second member of staff."""
        found = inspect.signature(self.use).parameters.get("second")
        return found is not None and found.annotation is not int  # a second of a recording is no member of staff

    @property
    def name(self) -> str:
        return f"{self.use.__module__.rpartition('.')[2]}-{self.use.__name__.replace('_', '-')}"

    @property
    def path(self) -> str:
        group, name = self.use.__module__.rpartition(".")[2], self.use.__name__.replace("_", "-")
        return f"/api/{group}/{name}"


OFFERS = (
    Offer(shown.show, Scope.READ),
    Offer(shown.list_people, Scope.READ),
    Offer(today.today, Scope.READ),
    Offer(alarms.list_alarms, Scope.READ),
    Offer(calls.list_calls, Scope.READ),
    Offer(calls.show_call, Scope.READ),
    Offer(kill.standing, Scope.READ),
    Offer(explaining.explain_call, Scope.READ),
    Offer(explaining.explain_request, Scope.READ),
    Offer(rolls.waiting, Scope.READ),
    Offer(rolls.roll_check, Scope.READ),
    Offer(speed_dials.speed_dials, Scope.READ),
    Offer(bulletins.bulletins, Scope.READ),
    Offer(canary.read, Scope.READ),
    Offer(canary.runs, Scope.READ),
    Offer(placed.show, Scope.READ),
    Offer(names.names, Scope.READ),
    Offer(permits.list_permits, Scope.READ),
    Offer(proposals.waiting, Scope.READ),
    Offer(numbers.listed, Scope.READ),
    Offer(numbers.wrong, Scope.READ),
    Offer(stops.standing, Scope.READ),
    Offer(money.balance, Scope.READ),
    Offer(money.statement, Scope.READ),
    Offer(money.offers, Scope.READ),
    Offer(money.bundles, Scope.READ),
    Offer(subscriptions.subscriptions, Scope.READ),
    Offer(money.verify, Scope.READ),
    Offer(money.credit_limit, Scope.READ),
    Offer(parties.standing, Scope.READ),
    Offer(contact_names.recorded_names, Scope.READ),
    Offer(no_contact.orders, Scope.READ),
    Offer(no_contact.openings, Scope.READ),
    Offer(authority.show, Scope.AUTHORITY, own_key=True),
    Offer(authority.authorities, Scope.AUTHORITY, own_key=True),
    Offer(connections.connections, Scope.AUTHORITY, own_key=True),
    Offer(authority.apply, Scope.AUTHORITY, own_key=True),
    Offer(authority.grant, Scope.AUTHORITY, own_key=True),
    Offer(authority.refuse, Scope.AUTHORITY, own_key=True),
    Offer(authority.review, Scope.AUTHORITY, own_key=True),
    Offer(authority.cancel, Scope.AUTHORITY, own_key=True),
    Offer(connections.declare, Scope.AUTHORITY, own_key=True),
    Offer(connections.end, Scope.AUTHORITY, own_key=True),
    Offer(monitoring.items, Scope.MONITORING, own_key=True),
    Offer(monitoring.show_item, Scope.MONITORING, own_key=True),
    Offer(monitoring_reports.overdue, Scope.READ),
    Offer(monitoring_reports.heard, Scope.READ),
    Offer(drawing.redraw, Scope.READ),
    Offer(subject_access.of_person, Scope.DISCLOSURE, own_key=True),
    Offer(subject_access.of_party, Scope.DISCLOSURE, own_key=True),
    Offer(monitoring.next_item, Scope.MONITORING, own_key=True),
    Offer(monitoring.claim_item, Scope.MONITORING, own_key=True),
    Offer(monitoring.release_item, Scope.MONITORING, own_key=True),
    Offer(monitoring.close_listened, Scope.MONITORING, own_key=True),
    Offer(monitoring.close_not_needed, Scope.MONITORING, own_key=True),
    Offer(monitoring.note_item, Scope.MONITORING, own_key=True),
    Offer(monitoring.bookmark, Scope.MONITORING, own_key=True),
    Offer(monitoring.translate, Scope.MONITORING, own_key=True),
    Offer(copies.copies, Scope.READ),
    Offer(holding.standing, Scope.READ),
    Offer(reconciling.incidents, Scope.READ),
    Offer(people.receive, Scope.PEOPLE),
    Offer(people.change, Scope.PEOPLE),
    Offer(people.move, Scope.PEOPLE),
    Offer(people.transfer, Scope.PEOPLE),
    Offer(leaving.go_away, Scope.PEOPLE),
    Offer(leaving.come_back, Scope.PEOPLE),
    Offer(leaving.release, Scope.PEOPLE),
    Offer(leaving.pay_out, Scope.PEOPLE),
    Offer(leaving.recall, Scope.PEOPLE),
    Offer(leaving.die, Scope.PEOPLE),
    Offer(leaving.undo_death, Scope.PEOPLE),
    Offer(pins.issue_pin, Scope.PEOPLE),
    Offer(pins.issue_duress_pin, Scope.PEOPLE),
    Offer(pins.withdraw_duress_pin, Scope.PEOPLE),
    Offer(pins.unlock, Scope.PEOPLE),
    Offer(places.add_establishment, Scope.PLACES),
    Offer(places.set_capacity, Scope.PLACES),
    Offer(places.set_cell_capacity, Scope.PLACES),
    Offer(places.close_or_open, Scope.PLACES),
    Offer(places.add_wing, Scope.PLACES),
    Offer(places.add_cell, Scope.PLACES),
    Offer(places.add_phone, Scope.PLACES),
    Offer(places.move_phone, Scope.PLACES),
    Offer(places.replace_password, Scope.PLACES),
    Offer(bulletins.publish_bulletin, Scope.PLACES),
    Offer(bulletins.withdraw_bulletin, Scope.PLACES),
    Offer(kill.place, Scope.ORDERS),
    Offer(kill.stop_helplines, Scope.ORDERS),
    Offer(kill.lift, Scope.ORDERS),
    Offer(calls.cut_call, Scope.ORDERS),
    Offer(alarms.acknowledge, Scope.ORDERS),
    Offer(privileged.found_privileged, Scope.ORDERS),
    Offer(privileged.undo_found, Scope.ORDERS),
    Offer(numbers.add, Scope.ORDERS),
    Offer(numbers.end, Scope.ORDERS),
    Offer(numbers.verify, Scope.ORDERS),
    Offer(stops.place, Scope.ORDERS),
    Offer(stops.undo, Scope.ORDERS),
    Offer(stops.request, Scope.PUBLIC),
    Offer(stops.confirm, Scope.PUBLIC),
    Offer(speed_dials.set_speed_dial, Scope.CONTACTS),
    Offer(speed_dials.clear_speed_dial, Scope.CONTACTS),
    Offer(applications.apply, Scope.CONTACTS),
    Offer(applications.begin, Scope.CONTACTS),
    Offer(applications.check_done, Scope.CONTACTS),
    Offer(applications.approve, Scope.CONTACTS),
    Offer(applications.refuse, Scope.CONTACTS),
    Offer(applications.withdraw, Scope.CONTACTS),
    Offer(contact_names.record_name, Scope.CONTACTS),
    Offer(contact_names.delete_name, Scope.CONTACTS),
    Offer(parties.record_consent, Scope.CONTACTS),
    Offer(parties.set_child_level, Scope.CONTACTS),
    Offer(parties.change_number, Scope.CONTACTS),
    Offer(parties.wrong_number, Scope.CONTACTS),
    Offer(parties.due_for_verification, Scope.CONTACTS),
    Offer(parties.agree_between, Scope.CONTACTS),
    Offer(no_contact.place, Scope.ORDERS),
    Offer(no_contact.lift, Scope.ORDERS),
    Offer(no_contact.leave_open, Scope.ORDERS),
    Offer(no_contact.shut, Scope.ORDERS),
    Offer(copies.clip, Scope.RECORDINGS, own_key=True),
    Offer(copies.redact, Scope.RECORDINGS, own_key=True),
    Offer(holding.place, Scope.RECORDINGS),
    Offer(holding.release, Scope.RECORDINGS),
    Offer(reconciling.close, Scope.RECORDINGS),
    Offer(placed.request, Scope.CONTACTS),
    Offer(placed.cancel, Scope.CONTACTS),
    Offer(placed.allow_relief, Scope.CONTACTS),
    Offer(placed.end_relief, Scope.CONTACTS),
    Offer(placed.set_voice, Scope.CONTACTS),
    Offer(names.give_name, Scope.CONTACTS),
    Offer(names.forget_name, Scope.CONTACTS),
    Offer(consent_texts.received, Scope.PEOPLE),
    Offer(consent_texts.write, Scope.PEOPLE),
    Offer(permits.give_first_call, Scope.PEOPLE),
    Offer(permits.give_permit, Scope.PEOPLE),
    Offer(permits.grant_emergency_call, Scope.PEOPLE),
    Offer(permits.withdraw_permit, Scope.PEOPLE),
    Offer(money.top_up, Scope.MONEY),
    Offer(money.refund, Scope.MONEY),
    Offer(money.goodwill, Scope.MONEY),
    Offer(money.sell_bundle, Scope.MONEY),
    Offer(subscriptions.subscribe, Scope.MONEY),
    Offer(subscriptions.cancel, Scope.MONEY),
    Offer(subscriptions.renew, Scope.MONEY),
    Offer(supplied.supplied_numbers, Scope.CONTACTS),
    Offer(supplied.supply_number, Scope.CONTACTS),
    Offer(rolls.finish, Scope.TASKS),
    Offer(rolls.daily_feed, Scope.BULK),
    Offer(bulk.load, Scope.BULK),
    Offer(numbers.load, Scope.BULK),
    Offer(bulk.export, Scope.BULK),
    Offer(audit.log, Scope.AUDIT),
    Offer(audit.erase_words, Scope.AUDIT),
    Offer(watch_words.lists, Scope.MONITORING),
    Offer(watch_words.add_list, Scope.MONITORING),
    Offer(watch_words.end_list, Scope.MONITORING),
    Offer(watch_words.add_word, Scope.MONITORING),
    Offer(watch_words.end_word, Scope.MONITORING),
    Offer(watch_words.load, Scope.MONITORING),
    Offer(watch_words.export, Scope.MONITORING),
    Offer(leads.listed, Scope.MONITORING),
    Offer(leads.take, Scope.MONITORING),
    Offer(leads.give_back, Scope.MONITORING),
    Offer(leads.decide, Scope.MONITORING),
    Offer(transcripts.search, Scope.MONITORING),
    Offer(transcripts.show, Scope.MONITORING),
    Offer(transcripts.transcript_jobs, Scope.MONITORING),
    Offer(transcripts.retry, Scope.MONITORING),
)
"""Everything that is served. A use case without a line here is not, and fails a test: its scope is somebody's decision."""

ACCOUNTS = "accounts and roles are seen to in the console or on the machine itself, so that no key can widen anybody's"
KEPT_BACK: dict[Use, str] = {
    access.issue_key: "keys are issued on the machine itself, so that no key can make another",
    access.revoke_key: "keys are revoked on the machine itself",
    access.keys: "who holds keys is seen on the machine itself",
    access.holder: "how a key is checked is no use case",
    access.named: "how a token is checked is no use case",
    accounts.add_user: ACCOUNTS,
    accounts.reset_user: ACCOUNTS,
    accounts.end_user: ACCOUNTS,
    accounts.end_sessions: ACCOUNTS,
    accounts.set_role: ACCOUNTS,
    accounts.give_role: ACCOUNTS,
    accounts.take_role: ACCOUNTS,
    accounts.users: ACCOUNTS,
    accounts.roles: ACCOUNTS,
    finding.find_people: "asked by pages, which know where their reader may look",
    finding.whereabouts: "asked by the guard of a page",
    finding.establishments: "asked by every page, for its heading",
    leads.hear: "told by whatever heard the call",
    leads.found: "told by the worker, which heard it",
    leads.look_back: "done by the worker once a day",
    proposals.propose: "made by the API of whatever takes two members of staff",
    access.note_refusal: "written by the API itself",
    evidence.disclose: "the pack is a file that is written on the machine itself",
    evidence.written: "noted by whatever wrote the pack",
    canary.add: "the machine that answers it is set up on the machine itself",
    canary.begin: "rung by a machine of the site, which alone may have the telephone's password",
    canary.closed: "asked by the machine that rings it",
    canary.record: "told by whoever rang it: nobody else can say that one passed",
    filing.file_recording: "done by the worker for each recording that was sealed",
    filing.file_lead: "done by the worker for each lead that was raised",
    filing.follow_authority: "done by the worker when an authorisation is granted or ends",
    filing.follow_all: "done by the worker once a day",
    canary.tell_late: "told by the worker, for every establishment",
    copies.export: "given as a file: POST /api/recordings/{recording}/export",
    holding.tell_overdue: "told by the worker, once a day",
    holding.due: "asked by the worker, which erases what is due",
    reconciling.reconcile_calls: "done by the worker, which looks at the disks itself",
    listening.begin: "asked by the console for an ear of its own: a ticket is of no use to anybody else",
    listening.go_on: "asked by the console while somebody listens",
    listening.end: "told by the console when nobody listens any more",
}
"""Functions of the desk that no request reaches, and why."""


def use_cases() -> list[Use]:
    """Every public coroutine of the desk that staff may ask for: it takes a desk, who asks, and the moment."""
    found = []
    for module in pkgutil.iter_modules(switch.desk.__path__, "switch.desk."):
        for name, one in inspect.getmembers(import_module(module.name), inspect.iscoroutinefunction):
            asked = tuple(inspect.signature(one).parameters)[:3] == ("desk", "actor", "at")
            if asked and one.__module__ == module.name and one is not attempt and not name.startswith("_"):
                found.append(one)
    return found
