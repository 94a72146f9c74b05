"""What was kept of consent and wrong numbers in two places, on either database, becomes one; and goes back."""
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from switch.store.engine import database_at
from switch.store.migrate import config

SITE = """
INSERT INTO establishments (id, name, zone) VALUES ('HMP', 'x', 'Europe/London');
INSERT INTO people (id, keypad, name, active, establishment) VALUES ('A1', '21', 'x', true, 'HMP');
INSERT INTO people (id, keypad, name, active, establishment) VALUES ('B1', '22', 'x', true, 'HMP')
"""
OLD, FIRST, LATER = "2026-01-01T12:00:00.000Z", "2026-02-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z"


def party(conn: Connection, id: str, consent: str, how: str | None = None, at: str | None = None, by: str | None = None,
          numbers: tuple[str, ...] = ("+447700900123",), state: str = "approved", reason: str | None = None,
          person: str = "A1") -> None:
    values = {"id": id, "consent": consent, "how": how, "at": at, "by": by, "since": OLD, "person": person, "state": state,
              "reason": reason}
    conn.execute(text("INSERT INTO parties (id, kind, name, child, consent, consent_how, consent_at, consent_by)"
                      " VALUES (:id, 'person', 'x', false, :consent, :how, :at, :by)"), values)
    for number in numbers:
        conn.execute(text("INSERT INTO party_numbers (party, number, since, verified_at) VALUES (:id, :number, :since, :since)"),
                     values | {"number": number})
        conn.execute(text("INSERT INTO contacts (id, person, number, party, kind, state, reason, relationship, relay,"
                          " allow_monitor, override, alert, call_allowed, legal) VALUES (:row, :person, :number, :id, 'social',"
                          " :state, :reason, 0, false, true, false, false, true, false)"),
                     values | {"number": number, "row": id + number})


def heard(conn: Connection, id: str, number: str, at: str, person: str = "A1", how: str = "keypad", ended: str | None = None
          ) -> None:
    conn.execute(text("INSERT INTO consents VALUES (:id, :person, :number, :at, :how, '[\"placed-consent\"]', 'en', :ended)"),
                 {"id": id, "person": person, "number": number, "at": at, "how": how, "ended": ended})


def before(conn: Connection) -> None:
    """One party for each way in which the two places could stand to each other."""
    for line in SITE.strip().split(";"):
        conn.execute(text(line))
    party(conn, "never", "not-asked", numbers=("+447700900101",))
    party(conn, "taken", "given", "taken-over", numbers=("+447700900102", "+447700900112"))
    party(conn, "key", "given", "keypad", LATER, "call:c1", numbers=("+447700900103",))
    heard(conn, "c0", "+447700900103", FIRST, ended=LATER)
    heard(conn, "c1", "+447700900103", LATER)
    party(conn, "text", "not-asked", numbers=("+447700900104",))
    heard(conn, "text:r1", "+447700900104", FIRST, how="text")
    party(conn, "no", "denied", "staff", LATER, "officer", numbers=("+447700900105",))
    heard(conn, "c2", "+447700900105", FIRST)
    party(conn, "two", "given", "keypad", LATER, "call:c4", numbers=("+447700900106",))
    conn.execute(text("INSERT INTO contacts SELECT 'B1', number, party, 'two-b', kind, state, reason, relationship, relay,"
                      " allow_monitor, override, alert, call_allowed, legal, applied_at FROM contacts WHERE party = 'two'"))
    heard(conn, "c3", "+447700900106", FIRST)
    heard(conn, "c4", "+447700900106", LATER, person="B1")
    party(conn, "moved", "not-asked", numbers=("+447700900107",))
    conn.execute(text("INSERT INTO party_numbers (party, number, since, until_at)"
                      " VALUES ('moved', '+447700900108', :old, :later)"), {"old": OLD, "later": LATER})
    heard(conn, "c5", "+447700900108", FIRST)
    party(conn, "held", "given", "staff", FIRST, "officer", ("+447700900109",), "pending", "wrong-number")
    party(conn, "seen", "given", "staff", FIRST, "officer", ("+447700900113",), "pending", "wrong-number")
    conn.execute(text("UPDATE party_numbers SET asked_again_at = :at WHERE party = 'held'"), {"at": FIRST})
    party(conn, "marked", "given", "staff", FIRST, "officer", ("+447700900110",))
    party(conn, "right", "given", "staff", FIRST, "officer", ("+447700900111",))
    for id, number, at, verified in (("w1", "+447700900110", FIRST, None), ("w2", "+447700900111", FIRST, LATER)):
        conn.execute(text("INSERT INTO wrong_numbers (id, number, at, verified_at) VALUES (:id, :number, :at, :verified)"),
                     {"id": id, "number": number, "at": at, "verified": verified})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_places_become_one(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/a.db" if kind == "sqlite" else request.getfixturevalue("postgres").empty()
    settings = config()
    with database_at(url).migrating() as conn:
        settings.attributes["connection"] = conn
        command.upgrade(settings, "0025c")
        before(conn)
        command.upgrade(settings, "0026c")
        rows = conn.execute(text("SELECT party, number, consent, how, said_at, said_by, person, ended_at FROM consents"
                                 " ORDER BY party, number, said_at")).all()
        assert [tuple(row) for row in rows] == [
            ("held", "+447700900109", "given", "staff", FIRST, "officer", None, None),
            ("key", "+447700900103", "given", "keypad", FIRST, "call:c0", "A1", LATER),
            ("key", "+447700900103", "given", "keypad", LATER, "call:c1", "A1", None),
            ("marked", "+447700900110", "given", "staff", FIRST, "officer", None, None),
            ("moved", "+447700900108", "given", "keypad", FIRST, "call:c5", "A1", LATER),
            ("no", "+447700900105", "given", "keypad", FIRST, "call:c2", "A1", LATER),
            ("no", "+447700900105", "denied", "staff", LATER, "officer", None, None),
            ("right", "+447700900111", "given", "staff", FIRST, "officer", None, None),
            ("seen", "+447700900113", "given", "staff", FIRST, "officer", None, None),
            ("taken", "+447700900102", "given", "taken-over", OLD, "migration", None, None),
            ("taken", "+447700900112", "given", "taken-over", OLD, "migration", None, None),
            ("text", "+447700900104", "given", "text", FIRST, "text:r1", "A1", None),
            ("two", "+447700900106", "given", "keypad", FIRST, "call:c3", "A1", FIRST),
            ("two", "+447700900106", "given", "keypad", LATER, "call:c4", "B1", None),
        ]
        standing = conn.execute(text("SELECT number FROM wrong_numbers WHERE verified_at IS NULL ORDER BY number")).scalars()
        assert list(standing) == ["+447700900109", "+447700900110", "+447700900113"]
        waiting = conn.execute(text("SELECT party FROM party_numbers WHERE verified_at IS NULL AND until_at IS NULL"
                                    " AND asked_again_at IS NOT NULL ORDER BY party")).scalars()
        assert list(waiting) == ["held", "marked"], "the third was verified since"
        assert conn.execute(text("SELECT state, reason FROM contacts WHERE party = 'held'")).all() == [("approved", None)]
        command.downgrade(settings, "0025c")
        parties = conn.execute(text("SELECT id, consent, consent_how FROM parties ORDER BY id")).all()
        assert {row.id: (row.consent, row.consent_how) for row in parties} == {
            "held": ("given", "staff"), "key": ("given", "keypad"), "marked": ("given", "staff"), "moved": ("not-asked", None),
            "never": ("not-asked", None), "no": ("denied", "staff"), "right": ("given", "staff"),
            "seen": ("given", "staff"), "taken": ("given", "taken-over"), "text": ("given", "text"), "two": ("given", "keypad")}
        assert list(conn.execute(text("SELECT number FROM consents WHERE ended_at IS NULL ORDER BY number")).scalars()) == [
            "+447700900103", "+447700900104", "+447700900106"]
