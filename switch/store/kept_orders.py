"""Orders that a node took while the database was away, brought into it: the row and its audit row, once."""
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from switch.core.node_orders import NodeOrder, NodeReach
from switch.store.audit import append_audit
from switch.store.stamps import stamp
from switch.store.tables import orders


@dataclass(frozen=True, slots=True)
class KeepOrder:
    """Unit: an order is a row like any other, with the node that took it in its audit row. False when it is there already."""

    order: NodeOrder
    node: str

    def __call__(self, conn: Connection) -> bool:
        order = self.order
        if conn.execute(select(orders.c.id).where(orders.c.id == order.id)).first():
            return False
        cut = order.reach is NodeReach.CALL
        conn.execute(insert(orders), {
            "id": order.id, "kind": "cut" if cut else "kill", "scope": order.reach, "target": order.target,
            "establishment": order.establishment, "reason": order.reason, "staff": order.staff, "placed_at": stamp(order.at),
            "from_at": stamp(order.start or order.at), "until_at": stamp(order.until) if order.until else None,
            "cut_live": order.cut, "helplines_too": cut})
        detail: dict[str, str | int | bool | None] = {"node": self.node}
        if cut:
            append_audit(conn, order.at, order.staff, "call-cut-ordered", {"order": order.id, "call": order.target}, detail)
        else:
            append_audit(conn, order.at, order.staff, "order-placed", {"order": order.id},
                         detail | {"scope": order.reach, "cut_live": order.cut, "helplines_too": False})
        return True
