"""Establishments, wings, cells and telephones as a use case changes them (`switch.ports.desk.PlaceChanges`)."""
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from switch.core.ids import PhoneId, StaffId
from switch.ports.desk import Cell, Establishment, Phone, Status
from switch.store.credentials import ha1
from switch.store.stamps import stamp
from switch.store.tables import canaries, cells, establishments, people, phones, site_state, wings

_ESTABLISHMENT = select(
    establishments.c.id, establishments.c.name, establishments.c.zone, establishments.c.capacity,
    func.coalesce(site_state.c.open, True).label("open"), site_state.c.reason,
).join(site_state, site_state.c.establishment == establishments.c.id, isouter=True).order_by(establishments.c.id)
_PHONE = select(phones.c.id, phones.c.cell, phones.c.wing, phones.c.establishment, phones.c.network, phones.c.pin_required)


class PlaceWork:
    """The part of a transaction that is about places. `realms` is the digest realm of each access network."""

    conn: Connection
    actor: StaffId
    at: datetime
    realms: Mapping[str, str]

    def establishment(self, establishment: str) -> Establishment | None:
        row = self.conn.execute(_ESTABLISHMENT.where(establishments.c.id == establishment)).first()
        return Establishment(row.id, row.name, row.zone, row.capacity, bool(row.open), row.reason or "") if row else None

    def establishments(self) -> list[Establishment]:
        return [Establishment(row.id, row.name, row.zone, row.capacity, bool(row.open), row.reason or "")
                for row in self.conn.execute(_ESTABLISHMENT)]

    def add_establishment(self, establishment: Establishment) -> None:
        self.conn.execute(insert(establishments), {"id": establishment.id, "name": establishment.name,
                                                   "zone": establishment.zone, "capacity": establishment.capacity})

    def set_establishment(self, establishment: Establishment) -> None:
        self.conn.execute(update(establishments).where(establishments.c.id == establishment.id).values(
            name=establishment.name, zone=establishment.zone, capacity=establishment.capacity))
        self.conn.execute(delete(site_state).where(site_state.c.establishment == establishment.id))
        self.conn.execute(insert(site_state), {
            "establishment": establishment.id, "open": establishment.open, "changed_at": stamp(self.at),
            "changed_by": self.actor, "reason": establishment.reason or None})

    def wings(self, establishment: str) -> list[str]:
        return list(self.conn.execute(
            select(wings.c.id).where(wings.c.establishment == establishment).order_by(wings.c.id)).scalars())

    def add_wing(self, establishment: str, wing: str) -> None:
        self.conn.execute(insert(wings), {"establishment": establishment, "id": wing})

    def cell(self, establishment: str, cell: str) -> Cell | None:
        row = self.conn.execute(select(cells).where(cells.c.establishment == establishment, cells.c.id == cell)).first()
        return Cell(row.id, row.wing, row.establishment, row.capacity) if row else None

    def cells(self, establishment: str | None = None) -> list[Cell]:
        asked = select(cells).order_by(cells.c.establishment, cells.c.id)
        if establishment is not None:
            asked = asked.where(cells.c.establishment == establishment)
        return [Cell(row.id, row.wing, row.establishment, row.capacity) for row in self.conn.execute(asked)]

    def put_cell(self, cell: Cell) -> None:
        here = (cells.c.establishment == cell.establishment) & (cells.c.id == cell.id)
        if not self.conn.execute(update(cells).where(here).values(wing=cell.wing, capacity=cell.capacity)).rowcount:
            self.conn.execute(insert(cells), {"establishment": cell.establishment, "id": cell.id, "wing": cell.wing,
                                              "capacity": cell.capacity})
        self.conn.execute(update(phones).where(phones.c.establishment == cell.establishment, phones.c.cell == cell.id)
                          .values(wing=cell.wing))

    def phone(self, phone: PhoneId) -> Phone | None:
        row = self.conn.execute(_PHONE.where(phones.c.id == phone)).first()
        return Phone(PhoneId(row.id), row.cell, row.wing, row.establishment, row.network, row.pin_required) if row else None

    def phones(self, establishment: str | None = None) -> list[Phone]:
        asked = _PHONE.where(phones.c.id.not_in(select(canaries.c.phone))).order_by(phones.c.id)
        if establishment is not None:
            asked = asked.where(phones.c.establishment == establishment)
        return [Phone(PhoneId(row.id), row.cell, row.wing, row.establishment, row.network, row.pin_required)
                for row in self.conn.execute(asked)]

    def phone_of(self, establishment: str, cell: str) -> PhoneId | None:
        found = self.conn.execute(select(func.min(phones.c.id)).where(
            phones.c.establishment == establishment, phones.c.cell == cell)).scalar()
        return PhoneId(found) if found is not None else None

    def add_phones(self, phones_: Sequence[Phone], passwords: Mapping[PhoneId, str]) -> None:
        if not phones_:
            return
        rows = []
        for one in phones_:
            realm = self.realms[one.network]
            md5, sha256 = ha1(one.id, realm, passwords[one.id])
            rows.append({"id": one.id, "network": one.network, "realm": realm, "ha1_md5": md5, "ha1_sha256": sha256,
                         "cell": one.cell, "wing": one.wing, "establishment": one.establishment,
                         "pin_required": one.pin_required})
        self.conn.execute(insert(phones), rows)

    def set_phone(self, phone: Phone) -> None:
        self.conn.execute(update(phones).where(phones.c.id == phone.id).values(
            cell=phone.cell, wing=phone.wing, establishment=phone.establishment, pin_required=phone.pin_required))

    def set_password(self, phone: PhoneId, password: str) -> None:
        realm = self.conn.execute(select(phones.c.realm).where(phones.c.id == phone)).scalar_one()
        md5, sha256 = ha1(phone, realm, password)
        self.conn.execute(update(phones).where(phones.c.id == phone).values(ha1_md5=md5, ha1_sha256=sha256))

    def settle_phone(self, establishment: str, cell: str) -> int:
        phone = self.phone_of(establishment, cell)
        theirs = update(people).where(people.c.establishment == establishment, people.c.cell == cell,
                                      people.c.status == Status.HERE, people.c.phone.is_distinct_from(phone))
        return self.conn.execute(theirs.values(phone=phone)).rowcount
