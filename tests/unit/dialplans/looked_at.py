"""Writes anew what the test of privilege has looked at: `python -m tests.unit.dialplans.looked_at`. Read what it adds first."""
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from dialplans.load import shipped_plans
from switch.call.placed import PlacedKind
from switch.core.facts import PermitKind, StopScope
from switch.core.lists import ListKind
from switch.core.node_orders import NodeReach
from switch.ports.access import Scope
from switch.ports.contacts import OrderKind
from switch.ports.desk import Reach
from switch.settings.tree import Settings, is_section

FILE = Path(__file__).with_name("looked_at.txt")
ORDERS = (Reach, NodeReach, OrderKind, StopScope, PermitKind, PlacedKind, ListKind, Scope)
"""What staff, systems and people outside may order or be let do."""


def settings_of(tree: type = Settings, before: str = "") -> Iterator[str]:
    for field in fields(tree):
        kind: Any = field.type
        inner = kind.__args__[0] if hasattr(kind, "__metadata__") else kind
        inner = inner.__args__[0] if getattr(inner, "__origin__", None) is tuple else inner
        if is_section(inner):
            yield from settings_of(inner, f"{before}{field.name}.")
        else:
            yield f"setting {before}{field.name}"


def keys_of(table: dict[str, Any], before: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from keys_of(value, f"{before}{key}.")
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for one in value:
                yield from keys_of(one, f"{before}{key}.")
        else:
            yield f"plan {before}{key}"


def everything() -> list[str]:
    """Every setting, every key that the shipped plans have, and every kind of order, one a line."""
    plans = {line for text in shipped_plans().values() for line in keys_of(tomllib.loads(text))}
    return sorted({*settings_of(), *plans, *(f"{kind.__name__} {one}" for kind in ORDERS for one in kind)})


if __name__ == "__main__":
    FILE.write_text("\n".join(everything()) + "\n", "utf-8")
