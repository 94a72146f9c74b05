"""Bundles of texts, and subscriptions: bundles that are bought anew each period."""
from alembic import op
import sqlalchemy as sa

revision = '0032y'
down_revision = '0030y'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('bundles', sa.Column('texts', sa.Integer(), server_default='0', nullable=False))
    op.create_table('subscriptions',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('texts', sa.Integer(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('monthly', sa.Boolean(), nullable=False),
    sa.Column('anchor', sa.String(), nullable=False),
    sa.Column('nth', sa.Integer(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.Column('begun_at', sa.String(), nullable=False),
    sa.Column('begun_by', sa.String(), nullable=False),
    sa.Column('cancelled_at', sa.String(), nullable=True),
    sa.Column('lapsed_at', sa.String(), nullable=True),
    sa.Column('ended_at', sa.String(), nullable=True),
    sa.Column('why', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_subscriptions_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscriptions'))
    )
    op.create_index('ix_subscriptions_person', 'subscriptions', ['person'])
    op.create_index('ix_subscriptions_ended_at_until_at', 'subscriptions', ['ended_at', 'until_at'])


def downgrade() -> None:
    op.drop_index('ix_subscriptions_ended_at_until_at', 'subscriptions')
    op.drop_index('ix_subscriptions_person', 'subscriptions')
    op.drop_table('subscriptions')
    with op.batch_alter_table('bundles') as batch:
        batch.drop_column('texts')
