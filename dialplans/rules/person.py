"""Rules about who calls, and from where."""
from dialplans.model import Finding
from dialplans.rules.asked import Asked, says
from switch.core.reasons import Why


def person_known(asked: Asked) -> Finding:
    """It is known who calls."""
    person = asked.facts.person
    if person is None:
        return says(asked, "person-known", Why.UNKNOWN_PERSON, "It is not known who calls.")
    return says(asked, "person-known", None, f"{person.id} calls.")


def account_open(asked: Asked) -> Finding:
    """The person's account is open: neither released nor moved away."""
    person = asked.facts.person
    if person is None:
        return says(asked, "account-open", Why.UNKNOWN_PERSON, "It is not known whose account this would be.")
    if not person.active:
        return says(asked, "account-open", Why.ACCOUNT_CLOSED, f"The telephone account of {person.id} is closed.")
    return says(asked, "account-open", None, f"The telephone account of {person.id} is open.")


def own_telephone(asked: Asked) -> Finding:
    """The person calls from the telephone of the cell they live in."""
    person, phone = asked.facts.person, asked.facts.phone
    if person is None:
        return says(asked, "own-telephone", Why.UNKNOWN_PERSON, "It is not known whose telephone this would be.")
    if person.phone != phone.id:
        theirs = "no telephone" if person.phone is None else f"telephone {person.phone}"
        text = f"{person.id} has {theirs}, and calls from {phone.id} in cell {phone.cell}."
        return says(asked, "own-telephone", Why.NOT_YOUR_PHONE, text)
    return says(asked, "own-telephone", None, f"{phone.id} in cell {phone.cell} is the telephone of {person.id}.")
