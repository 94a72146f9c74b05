"""What the number itself is asked when somebody wants its calls stopped, or a stop of its own taken back: a call of the switch
rings it, so that nobody's word counts but that of whoever has the number."""
from switch.call.placed import Answer, Key, PlacedKind, Question, Told
from switch.core.facts import StopScope

CODE_KEY = "5"
STOPPING = frozenset({PlacedKind.STOP, PlacedKind.ALLOW})
"""Questions about a number, in nobody's name."""
_ASKED = {
    (PlacedKind.STOP, StopScope.EVERYONE): ("placed-stop-all", "stop-all-done"),
    (PlacedKind.STOP, StopScope.PERSON): ("placed-stop-person", "stop-person-done"),
    (PlacedKind.ALLOW, StopScope.EVERYONE): ("placed-allow-all", "placed-allowed"),
    (PlacedKind.ALLOW, StopScope.PERSON): ("placed-allow-person", "placed-allowed"),
}


def confirmation(kind: PlacedKind, scope: StopScope, code: str) -> Question:
    """1 confirms, 2 says that it was somebody else, and 5 speaks the code, digit by digit, for a form to be filled in with."""
    asked, done = _ASKED[kind, scope]
    late = "stop-taken-down" if kind is PlacedKind.STOP else "placed-no-answer"
    keys = (Key("1", Answer.YES, done, late), Key("2", Answer.NO, "placed-unchanged"))
    told = Told(CODE_KEY, ("placed-code", *(f"say-{digit}" for digit in code)))
    return Question(("placed-service", asked, "placed-confirm"), keys, told=(told,))
