"""Payments, refunds and bundles as they are spoken, as the ids of the prompts that say them (`en.money.toml`).

For the telephone's menu: read `switch.store.spoken_money.read_payments(conn, person, at)` in one read of the store, then play
`bundles(data, say)` and `heading(data)` once, and each of `payments(data, say)` as an item of a list, newest first. None has a
number to ring. Nothing here has keys or order of screens: those are the menu's.
"""
from dialplans.prompts.pieces import Said
from dialplans.prompts.spoken import Speech
from switch.core.money_facts import BundleLeft, LastPayment, Payments


def heading(data: Payments) -> Said:
    """What comes before the list: that there is one, or that there is none."""
    return ("money-payments" if data.last else "money-payments-none",)


def payments(data: Payments, say: Speech) -> tuple[Said, ...]:
    """One for each payment: what it was, how much, when."""
    return tuple(_payment(one, data, say) for one in data.last)


def bundles(data: Payments, say: Speech) -> Said:
    """What each bundle still holds and until when, one after another; nothing where there is none."""
    return tuple(piece for one in data.bundles for piece in _bundle(one, data, say))


def _payment(payment: LastPayment, data: Payments, say: Speech) -> Said:
    return (f"money-{payment.kind}", *say.money(payment.amount), *say.moment(payment.at, data.today))


def _bundle(bundle: BundleLeft, data: Payments, say: Speech) -> Said:
    held = ("money-texts", *say.number(bundle.texts)) if bundle.texts else ("money-left", *say.length(bundle.seconds))
    return (*held, "money-until", *say.moment(bundle.until, data.today))
