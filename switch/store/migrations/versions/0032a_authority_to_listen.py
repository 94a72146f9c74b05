"""Authorisations to listen, their reviews, recordings drawn at random, and who of staff is connected to whom."""
from alembic import op
import sqlalchemy as sa

from switch.store.migrations.guards import append_only, guard, guard_whole

revision = '0032a'
down_revision = '0032v'
branch_labels = None
depends_on = None

WRITTEN = ('kind', 'ground', 'necessity', 'proportionality', 'from_at', 'until_at', 'applied_by', 'applied_at')
OPTIONAL = ('person', 'number', 'renews')
SAID_ONCE = ('granted', 'decided_by', 'decided_at', 'cancelled_by', 'cancelled_at')


def upgrade() -> None:
    op.create_table('authorities',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('ground', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('necessity', sa.Text(), nullable=False),
    sa.Column('proportionality', sa.Text(), nullable=False),
    sa.Column('from_at', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.Column('renews', sa.String(), nullable=True),
    sa.Column('applied_by', sa.String(), nullable=False),
    sa.Column('applied_at', sa.String(), nullable=False),
    sa.Column('granted', sa.String(), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.String(), nullable=True),
    sa.Column('decided_why', sa.Text(), nullable=True),
    sa.Column('review_by', sa.String(), nullable=True),
    sa.Column('cancelled_by', sa.String(), nullable=True),
    sa.Column('cancelled_at', sa.String(), nullable=True),
    sa.Column('cancelled_why', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_authorities_person')),
    sa.ForeignKeyConstraint(['renews'], ['authorities.id'], name=op.f('fk_authorities_renews')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_authorities'))
    )
    op.create_index(op.f('ix_authorities_person'), 'authorities', ['person'])
    op.create_index(op.f('ix_authorities_number'), 'authorities', ['number'])
    text = 'what an authorisation says is written once'
    changed = [f'OLD.{name} <> NEW.{name}' for name in WRITTEN]
    changed += [f"COALESCE(OLD.{name}, '') <> COALESCE(NEW.{name}, '')" for name in OPTIONAL]
    changed += [f"(OLD.{name} IS NOT NULL AND OLD.{name} <> COALESCE(NEW.{name}, ''))" for name in SAID_ONCE]
    guard('authorities', 'UPDATE', text, ' OR '.join(changed))
    guard('authorities', 'DELETE', 'an authorisation is never deleted')
    guard_whole('authorities', 'an authorisation is never deleted')
    op.create_table('authority_reviews',
    sa.Column('authority', sa.String(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('review_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['authority'], ['authorities.id'], name=op.f('fk_authority_reviews_authority')),
    sa.PrimaryKeyConstraint('authority', 'at', name=op.f('pk_authority_reviews'))
    )
    append_only('authority_reviews')
    op.create_table('random_draws',
    sa.Column('recording', sa.String(), nullable=False),
    sa.Column('drawn_at', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('recording', name=op.f('pk_random_draws'))
    )
    append_only('random_draws')
    op.create_table('connections',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('staff', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('declared_by', sa.String(), nullable=False),
    sa.Column('declared_at', sa.String(), nullable=False),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.Column('ended_at', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_connections_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connections'))
    )
    op.create_index('uq_connections_standing', 'connections', ['staff', 'person'], unique=True,
                    sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.drop_index('uq_connections_standing', 'connections')
    for table in ('connections', 'random_draws', 'authority_reviews', 'authorities'):
        op.drop_table(table)
