"""How a contact may be told who calls: one small read beside the facts of a call."""
from sqlalchemy import Connection, bindparam, literal, select

from switch.core.facts import ToldFacts, Voice
from switch.store.prepared import Later, Prepared
from switch.store.stamps import unstamp
from switch.store.tables import announcement_relief, contact_voices

_TOLD = Prepared(select(
    select(contact_voices.c.voice).where(contact_voices.c.person == bindparam("person"),
                                         contact_voices.c.number == bindparam("number")).scalar_subquery().label("voice"),
    select(announcement_relief.c.allowed_at).where(announcement_relief.c.establishment == bindparam("establishment"))
    .scalar_subquery().label("relief"),
).where(literal(1) == literal(1)))


def ask_told(conn: Connection, person: str, number: str, establishment: str) -> Later[ToldFacts]:
    """By the number itself, so that a contact's new number has not the voice of the old one."""
    asked = _TOLD.run(conn, {"person": person, "number": number, "establishment": establishment})

    def said() -> ToldFacts:
        voice, relief = asked.fetchone()
        return ToldFacts(Voice(voice) if voice else Voice.USUAL, unstamp(relief) if relief else None)

    return said
