"""How a contact may be told who calls: one small read beside the facts of a call."""
from sqlalchemy import Connection, and_, bindparam, func, literal, select

from switch.core.facts import ToldFacts, Voice
from switch.store.prepared import Later, Prepared
from switch.store.stamps import unstamp
from switch.store.tables import announcement_relief, consents, contact_voices

_TOLD = Prepared(select(
    select(contact_voices.c.voice).where(contact_voices.c.person == bindparam("person"),
                                         contact_voices.c.number == bindparam("number")).scalar_subquery().label("voice"),
    select(announcement_relief.c.allowed_at).where(announcement_relief.c.establishment == bindparam("establishment"))
    .scalar_subquery().label("relief"),
    select(func.max(consents.c.given_at)).where(and_(
        consents.c.person == bindparam("person"), consents.c.number == bindparam("number"), consents.c.ended_at.is_(None)))
    .scalar_subquery().label("consent"),
).where(literal(1) == literal(1)))


def ask_told(conn: Connection, person: str, number: str, establishment: str) -> Later[ToldFacts]:
    """By the number itself, so that a contact's new number has neither the consent nor the voice of the old one."""
    asked = _TOLD.run(conn, {"person": person, "number": number, "establishment": establishment})

    def said() -> ToldFacts:
        voice, relief, consent = asked.fetchone()
        return ToldFacts(Voice(voice) if voice else Voice.USUAL, unstamp(relief) if relief else None,
                         unstamp(consent) if consent else None)

    return said
