"""Numbers that came by the supplier API: the id that they have there, and the reference that they came with."""
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SuppliedId:
    """What the interface knows of one approval. `reference` and `asked` (a digest of what was sent) are None for a contact that
    came another way and was only listed there; `control` is its `controlStatus`, kept and shown."""

    id: int
    approval: str
    reference: str | None = None
    asked: str | None = None
    control: bool = True


class SuppliedChanges(Protocol):
    def supplied(self, reference: str) -> SuppliedId | None: ...

    def supplied_id(self, approval: str) -> SuppliedId | None: ...

    def set_supplied(self, approval: str, reference: str | None, asked: str | None, control: bool) -> SuppliedId:
        """With the id that the approval has, or a new one. An earlier reference stays known."""
