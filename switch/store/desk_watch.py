"""Watch words as a use case changes them (`switch.ports.watch.WatchChanges`)."""
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from switch.core.ids import StaffId
from switch.ports.watch import WatchKind, WatchList, WatchWord
from switch.store.stamps import stamp, unstamp
from switch.store.tables import watch_lists, watch_words


class WatchWork:
    """The part of a transaction that is about watch words."""

    conn: Connection
    actor: StaffId
    at: datetime

    def watch_lists(self, establishment: str | None = None) -> list[WatchList]:
        asked = select(watch_lists).where(watch_lists.c.ended_at.is_(None))
        if establishment is not None:
            asked = asked.where(or_(watch_lists.c.establishment.is_(None), watch_lists.c.establishment == establishment))
        found = [_list(row) for row in self.conn.execute(asked)]
        return sorted(found, key=lambda one: (one.establishment or "", one.subject))

    def watch_list(self, id: str) -> WatchList | None:
        row = self.conn.execute(select(watch_lists).where(watch_lists.c.id == id, watch_lists.c.ended_at.is_(None))).first()
        return None if row is None else _list(row)

    def add_watch_list(self, one: WatchList) -> None:
        self.conn.execute(insert(watch_lists), {
            "id": one.id, "establishment": one.establishment, "subject": one.subject, "added_at": stamp(one.added_at),
            "added_by": one.added_by})

    def end_watch_list(self, id: str) -> int:
        ended = {"ended_at": stamp(self.at), "ended_by": self.actor}
        self.conn.execute(update(watch_lists).where(watch_lists.c.id == id).values(ended))
        return self.conn.execute(
            update(watch_words).where(watch_words.c.list == id, watch_words.c.ended_at.is_(None)).values(ended)).rowcount

    def watch_words(self, lists: Sequence[str]) -> list[WatchWord]:
        asked = select(watch_words).where(watch_words.c.list.in_(lists), watch_words.c.ended_at.is_(None))
        return [_word(row) for row in self.conn.execute(asked.order_by(watch_words.c.place, watch_words.c.id))]

    def watch_word(self, id: str) -> WatchWord | None:
        row = self.conn.execute(select(watch_words).where(watch_words.c.id == id, watch_words.c.ended_at.is_(None))).first()
        return None if row is None else _word(row)

    def add_watch_words(self, words: Sequence[WatchWord]) -> None:
        place = self.conn.execute(select(func.coalesce(func.max(watch_words.c.place), 0))).scalar_one()
        rows = [{
            "id": one.id, "list": one.list, "place": place + after, "kind": one.kind, "text": one.text, "language": one.language,
            "forms": json.dumps(one.forms, ensure_ascii=False), "gap": one.gap, "weight": one.weight, "least": one.least,
            "times_useful": one.useful, "times_false": one.false, "added_at": stamp(self.at), "added_by": self.actor,
        } for after, one in enumerate(words, start=1)]
        self.conn.execute(insert(watch_words), rows)

    def end_watch_word(self, id: str) -> None:
        self.conn.execute(update(watch_words).where(watch_words.c.id == id).values(
            ended_at=stamp(self.at), ended_by=self.actor))


def _list(row: Row[Any]) -> WatchList:
    return WatchList(row.id, row.establishment, row.subject, unstamp(row.added_at), StaffId(row.added_by))


def _word(row: Row[Any]) -> WatchWord:
    return WatchWord(row.id, row.list, WatchKind(row.kind), row.text, row.language, tuple(json.loads(row.forms)), row.gap,
                     row.weight, row.least, row.times_useful, row.times_false)
