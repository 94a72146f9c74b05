"""A number that was found to be privileged and is not: its calls leave the quarantine only with the row that says who said so."""
from alembic import op
import sqlalchemy as sa

from switch.store.migrations.guards import append_only, guard, guard_unless, unguard, unguard_unless

revision = '0032h'
down_revision = '0032y'
branch_labels = None
depends_on = None

TEXT = 'quarantined_calls is append-only'


def upgrade() -> None:
    op.create_table('quarantine_undoings',
    sa.Column('quarantine', sa.String(), nullable=False),
    sa.Column('undone_at', sa.String(), nullable=False),
    sa.Column('undone_by', sa.String(), nullable=False),
    sa.Column('agreed_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['quarantine'], ['quarantines.id'], name=op.f('fk_quarantine_undoings_quarantine')),
    sa.PrimaryKeyConstraint('quarantine', name=op.f('pk_quarantine_undoings'))
    )
    append_only('quarantine_undoings')
    unguard('quarantined_calls', 'DELETE')
    guard_unless('quarantined_calls', 'DELETE', TEXT,
                 'EXISTS (SELECT 1 FROM quarantine_undoings WHERE quarantine_undoings.quarantine = OLD.quarantine)')


def downgrade() -> None:
    unguard_unless('quarantined_calls', 'DELETE')
    guard('quarantined_calls', 'DELETE', TEXT)
    op.drop_table('quarantine_undoings')
