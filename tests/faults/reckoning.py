"""What must be true of a site after its switch was killed, in sentences: every call, penny, recording and row of the audit."""
import json
from math import ceil
from typing import Any

from sqlalchemy import Connection, text

from switch.store.audit import verify_audit
from switch.store.books import verify_books
from switch.store.journal_state import fold
from tests.faults.killing import CELL, CUT_OFF, FAMILY, Round, Seen
from tests.phones.ears import share_with
from tests.phones.site import Site

Row = dict[str, Any]
LATE = 1.0
"""Seconds of talk that a crash may lose, of the charge and of the recording."""
BEEP = 4000
"""Samples of a recording that are left out where a voice is looked for."""
EARLY = 0.25
"""Seconds by which the phones may be late to notice, so that the record has more talk than they."""


def problems_of(site: Site, done: Round, rows: list[Row]) -> list[str]:
    """Everything that is wrong after a round, whose calls are `rows`. Empty is good."""
    rows = [{name: value for name, value in row.items() if name != "findings"} for row in rows]
    found = [f"not closed: {row}" for row in rows if not row["outcome"]]
    left = list(rows)
    for one in done.calls:
        mine = [row for row in left if row["phone"] == one.part.phone and _same(row["to"], one.part.dials)]
        left = [row for row in left if row not in mine]
        if len(mine) > 1 or (one.far is not None and not mine):
            found.append(f"{one.part.phone} -> {one.part.dials} has {len(mine)} records")
        for row in mine[:1]:
            found += [f"{one.part.phone} -> {one.part.dials}: {text}: {row}" for text in _problems_of_call(site, one, row)]
    found += [f"nobody made this call: {row}" for row in left]
    return found


def _same(recorded: str, dialled: str) -> bool:
    return recorded in (dialled, "+44" + dialled.lstrip("0"))


def _problems_of_call(site: Site, one: Seen, row: Row) -> list[str]:
    found, talk, crashed = [], row["talk_seconds"], row["end_why"] == "crashed"
    if one.how == CUT_OFF and one.left_at is None and not crashed:
        found.append("it was cut off, and the record says otherwise")
    if crashed and one.how not in (CUT_OFF, "hung up") and one.left_at is None:
        found.append("it ended by itself, and the record says that it was cut off")
    if crashed and row["end_by"] != "switch":
        found.append("a crash is the switch's doing")
    if one.far is not None and not one.talked - LATE <= talk <= one.talked + EARLY:
        found.append(f"{talk} s of talk on the record, the phones had {one.talked:.2f}")
    if row["charged_pence"] * 1000 not in _prices(one.part.price, talk):
        found.append(f"charged {row['charged_pence']} p; by the tariff {_prices(one.part.price, talk)} thousandths")
    return found + _problems_of_sound(site, one, row)


def _prices(a_minute: int, talk: float) -> set[int]:
    """By the second begun, half a thousandth up. A whole second on the record may be a little more, rounded."""
    seconds = {ceil(talk)} | ({ceil(talk) + 1} if talk and talk == int(talk) else set())
    return {(a_minute * each + 30) // 60 for each in seconds}


def _problems_of_sound(site: Site, one: Seen, row: Row) -> list[str]:
    if one.part.private:
        left = site.traces(row["id"])
        return [f"a privileged call left {file}" for file in left] + ["it has a recording"] * bool(row["recording"])
    if one.talked < LATE + 0.1:
        return []
    if row["recording"] != row["id"]:
        return [f"recording {row['recording']}, files {site.traces(row['id'])}"]
    found, sound = [], site.sound(row["id"])
    seconds = len(sound) / 8000
    if not one.talked - LATE <= seconds <= one.talked + 1.0:
        found.append(f"{seconds:.2f} s recorded of {one.talked:.2f}")
    voices = sound[BEEP:]  # while the beep sounds, and the first packets come, nobody is heard
    for side, hz in ((0, CELL), (1, FAMILY)) if len(voices) > BEEP else ():
        if (share := share_with(voices[:, side], hz, -30.0)) < 0.7:
            found.append(f"channel {side} has its tone for {share:.0%} of the time")
    return found


def problems_of_books(site: Site) -> list[str]:
    """The whole site: nothing open, nothing booked twice, every balance what it must be, the audit chain and the file whole."""
    return site.read(lambda conn: _books(conn, site))


def _books(conn: Connection, site: Site) -> list[str]:
    found = [str(problem) for problem in (*verify_books(conn), *verify_audit(conn))]
    if (whole := conn.execute(text("PRAGMA integrity_check")).scalar()) != "ok":
        found.append(f"the database is damaged: {whole}")
    if open_now := conn.execute(text("SELECT count(*) FROM cdrs WHERE closed_at IS NULL")).scalar():
        found.append(f"{open_now} records are open")
    # a call's end also undoes its hold
    twice = "SELECT reference, count(*) FROM postings GROUP BY reference HAVING count(*) NOT IN (2, 3)"
    found += [f"{row[0]} has {row[1]} postings" for row in conn.execute(text(twice))]
    closings = "SELECT subject, count(*) FROM audit WHERE action = 'call-closed' GROUP BY subject HAVING count(*) <> 1"
    found += [f"closed {row[1]} times: {row[0]}" for row in conn.execute(text(closings))]
    for person in site.about["people"]:
        number = person["number"]
        spent = conn.execute(text("SELECT coalesce(sum(charged), 0) FROM cdrs WHERE person = :p"), {"p": number}).scalar()
        has = conn.execute(text("SELECT sum(amount) FROM postings WHERE account = :a"), {"a": f"person:{number}"}).scalar()
        if has != person["credit_pence"] * 1000 - spent:
            found.append(f"{number} has {has}, was given {person['credit_pence'] * 1000} and spent {spent}")
    found += [json.dumps(alarm) for alarm in site.alarms() if alarm["kind"].startswith("recording")]
    return found


def problems_of_journal(site: Site) -> list[str]:
    """Once the site is down: nothing in the journal that SQL does not have."""
    state = fold((site.folder / "state" / "journal" / "example.journal").read_bytes())
    return [f"{name}: {list(kept)}" for name, kept in (
        ("open", state.open), ("closed", state.closed), ("stops", state.stops), ("alarms", state.alarms)) if kept] + (
            [f"{state.damaged} damaged lines"] if state.damaged else [])
