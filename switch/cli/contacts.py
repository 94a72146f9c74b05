"""`wingline contacts`: applications and their checks, parties, numbers, and orders against contact."""
from datetime import datetime
from typing import Annotated

import typer

from dialplans.openings import shown_hours
from switch.build.staff import as_row
from switch.cli.common import HERE, Dir, Json, Now, Reason, Staff, ask, clock_of, moment, print_rows, say
from switch.core.contacts import Check
from switch.core.facts import ContactKind
from switch.desk import applications, no_contact, parties
from switch.ports.contacts import NoContact, OrderKind, RefusalReason
from switch.ports.no_contact import CourtOpening

app = typer.Typer(help="Whom people may ring: applications, checks, consent, orders against contact.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="Prison number, A1234BC.")]
Id = Annotated[str, typer.Argument(help="The application's or contact's id, as `contacts list` shows it.")]
PartyId = Annotated[str, typer.Argument(help="The party's id, as `contacts list` shows it.")]
Second = Annotated[str, typer.Option("--second", help="Another member of staff, who agrees.")]
Until = Annotated[str | None, typer.Option("--until", help="Until then; until it is lifted when left out.")]


@app.command()
def apply(
    person: Person, number: Annotated[str, typer.Argument(help="The telephone number.")],
    kind: Annotated[ContactKind, typer.Option("--kind", help="What kind of contact.")] = ContactKind.SOCIAL,
    name: Annotated[str, typer.Option("--name", help="Of the contact.")] = "",
    second_number: Annotated[str | None, typer.Option("--second-number", help="Another number of the contact.")] = None,
    organisation: Annotated[bool, typer.Option("--organisation", help="The contact is an organisation.")] = False,
    relationship: Annotated[int, typer.Option("--relationship", help="Its id, 0 to 36.")] = 0,
    born: Annotated[datetime | None, typer.Option("--born", formats=["%Y-%m-%d"], help="Date of birth.")] = None,
    age: Annotated[int | None, typer.Option("--age", help="Where the date of birth is not known.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Where the site asks for it.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="A party that is known already.")] = None,
    prisoner: Annotated[str | None, typer.Option("--prisoner", help="Prison number of a contact in another prison.")] = None,
    early_days: Annotated[bool, typer.Option("--early-days", help="Asked for in the first-night or early-days centre.")] = False,
    staff: Staff = "", folder: Dir = HERE, now: Now = None,
) -> None:
    """A contact is asked for; prints an id for each number."""
    wanted = applications.Application(
        person, number, kind, name, second_number, organisation, relationship, born.date() if born else None, age, address, party,
        prisoner, early_days=early_days)
    made = ask(folder, now, staff, lambda desk, actor, at: applications.apply(desk, actor, at, wanted))
    say(*(f"{one.id}  {one.number}  {one.state}  party {one.party}" for one in made.approvals))


@app.command()
def begin(approval: Id, owner: Annotated[str | None, typer.Option("--owner", help="Who does the checks.")] = None,
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The checks of the plan become tasks."""
    tasks = ask(folder, now, staff, lambda desk, actor, at: applications.begin(desk, actor, at, approval, owner))
    say(*(f"{task.id}  {task.kind}  due {task.due_at:%Y-%m-%d}" for task in tasks), f"{approval}: pending")


@app.command()
def check(approval: Id, what: Annotated[Check, typer.Argument(help="Which check passed.")], second: Second = "",
          staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """A check passed; that a contact is genuine takes two names."""
    ask(folder, now, staff, lambda desk, actor, at: applications.check_done(desk, actor, at, approval, what, second))
    say(f"{approval}: {what} done")


@app.command()
def approve(approval: Id, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """With every check done, the number may be rung."""
    one = ask(folder, now, staff, lambda desk, actor, at: applications.approve(desk, actor, at, approval))
    say(f"{approval}: {one.state}")


@app.command()
def refuse(approval: Id, why: Annotated[RefusalReason, typer.Option("--why", help="What the person is told.")], reason: Reason,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Staff say no."""
    one = ask(folder, now, staff, lambda desk, actor, at: applications.refuse(desk, actor, at, approval, why, reason))
    say(f"{approval}: {one.state}, {one.reason}")


@app.command()
def withdraw(approval: Id, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The person takes it back."""
    one = ask(folder, now, staff, lambda desk, actor, at: applications.withdraw(desk, actor, at, approval))
    say(f"{approval}: {one.state}")


@app.command("list")
def list_(person: Person, as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Contacts and applications of a person, as they may hear them."""
    found = ask(folder, now, "", lambda desk, actor, at: parties.standing(desk, actor, at, person))
    print_rows(((as_row("contact", one), f"{one.approval}  {one.number}  {one.name}  {one.kind}  {one.state}"
                 f"{f' ({one.reason})' if one.reason else ''}  party {one.party}, consent {one.consent}") for one in found),
               as_json)


@app.command()
def consent(party: PartyId, agrees: Annotated[bool, typer.Option("--yes/--no", help="Whether they agree to be rung.")],
            number: Annotated[str, typer.Option("--number", help="At this number; a no is of every one that they have.")] = "",
            staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """What a party said about being rung."""
    said = ask(folder, now, staff, lambda desk, actor, at: parties.record_consent(desk, actor, at, party, agrees, number))
    say(*(f"{party}: consent {one.consent} at {one.number}" for one in said))


@app.command("child-level")
def child_level(party: PartyId, level: Annotated[int, typer.Argument(help="1 none, 2 writing, 3 telephone too, 4 all.")],
                second: Second, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """The level of contact with a child, by two members of staff."""
    ask(folder, now, staff, lambda desk, actor, at: parties.set_child_level(desk, actor, at, party, level, second))
    say(f"{party}: level {level}")


@app.command("change-number")
def change_number(party: PartyId, old: Annotated[str, typer.Argument(help="The number until now.")],
                  new: Annotated[str, typer.Argument(help="The number from now on.")], staff: Staff = "", folder: Dir = HERE,
                  now: Now = None) -> None:
    """A party has another number: approvals stay, consent is asked for again."""
    changed = ask(folder, now, staff, lambda desk, actor, at: parties.change_number(desk, actor, at, party, old, new))
    say(f"{party}: {len(changed.approvals)} contacts moved")


@app.command("wrong-number")
def wrong_number(number: Annotated[str, typer.Argument(help="The number.")], staff: Staff = "", folder: Dir = HERE,
                 now: Now = None) -> None:
    """Somebody there said that it is the wrong number: nobody rings it until it was verified."""
    held = ask(folder, now, staff, lambda desk, actor, at: parties.wrong_number(desk, actor, at, number))
    say(f"{held} contacts are to be verified")


@app.command("verify-due")
def verify_due(staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Numbers that answered nothing for as long as the plan says become tasks: for a daily run."""
    due = ask(folder, now, staff, parties.due_for_verification)
    say(*(f"{one.id}  {one.person}" for one in due), f"{len(due)} contacts are to be verified again")


@app.command()
def agree(person: Person, other: Annotated[str, typer.Argument(help="Who is rung, in another prison.")],
          establishment: Annotated[str, typer.Argument(help="Who agrees.")],
          no: Annotated[bool, typer.Option("--no", help="Agrees no longer.")] = False, staff: Staff = "", folder: Dir = HERE,
          now: Now = None) -> None:
    """An establishment agrees to a call between two prisons; both must."""
    given = ask(folder, now, staff, lambda desk, actor, at: parties.agree_between(
        desk, actor, at, person, other, establishment, not no))
    say(f"{given} agree")


@app.command()
def order(
    person: Person, kind: Annotated[OrderKind, typer.Argument(help="What it rests on.")],
    court: Annotated[str, typer.Option("--court", help="By whose order.")],
    party: Annotated[str | None, typer.Option("--party", help="Whom: a party, with every number.")] = None,
    number: Annotated[str | None, typer.Option("--number", help="Whom: a number.")] = None,
    other: Annotated[str | None, typer.Option("--person", help="Whom: another person in prison.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="From then on (2026-11-23T21:30:00Z or +3h).")] = None,
    until: Until = None,
    leave_open: Annotated[list[str] | None, typer.Option("--except", help="A number that it leaves open.")] = None,
    staff: Staff = "", folder: Dir = HERE, now: Now = None,
) -> None:
    """A person may not ring a party, a number or somebody else in prison."""
    clock = clock_of(now).wall()
    wanted = no_contact.Wanted(person, kind, court, party, number, other, moment(start, clock, "--from"),
                               moment(until, clock, "--until"), tuple(leave_open or ()))
    say(one_line(ask(folder, now, staff, lambda desk, actor, at: no_contact.place(desk, actor, at, wanted))))


@app.command()
def lift(order: Annotated[str, typer.Argument(help="The order's id.")], second: Second, reason: Reason, staff: Staff = "",
         folder: Dir = HERE, now: Now = None) -> None:
    """An order against contact no longer stands, by two members of staff."""
    say(f"{ask(folder, now, staff, lambda desk, actor, at: no_contact.lift(desk, actor, at, order, second, reason))}: lifted")


@app.command("leave-open")
def leave_open(
    order: Annotated[str, typer.Argument(help="The order's id.")],
    court: Annotated[str, typer.Option("--court", help="Under whose order it is left open.")], second: Second, reason: Reason,
    hours: Annotated[list[str] | None, typer.Option("--hours", help="Weekly: 'sunday 14:00-15:00'; may be given again.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="From then on (2026-11-23T21:30:00Z or +3h).")] = None,
    until: Until = None,
    number: Annotated[str | None, typer.Option("--number", help="For this number alone.")] = None,
    staff: Staff = "", folder: Dir = HERE, now: Now = None,
) -> None:
    """An order against contact does not bind at a time, by a court's word and two members of staff."""
    clock = clock_of(now).wall()
    begin, end = moment(start, clock, "--from"), moment(until, clock, "--until")
    say(opening_line(ask(folder, now, staff, lambda desk, actor, at: no_contact.leave_open(
        desk, actor, at, order, court, second, reason, tuple(hours or ()), begin, end, number))))


@app.command()
def shut(opening: Annotated[str, typer.Argument(help="The exception's id, as `contacts openings` shows it.")], reason: Reason,
         staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """An order binds again at a time that was left open."""
    say(f"{ask(folder, now, staff, lambda desk, actor, at: no_contact.shut(desk, actor, at, opening, reason))}: shut")


@app.command()
def openings(order: Annotated[str | None, typer.Argument(help="The order's id; all when left out.")] = None,
             as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """What orders against contact leave open."""
    found = ask(folder, now, "", lambda desk, actor, at: no_contact.openings(desk, actor, at, order))
    print_rows(((as_row("opening", one), opening_line(one)) for one in found), as_json)


@app.command()
def orders(person: Annotated[str | None, typer.Argument(help="Prison number; everybody when left out.")] = None,
           as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Orders against contact that stand."""
    found = ask(folder, now, "", lambda desk, actor, at: no_contact.orders(desk, actor, at, person))
    print_rows(((as_row("no-contact", one), one_line(one)) for one in found), as_json)


def opening_line(one: CourtOpening) -> str:
    """What is left open, for a person to read."""
    left = one.opening
    when = [shown_hours(left.hours)] if left.hours else []
    when += [f"from {left.since:%Y-%m-%d %H:%M} UTC"] if left.since else []
    when += [f"until {left.until:%Y-%m-%d %H:%M} UTC"] if left.until else []
    whom = f"{left.number} " if left.number else ""
    return (f"{left.id}  order {one.order} leaves {whom}open{' ' + ', '.join(when) if when else ''} ({one.court}),"
            f" by {one.added_by} and {one.second}")


def one_line(order: NoContact) -> str:
    """An order for a person to read."""
    aim = f"party {order.party}" if order.party else order.number or order.other
    until = f" until {order.until:%Y-%m-%d %H:%M} UTC" if order.until else ""
    but = f", except {', '.join(order.exceptions)}" if order.exceptions else ""
    return (f"{order.id}  {order.person} may not ring {aim}{but} ({order.kind}, {order.court})"
            f" from {order.start:%Y-%m-%d %H:%M} UTC{until}, by {order.placed_by}")
