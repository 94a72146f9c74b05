"""Whoever closes an item of the queue as listened to must have played it: those rows of the audit are found by their time."""
from alembic import op
import sqlalchemy as sa

revision = '0034m'
down_revision = '0034k'
branch_labels = None
depends_on = None

PLAYED = sa.text("action = 'recording-played'")


def upgrade() -> None:
    op.create_index('ix_audit_played', 'audit', ['at'], sqlite_where=PLAYED, postgresql_where=PLAYED)


def downgrade() -> None:
    op.drop_index('ix_audit_played', 'audit')
