"""The rules: one file per family, each rule a pure function of what is asked, each answer a finding.

Lives here: rules and the order in which a refusal is told. May not live here: anything that reads a store, a clock or a plan
file, or that acts on an answer. A rule says no to what it does not know.
"""
from dialplans.rules.asked import Rule, name_of
from dialplans.rules.consent import both_prisons_agree, child_contact_allowed, consent_given
from dialplans.rules.contact import contact_approved
from dialplans.rules.credit import credit_left, has_a_price, spend_left
from dialplans.rules.hours import within_hours
from dialplans.rules.limits import allowance_left, calls_left, gap_over, one_call_at_a_time, week_left
from dialplans.rules.line import room_to_record
from dialplans.rules.lists import not_a_victims_number, number_verified
from dialplans.rules.no_contact import no_contact_order
from dialplans.rules.number import number_class, number_not_barred, number_readable
from dialplans.rules.person import account_open, own_telephone, person_known
from dialplans.rules.privileged import privilege_verified, privileged_list_stands
from dialplans.rules.relay import relay_approved
from dialplans.rules.site import no_orders, no_orders_for_helplines, site_open
from dialplans.rules.stops import helpline_not_stopped, not_stopped_for_all, not_stopped_for_person

STANDING_RULES: tuple[Rule, ...] = (
    number_readable,
    person_known,
    account_open,
    own_telephone,
    no_orders,
    site_open,
    number_not_barred,
    number_class,
    contact_approved,  # before the stops: nobody learns of a stop on a number that is not their contact
    not_a_victims_number,  # told as any number that is no contact, and so after what a contact would be told
    privilege_verified,
    not_stopped_for_all,
    not_stopped_for_person,
    number_verified,
    no_contact_order,  # after the approval too: a number dialled by chance must not show that somebody is protected there
    consent_given,
    child_contact_allowed,
    both_prisons_agree,
    relay_approved,
)
"""What staff and people decided, and stays so: the same answer for every call to this number, at any hour and with any credit,
until one of them decides otherwise (but for leave and orders that have windows of time)."""

PASSING_RULES: tuple[Rule, ...] = (
    one_call_at_a_time,
    within_hours,
    gap_over,
    calls_left,
    allowance_left,
    week_left,
    has_a_price,
    spend_left,
    credit_left,
    privileged_list_stands,
    room_to_record,
)
"""What the clock, the person's own calls and the state of the switch decide."""

MEASURED_RULES = frozenset({within_hours, allowance_left, week_left, spend_left, credit_left})
"""Those of the passing ones that refuse where a limit of the call is less than the shortest useful one (`decide.longest`)."""

CONTACT_RULES = (*STANDING_RULES, *PASSING_RULES)
"""Every rule for a call to a contact. All are asked; where several refuse, the caller is told the first of this order: what
cannot be changed before what can, and what is the person's own affair before what is the switch's."""

HELPLINE_RULES: tuple[Rule, ...] = (no_orders_for_helplines, helpline_not_stopped)
"""Every rule for a helpline. An emergency call has none."""

RULE_NAMES = tuple(name_of(rule) for rule in (*CONTACT_RULES, *HELPLINE_RULES))
