"""The canary as a use case works with it (`switch.ports.canary.CanaryChanges`), on one connection."""
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from switch.core.facts import PermitKind
from switch.core.ids import CallId, PersonId, PhoneId, StaffId
from switch.core.numbers import Unreadable, read_number
from switch.ports.canary import Canary, CanaryRun, Traces, Verdict
from switch.store.credentials import ha1
from switch.store.given import GivePermit, WithdrawPermit
from switch.store.orders import PlaceAlarm
from switch.store.stamps import stamp, unstamp
from switch.store.tables import canaries, canary_runs, cdrs, outbox, people, phones
from switch.store.traces import ALWAYS, naming_columns

STATUS = "canary"
FOREVER = datetime.fromisoformat("9000-01-01T00:00:00+00:00")


class CanaryWork:
    conn: Connection
    actor: StaffId
    at: datetime
    realms: Mapping[str, str]

    def canaries(self) -> list[Canary]:
        asked = select(canaries, phones.c.network).join(phones, phones.c.id == canaries.c.phone)
        return [Canary(row.establishment, PhoneId(row.phone), PersonId(row.person), row.number, row.network, row.permit,
                       unstamp(row.added_at), row.added_by)
                for row in self.conn.execute(asked.where(canaries.c.removed_at.is_(None)).order_by(canaries.c.establishment))]

    def had_canary(self, establishment: str) -> bool:
        this = (canaries.c.establishment == establishment, canaries.c.removed_at.is_not(None))
        return self.conn.execute(select(canaries.c.phone).where(*this)).first() is not None

    def is_canarys(self, phone: PhoneId) -> bool:
        return self.conn.execute(select(canaries.c.phone).where(canaries.c.phone == phone)).first() is not None

    def remove_canary(self, canary: Canary) -> None:
        self.conn.execute(update(canaries).where(canaries.c.establishment == canary.establishment).values(
            removed_at=stamp(self.at), removed_by=self.actor))
        self.conn.execute(update(people).where(people.c.id == canary.person).values(active=False))
        WithdrawPermit(canary.permit, self.actor, self.at)(self.conn)

    def add_canary(self, canary: Canary, password: str, second: str) -> None:
        realm = self.realms[canary.network]
        md5, sha256 = ha1(canary.phone, realm, password)
        phone = {"network": canary.network, "realm": realm, "ha1_md5": md5, "ha1_sha256": sha256}
        row = {"phone": canary.phone, "person": canary.person, "number": canary.number, "permit": canary.permit,
               "added_at": stamp(canary.added_at), "added_by": canary.added_by, "removed_at": None, "removed_by": None}
        again = self.had_canary(canary.establishment)
        if again:
            self.conn.execute(update(phones).where(phones.c.id == canary.phone).values(phone))
            self.conn.execute(update(people).where(people.c.id == canary.person).values(active=True))
        else:
            self.conn.execute(insert(phones), phone | {"id": canary.phone, "cell": "", "wing": "", "pin_required": False,
                                                       "establishment": canary.establishment})
            self.conn.execute(insert(people), {
                "id": canary.person, "keypad": canary.person, "name": "Canary", "active": True, "status": STATUS,
                "establishment": canary.establishment, "phone": canary.phone})
        # approved by no contact and private by no contact: the permit lets it through, the signed list alone keeps it private
        number = read_number(canary.number)
        assert not isinstance(number, Unreadable), "it was read"
        GivePermit(canary.permit, canary.person, number, PermitKind.OTHER, self.at, FOREVER, False, canary.added_by, second,
                   self.at)(self.conn)
        if again:
            self.conn.execute(update(canaries).where(canaries.c.establishment == canary.establishment).values(row))
        else:
            self.conn.execute(insert(canaries), row | {"establishment": canary.establishment})

    def canary_runs(self, establishment: str, most: int = 20) -> list[CanaryRun]:
        asked = select(canary_runs).where(canary_runs.c.establishment == establishment)
        return [_run(row) for row in self.conn.execute(
            asked.order_by(canary_runs.c.began_at.desc(), canary_runs.c.id.desc()).limit(most))]

    def canary_run(self, run: str) -> CanaryRun | None:
        row = self.conn.execute(select(canary_runs).where(canary_runs.c.id == run)).first()
        return _run(row) if row else None

    def last_passed(self, establishment: str) -> datetime | None:
        found = self.conn.execute(select(func.max(canary_runs.c.ended_at)).where(
            canary_runs.c.establishment == establishment, canary_runs.c.verdict == Verdict.PASSED)).scalar()
        return unstamp(found) if found else None

    def begin_canary(self, run: CanaryRun) -> None:
        self.conn.execute(insert(canary_runs), {
            "id": run.id, "establishment": run.establishment, "began_at": stamp(run.began_at), "problems": "[]"})

    def end_canary(self, run: CanaryRun) -> None:
        assert run.ended_at is not None
        self.conn.execute(update(canary_runs).where(canary_runs.c.id == run.id).values(
            ended_at=stamp(run.ended_at), verdict=run.verdict, call=run.call, problems=json.dumps(run.problems)))

    def traces(self, phone: PhoneId, since: datetime) -> Traces | None:
        row = self.conn.execute(select(cdrs).where(and_(
            cdrs.c.phone == phone, cdrs.c.started_at >= stamp(since), cdrs.c.closed_at.is_not(None),
        )).order_by(cdrs.c.started_at.desc()).limit(1)).first()
        if row is None:
            return None
        return Traces(CallId(row.id), bool(row.privileged), row.outcome, row.end_why, row.recording, self._kept(row.id))

    def _kept(self, call: str) -> tuple[str, ...]:
        kinds = self.conn.execute(select(outbox.c.kind).where(outbox.c.subject == call)).scalars()
        found = [f"work {kind}" for kind in kinds if kind not in ALWAYS]
        found += [f"a row of {table.name}" for table, column in naming_columns()
                  if self.conn.execute(select(column).where(column == call).limit(1)).first()]
        return tuple(found)

    def raise_alarm(self, id: str, kind: str, text: str, call: CallId | None) -> None:
        PlaceAlarm(id, kind, text, call, self.at)(self.conn)


def _run(row: Row[*tuple[Any, ...]]) -> CanaryRun:
    return CanaryRun(row.id, row.establishment, unstamp(row.began_at), unstamp(row.ended_at) if row.ended_at else None,
                     Verdict(row.verdict) if row.verdict else None, CallId(row.call) if row.call else None,
                     tuple(json.loads(row.problems)))
