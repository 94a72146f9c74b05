"""Leads."""
import sqlalchemy as sa
from alembic import op

revision = '0033w'
down_revision = '0033u'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'leads',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('about', sa.String(), nullable=False),
        sa.Column('score', sa.Float(), nullable=False),
        sa.Column('made_at', sa.String(), nullable=False),
        sa.Column('people', sa.Text(), nullable=False),
        sa.Column('word', sa.String(), nullable=True),
        sa.Column('recording', sa.String(), nullable=True),
        sa.Column('start_ms', sa.Integer(), nullable=True),
        sa.Column('end_ms', sa.Integer(), nullable=True),
        sa.Column('channel', sa.String(), nullable=True),
        sa.Column('confidence', sa.Float(), nullable=True),
        sa.Column('live', sa.Boolean(), nullable=False),
        sa.Column('evidence', sa.Text(), nullable=True),
        sa.Column('owner', sa.String(), nullable=True),
        sa.Column('decision', sa.String(), nullable=True),
        sa.Column('decided_at', sa.String(), nullable=True),
        sa.Column('decided_by', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['word'], ['watch_words.id'], name=op.f('fk_leads_word')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_leads')),
    )
    op.create_index(op.f('ix_leads_recording'), 'leads', ['recording'])
    op.create_index('ix_leads_waiting', 'leads', ['establishment'],
                    sqlite_where=sa.text('decision IS NULL'), postgresql_where=sa.text('decision IS NULL'))
    op.create_index('ix_leads_about', 'leads', ['kind', 'establishment', 'made_at'])


def downgrade() -> None:
    op.drop_table('leads')
