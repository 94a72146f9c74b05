"""In which language each side is spoken to. A part of `flow`, under its rules, and the one place where it is said.

The person in prison hears everything in their own language. Whoever is called hears the site's: the announcement is the law's,
and a plan may name another language's words of it (`cy/announce-england-wales`).
"""
from collections.abc import Sequence
from dataclasses import replace

from switch.call import commands as do
from switch.call.model import Call
from switch.core.ids import Leg


def spoken_to(call: Call, commands: Sequence[do.Command]) -> list[do.Command]:
    """The commands, with what the person is told in their language."""
    return [replace(one, language=call.language) if isinstance(one, do.Play) and one.leg is Leg.CELL and call.language else one
            for one in commands]
