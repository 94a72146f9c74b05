"""Numbers found to be privileged later, and the calls that nobody may hear any more."""
from alembic import op
import sqlalchemy as sa

from switch.store.migrations.guards import append_only

revision = '0022v'
down_revision = '0021v'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('quarantines',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('since', sa.String(), nullable=False),
    sa.Column('found_at', sa.String(), nullable=False),
    sa.Column('found_by', sa.String(), nullable=False),
    sa.Column('agreed_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantines'))
    )
    op.create_index(op.f('ix_quarantines_number'), 'quarantines', ['number'])
    op.create_table('quarantined_calls',
    sa.Column('call', sa.String(), nullable=False),
    sa.Column('quarantine', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['quarantine'], ['quarantines.id'], name=op.f('fk_quarantined_calls_quarantine')),
    sa.PrimaryKeyConstraint('call', name=op.f('pk_quarantined_calls'))
    )
    for table in ('quarantined_calls', 'quarantines'):
        append_only(table)


def downgrade() -> None:
    op.drop_table('quarantined_calls')
    op.drop_index(op.f('ix_quarantines_number'), 'quarantines')
    op.drop_table('quarantines')
