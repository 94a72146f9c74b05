"""Orders that stop harm, given on the machine itself: to the node by its control socket where the database cannot take them."""
from datetime import datetime

from switch.core.ids import StaffId
from switch.core.node_orders import Kept
from switch.ports.desk import Order, Reach
from switch.runtime.control import ask
from switch.settings.tree import Settings

KEPT = {
    Kept.DATABASE: "",
    Kept.JOURNAL: "it is in this node's journal, and in the database with its audit row once that is back",
    Kept.MEMORY: "it could be written down nowhere: it holds while this switch runs; write it down yourself, and give it again",
}
"""What staff are told of where an order stands."""


def kill_here(settings: Settings, staff: StaffId, at: datetime, reach: Reach, target: str, reason: str, *, cut: bool,
              establishment: str | None, start: datetime | None, until: datetime | None) -> tuple[Order, Kept]:
    """The kill switch without a database, on this node alone until it is back. NoSwitch, or ControlRefused with its sentence."""
    answer = ask(settings.control_socket, {
        "do": "kill", "reach": reach, "target": target, "establishment": establishment, "cut": cut, "staff": staff,
        "reason": reason, "start": start.isoformat() if start else None, "until": until.isoformat() if until else None})
    order = Order(answer["order"], reach, target, establishment, cut, False, reason.strip(), staff, at, start or at, until)
    return order, Kept(answer["kept"])
