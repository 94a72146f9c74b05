"""Triggers that keep rows as they were written, in the words of either database. What a function here writes never changes, for
released migrations call it: a new shape is a new function.

A refusal is an integrity error of class 23, so that the store tells it apart from a database that is away.
"""
from alembic import op

FUNCTION = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def prepare_guards() -> None:
    """Once, in the first migration: what the triggers of PostgreSQL call."""
    if postgresql():
        op.execute(FUNCTION)


def guard(table: str, verb: str, text: str, when: str = "") -> None:
    """`verb` (UPDATE or DELETE) of a row of `table` is refused with `text`, always or where `when` holds, an expression over OLD.
    On PostgreSQL an upsert is an UPDATE; SQLite's INSERT OR REPLACE is a DELETE."""
    trigger, condition = f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}", f" WHEN ({when})" if when else ""
    if postgresql():
        op.execute(f"{trigger} FOR EACH ROW{condition} EXECUTE FUNCTION refuse('{text}')")
    else:
        op.execute(f"{trigger}{condition} BEGIN SELECT RAISE(ABORT, '{text}'); END")


def guard_whole(table: str, text: str) -> None:
    """The table is not emptied at one stroke either (TRUNCATE, which row triggers never see; SQLite has none)."""
    if postgresql():
        op.execute(f"CREATE TRIGGER {table}_TRUNCATE BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse('{text}')")


def append_only(table: str) -> None:
    """Rows are added, and that is all."""
    for verb in ("UPDATE", "DELETE"):
        guard(table, verb, f"{table} is append-only")
    guard_whole(table, f"{table} is append-only")


def unguard(table: str, verb: str) -> None:
    """What `guard` wrote is taken away, for another guard in its place."""
    op.execute(f"DROP TRIGGER {table}_{verb} ON {table}" if postgresql() else f"DROP TRIGGER {table}_{verb}")


def guard_unless(table: str, verb: str, text: str, unless: str) -> None:
    """As `guard`, but where `unless` holds: an expression over OLD that may look into other tables, which a WHEN of PostgreSQL
    may not."""
    if postgresql():
        op.execute(f"CREATE FUNCTION {table}_{verb}_unless() RETURNS trigger LANGUAGE plpgsql AS $$"
                   f" BEGIN IF {unless} THEN RETURN OLD; END IF;"
                   f" RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation'; END $$")
        op.execute(f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} FOR EACH ROW"
                   f" EXECUTE FUNCTION {table}_{verb}_unless()")
    else:
        guard(table, verb, text, f"NOT ({unless})")


def unguard_unless(table: str, verb: str) -> None:
    """What `guard_unless` wrote is taken away."""
    unguard(table, verb)
    if postgresql():
        op.execute(f"DROP FUNCTION {table}_{verb}_unless()")
