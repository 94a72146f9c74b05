"""Calls that the switch places itself, consents, announcement relief, and the voice in which a contact is announced."""
from alembic import op
import sqlalchemy as sa

revision = '0010p'
down_revision = '0006m'
branch_labels = None
depends_on = None

DUE = sa.text("state = 'due'")
OPEN = sa.text('closed_at IS NULL')


def upgrade() -> None:
    op.create_table('placed_calls',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('requested_at', sa.String(), nullable=False),
    sa.Column('not_before', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('why', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_placed_calls_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placed_calls'))
    )
    op.create_index('ix_placed_calls_due', 'placed_calls', ['not_before'], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index('ix_placed_calls_person_number', 'placed_calls', ['person', 'number'])
    op.create_table('placed_attempts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('request', sa.String(), nullable=False),
    sa.Column('node', sa.String(), nullable=False),
    sa.Column('started_at', sa.String(), nullable=False),
    sa.Column('closed_at', sa.String(), nullable=True),
    sa.Column('end_by', sa.String(), nullable=True),
    sa.Column('end_why', sa.String(), nullable=True),
    sa.Column('end_note', sa.Text(), nullable=True),
    sa.Column('ring_ms', sa.Integer(), nullable=False),
    sa.Column('heard_ms', sa.Integer(), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['request'], ['placed_calls.id'], name=op.f('fk_placed_attempts_request')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placed_attempts'))
    )
    op.create_index(op.f('ix_placed_attempts_request'), 'placed_attempts', ['request'])
    op.create_index('ix_placed_attempts_open', 'placed_attempts', ['node'], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table('consents',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('given_at', sa.String(), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('prompts', sa.Text(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('ended_at', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_consents_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index('ix_consents_person_number', 'consents', ['person', 'number'])
    op.create_table('announcement_relief',
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('authorised_by', sa.String(), nullable=False),
    sa.Column('allowed_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_announcement_relief_establishment')),
    sa.PrimaryKeyConstraint('establishment', name=op.f('pk_announcement_relief'))
    )
    op.create_table('contact_voices',
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('voice', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_contact_voices_person')),
    sa.PrimaryKeyConstraint('person', 'number', name=op.f('pk_contact_voices'))
    )


def downgrade() -> None:
    op.drop_table('contact_voices')
    op.drop_table('announcement_relief')
    op.drop_index('ix_consents_person_number', 'consents')
    op.drop_table('consents')
    op.drop_index('ix_placed_attempts_open', 'placed_attempts', sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index(op.f('ix_placed_attempts_request'), 'placed_attempts')
    op.drop_table('placed_attempts')
    op.drop_index('ix_placed_calls_person_number', 'placed_calls')
    op.drop_index('ix_placed_calls_due', 'placed_calls', sqlite_where=DUE, postgresql_where=DUE)
    op.drop_table('placed_calls')
