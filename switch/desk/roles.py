"""The roles that a site begins with. They are rows like any other from then on, and a site may change each."""
from collections.abc import Mapping

from switch.ports.access import Scope as S

USUAL: Mapping[str, frozenset[S]] = {
    "governor": frozenset({S.READ, S.LIVE, S.PEOPLE, S.ORDERS, S.TASKS, S.AUTHORITY, S.RECORDINGS, S.MONITORING, S.DISCLOSURE,
                           S.CONTACTS, S.AUDIT}),
    "listener": frozenset({S.READ, S.LIVE, S.RECORDINGS, S.MONITORING}),
    "officer": frozenset({S.READ, S.LIVE, S.PEOPLE, S.ORDERS, S.TASKS, S.CONTACTS}),
    "business-hub": frozenset({S.READ, S.PEOPLE, S.TASKS, S.CONTACTS, S.MONEY}),
    "public-protection": frozenset({S.READ, S.LIVE, S.ORDERS, S.TASKS, S.CONTACTS, S.AUTHORITY, S.RECORDINGS, S.MONITORING,
                                    S.DISCLOSURE}),
    "auditor": frozenset({S.READ, S.AUDIT}),
    "administrator": frozenset({S.STAFF, S.PLACES, S.BULK}),
}
"""An administrator gives roles and sees nobody; who sees people gives no roles."""
GRAVE = frozenset({S.STAFF, S.AUTHORITY, S.RECORDINGS, S.MONITORING, S.DISCLOSURE, S.AUDIT, S.BULK})
"""A role with one of these is made, widened and given on two names."""
