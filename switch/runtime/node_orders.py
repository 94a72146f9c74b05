"""Orders on the node's control socket: a cut or a kill that needs neither database nor Redis. Requests read, nothing done."""
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from switch.core.facts import PhoneFacts
from switch.core.ids import StaffId
from switch.core.node_orders import NodeOrder, NodeReach, reaches
from switch.runtime.control import ControlRefused


def read_cut(request: Mapping[str, Any], at: datetime, id: str) -> NodeOrder:
    """`{"do": "cut", "call": ID, "staff": NAME, "reason": TEXT}`. Raises ControlRefused without a name and a reason."""
    return NodeOrder(id, NodeReach.CALL, str(request.get("call")), _name(request), _reason(request), at)


def read_kill(request: Mapping[str, Any], at: datetime, id: str, phones: Iterable[PhoneFacts]) -> NodeOrder:
    """`{"do": "kill", "reach": "site|wing|cell|person", "target": …, "establishment": …, "cut": true, "start": …, "until": …,
    "staff": …, "reason": …}`. Raises ControlRefused for what cannot be read, and for a target that no telephone known here has,
    lest somebody trusts in an order that stops nobody."""
    try:
        reach = NodeReach(str(request.get("reach")))
    except ValueError:
        reach = NodeReach.CALL
    target, establishment = str(request.get("target") or "").strip(), request.get("establishment")
    if reach is NodeReach.CALL or not target:
        raise ControlRefused("say what is stopped: a site, wing, cell or person")
    order = NodeOrder(id, reach, target, _name(request), _reason(request), at, bool(request.get("cut")),
                      str(establishment) if establishment else None, _moment(request, "start"), _moment(request, "until"))
    if order.until is not None and order.until <= (order.start or at):
        raise ControlRefused("the order would end before it begins")
    known = list(phones)
    there = {phone.establishment for phone in known if any(reaches(order, phone, person) for person in (None, *phone.people))}
    if known and not there:
        raise ControlRefused(f"no telephone that this node knows is that of {reach} {target}")
    if len(there) > 1 and reach is not NodeReach.PERSON:
        raise ControlRefused(f"{reach} {target} is at {', '.join(sorted(there))}: say which")
    return order


def _name(request: Mapping[str, Any]) -> StaffId:
    staff = str(request.get("staff") or "").strip()
    if not staff:
        raise ControlRefused("say who you are: every order is kept with a name")
    return StaffId(staff)


def _reason(request: Mapping[str, Any]) -> str:
    reason = str(request.get("reason") or "").strip()
    if not reason:
        raise ControlRefused("say why: the reason is kept with the order")
    return reason


def _moment(request: Mapping[str, Any], name: str) -> datetime | None:
    if not request.get(name):
        return None
    try:
        at = datetime.fromisoformat(str(request[name]))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ControlRefused(f"{name} is no moment with its zone: write it as 2026-11-23T21:30:00Z")
    return at
