"""What a number is asked when somebody wants a code for it: a code is spoken to a person who pressed a key, and to no machine."""
from switch.call.placed import Answer, Key, Question

TIMES = 3
"""How often it is spoken."""


def code_question(code: str) -> Question:
    """1 hears the code, digit by digit, once its hash is kept; 2 and 9 have the number left alone, for a while or for good."""
    spoken = ("placed-code", *(f"say-{digit}" for digit in code))
    keys = (
        Key("1", Answer.YES, spoken[0], "placed-code-none", (*spoken[1:], *spoken * (TIMES - 1))),
        Key("2", Answer.NO, "placed-code-no", "placed-code-none"),
        Key("9", Answer.STOPPED, "placed-code-never", "placed-code-none"),
    )
    return Question(("placed-service", "placed-code-asked"), keys, sorry="placed-code-none")
