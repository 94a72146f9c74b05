"""Ids and references of the supplier API as a use case changes them (`switch.ports.supplied.SuppliedChanges`)."""
from sqlalchemy import Connection, insert, select, update

from switch.ports.supplied import SuppliedId
from switch.store.tables import supplied_numbers, supplied_references


class SuppliedWork:
    """The part of a transaction that is about numbers as the supplier API knows them."""

    conn: Connection

    def supplied(self, reference: str) -> SuppliedId | None:
        asked = select(supplied_numbers, supplied_references.c.reference, supplied_references.c.asked).join(
            supplied_references, supplied_references.c.number == supplied_numbers.c.id)
        row = self.conn.execute(asked.where(supplied_references.c.reference == reference)).first()
        return SuppliedId(row.id, row.approval, row.reference, row.asked, row.control) if row else None

    def supplied_id(self, approval: str) -> SuppliedId | None:
        row = self.conn.execute(select(supplied_numbers).where(supplied_numbers.c.approval == approval)).first()
        return SuppliedId(row.id, row.approval, control=row.control) if row else None

    def set_supplied(self, approval: str, reference: str | None, asked: str | None, control: bool) -> SuppliedId:
        known = self.supplied_id(approval)
        if known is None:
            made = self.conn.execute(insert(supplied_numbers).returning(supplied_numbers.c.id),
                                     {"approval": approval, "control": control})
            id = int(made.scalar_one())
        else:
            id = known.id
            self.conn.execute(update(supplied_numbers).where(supplied_numbers.c.id == id).values(control=control))
        if reference is not None:
            self.conn.execute(insert(supplied_references), {"reference": reference, "number": id, "asked": asked})
        return SuppliedId(id, approval, reference, asked, control)
