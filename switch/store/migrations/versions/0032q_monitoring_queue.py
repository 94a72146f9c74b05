"""The monitoring queue: an item a recording, what staff wrote about it, and the seeds of the draw."""
import sqlalchemy as sa
from alembic import op

revision = '0032q'
down_revision = '0032w'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'monitoring_seeds',
        sa.Column('month', sa.String(), nullable=False),
        sa.Column('seed', sa.String(), nullable=False),
        sa.Column('made_at', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('month', name=op.f('pk_monitoring_seeds')),
    )
    op.create_table(
        'monitoring_items',
        sa.Column('call', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('wing', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=True),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('started_at', sa.String(), nullable=False),
        sa.Column('day', sa.String(), nullable=False),
        sa.Column('seconds', sa.Float(), nullable=False),
        sa.Column('filed_at', sa.String(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('tier', sa.String(), nullable=True),
        sa.Column('authority', sa.String(), nullable=True),
        sa.Column('lead', sa.String(), nullable=True),
        sa.Column('drawn', sa.Boolean(), nullable=False),
        sa.Column('percent', sa.Integer(), nullable=False),
        sa.Column('plan', sa.String(), nullable=False),
        sa.Column('due_at', sa.String(), nullable=True),
        sa.Column('claimed_by', sa.String(), nullable=True),
        sa.Column('claimed_until', sa.String(), nullable=True),
        sa.Column('closed_at', sa.String(), nullable=True),
        sa.Column('closed_by', sa.String(), nullable=True),
        sa.Column('outcome', sa.String(), nullable=True),
        sa.Column('translation', sa.String(), nullable=True),
        sa.Column('translated_at', sa.String(), nullable=True),
        sa.Column('translated_by', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('call', name=op.f('pk_monitoring_items')),
    )
    op.create_index('ix_monitoring_items_authority', 'monitoring_items', ['authority'],
                    sqlite_where=sa.text("authority IS NOT NULL"), postgresql_where=sa.text("authority IS NOT NULL"))
    op.create_index('ix_monitoring_items_establishment_day', 'monitoring_items', ['establishment', 'day'])
    op.create_index('ix_monitoring_items_number_started_at', 'monitoring_items', ['number', 'started_at'])
    op.create_index('ix_monitoring_items_person_started_at', 'monitoring_items', ['person', 'started_at'])
    op.create_index('ix_monitoring_items_waiting', 'monitoring_items', ['establishment', 'due_at'],
                    sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
    op.create_table(
        'monitoring_notes',
        sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('call', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('second', sa.Integer(), nullable=True),
        sa.Column('side', sa.String(), nullable=True),
        sa.Column('at', sa.String(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['seq'], ['audit.seq'], name=op.f('fk_monitoring_notes_seq')),
        sa.ForeignKeyConstraint(['call'], ['monitoring_items.call'], name=op.f('fk_monitoring_notes_call')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_monitoring_notes')),
    )
    op.create_index('ix_monitoring_notes_call', 'monitoring_notes', ['call'])


def downgrade() -> None:
    op.drop_table('monitoring_notes')
    op.drop_table('monitoring_items')
    op.drop_table('monitoring_seeds')
