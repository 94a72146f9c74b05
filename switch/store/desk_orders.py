"""Standing orders and tasks as a use case changes them (`switch.ports.desk.OrderChanges`, `TaskChanges`)."""
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from switch.core.ids import CallId, PersonId, StaffId
from switch.ports.desk import Order, Reach, Task
from switch.store.orders import LiftOrder, OrderCut, PlaceOrder
from switch.store.stamps import stamp, unstamp
from switch.store.tables import orders, tasks


class OrderWork:
    """The part of a transaction that is about orders and what is to do."""

    conn: Connection
    actor: StaffId
    at: datetime

    def order(self, order: str) -> Order | None:
        return next((one for one in self.orders() if one.id == order), None)

    def orders(self) -> list[Order]:
        asked = select(orders).where(
            orders.c.kind == "kill", orders.c.scope.in_(list(Reach)), orders.c.lifted_at.is_(None),
            or_(orders.c.until_at.is_(None), orders.c.until_at > stamp(self.at)))
        return [_order(row) for row in self.conn.execute(asked.order_by(orders.c.placed_at, orders.c.id))]

    def place(self, order: Order) -> None:
        PlaceOrder(order.id, order.reach, order.target, order.reason, order.staff, order.placed_at, order.establishment,
                   order.start, order.until, order.cut, order.helplines_too)(self.conn)

    def lift(self, order: str) -> None:
        LiftOrder(order, self.actor, self.at)(self.conn)

    def cut_call(self, id: str, call: CallId, reason: str) -> None:
        OrderCut(id, call, reason, self.actor, self.at)(self.conn)

    def add_task(self, task: Task) -> None:
        self.conn.execute(insert(tasks), {
            "id": task.id, "kind": task.kind, "establishment": task.establishment, "person": task.person,
            "about": json.dumps(dict(task.about), sort_keys=True, separators=(",", ":")), "created_at": stamp(task.created_at),
            "due_at": stamp(task.due_at), "owner": task.owner})

    def tasks(self, establishment: str | None = None, person: PersonId | None = None) -> list[Task]:
        asked = select(tasks).where(tasks.c.done_at.is_(None)).order_by(tasks.c.due_at, tasks.c.id)
        if establishment is not None:
            asked = asked.where(tasks.c.establishment == establishment)
        if person is not None:
            asked = asked.where(tasks.c.person == person)
        return [Task(row.id, row.kind, row.establishment, PersonId(row.person) if row.person else None, json.loads(row.about),
                     unstamp(row.created_at), unstamp(row.due_at), row.owner) for row in self.conn.execute(asked)]

    def finish_task(self, task: str) -> bool:
        done = update(tasks).where(tasks.c.id == task, tasks.c.done_at.is_(None))
        return bool(self.conn.execute(done.values(done_at=stamp(self.at), done_by=self.actor)).rowcount)


def _order(row: Row[*tuple[Any, ...]]) -> Order:
    return Order(row.id, Reach(row.scope), row.target, row.establishment, row.cut_live, row.helplines_too, row.reason,
                 StaffId(row.staff), unstamp(row.placed_at), unstamp(row.from_at),
                 unstamp(row.until_at) if row.until_at else None)
