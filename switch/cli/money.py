"""`wingline money` and `wingline verify-books`: credit, refunds, bundles, statements, and the books added up again."""
from datetime import timedelta
from typing import Annotated

import typer

from switch.build import site
from switch.build.books import money_row, problems_of_books
from switch.build.staff import StoreError
from switch.cli.common import HERE, TRY_AGAIN, Dir, Json, Now, Reason, Staff, ask, clock_of, fail, moment, print_rows, say
from switch.core.money import Millipence, pence
from switch.desk import money, subscriptions
from switch.ports.money import Line, Movement

app = typer.Typer(help="Credit: balance, top-up, refund, goodwill, bundles, subscriptions, statement.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Prison number, A1234BC.")]
Pence = Annotated[int, typer.Argument(help="Whole pence.")]
Reference = Annotated[str, typer.Option("--reference", help="Names the change: the same one again changes nothing.")]
MONTH = timedelta(days=31)


@app.command()
def balance(number: Number, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """What somebody may spend, what a running call holds, and the last lines."""
    purse = ask(folder, now, staff, lambda desk, actor, at: money.balance(desk, actor, at, number))
    say(f"{purse.credit.person}  free {_p(purse.credit.free)}  held {_p(purse.credit.held)}", *map(_line, purse.last))


@app.command("top-up")
def top_up(number: Number, amount: Pence, reference: Reference,
           limit: Annotated[int | None, typer.Option("--limit", help="The most that may be held, in pence, in place of the "
                                                                     "plan's cap.")] = None,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Pay money in for somebody, within the cap."""
    _moved(ask(folder, now, staff, lambda desk, actor, at: money.top_up(desk, actor, at, number, reference, amount, limit)))


@app.command()
def refund(call: Annotated[str, typer.Argument(help="The call's id.")], reason: Reason,
           amount: Annotated[int | None, typer.Option("--pence", help="So much of it; all when left out.")] = None,
           staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Give back what a call cost, once."""
    _moved(ask(folder, now, staff, lambda desk, actor, at: money.refund(desk, actor, at, call, reason, amount)))


@app.command()
def goodwill(number: Number, amount: Pence, reference: Reference, reason: Reason, staff: Staff = "", folder: Dir = HERE,
             now: Now = None) -> None:
    """Give somebody money from the public purse."""
    _moved(ask(folder, now, staff,
               lambda desk, actor, at: money.goodwill(desk, actor, at, number, reference, amount, reason)))


@app.command()
def offers(as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """The bundles that are sold today."""
    found = ask(folder, now, "", money.offers)
    print_rows(((money_row("offer", one), f"{one.name}: {_amount(one.seconds, one.texts)} a {one.period} to "
                 f"{', '.join(one.classes)} for {_p(one.price)}{', by subscription too' if one.renews else ''}")
                for one in found), as_json)


@app.command()
def sell(number: Number, offer: Annotated[str, typer.Argument(help="The bundle's name, as `money offers` shows it.")],
         reference: Reference, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Sell somebody a bundle, from their own credit."""
    sold = ask(folder, now, staff, lambda desk, actor, at: money.sell_bundle(desk, actor, at, number, offer, reference))
    say(f"{sold.id}  {sold.person}  {sold.name} until {sold.until:%Y-%m-%d %H:%M} UTC for {_p(sold.price)}")


@app.command()
def bundles(number: Number, as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """What is left of somebody's bundles of minutes and texts."""
    found = ask(folder, now, staff, lambda desk, actor, at: money.bundles(desk, actor, at, number))
    print_rows(((money_row("bundle", one), f"{one.id}  {one.name}: {_amount(one.seconds, one.texts)} left until "
                 f"{one.until:%Y-%m-%d %H:%M} UTC") for one in found), as_json)


@app.command()
def subscribe(number: Number, offer: Annotated[str, typer.Argument(help="The bundle's name, as `money offers` shows it.")],
              reference: Reference, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """Sell somebody a bundle now, and anew each period until it is cancelled."""
    _subscribed(ask(folder, now, staff,
                    lambda desk, actor, at: subscriptions.subscribe(desk, actor, at, number, offer, reference)))


@app.command()
def unsubscribe(subscription: Annotated[str, typer.Argument(help="The subscription: its reference.")], staff: Staff = "",
                folder: Dir = HERE, now: Now = None) -> None:
    """Cancel a subscription: it runs to the end of its period."""
    _subscribed(ask(folder, now, staff, lambda desk, actor, at: subscriptions.cancel(desk, actor, at, subscription)))


@app.command("subscriptions")
def list_subscriptions(number: Number, as_json: Json = False, staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """All of somebody's, with how each stands."""
    found = ask(folder, now, staff, lambda desk, actor, at: subscriptions.subscriptions(desk, actor, at, number))
    print_rows(((money_row("subscription", one), _standing(one)) for one in found), as_json)


@app.command()
def statement(number: Number, since: Annotated[str | None, typer.Option("--from", help="From then on; 31 days ago when left "
                                                                                      "out.")] = None,
              until: Annotated[str | None, typer.Option("--until", help="Before then; now when left out.")] = None,
              as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False, as_json: Json = False,
              staff: Staff = "", folder: Dir = HERE, now: Now = None) -> None:
    """One line for each movement and each call that rang or was answered."""
    clock = clock_of(now).wall()
    first, last = moment(since, clock, "--from") or clock - MONTH, moment(until, clock, "--until") or clock
    told = ask(folder, now, staff, lambda desk, actor, at: money.statement(desk, actor, at, number, first, last))
    if as_csv:
        typer.echo(money.as_csv(told), nl=False)
    else:
        print_rows(((money_row("line", line), _line(line)) for line in told.lines), as_json)


def verify_books(folder: Dir = HERE) -> None:
    """Add every account up again. Exits 1 on any difference, each told in a sentence."""
    try:
        found = problems_of_books(site.read_settings(folder))
    except site.SiteProblems as error:
        raise fail(error) from None
    except StoreError as error:
        raise fail(error, TRY_AGAIN) from None
    for problem in found:
        say(f"{problem.reference}: {problem.text}")
    if found:
        raise typer.Exit(1)
    say("the books are right: every account adds up, and every call was charged as its record says")


def _moved(done: Movement) -> None:
    say(f"{done.reference}  {done.person}  {_p(done.amount)}, then free {_p(done.balance)}")


def _line(line: Line) -> str:
    about = f"  {line.number}  {line.seconds:.0f} s" if line.number else ""
    about += f"  {line.told}" if line.told else ""
    return f"{line.at:%Y-%m-%d %H:%M}  {line.entry:<8}  {_p(line.amount):>10}  {_p(line.balance):>10}  {line.reference}{about}"


def _subscribed(done: subscriptions.Subscribed) -> None:
    say(_standing(done))


def _standing(one: subscriptions.Subscribed) -> str:
    return f"{one.subscription.id}  {one.subscription.person}  {one.subscription.name}. {one.told}"


def _amount(seconds: int, texts: int) -> str:
    return f"{texts} texts" if texts else f"{seconds // 60} minutes"


def _p(amount: Millipence) -> str:
    return f"{pence(amount)}p"
