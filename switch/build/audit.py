"""The audit as a whole, from its beginning to its end."""
import asyncio

from switch.build.site import open_store
from switch.settings.tree import Settings
from switch.store.audit import AuditProblem, audit_head, verify_audit


def verify(settings: Settings) -> tuple[int, list[AuditProblem]]:
    """How many rows there are, and every break in their chain. Blocking. StoreError."""
    store = open_store(settings)

    async def read() -> tuple[int, list[AuditProblem]]:
        try:
            return await store.read_apart(lambda conn: (audit_head(conn).seq, verify_audit(conn)))
        finally:
            await store.close()

    return asyncio.run(read())
